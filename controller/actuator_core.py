"""An actuator for the core: what the plant simulates, what the controller believes."""

from __future__ import annotations

from typing import Any

from .. import _core
from .actuator import Actuator
from .description_friction import Friction
from .description_thermal import Thermal


def core_friction(friction: Friction) -> _core.Friction:
    """The same for plant, motor stage, virtual servo and test rig."""
    core = _core.Friction()
    for name, value in friction:
        if name != "model":
            setattr(core, name, value)
    return core


def core_thermal(thermal: Thermal | None) -> _core.Thermal:
    """None: it never gets warm."""
    core = _core.Thermal()
    for name, value in thermal or ():
        setattr(core, name, value)
    return core


def core_actuator(actuator: Actuator, rail: int = 0) -> _core.ActuatorFigures:
    """All figures, for a `_core.SimPlant`.

    Args:
        actuator: Seen at the joint.
        rail: Index of the supply it shares; one without a voltage leaves it its nominal one.
    """
    core, motor = _core.ActuatorFigures(), actuator.motor
    for name in ("torque_constant", "back_emf", "resistance", "inductance", "voltage"):
        setattr(core, name, getattr(motor, name))
    if motor.current_max is not None:
        core.current_max = motor.current_max
    core.rail, core.supply_resistance = rail, actuator.supply.resistance
    core.inertia, core.backlash = actuator.gear.inertia, actuator.gear.backlash
    core.friction = core_friction(actuator.friction)
    core.thermal = core_thermal(actuator.thermal)
    core.resolution = actuator.encoder.resolution
    core.encoder_side = _core.EncoderSide[actuator.encoder.side.upper()]
    core.command_delay = actuator.delay.command
    core.sensing_delay = actuator.delay.sensing
    return core


def believed(actuator: Actuator) -> dict[str, Any]:
    """What the controller's motor stage knows of it: keys of a motor's kind in a `hand.toml`.

    The actuator's own cable counts as part of its winding, which is exact at full duty.
    """
    motor = actuator.motor
    return {
        "torque_constant": motor.torque_constant,
        "resistance": motor.resistance + actuator.supply.resistance,
        "back_emf": motor.back_emf,
        "current_max": motor.current_max,  # None: no limit
        "friction": actuator.friction,
        "thermal": actuator.thermal,
    }
