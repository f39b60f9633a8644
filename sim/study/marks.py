"""What is drawn inside a figure's axes: light SVG, a label on every point to be hovered over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from ..statistics import Array
from .markup import Html, join, tag

HUES: Final = 8
"""Colours of series in page.css."""
_ROUND: Final = 1  # decimals of a place [1/72 inch]
_SHAPES: Final = (
    "m-{r},0a{r},{r} 0 1,0 {d},0a{r},{r} 0 1,0 -{d},0z",  # circle
    "m-{r},-{r}h{d}v{d}h-{d}z",  # square
    "m0,-{w}l{w},{w}l-{w},{w}l-{w},-{w}z",  # diamond
    "m0,-{w}l{w},{b}h-{e}z",  # triangle
)


def hue(series: int) -> str:
    """Class of a series: its colour."""
    return f"hue-{series % HUES}"


def points(
    places: Array, labels: Sequence[str], series: int, radius: float = 2.8, class_: str = "points"
) -> Html:
    """Marks with what they are.

    Args:
        places: (n, 2).
        labels: n of them.
        series: Gives colour and shape.
        radius: [1/72 inch].
        class_: How they look.
    """
    shape = _shape(series, radius)
    drawn = (
        tag("path", tag("title", label), d=f"M{_number(x)},{_number(y)}{shape}", class_="mark")
        for (x, y), label in zip(places.tolist(), labels, strict=True)
    )
    return tag("g", *drawn, class_=f"{class_} {hue(series)}")


def _shape(series: int, radius: float) -> str:
    wide = 1.35 * radius
    sizes = {"r": radius, "d": 2 * radius, "w": wide, "b": 1.75 * wide, "e": 2 * wide}
    said = {key: _number(value, 2) for key, value in sizes.items()}
    return _SHAPES[series % len(_SHAPES)].format(**said)


def cloud(places: Array, series: int) -> Html:
    """Thousands of dots as one path; those that lie on each other are drawn once."""
    dots = np.unique(np.round(places, _ROUND), axis=0).tolist()
    drawn = "".join(f"M{_number(x)},{_number(y)}h0" for x, y in dots)
    return tag("path", d=drawn, class_=f"cloud {hue(series)}")


def line(places: Array, series: int, dashed: bool = False) -> Html:
    """From place to place; one that is not finite is a gap."""
    class_ = f"line {hue(series)}" + (" dashed" if dashed else "")
    return tag("path", d="".join(map(_path, _unbroken(places))), class_=class_)


def band(low: Array, high: Array, series: int) -> Html:
    """Between two lines, (n, 2) each."""
    whole = np.isfinite(low).all(1) & np.isfinite(high).all(1)
    outline = np.concatenate((low[whole], high[whole][::-1]))
    return tag("path", d=f"{_path(outline)}z", class_=f"band {hue(series)}")


def box(corner: tuple[float, float], size: tuple[float, float], label: str, class_: str) -> Html:
    """A bar or a cell."""
    sides = zip(("x", "y", "width", "height"), (*corner, *size), strict=True)
    said = {key: _number(value) for key, value in sides}
    return tag("rect", tag("title", label), **said, class_=f"mark {class_}")


def word(x: float, y: float, said: str) -> Html:
    """Centred writing."""
    return tag("text", said, x=_number(x), y=_number(y), class_="word")


def whisker(low: float, high: float, across: float) -> Html:
    """An interval along a bar."""
    ends = "".join(f"M{_number(x)},{_number(across - 3)}v6" for x in (low, high))
    return tag(
        "path", d=f"M{_number(low)},{_number(across)}H{_number(high)}{ends}", class_="whisker"
    )


def clipped(inside: tuple[float, float, float, float], name: str, *drawn: str) -> Html:
    """What does not stick out of the axes, but for half a mark.

    Args:
        inside: Left, top, width, height.
        name: Of the clip; unique on the page.
        drawn: Marks.
    """
    left, top, width, height = inside
    more = dict(zip(("x", "y"), map(_number, (left - 4, top - 4)), strict=True))
    sides = {"width": _number(width + 8), "height": _number(height + 8)}
    path = Html(f'<clipPath id="{name}">{tag("rect", **more, **sides)}</clipPath>')
    return join((path, tag("g", *drawn, clip_path=f"url(#{name})")))


def legend(entries: Iterable[tuple[str, str, int]]) -> Html:
    """Names of series beside what they look like: kind of mark, name, series."""
    return tag("ul", *(_entry(*entry) for entry in entries), class_="legend")


def _entry(kind: str, name: str, series: int) -> Html:
    middle = np.array([[11.0, 6.0]])
    across = np.array([[1.0, 6.0], [21.0, 6.0]])
    match kind:
        case "line" | "dashed":
            sign = line(across, series, kind == "dashed")
        case "bar":
            sign = tag(
                "rect", x="4", y="1", width="14", height="10", class_=f"bar-mark {hue(series)}"
            )
        case "cloud":
            sign = cloud(middle + np.array([[-6, 2], [-1, -2], [3, 1], [7, -3]]), series)
        case _:
            sign = tag("path", d=f"M11,6{_shape(series, 3.2)}", class_=f"{kind} {hue(series)}")
    drawn = tag("svg", sign, width="22", height="12", viewBox="0 0 22 12", aria_hidden="true")
    return tag("li", drawn, name)


def _unbroken(places: Array) -> Iterable[Array]:
    gaps = np.flatnonzero(~np.isfinite(places).all(1))
    for part in np.split(places, gaps):
        whole = part[np.isfinite(part).all(1)]
        if len(whole):
            yield whole


def _path(places: Array) -> str:
    return "M" + "L".join(f"{_number(x)},{_number(y)}" for x, y in places.tolist())


def _number(value: float, decimals: int = _ROUND) -> str:
    return f"{round(value, decimals) + 0.0:g}"
