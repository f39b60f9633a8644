"""MuJoCo's own motor, from an actuator's description: what a plain MJCF can have of it.

A `dcmotor` has one motor constant K and one thermal node. With K = Ke and R Ke / Kt for its
resistance its torque is Kt (V - Ke w) / R, as the description has it; its current then is Kt / Ke
of the true one. Its node takes both capacities and both resistances in series, which is right over
minutes and too slow over seconds. Friction that hangs on the load, backlash, counts and sag are not
in a `dcmotor`; a `_core.SimPlant` with `_core.ActuatorFigures` has them.
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
        resistance=_resistance(actuator),
        saturation=[electric.torque_constant * current, 0.0, 0.0],
        inductance=[0.0, electric.inductance / electric.resistance],
        controller=[0.0, 0.0, 0.0, 0.0, 0.0, volts] if command == "ff" else [0.0] * 6,
        thermal=_thermal(actuator, ambient),
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
    heat = " ".join(f"{value:.9g}" for value in _thermal(actuator, CATALOGUE_CELSIUS))
    return (
        f'<dcmotor name="{name}" joint="{joint}" input="{command}"'
        f' motorconst="0 {electric.back_emf:.9g}" resistance="{_resistance(actuator):.9g}"'
        f' inductance="0 {electric.inductance / electric.resistance:.9g}"{limit}'
        + (f' controller="0 0 0 0 0 {volts:.9g}"' if command == "ff" else "")
        + (f' ctrllimited="true" ctrlrange="{-volts:.9g} {volts:.9g}"' if command != "ff" else "")
        + (f' thermal="{heat}"' if actuator.thermal else "")
        + "/>"
    )


def joint_attributes(actuator: Actuator) -> dict[str, float]:
    """What the joint of a `dcmotor` gets: rotor, and the friction that hangs on no load."""
    return {
        "armature": actuator.gear.inertia,
        "frictionloss": actuator.friction.coulomb,
        "damping": actuator.friction.viscous,
    }


def _resistance(actuator: Actuator) -> float:
    """[ohm], with which a motor that has but one constant makes the same torque."""
    motor = actuator.motor
    total = motor.resistance + actuator.supply.resistance
    return total * motor.back_emf / motor.torque_constant


def _thermal(actuator: Actuator, ambient: float) -> list[float]:
    """Its one node; it counts heat with its own current, Kt / Ke of the true one."""
    heat = actuator.thermal
    if heat is None:
        return [0.0] * 6
    counted = actuator.motor.torque_constant / actuator.motor.back_emf
    resistance = (heat.winding_resistance + heat.housing_resistance) / counted
    capacity = (heat.winding_capacity + heat.housing_capacity) * counted
    return [resistance, capacity, 0.0, COPPER, CATALOGUE_CELSIUS, ambient]
