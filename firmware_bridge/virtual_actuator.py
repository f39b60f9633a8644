"""A virtual servo with the motor, gear and heat of an actuator's description."""

from __future__ import annotations

from .._core import VirtualServoModel
from ..controller.actuator import Actuator
from ..controller.actuator_core import core_friction

_NEVER_WARM = 1e12  # [J/K]


def set_actuator(virtual: VirtualServoModel, actuator: Actuator, load: float = 0.0) -> None:
    """Gives a virtual servo the physics of an actuator; its registers stay.

    The winding's inductance and the limit of its drive's current are left out: that is up to the
    servo's own registers. Its cable counts as part of the winding.

    Args:
        virtual: Changed in place.
        actuator: Whose physics it gets.
        load: What hangs on the shaft [kg m2].
    """
    motor, gear = virtual.motor, virtual.gear
    motor.resistance = actuator.motor.resistance + actuator.supply.resistance
    motor.torque_constant = actuator.motor.torque_constant
    motor.back_emf = actuator.motor.back_emf
    motor.brown_out_voltage = actuator.supply.voltage_min or motor.brown_out_voltage
    gear.inertia = actuator.gear.inertia + load
    gear.backlash = actuator.gear.backlash
    gear.friction = core_friction(actuator.friction)
    _set_heat(virtual, actuator)


def _set_heat(virtual: VirtualServoModel, actuator: Actuator) -> None:
    heat, figures = virtual.motor.heat, actuator.thermal
    if figures is None:
        heat.winding_capacity = heat.housing_capacity = _NEVER_WARM
        return
    heat.winding_resistance = figures.winding_resistance
    heat.housing_resistance = figures.housing_resistance
    heat.winding_capacity = figures.winding_capacity
    heat.housing_capacity = figures.housing_capacity
