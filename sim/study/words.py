"""How numbers are put into words, the same in a terminal and on a page."""

from __future__ import annotations

from typing import Final

NONE: Final = "–"


def number(value: float | None) -> str:
    """With three digits that matter."""
    if value is None:
        return NONE
    return f"{value:,.0f}" if 1e3 <= abs(value) < 1e7 else f"{value:.3g}"
