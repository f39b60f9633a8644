"""Figures of the benchmark's report, in its own colours besides those of every page."""

from __future__ import annotations

from typing import Final

from ..study.markup import Html
from ..study.svg import Draw, drawn
from .trial import Kind, Outcome

COLOUR: Final[dict[Kind, str]] = {
    "closed": "#14795a",
    "open": "#c2512a",
    "oracle": "#2f6db3",
    "rigid": "#767f8a",
}
OUTCOME_COLOUR: Final[dict[Outcome, str]] = {
    "held": "#3f8f74",
    "crushed": "#b02a37",
    "slipped": "#b96a12",
    "missed": "#8460b8",
    "timed_out": "#3f86c6",
    "limit": "#9c8420",
    "thermal": "#d2568c",
    "diverged": "#4b525b",
}
_VARIABLE: Final = {
    **{colour: f"var(--{kind})" for kind, colour in COLOUR.items()},
    **{colour: f"var(--{outcome.replace('_', '-')})" for outcome, colour in OUTCOME_COLOUR.items()},
}
"""How the page calls the colours: report.css gives them."""


def svg(draw: Draw, height: float, says: str) -> Html:
    """A figure as part of the report.

    Args:
        draw: Draws it.
        height: [inch].
        says: What it shows, for those who do not see it; unique on the page.
    """
    return drawn(draw, height, says, _VARIABLE)
