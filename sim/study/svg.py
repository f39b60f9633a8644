"""Inline SVG by matplotlib, in colours that the page sets: for light, for dark and for paper."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from .markup import Html, escaped

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK: Final = "#16202b"
MUTED: Final = "#5d6875"
RULE: Final = "#d5dae1"
_VARIABLE: Final = {INK: "currentColor", MUTED: "var(--muted)", RULE: "var(--rule)"}
"""How the page calls the colours: page.css gives them."""

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
WIDTH: Final = 7.2
"""Of every figure [inch]."""
_REMOVED: Final = (
    r"<metadata>.*?</metadata>",
    r"<defs>\s*<style.*?</style>\s*</defs>",  # would hold for the whole page
    r' xmlns(:xlink)?="[^"]*"| version="1.1"',
    r"font-family: [^;]*; ",  # the page's
    r'(?<=<g) id="[^"]*"',
)

Draw = Callable[["Figure"], None]


def drawn(
    draw: Draw,
    height: float,
    says: str,
    variables: Mapping[str, str] = MappingProxyType({}),
    over: Callable[[Figure], str] = lambda figure: "",
) -> Html:
    """A figure as part of a page.

    Args:
        draw: Draws it.
        height: [inch].
        says: What it shows, for those who do not see it; unique on the page.
        variables: Of the page's style sheet, by the colour they stand for, besides ink and rules.
        over: Markup on top, in points of 1/72 inch from the upper left; told where the axes lie.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({**_STYLE, "svg.hashsalt": says}), warnings.catch_warnings():
        figure = Figure(figsize=(WIDTH, height), layout="constrained", dpi=72)
        draw(figure)
        file = io.StringIO()
        warnings.filterwarnings("ignore", "Glyph .* missing")  # the page's fonts have it
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
        top = over(figure)
    inline = _inline(file.getvalue(), says, {**_VARIABLE, **variables})
    return Html(inline.replace("</svg>", f"{top}</svg>"))


def _inline(file: str, says: str, variables: Mapping[str, str]) -> str:
    plain = file[file.index("<svg") :]
    for pattern in _REMOVED:
        plain = re.sub(pattern, "", plain, flags=re.DOTALL)
    plain = plain.replace("xlink:href", "href")
    for colour, name in variables.items():
        plain = plain.replace(colour, name)
    return plain.replace("<svg", f'<svg role="img" aria-label="{escaped(says)}"', 1)
