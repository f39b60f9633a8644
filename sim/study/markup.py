"""HTML out of Python: whatever is not markup already is escaped, so nothing can be forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape as _escape
from typing import Final

_UNFIT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_VOID: Final = frozenset({"meta", "img", "br", "col"})


class Html(str):
    """Markup: stands on the page as it is."""

    __slots__ = ()


def legible(said: str) -> str:
    """Without the characters that neither a page nor XML may hold."""
    return _UNFIT.sub("\N{REPLACEMENT CHARACTER}", said)


def escaped(said: str) -> str:
    """For an element or an attribute."""
    return _escape(legible(said))


def text(content: str) -> Html:
    """Escaped, unless it is markup."""
    return content if isinstance(content, Html) else Html(escaped(content))


def tag(name: str, /, *content: str, **attributes: str) -> Html:
    """An element.

    Args:
        name: Of the element.
        content: Markup, or text to be escaped.
        attributes: A trailing underscore falls off a name, others become dashes.
    """
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escaped(value)}"'
        for key, value in attributes.items()
    )
    if name in _VOID:
        return Html(f"<{name}{said}>")
    return Html(f"<{name}{said}>{join(content)}</{name}>")


def join(content: Iterable[str], between: str = "") -> Html:
    """One after the other."""
    return Html(text(between).join(map(text, content)))


def table(head: Iterable[str], rows: Iterable[Iterable[str]], class_: str = "") -> Html:
    """A table that scrolls by itself where it is wider than the page; the first column names."""
    header = tag("tr", *(tag("th", cell, scope="col") for cell in head))
    body = (tag("tr", *_cells(row)) for row in rows)
    whole = tag("table", tag("thead", header), tag("tbody", *body))
    return tag("div", whole, class_=f"scroll {class_}".strip())


def _cells(row: Iterable[str]) -> Iterable[Html]:
    name, *cells = row
    return (tag("th", name, scope="row"), *(tag("td", cell) for cell in cells))


def details(summary: str, *content: str) -> Html:
    """What is there to be opened."""
    return tag("details", tag("summary", summary), *content)
