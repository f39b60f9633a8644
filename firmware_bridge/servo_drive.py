"""What the native loop has to know of one servo, from the catalogue and from `hand.toml`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ..controller.description_bus import JointServo
from .plan import Block, Target, blocks_of, known_registers
from .servo import ServoModel
from .servo_errors import CatalogueError

# What `mode` in hand.toml is called in the catalogue, and what such a servo is told.
OPERATING_MODES: Final = {
    "current": "current",
    "current_position": "current_based_position",
    "position": "position",
    "voltage": "pwm",
}
HOLDING: Final = frozenset({"current_position", "position"})
"""Modes in which a servo holds a posture by itself."""

_GOALS = {
    "current": ("goal_current",),
    "current_position": ("goal_current", "goal_position"),
    "position": ("goal_position",),
    "voltage": ("goal_pwm",),
}
_CURRENT_LIMITS = ("current_limit", "protection_current")
_HEALTH = ("present_input_voltage", "present_temperature", "hardware_error_status")
LOAD_IS_LOST: Final = (
    "what is lost: no torque control, and its load is an estimate from its PWM, in steps of 0.1 %, "
    "from which no contact force can be estimated"
)


@dataclass(frozen=True)
class DriveFigures:
    """The numbers of a `_core.ServoDrive`."""

    id: int
    line: int
    """In the order of `bus.lines`."""
    mode: str
    """`current`, `current_position`, `position` or `voltage`."""
    ratio: float
    """Angle of the servo per angle of the joint."""
    zero: float
    """[rad], of the servo from raw 0 on, where the joint is at zero."""
    current_limit: float
    """[A], as the servo counts them; 0 where it is told none."""
    stiffness: float
    """[N m/rad], of the joint, with which a position servo holds its goal."""
    read: Block
    """What is read in every cycle."""
    write: Block
    """What is written in every cycle."""
    data: bytes
    """What is written at first: no current, and the position where it stands."""
    sensed: str
    """The register in which torque is felt: `present_current`, or `present_load`."""
    sensed_unit: float
    """[A] for each step of it; of a load that is a guess."""
    health: Block | None = None
    """What is read now and then: voltage, temperature, and errors where they are next to those."""
    pwm_unit: float = 0.0
    """Part of the supply's voltage for each step of `goal_pwm`; 0 where it has none."""
    motor: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Resistance [ohm], back-EMF [V s/rad] and supply [V]; 0 where they are not known."""
    senses_supply: bool = False
    """Its currents are those of its supply, not of its motor."""
    natural_damping: float = 0.0
    """[N m s/rad], of the joint, with which its motor brakes by itself while a voltage holds it."""
    emf_compensation: float = 1.0
    """Part of its back-EMF that the voltage makes up for."""

    @property
    def motor_current_limit(self) -> float:
        """[A] in its winding at standstill, where the limit is of the supply: i^2 R = V s."""
        resistance, _, volts = self.motor
        if not self.senses_supply or resistance <= 0.0:
            return self.current_limit
        return math.sqrt(self.current_limit * volts / resistance)


def drive_figures(
    place: JointServo,
    target: Target,
    *,
    line: int,
    zero: float,
    stiffness: float,
    damping: float,
    raws: Mapping[str, int],
) -> DriveFigures:
    """Puts together what is known.

    Args:
        place: of the servo, as `hand.toml` tells.
        target: the servo that is there.
        line: its line, in the order of `bus.lines`.
        zero: [rad], of the servo from raw 0 on, where the joint is at zero.
        stiffness: [N m/rad], of the joint.
        damping: [N m s/rad], of the joint.
        raws: what stands in the registers of `initial_registers` now.

    Raises:
        CatalogueError: the servo lacks a register, or they lie too far apart.
    """
    write = write_block(target, place.mode)
    start = {**raws, "goal_current": 0, "goal_pwm": 0, "goal_position": raws["present_position"]}
    sensed = effort_register(target.model)
    natural = natural_damping(place, target.model)
    return DriveFigures(
        id=target.id,
        line=line,
        mode=place.mode,
        ratio=place.ratio,
        zero=zero,
        current_limit=0.0 if place.mode == "position" else current_limit(place, target, raws),
        stiffness=stiffness,
        read=read_block(target),
        write=write,
        data=b"".join(register.encode(start[register.name]) for register, _ in write.fields),
        sensed=sensed,
        sensed_unit=_amperes_per_step(target, sensed),
        health=health_block(target),
        pwm_unit=_scale(target, "goal_pwm"),
        motor=_motor(target, raws),
        senses_supply=target.model.current_sensing == "bus",
        natural_damping=natural,
        emf_compensation=max(0.0, 1.0 - damping / natural) if natural > 0.0 else 1.0,
    )


def initial_registers(target: Target, mode: str) -> list[str]:
    """The registers that `drive_figures` has to know."""
    written = [register.name for register, _ in write_block(target, mode).fields]
    limits = current_limit_registers(target)
    return ["present_position", "present_input_voltage", *written, *limits]


def natural_damping(place: JointServo, model: ServoModel) -> float:
    """[N m s/rad], of the joint: Kt Ke / R, with which back-EMF brakes a motor on a voltage.

    It does so at once, which no host at the other end of a bus can: what a hand's gains want of
    damping is left to it first.
    """
    if model.motor is None or model.motor.nominal.resistance <= 0.0:
        return 0.0
    point = model.motor.nominal
    return place.ratio**2 * point.torque_constant * point.back_emf / point.resistance


def check_mode(place: JointServo, model: ServoModel) -> None:
    """Whether a servo can be told what its place asks for.

    Raises:
        CatalogueError: it cannot; the message says what to set.
    """
    if not model.sync_read:
        raise CatalogueError(
            f"{model.name} cannot be read together with others, which a control loop needs; "
            "take servos of another series"
        )
    by_current = place.mode in {"current", "current_position"}
    if by_current and "goal_current" not in model.registers:
        raise CatalogueError(
            f"{model.name} has no current control, so mode '{place.mode}' is not for it; "
            f'set mode = "position" ({LOAD_IS_LOST})'
        )
    model.operating_mode(OPERATING_MODES[place.mode])


def read_block(target: Target) -> Block:
    """Position, velocity and current or load, in one stretch."""
    names = (effort_register(target.model), "present_velocity", "present_position")
    return _block(target, names)


def write_block(target: Target, mode: str) -> Block:
    """The goals of a mode, and whatever lies between them."""
    block = _block(target, _GOALS[mode])
    span = range(block.address, block.address + block.size)
    inside = [r for r in known_registers(target) if r.address in span]
    inside.sort(key=lambda register: register.address)
    return Block(
        target.id, block.address, block.size, tuple((r, r.address - span[0]) for r in inside)
    )


def health_block(target: Target) -> Block | None:
    """Voltage and temperature, and errors where they are in the same stretch."""
    names = [name for name in _HEALTH if target.model.has(name, target.firmware)]
    registers = [target.model.register(name, target.firmware) for name in names]
    found = blocks_of(target, registers)
    return max(found, key=lambda block: len(block.fields), default=None)


def effort_register(model: ServoModel) -> str:
    """In which register a servo says how hard it pushes."""
    return "present_current" if "present_current" in model.registers else "present_load"


def middle_of_turn(model: ServoModel) -> float:
    """[rad], from raw 0 on, where `offset` is counted from."""
    turn = model.registers["max_position_limit"].maximum + 1
    return 0.5 * turn * model.registers["present_position"].scale


def current_limit(place: JointServo, target: Target, raws: Mapping[str, int]) -> float:
    """[A], what `hand.toml` says, but never above what the servo itself allows."""
    own = servo_current_limit(target, raws)
    return own if place.current_limit is None else min(place.current_limit, own)


def current_limit_registers(target: Target) -> list[str]:
    """Those that `servo_current_limit` has to know."""
    return [name for name in _CURRENT_LIMITS if target.model.has(name, target.firmware)]


def servo_current_limit(target: Target, raws: Mapping[str, int]) -> float:
    """[A], what its own registers allow."""
    if "goal_current" not in target.model.registers:  # by its voltage: as long as it can
        motor = target.model.motor
        return motor.nominal.stall_current if motor else 0.0
    goal = target.model.register("goal_current", target.firmware)
    limits = [raws[name] for name in _CURRENT_LIMITS if name in raws]
    return goal.from_raw(min([goal.maximum, *limits]))


def _block(target: Target, names: tuple[str, ...]) -> Block:
    registers = [target.model.register(name, target.firmware) for name in names]
    found = blocks_of(target, registers)
    if len(found) != 1:
        raise CatalogueError(
            f"{target.model.name}: {', '.join(names)} lie too far apart to go in one block; "
            "such a servo cannot be driven in a loop"
        )
    return found[0]


def _scale(target: Target, name: str) -> float:
    if not target.model.has(name, target.firmware):
        return 0.0
    return target.model.register(name, target.firmware).scale


def _motor(target: Target, raws: Mapping[str, int]) -> tuple[float, float, float]:
    """At the supply that is there now."""
    if target.model.motor is None:
        return 0.0, 0.0, 0.0
    point = target.model.motor.nominal
    volts = raws["present_input_voltage"] * _scale(target, "present_input_voltage")
    return point.resistance, point.back_emf, volts


def _amperes_per_step(target: Target, sensed: str) -> float:
    register = target.model.register(sensed, target.firmware)
    if sensed == "present_current":
        return register.scale
    motor = target.model.motor
    return register.scale * (motor.nominal.stall_current if motor else 1.0)
