"""Ranges that only the core knows, told as faults of the hand.toml that leaves them."""

from __future__ import annotations

import re
from typing import Final

from .. import _core
from .description import HandDescription
from .description_table import Key

_SAID_AS: Final[dict[Key, Key]] = {
    ("law", "stiffness"): ("gains", "stiffness"),
    ("law", "damping"): ("gains", "damping"),
    ("safety", "velocity_max"): ("limits", "velocity"),
    ("safety", "torque_max"): ("limits", "torque"),
    ("safety", "position_min"): ("limits", "position"),
    ("safety", "position_max"): ("limits", "position"),
}
"""What a hand.toml says under another key than the core."""


def complaint(
    hand: _core.HandModel, config: _core.ControllerConfig, text: HandDescription
) -> tuple[Key, str] | None:
    """The key that the core does not take, and why; None where it takes all of them.

    Args:
        hand: What is to be controlled.
        config: Made from the description.
        text: The description.
    """
    try:
        _core.Controller(hand, config)
    except ValueError as error:
        name, _, wanted = str(error).partition(" ")
        return _said_as(_key(name), text), wanted
    return None


def _key(name: str) -> Key:
    """`motors.rails[1].voltage` in its parts."""
    parts = re.findall(r"(\w+)", name)
    return tuple(int(part) if part.isdigit() else part for part in parts)


def _said_as(key: Key, text: HandDescription) -> Key:
    match key:
        case ("motors", "motors", int(motor), *rest) if text.motors:
            kind = text.motors.kind
            name = kind if isinstance(kind, str) else kind[motor]
            return ("motors", "kinds", name, *rest)
        case ("motors", "rails", int(rail), *rest) if text.motors:
            return ("motors", "rails", [*text.motors.rails][rail - 1], *rest)
        case _:
            return _SAID_AS.get(key[:2], key)
