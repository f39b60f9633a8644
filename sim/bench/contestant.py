"""Who takes part: a hand, its actuators and its controller."""

from __future__ import annotations

import hashlib
import runpy
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ... import _core
from ...controller import Hand
from ...controller.description_file import packaged_hands
from ...controller.errors import unknown
from ...controller.law import ControlLaw
from ...controller.twin import twin_law

BUILT_IN: Final = "grip"
"""The controller that comes with handloop."""
TWIN: Final = "twin"
"""The same law, in numba."""
_TABLES: Final = (
    "gains", "limits", "force_feedback", "observer", "task", "grip", "fingertips", "object", "law",
    "safety",
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """What the command line says of a contestant; goes from process to process.

    Attributes:
        hand: A packaged hand or the path of a hand.toml.
        controller: `grip`, `twin`, tables of a hand.toml that change its own (`FILE.toml`), or a
            law made by `control_law` (`FILE.py:NAME`).
    """

    hand: str
    controller: str = BUILT_IN

    @property
    def label(self) -> str:
        """Names the contestant in logs and tables."""
        hand = Path(self.hand).stem if self.hand.endswith(".toml") else self.hand
        return hand if self.controller == BUILT_IN else f"{hand} + {Path(self.controller).name}"

    def absolute(self) -> Entry:
        """The same, for a process that runs in another folder."""
        hand = Path(self.hand)
        file, separator, name = self.controller.rpartition(":")
        path = Path(file if separator else self.controller)
        controller = f"{path.resolve()}{separator}{name if separator else ''}"
        return Entry(
            str(hand.resolve()) if hand.suffix == ".toml" else self.hand,
            controller if path.suffix else self.controller,
        )


@dataclass(frozen=True, eq=False)
class Contestant:
    """A hand with its actuators and its controller.

    Attributes:
        entry: From which it was made.
        hand: With whatever the controller changed in its description.
        law: Instead of the built-in one, if any.
    """

    entry: Entry
    hand: Hand
    law: _core.CustomLaw | None = None

    @classmethod
    def load(cls, entry: Entry) -> Contestant:
        """Loads hand and controller.

        A law is a Python file of the user's own, which is run.

        Raises:
            HandError: The hand or a table does not fit.
            ValueError: There is no such controller.
        """
        hand, controller = Hand.load(entry.hand), entry.controller
        if controller == BUILT_IN:
            return cls(entry, hand)
        if controller == TWIN:
            return cls(entry, hand, twin_law(hand.bind(hand.model).hand_model))
        if controller.endswith(".toml"):
            return cls(entry, _retuned(hand, Path(controller)))
        return cls(entry, hand, _law_of(controller))

    def equip(self, controller: _core.Controller) -> None:
        """Gives a controller the contestant's law."""
        if self.law is not None:
            controller.set_law(self.law)

    def digest(self) -> str:
        """Changes with whatever of description, MJCF or controller would change results."""
        text = self.hand.description
        law = Path(self.entry.controller.rpartition(":")[0])
        parts = [
            text.model_dump_json(exclude={"mjcf"}).encode(),
            text.mjcf.read_bytes(),
            law.read_bytes() if law.is_file() else b"",
        ]
        return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def hand_with(hand: str, actuators: str) -> str:
    """Name of a packaged hand with other actuators; the right one where no side is named.

    Args:
        hand: `hand27`, `hand22_left`, the path of a hand.toml.
        actuators: `ideal`, or what stands behind the name: `servo`, `tendon`, `light`.

    Raises:
        ValueError: There is no such hand.
    """
    hands = packaged_hands()
    name = hand if hand in hands or f"{hand}_right" not in hands else f"{hand}_right"
    if actuators != "ideal":
        name = f"{name}_{actuators}"
    if name not in hands and not Path(name).exists():
        raise ValueError(unknown("hand", name, hands, "handloop's models") + "; or a hand.toml")
    return name


def entries_of(
    hands: Sequence[str], actuators: Sequence[str], controllers: Sequence[str]
) -> tuple[list[Entry], list[str]]:
    """Every hand with each of the actuators that it has, and with each controller.

    Returns:
        Contestants, and what was asked for but is not there, one line each.

    Raises:
        ValueError: A hand has none of the actuators.
    """
    entries, missing = list[Entry](), list[str]()
    for hand in hands:
        names, errors = list[str](), list[ValueError]()
        for kind in actuators:
            try:
                names.append(hand_with(hand, kind))
            except ValueError as error:
                errors.append(error)
                missing.append(f"{hand} has no {kind} actuators")
        if not names:
            raise errors[0]
        entries += [Entry(n, controller).absolute() for n in names for controller in controllers]
    return entries, missing


def _retuned(hand: Hand, path: Path) -> Hand:
    with path.open("rb") as file:
        said = tomllib.load(file)
    if wrong := [name for name in said if name not in _TABLES]:
        raise ValueError(unknown("table", wrong[0], _TABLES, "the controller of a hand.toml"))
    tables = {}
    for name, table in said.items():
        own = getattr(hand.description, name)
        tables[name] = type(own).model_validate(own.model_dump(exclude_unset=True) | table)
    return hand.changed(**tables)


def _law_of(controller: str) -> _core.CustomLaw:
    path, _, name = controller.rpartition(":")
    if not path.endswith(".py") or not Path(path).is_file():
        raise ValueError(
            f"controller '{controller}' is none of '{BUILT_IN}', '{TWIN}', FILE.toml and "
            "FILE.py:NAME of a law made by control_law"
        )
    law = runpy.run_path(path).get(name)
    if not isinstance(law, ControlLaw):
        raise ValueError(f"{path} has no law '{name}'; decorate a function with control_law")
    return law
