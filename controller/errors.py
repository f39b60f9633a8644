"""What is said when a hand description does not fit."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

_SHOWN = 40  # names listed in one message


class HandError(ValueError):
    """A hand description, or the MJCF it describes, cannot be used as it is.

    The message names the file, the key in it and the mend.
    """


def unknown(kind: str, name: str, known: Iterable[str], where: str) -> str:
    """Says that a name is not there, what was probably meant, and what there is."""
    names = [n for n in known if n]
    message = f"no {kind} '{name}' in {where}"
    if close := difflib.get_close_matches(name, names, n=1):
        message += f"; did you mean '{close[0]}'?"
    else:
        message += "."
    if not names:
        return f"{message} It has no named {kind} at all"
    closest = difflib.get_close_matches(name, names, n=_SHOWN, cutoff=0.0)
    shown = names if len(names) <= _SHOWN else closest
    rest = f", and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    return f"{message} {_plural(kind).capitalize()}: {', '.join(shown)}{rest}"


def _plural(kind: str) -> str:
    consonant = kind[-2:-1] not in "aeiou"
    return f"{kind[:-1]}ies" if kind.endswith("y") and consonant else f"{kind}s"


def key_text(key: Sequence[str | int]) -> str:
    """The key as a reader of the file would write it: `fingers[2].tip`."""
    text = ""
    for part in key:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
