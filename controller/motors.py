"""The motors of a hand as its `hand.toml` gives them, for the core."""

from __future__ import annotations

from .. import _core
from .actuator_core import core_actuator, core_friction, core_thermal
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
    config.motors = [_motor(kind, rails) for kind in motor_kinds(text)]
    return config


def motor_kinds(text: HandDescription) -> list[MotorKind]:
    """The kind of each motor, in their order; none for a hand whose motors are ideal."""
    if text.motors is None:
        return []
    kind = text.motors.kind
    count = len(text.transmission.motors or text.joints.names)
    names = kind if isinstance(kind, tuple) else [kind] * count
    return [text.motors.kinds[name] for name in names]


def core_drives(text: HandDescription) -> _core.HandFigures:
    """What the simulated hand has of its motors' physics; nothing where they are not `real`."""
    if text.motors is None or not text.motors.real:
        return _core.HandFigures()
    rails, config = [None, *text.motors.rails], core_motors(text)
    figures = [_drive(kind, rails) for kind in motor_kinds(text)]
    return _core.HandFigures(figures, config.rails, config.ambient)


def _drive(kind: MotorKind, rails: list[str | None]) -> _core.ActuatorFigures | None:
    if kind.actuator is None:
        return None
    figures = core_actuator(kind.actuator, rails.index(kind.rail))
    figures.stiffness = kind.stiffness or 0.0
    if kind.drive == "voltage":
        figures.command = _core.ActuatorCommand.STANDSTILL_TORQUE
    return figures


def _motor(kind: MotorKind, rails: list[str | None]) -> _core.Motor:
    motor = _core.Motor()
    motor.torque_constant, motor.resistance = kind.torque_constant, kind.resistance
    motor.back_emf, motor.rail = kind.back_emf, rails.index(kind.rail)
    if kind.current_max is not None:
        motor.current_max = kind.current_max
    motor.friction = core_friction(kind.friction)
    motor.thermal = core_thermal(kind.thermal)
    return motor


def _rail(text: Rail) -> _core.Rail:
    rail = _core.Rail()
    rail.voltage, rail.resistance = text.voltage, text.resistance
    rail.voltage_min = text.voltage_min
    return rail
