"""Settings that a servo needs to be driven in a loop, and how it gets them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from .hand_servo import HandServo
from .hand_servos import HandServos
from .register import Register
from .servo import ServoModel

_REVERSE, _TORQUE_BY_GOAL = 0x01, 0x08  # bits of drive_mode (e-Manual, "Drive Mode")
_FASTER_THAN_ANY = 30.0  # [rad/s]


@dataclass(frozen=True)
class Setting:
    """A register, and what it should say."""

    register: Register
    wanted: Callable[[int], int]
    """The raw number that it should have, of the one that it has."""
    severity: Literal["blocking", "warning"]
    names: dict[int, str]
    """Of its numbers, where they have any."""

    def text(self, raw: int) -> str:
        """A raw number as people read it."""
        if raw in self.names:
            return self.names[raw]
        return f"{self.register.from_raw(raw):.6g} {self.register.unit}".rstrip()


@dataclass(frozen=True)
class Change:
    """What was written."""

    joint: str
    servo: str
    register: str
    before: str
    after: str


def settings_of(servo: HandServo, mode: str | None = None) -> dict[str, Setting]:
    """By register, in the order in which they are written.

    Args:
        servo: of a joint.
        mode: as the catalogue names it. None: the one in which the joint is driven.
    """
    model, firmware = servo.servo.model, servo.servo.firmware
    code = model.operating_mode(mode or servo.operating_mode)
    wanted: dict[str, tuple[Callable[[int], int], Literal["blocking", "warning"]]] = {
        "status_return_level": (
            lambda _: model.registers["status_return_level"].maximum,
            "warning",
        ),
        # The loop counts on the bus being quick. A servo that turned the other way, or
        # switched itself on, would break what safety rests on.
        "return_delay_time": (lambda _: 0, "blocking"),
        "drive_mode": (lambda raw: raw & ~(_REVERSE | _TORQUE_BY_GOAL), "blocking"),
        "operating_mode": (lambda _: code, "blocking"),
    }
    if (
        model.protocol == "feetech" and "goal_current" in model.registers
    ):  # a HLS, to which 0 is stop
        fast = model.registers["goal_velocity"].to_raw(_FASTER_THAN_ANY)
        wanted["goal_velocity"] = (lambda raw: raw or fast, "blocking")
    return {
        name: Setting(model.register(name, firmware), value, severity, _names(model, name))
        for name, (value, severity) in wanted.items()
        if model.has(name, firmware)
    }


def _names(model: ServoModel, register: str) -> dict[int, str]:
    if register != "operating_mode":
        return {}
    return {code: name for name, code in model.operating_modes.items()}


def configure(servos: HandServos) -> list[Change]:
    """Sets what a control loop needs: mode, no delay, confirmed writes. Torque goes off for it.

    Returns:
        What was changed.

    Raises:
        BusError: a servo does not answer, or refuses.
    """
    changes = [change for servo in servos for change in configure_one(servo)]
    servos.locate()  # a servo in a new mode may count its turns anew
    return changes


def configure_one(servo: HandServo, mode: str | None = None) -> list[Change]:
    """The same for one servo.

    Args:
        servo: of a joint.
        mode: as the catalogue names it. None: the one in which the joint is driven.
    """
    settings = settings_of(servo, mode)
    now = servo.servo.read("torque_enable", *settings).raws
    changes: list[Change] = []
    for name, setting in settings.items():
        raw, wanted = now[name], setting.wanted(now[name])
        if raw == wanted:
            continue
        if not changes and now["torque_enable"]:
            servo.servo.write("torque_enable", raw=0)
        servo.servo.write(name, raw=wanted)
        changes.append(
            Change(
                servo.joint,
                servo.servo.state.name,
                name,
                setting.text(raw),
                setting.text(wanted),
            )
        )
    return changes
