"""Writes what calibration found into a `hand.toml`, and leaves all else in it alone."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import tomlkit

from ..controller import Hand, HandError, packaged_hands
from .calibration import JointCalibration


def check_own_file(hand: str | Path) -> Path:
    """The file of a hand, if it is one to write into.

    Raises:
        HandError: it is a packaged hand; the message says how to get one's own.
    """
    if str(hand) in packaged_hands():
        raise HandError(
            f"'{hand}' comes with handloop and stays as it is; write a hand.toml of your own that "
            f'says extends = "{hand}", and has [bus.lines] and [bus.servos]'
        )
    return Path(hand)


def write_calibration(file: Path, found: Iterable[JointCalibration]) -> None:
    """Sets offset and range of joints; comments, order and all else in the file stay.

    What the file inherits by `extends` it gets a table of its own for. The file is replaced only
    by one that can be loaded, in one step.

    Raises:
        HandError: the result could not be loaded; the file is as before.
        OSError: it cannot be written.
    """
    document = tomlkit.parse(file.read_text(encoding="utf-8"))
    servos = _table(_table(document, "bus"), "servos")
    for joint in found:
        entry = _table(servos, joint.joint)
        entry["offset"] = joint.offset
        entry["range"] = list(joint.range)
    draft = file.with_name(f".{file.name}.new")  # beside it, because it names others relatively
    try:
        draft.write_text(tomlkit.dumps(document), encoding="utf-8")
        draft.chmod(file.stat().st_mode)
        Hand.load(draft)
        os.replace(draft, file)
    finally:
        draft.unlink(missing_ok=True)


def _table(above: Any, key: str) -> Any:
    if key not in above:
        above[key] = tomlkit.table()
    return above[key]
