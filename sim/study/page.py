"""A page that needs nothing else, on a screen or on paper."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from .markup import Html, tag

_STYLE: Final = Path(__file__).with_name("page.css")


def whole_page(title: str, *body: str, style: str = "", script: str = "") -> Html:
    """An HTML file.

    Args:
        title: In the browser's bar.
        body: Markup, or text to be escaped.
        style: Rules besides those of every page.
        script: Run at the end.
    """
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", title),
        tag("style", Html(_STYLE.read_text(encoding="utf-8") + style)),
    )
    last = (tag("script", Html(script)),) if script else ()
    return Html(f"<!doctype html>\n{tag('html', head, tag('body', *body, *last), lang='en')}\n")
