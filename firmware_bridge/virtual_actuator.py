"""A virtual servo with the physics of an actuator's description, and the firmware it tells of."""

from __future__ import annotations

from .._core import VirtualServoModel
from ..controller.actuator import Actuator
from ..controller.actuator_core import core_friction

_NEVER_WARM = 1e12  # [J/K]


def set_actuator(virtual: VirtualServoModel, actuator: Actuator) -> None:
    """Gives a virtual servo what an actuator's file states; its registers and their units stay.

    Left out are the winding's inductance, which settles within a fraction of the servo's
    millisecond; the limit of the drive's current and the winding's of heat, because its registers
    have limits of their own; the gear's torque limit, mass and size. Delays are rounded to whole
    milliseconds, the resolution of an encoder to whole counts of the register. Only an actuator
    with `[firmware]` sets the scale of the P gain; those of other gains are the maker's.

    Args:
        virtual: Changed in place.
        actuator: Whose physics it gets.
    """
    motor, gear = virtual.motor, virtual.gear
    motor.resistance = actuator.motor.resistance
    motor.supply_resistance = actuator.supply.resistance
    motor.torque_constant = actuator.motor.torque_constant
    motor.back_emf = actuator.motor.back_emf
    motor.brown_out_voltage = actuator.supply.voltage_min or motor.brown_out_voltage
    gear.inertia = actuator.gear.inertia
    gear.backlash = actuator.gear.backlash
    gear.friction = core_friction(actuator.friction)
    _set_heat(virtual, actuator)
    _set_electronics(virtual, actuator)


def _set_electronics(virtual: VirtualServoModel, actuator: Actuator) -> None:
    if firmware := actuator.firmware:
        virtual.position_gain, virtual.duty_max = firmware.gain, firmware.duty_max
    virtual.command_delay = actuator.delay.command
    virtual.sensing_delay = actuator.delay.sensing
    virtual.resolution = actuator.encoder.resolution
    virtual.encoder_at_motor = actuator.encoder.side == "motor"


def _set_heat(virtual: VirtualServoModel, actuator: Actuator) -> None:
    heat, figures = virtual.motor.heat, actuator.thermal
    if figures is None:
        heat.winding_capacity = heat.housing_capacity = _NEVER_WARM
        return
    heat.winding_resistance = figures.winding_resistance
    heat.housing_resistance = figures.housing_resistance
    heat.winding_capacity = figures.winding_capacity
    heat.housing_capacity = figures.housing_capacity
