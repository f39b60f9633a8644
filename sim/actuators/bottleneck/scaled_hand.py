"""A packaged hand with some of its actuators' figures doubled: a hand.toml and an MJCF that run."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

import tomlkit

from ....controller import Hand
from ....controller.description_motors import Motors


@dataclass(frozen=True)
class Scale:
    """What is multiplied.

    Attributes:
        name: In tables.
        assumes: What stands for what in simulation.
        motor: Torque at the same heat and the same no-load speed, for good and at its peak. Both
            hold with the same torque constant, twice the current and a quarter of the resistance.
        limit: Torque that gear and structure of a joint bear; the MJCF's range of control.
        tendon: Tension, and the torques of joints, which are set by it.
        conductance: Of heat, from winding to housing to room.
    """

    name: str
    assumes: str
    motor: float = 1.0
    limit: float = 1.0
    tendon: float = 1.0
    conductance: float = 1.0


AS_IS: Final = Scale("as it is", "nothing changed")
MOTOR: Final = Scale(
    "motor torque density",
    "motors give twice the torque at the same heat and no-load speed; joints bear what they did",
    motor=2.0,
)
COPPER: Final = Scale(
    "copper fill",
    "motors give 1.41 times the torque at the same heat and no-load speed, as Km grows with the "
    "root of the copper; what it weighs is left out; joints bear what they did",
    motor=math.sqrt(2.0),
)
GEAR: Final = Scale(
    "gear torque limit",
    "joints may be loaded twice as much, by motors as they are",
    limit=2.0,
)
MOTOR_AND_GEAR: Final = Scale("motor and gear", "both of these", motor=2.0, limit=2.0)
HEAT: Final = Scale(
    "thermal conductance", "half the thermal resistances of winding and housing", conductance=2.0
)
TENDON: Final = Scale(
    "tendon strength",
    "twice the tension at the same moment arms, and joint limits that follow it; motors pull it",
    tendon=2.0,
)


def write_scaled(hand: str, scale: Scale, folder: Path) -> Path:
    """Writes a hand.

    Args:
        hand: A packaged hand.
        scale: What is multiplied.
        folder: Made if it is not there; may hold other scales of it.

    Returns:
        The hand.toml, named by hand and scale.

    Raises:
        HandError: There is no such hand.
        ValueError: It has no tendons, or no motors with heat, to be scaled.
    """
    description = Hand.load(hand).description
    folder.mkdir(parents=True, exist_ok=True)
    tree = ElementTree.parse(description.mjcf)
    changed = [_scaled(actuator, scale) for actuator in tree.iterfind("./actuator/*")]
    if scale.tendon != 1.0 and "tendon" not in changed:
        raise ValueError(f"{hand} has no tendons whose strength could change")
    file = folder / f"{hand}-{scale.name.replace(' ', '-')}.toml"
    mjcf = file.with_suffix(".xml")
    tree.write(mjcf, encoding="utf-8")
    said: dict[str, Any] = {"schema": 1, "extends": hand, "name": hand, "mjcf": mjcf.name}
    if isinstance(description.limits.torque, tuple):
        most = scale.limit * scale.tendon
        said["limits"] = {"torque": [most * value for value in description.limits.torque]}
    if description.motors:
        said["motors"] = {"kinds": dict(_kinds(description.motors, scale))}
    elif scale.conductance != 1.0:
        raise ValueError(f"{hand} has no motors that get warm")
    file.write_text(tomlkit.dumps(said), encoding="utf-8")
    return file


def _scaled(actuator: ElementTree.Element, scale: Scale) -> str:
    """Scales an actuator in place; tells what it acts on."""
    acts_on = "tendon" if "tendon" in actuator.attrib else "joint"
    if actuator.tag == "dcmotor":
        voltage, stall, speed = _numbers(actuator, "nominal")
        _write(actuator, "nominal", [voltage, scale.motor**2 * stall, speed])
        most, *rates = _numbers(actuator, "saturation")
        _write(actuator, "saturation", [scale.motor * most, *rates])
    factor = scale.tendon if acts_on == "tendon" else scale.limit
    _write(actuator, "ctrlrange", [factor * end for end in _numbers(actuator, "ctrlrange")])
    return acts_on


def _numbers(element: ElementTree.Element, name: str) -> list[float]:
    return [float(number) for number in element.attrib[name].split()]


def _write(element: ElementTree.Element, name: str, values: list[float]) -> None:
    element.set(name, " ".join(f"{value:.6g}" for value in values))


def _kinds(motors: Motors, scale: Scale) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, kind in motors.kinds.items():
        said = kind.model_dump(exclude_unset=True, mode="json")
        said["resistance"] = kind.resistance / scale.motor**2
        if kind.current_max is not None:
            said["current_max"] = scale.motor * kind.current_max
        if kind.thermal is not None:
            said["thermal"] |= {
                "winding_resistance": kind.thermal.winding_resistance / scale.conductance,
                "housing_resistance": kind.thermal.housing_resistance / scale.conductance,
            }
        yield name, said
