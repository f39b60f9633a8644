"""From what is known of a servo to what the native loop takes."""

from __future__ import annotations

from typing import Final

from .. import _core
from ..controller.description_bus import WATCHDOG_UNIT
from .plan import Block, Target
from .register import Register
from .servo_drive import DriveFigures

_MODES: Final = {
    "current": _core.ServoMode.CURRENT,
    "current_position": _core.ServoMode.CURRENT_POSITION,
    "position": _core.ServoMode.POSITION,
    "voltage": _core.ServoMode.VOLTAGE,
}


def core_drive(figures: DriveFigures, target: Target, watchdog: float) -> _core.ServoDrive:
    """One servo for a `BusPlant`.

    Args:
        figures: of `HandServos.drives`.
        target: the servo.
        watchdog: [s] of silence until it lets go by itself, where it can.
    """
    position = target.model.register("present_position", target.firmware)
    velocity = target.model.register("present_velocity", target.firmware)
    health = figures.health or Block(target.id, 0, 0, ())
    return _core.ServoDrive(
        id=figures.id,
        read=(figures.read.address, figures.read.size),
        write=(figures.write.address, figures.data),
        position=_field(figures.read, "present_position"),
        position_unit=position.scale,
        line=figures.line,
        mode=_MODES[figures.mode],
        ratio=figures.ratio,
        zero=figures.zero,
        current_limit=figures.current_limit,
        stiffness=figures.stiffness,
        velocity=_field(figures.read, "present_velocity"),
        velocity_unit=velocity.scale,
        current=_field(figures.read, figures.sensed),
        current_unit=figures.sensed_unit,
        goal_position=_field(figures.write, "goal_position"),
        goal_current=_field(figures.write, "goal_current"),
        temperature_unit=_scale(target, "present_temperature"),
        health=(health.address, health.size),
        health_temperature=_field(health, "present_temperature"),
        health_voltage=_field(health, "present_input_voltage"),
        health_error=_field(health, "hardware_error_status"),
        voltage_unit=_scale(target, "present_input_voltage"),
        goal_pwm=_field(figures.write, "goal_pwm"),
        pwm_unit=figures.pwm_unit,
        motor=figures.motor,
        senses_supply=figures.senses_supply,
        emf_compensation=figures.emf_compensation,
        torque=target.model.register("torque_enable", target.firmware).address,
        watchdog=_watchdog(target, watchdog),
    )


def _scale(target: Target, name: str) -> float:
    if not target.model.has(name, target.firmware):
        return 1.0
    return target.model.register(name, target.firmware).scale


def _watchdog(target: Target, time: float) -> tuple[int, int] | None:
    if not target.model.has("bus_watchdog", target.firmware):
        return None
    address = target.model.register("bus_watchdog", target.firmware).address
    return address, max(1, round(time / WATCHDOG_UNIT))


def _field(block: Block, name: str) -> _core.RawField:
    for register, offset in block.fields:
        if register.name == name:
            return _core.RawField(
                offset,
                register.size,
                _encoding(register),
                sign_bit=register.sign_bit or 0,
                big_endian=register.byte_order == "big",
            )
    return _core.RawField(0, 0)


def _encoding(register: Register) -> _core.RawEncoding:
    if register.sign_bit is not None:
        return _core.RawEncoding.SIGN_MAGNITUDE
    return _core.RawEncoding.TWOS_COMPLEMENT if register.signed else _core.RawEncoding.UNSIGNED
