"""The settings in RAM that a reboot loses, and how they come back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .bus_errors import BusError
from .register import Register

if TYPE_CHECKING:
    from .bus_servo import Servo

# Commands and not settings, or not for us to set.
_NOT_SETTINGS = ("torque_enable", "eeprom_lock", "goal_position", "goal_velocity", "goal_time")
_MOVES_IN_MODE = {"goal_current": "current", "goal_pwm": "pwm"}
_LAST = "bus_watchdog"  # it would run out while the others are written


def read_settings(servo: Servo) -> dict[str, int]:
    """Raw numbers by register, in the order to write them in.

    Of a servo that does not answer, those that were written before.
    """
    names = [r.name for r in servo.model.registers.values() if _is_setting(servo, r)]
    names += [name for name in servo.state.settings if name.startswith("indirect_address_")]
    try:
        settings = dict(servo.read(*names).raws)
    except BusError:
        settings = {n: raw for n, raw in servo.state.settings.items() if n in names}
    if settings.get(_LAST, 0) < 0:  # it has run out
        settings[_LAST] = max(servo.state.settings.get(_LAST, 0), 0)
    return dict(sorted(settings.items(), key=lambda item: item[0] == _LAST))


def restore_settings(servo: Servo, settings: Mapping[str, int]) -> list[str]:
    """Writes back what is not as it was.

    Raises:
        BusError: the servo does not take a setting; the message names it.
    """
    if not settings:
        return []
    now = servo.read(*settings).raws
    changed = [name for name, raw in settings.items() if now[name] != raw]
    for name in changed:
        servo.write(name, raw=settings[name])
    return changed


def _is_setting(servo: Servo, register: Register) -> bool:
    name = register.name
    if register.area != "ram" or register.access != "rw" or register.since > servo.firmware:
        return False
    if name in _NOT_SETTINGS or name.startswith("external_port_"):
        return False
    mode = servo.model.operating_modes.get(_MOVES_IN_MODE.get(name, ""))
    return mode is None or servo.state.raws.get("operating_mode") != mode
