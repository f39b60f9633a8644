"""An actuator's description for the core: what the plant simulates, what the controller believes.

The plant takes every figure. The controller's motor stage knows friction that hangs on the torque
delivered (`_core.Friction`), so the budget is brought to that form: while the motor drives a load
e slowly, tm = e + f and te = -e, and |Km tm - Ke te| makes

    f = (Kc + Kv |w| + (Km + Ke) e) / (1 - Km)

What loads add to breaking loose (the Stribeck and quadratic terms of M4 to M6) has no place there.
"""

from __future__ import annotations

import math
from typing import Any

from .. import _core
from .actuator import Actuator


def core_friction(actuator: Actuator) -> _core.FrictionBudget:
    """The budget of its friction."""
    budget = _core.FrictionBudget()
    for name, value in actuator.friction:
        if name != "model":
            setattr(budget, name, value)
    return budget


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
    core.friction = core_friction(actuator)
    if actuator.thermal is not None:
        for name, value in actuator.thermal:
            setattr(core.thermal, name, value)
    core.resolution = actuator.encoder.resolution
    core.encoder_side = _core.EncoderSide[actuator.encoder.side.upper()]
    core.command_delay = actuator.delay.command
    core.sensing_delay = actuator.delay.sensing
    return core


def believed(actuator: Actuator) -> dict[str, Any]:
    """What the controller's motor stage knows of it: keys of a motor's kind in a `hand.toml`.

    The actuator's own cable counts as part of its winding, which is exact at full duty.
    """
    motor, f = actuator.motor, actuator.friction
    part = 1.0 - f.load_motor
    return {
        "torque_constant": motor.torque_constant,
        "resistance": motor.resistance + actuator.supply.resistance,
        "back_emf": motor.back_emf,
        "current_max": motor.current_max,  # None: no limit
        "friction": {
            "coulomb": f.coulomb / part,
            "stiction": f.stribeck_coulomb / part,
            "stribeck_speed": f.stribeck_speed * math.log(2.0) ** (1.0 / f.stribeck_exponent),
            "viscous": f.viscous / part,
            "load": (f.load_motor + f.load_external) / part,
        },
        "thermal": actuator.thermal,
    }
