"""MuJoCo's own motor, from an actuator's description: what a plain MJCF can have of it.

A `dcmotor` has one motor constant K and one thermal node. With K = Ke and R Ke / Kt for its
resistance its torque is Kt (V - Ke w) / R, as the description has it; its current then is Kt / Ke
of the true one. So motor, rotor, Coulomb and viscous friction are those of the simulated plant, and
inductance or a limit of the current; both together are not quite, because a `dcmotor` limits the
torque and lets the current run on. Its node takes both capacities and both resistances in series,
which is right over minutes and too slow over seconds. A supply's resistance is part of its own
where a torque is told: it matters where the voltage ends, at full duty, and there it is that. Where
a voltage is told, it is that at the winding. All else is in `left_out`; a `_core.SimPlant` with
`_core.ActuatorFigures` has it.
"""

from __future__ import annotations

from typing import Literal

import mujoco

from ...controller.actuator import Actuator

Input = Literal["ff", "voltage"]

COPPER = 0.00393
"""[1/K], growth of the resistance of copper."""
CATALOGUE_CELSIUS = 25.0
"""[deg C], at which a resistance is stated."""

_HAS_OR_SHAPES = {"model", "coulomb", "viscous", "stribeck_speed", "stribeck_exponent"}


def set_to_dcmotor(
    motor: mujoco.MjsActuator, actuator: Actuator, command: Input = "ff", ambient: float = 25.0
) -> None:
    """Makes an actuator of a specification a `dcmotor` with these figures.

    Args:
        motor: On a joint whose armature shall be `actuator.gear.inertia`.
        actuator: Seen at the joint.
        command: What its control is: a torque [N m] or the voltage [V] at its winding.
        ambient: [deg C].
    """
    electric, volts = actuator.motor, actuator.motor.voltage
    current = electric.current_max or 0.0  # 0: no limit
    motor.set_to_dcmotor(
        motorconst=[0.0, electric.back_emf],
        resistance=_resistance(actuator, command),
        saturation=[electric.torque_constant * current, 0.0, 0.0],
        inductance=[0.0, electric.inductance / _ohms(actuator, command)],
        controller=[0.0, 0.0, 0.0, 0.0, 0.0, volts] if command == "ff" else [0.0] * 6,
        thermal=_thermal(actuator, command, ambient),
        ctrlspec=int(
            mujoco.mjtCtrlInput.mjINPUT_FF
            if command == "ff"
            else mujoco.mjtCtrlInput.mjINPUT_VOLTAGE
        ),
    )
    if command == "voltage":
        motor.ctrlrange, motor.ctrllimited = [-volts, volts], mujoco.mjtLimited.mjLIMITED_TRUE


def dcmotor_xml(actuator: Actuator, name: str, joint: str, command: Input = "ff") -> str:
    """The same as a line of MJCF."""
    electric, volts = actuator.motor, actuator.motor.voltage
    limit = (
        ""
        if electric.current_max is None
        else (f' saturation="{electric.torque_constant * electric.current_max:.9g} 0 0"')
    )
    heat = " ".join(f"{value:.9g}" for value in _thermal(actuator, command, CATALOGUE_CELSIUS))
    return (
        f'<dcmotor name="{name}" joint="{joint}" input="{command}"'
        f' motorconst="0 {electric.back_emf:.9g}" resistance="{_resistance(actuator, command):.9g}"'
        f' inductance="0 {electric.inductance / _ohms(actuator, command):.9g}"{limit}'
        + (f' controller="0 0 0 0 0 {volts:.9g}"' if command == "ff" else "")
        + (f' ctrllimited="true" ctrlrange="{-volts:.9g} {volts:.9g}"' if command != "ff" else "")
        + (f' thermal="{heat}"' if actuator.thermal else "")
        + "/>"
    )


def mjcf_lines(actuator: Actuator, name: str, joint: str, command: Input = "ff") -> str:
    """Joint and `dcmotor` in MJCF, after a comment that says what is left out."""
    missing = "; ".join(left_out(actuator, command)) or "nothing"
    given = " ".join(f'{key}="{value:.9g}"' for key, value in joint_attributes(actuator).items())
    return "\n".join(
        [
            f"<!-- {actuator.name.replace('--', '-')}; left out: {missing} -->",
            f'<joint name="{joint}" {given}/>',
            dcmotor_xml(actuator, name, joint, command),
        ]
    )


def joint_attributes(actuator: Actuator) -> dict[str, float]:
    """What the joint of a `dcmotor` gets: rotor, and the friction that hangs on no load."""
    return {
        "armature": actuator.gear.inertia,
        "frictionloss": actuator.friction.coulomb,
        "damping": actuator.friction.viscous,
    }


def left_out(actuator: Actuator, command: Input = "ff") -> list[str]:
    """What the description states and a `dcmotor` and its joint cannot have."""
    more = [value for name, value in actuator.friction if name not in _HAS_OR_SHAPES]
    heat, supply, electric = actuator.thermal, actuator.supply, actuator.motor
    stated = {
        "friction that sticks or grows with the load": any(more),
        "play": actuator.gear.backlash > 0.0,
        "the encoder's counts": actuator.encoder.resolution > 0.0,
        "delays": actuator.delay.command + actuator.delay.sensing > 0.0,
        "the supply's resistance": command == "voltage" and supply.resistance > 0.0,
        "the voltage below which it resets": supply.voltage_min > 0.0,
        "a winding that warms faster than its housing, and heat of friction": heat is not None,
        "how inductance and current limit act together": bool(
            electric.inductance and electric.current_max
        ),
        "the gear's torque limit": actuator.gear.torque_max is not None,
        "the firmware's position control": actuator.firmware is not None,
    }
    return [what for what, is_there in stated.items() if is_there]


def _ohms(actuator: Actuator, command: Input) -> float:
    """[ohm], between the voltage that it knows and its back-EMF."""
    supply = actuator.supply.resistance if command == "ff" else 0.0
    return actuator.motor.resistance + supply


def _resistance(actuator: Actuator, command: Input) -> float:
    """[ohm], with which a motor that has but one constant makes the same torque."""
    motor = actuator.motor
    return _ohms(actuator, command) * motor.back_emf / motor.torque_constant


def _thermal(actuator: Actuator, command: Input, ambient: float) -> list[float]:
    """Its one node; it counts heat with its own current, Kt / Ke of the true one."""
    heat, motor = actuator.thermal, actuator.motor
    if heat is None:
        return [0.0] * 6
    counted = motor.torque_constant / motor.back_emf
    counted *= _ohms(actuator, command) / motor.resistance  # a cable's heat is not the winding's
    resistance = (heat.winding_resistance + heat.housing_resistance) / counted
    capacity = (heat.winding_capacity + heat.housing_capacity) * counted
    return [resistance, capacity, 0.0, COPPER, CATALOGUE_CELSIUS, ambient]
