"""The motors of a hand as its `hand.toml` gives them, for the core."""

from __future__ import annotations

from .. import _core
from .description import HandDescription
from .description_motors import MotorKind, Rail


def core_motors(text: HandDescription) -> _core.MotorConfig:
    """The motor stage of a hand; ideal motors where its description has none."""
    config = _core.MotorConfig()
    if text.motors is None:
        return config
    text.motors.apply(config)
    rails = [None, *text.motors.rails]  # the first one is no limit to anybody
    config.rails = [_core.Rail(), *(_rail(rail) for rail in text.motors.rails.values())]
    kind = text.motors.kind
    count = len(text.transmission.motors or text.joints.names)
    kinds = kind if isinstance(kind, tuple) else [kind] * count
    config.motors = [_motor(text.motors.kinds[kind], rails) for kind in kinds]
    return config


def _motor(kind: MotorKind, rails: list[str | None]) -> _core.Motor:
    motor = _core.Motor()
    motor.torque_constant, motor.resistance = kind.torque_constant, kind.resistance
    motor.back_emf, motor.rail = kind.back_emf, rails.index(kind.rail)
    if kind.current_max is not None:
        motor.current_max = kind.current_max
    kind.friction.apply(motor.friction)
    if kind.thermal is not None:
        for name, value in kind.thermal:
            setattr(motor.thermal, name, value)
    return motor


def _rail(text: Rail) -> _core.Rail:
    rail = _core.Rail()
    rail.voltage, rail.resistance = text.voltage, text.resistance
    rail.voltage_min = text.voltage_min
    return rail
