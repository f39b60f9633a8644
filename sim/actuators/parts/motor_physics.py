"""What a motor and its gear can do, from the figures of their sheets.

A motor's torque is k i and its voltage R i + k w (Hughes and Drury 2013, Electric Motors and Drives,
ch. 3). Winding and housing are two bodies in a row, R_wh and R_ha to the room (maxon 2021, Key
information on DC and EC motors, thermal behaviour); copper's resistance grows with its temperature.
All functions take floats or arrays.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Value = TypeVar("Value", float, Array)

COPPER: Final = 0.00393  # [1/K], as in thermal.hpp
CATALOGUE: Final = 25.0  # [deg C], at which sheets state resistances and ratings


def motor_constant(torque_constant: Value, resistance: Value) -> Value:
    """Km = k / sqrt(R) [N m/sqrt(W)]: torque for the heat it costs, whatever the winding's wire."""
    return torque_constant / resistance**0.5


def stall_torque(torque_constant: Value, voltage: Value, resistance: Value) -> Value:
    """k U / R [N m]."""
    return torque_constant * voltage / resistance


def no_load_speed(back_emf: Value, voltage: Value, resistance: Value, current: Value) -> Value:
    """(U - R i0) / k [rad/s], at a no-load current i0 [A]."""
    return (voltage - resistance * current) / back_emf


def time_constant(resistance: Value, inertia: Value, torque_constant: Value) -> Value:
    """R J / k^2 [s]: how long a motor on its own takes to 63 % of its speed."""
    return resistance * inertia / torque_constant**2


def best_efficiency(no_load_current: Value, stall_current: Value) -> Value:
    """(1 - sqrt(i0 / i_stall))^2, the most at any load (maxon 2021, Key information)."""
    return (1.0 - (no_load_current / stall_current) ** 0.5) ** 2


def hot_resistance(resistance: Value, temperature: Value) -> Value:
    """[ohm], of copper at a temperature [deg C]."""
    return resistance * (1.0 + COPPER * (temperature - CATALOGUE))


def continuous_current(
    resistance: Value,
    winding_housing: Value,
    housing_ambient: Value,
    winding_max: Value,
    housing_loss: Value,
    ambient: float = CATALOGUE,
) -> Value:
    """The current [A] that brings the winding to its limit, for good.

    Copper's heat goes through both resistances, what friction and iron take through the outer one:
    T_max - T_a = i^2 R(T_max) (R_wh + R_ha) + P_0 R_ha.

    Args:
        resistance: [ohm], at 25 deg C.
        winding_housing: [K/W].
        housing_ambient: [K/W].
        winding_max: [deg C].
        housing_loss: P_0 [W], that heats the housing: U i_0 of a brushed motor.
        ambient: [deg C].
    """
    rise = winding_max - ambient - housing_loss * housing_ambient
    way = (winding_housing + housing_ambient) * hot_resistance(resistance, winding_max)
    return (rise / way) ** 0.5


def short_current(resistance: Value, capacity: Value, rise: Value, time: float) -> Value:
    """The current [A] that warms a winding by so many kelvins in a time [s], no heat leaving it.

    Args:
        resistance: [ohm], hot.
        capacity: [J/K], of the winding.
        rise: [K].
        time: [s].
    """
    return (capacity * rise / (resistance * time)) ** 0.5


def reflected_inertia(rotor: Value, ratio: Value, gear: Value) -> Value:
    """N^2 (J_rotor + J_gear) [kg m2] at the output; a gear's inertia is stated at its input."""
    return ratio**2 * (rotor + gear)


def inertia_at_heat(time_constant: Value, torque: Value, heat: Value) -> Value:
    """J_ref = tau_mech T^2 / P [kg m2]: what an ideal gear's output weighs that holds T for P watts.

    From P = R (T / (N k))^2 and J_ref = N^2 J: the ratio drops out, so at equal heat only a motor
    with a shorter time constant is easier to drive back (Wensing et al. 2017, TRO 33(3), where it
    is a figure of merit of the gap's radius).
    """
    return time_constant * torque**2 / heat


def gear_efficiency(stages: Iterable[float]) -> float:
    """Of a chain of stages: their product."""
    return prod(stages)


def backdriving_efficiency(efficiency: Value) -> Value:
    """2 - 1 / eta of a gear whose loss grows with what it delivers; below 0.5 it locks itself.

    Driving, T_out = eta T_in: the loss is (1 / eta - 1) T_out. Driven back, the same part of the
    output's torque is lost before it reaches the motor.
    """
    return 2.0 - 1.0 / efficiency
