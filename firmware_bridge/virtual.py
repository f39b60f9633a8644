"""Virtual servos after the catalogue, so that any of them can be tried without having one.

Registers, units and motor are the catalogue's. What it does not know is that of the nearest servo
that is built in: times on the line, heat, play, and a motor where no sheet was found. Friction and
inertia grow with the stall torque, as they do between those that are built in.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from .._core import (
    TWOS_COMPLEMENT,
    UNSIGNED,
    Controlled,
    RegisterSpec,
    Role,
    VirtualServoModel,
)
from .register import Register
from .servo import ServoModel
from .servo_motor import OperatingPoint

_ROLES = {
    "firmware_version": Role.FIRMWARE,
    "firmware_major_version": Role.FIRMWARE,
    "baud_rate": Role.BAUD,
    "return_delay_time": Role.RETURN_DELAY,
    "max_voltage_limit": Role.MAX_VOLTAGE,
    "min_voltage_limit": Role.MIN_VOLTAGE,
    "max_position_limit": Role.MAX_POSITION,
    "min_position_limit": Role.MIN_POSITION,
    "registered_instruction": Role.REGISTERED,
    "hardware_error_status": Role.HARDWARE_ERROR,
    "velocity_i_gain": Role.VELOCITY_I,
    "velocity_p_gain": Role.VELOCITY_P,
    "position_d_gain": Role.POSITION_D,
    "position_i_gain": Role.POSITION_I,
    "position_p_gain": Role.POSITION_P,
    "feedforward_2nd_gain": Role.FEEDFORWARD_2,
    "feedforward_1st_gain": Role.FEEDFORWARD_1,
    "initial_position_d_gain": Role.INITIAL_POSITION_D,
    "initial_position_i_gain": Role.INITIAL_POSITION_I,
    "initial_position_p_gain": Role.INITIAL_POSITION_P,
    "present_goal_position": Role.POSITION_TRAJECTORY,
    "present_input_voltage": Role.PRESENT_VOLTAGE,
}
"""Of the registers whose role has another name."""

_FACTORY = {
    "firmware_major_version": 3,
    "firmware_minor_version": 10,
    "phase": 12,
    "shutdown": 44,
    "alarm_led": 47,
    "position_p_gain": 32,
    "position_d_gain": 32,
    "initial_position_p_gain": 32,
    "initial_position_d_gain": 32,
    "protection_current": 500,
    "velocity_p_gain": 10,
    "velocity_i_gain": 10,
}
"""What a Feetech has from the factory where no source says it: that of the STS3215 for 7.4 V."""

_LIMITED = {"goal_pwm", "goal_current", "goal_velocity"}
"""Of a Dynamixel: any number that their limit registers allow."""

_CONTROLLED = {
    "position": Controlled.POSITION,
    "current_based_position": Controlled.POSITION,
    "velocity": Controlled.VELOCITY,
    "pwm": Controlled.PWM,
    "step": Controlled.STEP,
    "current": Controlled.CURRENT,
}

_NEVER = 256  # no firmware register can say that
_OVERCURRENT = 0x08

_INERTIA = 0.0024  # [s2], for each N m of stall torque
_FRICTION = 0.055  # of the stall torque, at the speed without load
_DRY = 0.5  # of the friction


def virtual_model(model: ServoModel, firmware: int | None = None) -> VirtualServoModel:
    """The virtual servo of a model in the catalogue.

    Args:
        model: from the catalogue.
        firmware: what it says its firmware is. None: the newest that the catalogue knows of.
    """
    if firmware is None:
        firmware = _newest(model)
    virtual = _nearest(model)
    virtual.registers = list(_registers(model, firmware))
    virtual.indirect = [(b.address, b.data, b.slots) for b in model.indirect_blocks(firmware)]
    virtual.bauds = model.baud_rates
    virtual.fast_read_firmware = _NEVER if model.fast_sync_read is None else model.fast_sync_read
    _set_units(virtual, model)
    if model.motor is not None:
        _set_motor(virtual, model.motor.nominal)
    virtual.motor.senses_supply = model.current_sensing == "bus"
    if model.protocol == "feetech":
        _set_feetech(virtual, model)
    return virtual


def _newest(model: ServoModel) -> int:
    """Of a Feetech it is the major version, on which no register hangs."""
    if model.protocol == "feetech":
        stated = model.register("firmware_major_version").default
        return _FACTORY["firmware_major_version"] if stated is None else stated
    registers = max(register.since for register in model.registers.values())
    mirrors = max(block.since for block in model.indirect)
    return max(registers, mirrors, model.fast_sync_read or 0)


def _nearest(model: ServoModel) -> VirtualServoModel:
    if model.protocol == "feetech":
        return VirtualServoModel.sts3215()
    small = model.current_sensing == "bus"
    return VirtualServoModel.x330() if small else VirtualServoModel.x430()


def _registers(model: ServoModel, firmware: int) -> Iterator[RegisterSpec]:
    for register in model.registers.values():
        if register.since <= firmware:
            yield _spec(model, register, firmware)
    slots = sum(block.slots for block in model.indirect_blocks(firmware))
    for kind, role in (("address", Role.INDIRECT_ADDRESS), ("data", Role.NONE)):
        for slot in range(1, slots + 1):
            register = model.register(f"indirect_{kind}_{slot}", firmware)
            yield _spec(model, register, firmware, role)


def _spec(
    model: ServoModel, register: Register, firmware: int, role: Role | None = None
) -> RegisterSpec:
    name = register.name
    limited = model.protocol == "dynamixel2" and name in _LIMITED
    low, high = register.representable if limited else (register.minimum, register.maximum)
    return RegisterSpec(
        register.address,
        register.size,
        eeprom=register.area == "eeprom",
        writable=register.access == "rw",
        sign=_sign(register),
        min=low,
        max=high,
        initial=_initial(model, register, firmware),
        role=_role(name) if role is None else role,
        allowed=_allowed(model, name),
        big_endian=register.byte_order == "big",
    )


def _allowed(model: ServoModel, name: str) -> list[int]:
    """A Feetech takes any."""
    listed = name == "operating_mode" and model.protocol == "dynamixel2"
    return sorted(set(model.operating_modes.values())) if listed else []


def _role(name: str) -> Role:
    return _ROLES.get(name) or Role.__members__.get(name.upper(), Role.NONE)


def _sign(register: Register) -> int:
    if register.sign_bit is not None:
        return register.sign_bit
    return TWOS_COMPLEMENT if register.signed else UNSIGNED


def _initial(model: ServoModel, register: Register, firmware: int) -> int:
    if register.name == "model_number":
        return model.numbers[0] if model.numbers else 0
    if _role(register.name) == Role.FIRMWARE:
        return firmware
    if register.default is not None:
        return register.default
    if register.name in {"velocity_limit", "max_voltage_limit"}:
        return register.maximum
    return min(max(_guess(model, register), register.minimum), register.maximum)


def _guess(model: ServoModel, register: Register) -> int:
    """Where no source states what it has from the factory."""
    if model.protocol == "dynamixel2":
        return 0
    if register.name == "goal_velocity" and model.motor is not None:  # the most, says the table
        return round(model.motor.nominal.no_load_speed / register.scale)
    return _FACTORY.get(register.name, 0)


def _set_units(virtual: VirtualServoModel, model: ServoModel) -> None:
    units = {name: register.scale for name, register in model.registers.items()}
    count = units["present_position"]
    virtual.counts_per_turn = round(2.0 * math.pi / count, 6)
    virtual.middle = (model.register("max_position_limit").maximum + 1) // 2
    virtual.velocity_unit = units["present_velocity"] / count * 1e-3
    virtual.acceleration_unit = units.get("profile_acceleration", 0.0) / count * 1e-6
    virtual.pwm_unit = units.get("goal_pwm", virtual.pwm_unit)
    virtual.current_unit = units.get("present_current", virtual.current_unit)


def _set_motor(virtual: VirtualServoModel, point: OperatingPoint) -> None:
    """As its sheet has it: stall, and the speed that friction leaves without load."""
    friction = _FRICTION * point.stall_torque
    if point.no_load_current is not None:
        friction = point.torque_constant * point.no_load_current
    drop = point.resistance * friction / point.torque_constant
    motor, gear = virtual.motor, virtual.gear
    motor.resistance = point.resistance
    motor.torque_constant = point.torque_constant
    motor.back_emf = (point.voltage - drop) / point.no_load_speed
    gear.inertia = _INERTIA * point.stall_torque
    gear.coulomb = _DRY * friction
    gear.viscous = (1.0 - _DRY) * friction / point.no_load_speed


def _set_feetech(virtual: VirtualServoModel, model: ServoModel) -> None:
    by_code = {code: _CONTROLLED[name] for name, code in model.operating_modes.items()}
    virtual.modes = [by_code[code] for code in sorted(by_code)]
    virtual.answers_groups = model.sync_read
    if "goal_current" in model.registers:  # a HLS
        virtual.overload_error = _OVERCURRENT
        virtual.stands_at_zero_velocity = True
