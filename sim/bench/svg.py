"""Inline SVG by matplotlib, in colours that the page sets: for light, for dark and for paper."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any, Final

from .markup import Html
from .trial import Kind, Outcome

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK: Final = "#16202b"
MUTED: Final = "#5d6875"
RULE: Final = "#d5dae1"
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
    INK: "currentColor",
    MUTED: "var(--muted)",
    RULE: "var(--rule)",
    **{colour: f"var(--{kind})" for kind, colour in COLOUR.items()},
    **{colour: f"var(--{outcome.replace('_', '-')})" for outcome, colour in OUTCOME_COLOUR.items()},
}
"""How the page calls the colours: report.css gives them."""

_STYLE: Final[dict[Any, Any]] = {
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "text.color": INK,
    "text.parse_math": False,  # names are whatever users call their files
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "svg.fonttype": "none",
}
_WIDTH: Final = 7.2  # [inch]
_REMOVED: Final = (
    r"<metadata>.*?</metadata>",
    r"<defs>\s*<style.*?</style>\s*</defs>",  # would hold for the whole page
    r' xmlns(:xlink)?="[^"]*"| version="1.1"',
    r"font-family: [^;]*; ",  # the page's
    r'(?<=<g) id="[^"]*"',
)

Draw = Callable[["Figure"], None]


def svg(draw: Draw, height: float, says: str) -> Html:
    """A figure as part of a page.

    Args:
        draw: Draws it.
        height: [inch].
        says: What it shows, for those who do not see it; unique on the page.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({**_STYLE, "svg.hashsalt": says}):
        figure = Figure(figsize=(_WIDTH, height), layout="constrained")
        draw(figure)
        file = io.StringIO()
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    return _inline(file.getvalue(), says)


def _inline(file: str, says: str) -> Html:
    drawn = file[file.index("<svg") :]
    for pattern in _REMOVED:
        drawn = re.sub(pattern, "", drawn, flags=re.DOTALL)
    drawn = drawn.replace("xlink:href", "href")
    for colour, name in _VARIABLE.items():
        drawn = drawn.replace(colour, name)
    return Html(drawn.replace("<svg", f'<svg role="img" aria-label="{escape(says)}"', 1))
