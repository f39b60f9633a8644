"""What a motor and its gear can do, from the figures of their sheets.

A motor's torque is k i and its voltage R i + k w (Hughes and Drury 2013, Electric Motors and
Drives, ch. 3). Winding and housing are two bodies in a row, R_wh and R_ha to the room (maxon 2021,
Key information on DC and EC motors, thermal behaviour); copper's resistance grows when it is warm.
All functions take floats or arrays.
"""

from __future__ import annotations

from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Value = TypeVar("Value", float, Array)

COPPER: Final = 0.00393  # [1/K], as in thermal.hpp
CATALOGUE: Final = 25.0  # [deg C], at which sheets state resistances and ratings


def stall_torque(torque_constant: Value, voltage: Value, resistance: Value) -> Value:
    """The torque k U / R [N m]."""
    return torque_constant * voltage / resistance


def no_load_speed(back_emf: Value, voltage: Value, resistance: Value, current: Value) -> Value:
    """(U - R i0) / k [rad/s], at a no-load current i0 [A]."""
    return (voltage - resistance * current) / back_emf


def time_constant(resistance: Value, inertia: Value, torque_constant: Value) -> Value:
    """R J / k^2 [s]: how long a motor on its own takes to 63 % of its speed."""
    return resistance * inertia / torque_constant**2


def hot_resistance(resistance: Value, temperature: Value) -> Value:
    """[ohm], of copper at a temperature [deg C]."""
    return resistance * (1.0 + COPPER * (temperature - CATALOGUE))


def continuous_current(
    resistance: Value,
    winding_housing: Value,
    housing_ambient: Value,
    winding_max: Value,
    voltage: Value,
    no_load_current: Value,
    ambient: float = CATALOGUE,
) -> Value:
    """The current [A] that brings the winding to its limit, for good, at a supply voltage.

    Copper's heat goes through both resistances, that of friction and brushes through the outer one:

        T_max - T_a = i^2 R(T_max) (R_wh + R_ha) + k i_0 w R_ha,   k w = U - R i

    so friction costs less the slower the load makes the motor; it is a quadratic in i.

    Args:
        resistance: [ohm], at 25 deg C.
        winding_housing: [K/W].
        housing_ambient: [K/W].
        winding_max: [deg C].
        voltage: [V]; 0: it holds still, where friction makes no heat.
        no_load_current: [A].
        ambient: [deg C].
    """
    square = hot_resistance(resistance, winding_max) * (winding_housing + housing_ambient)
    linear = -no_load_current * resistance * housing_ambient * (voltage > 0.0)
    rise = winding_max - ambient - no_load_current * voltage * housing_ambient
    return (_root(linear**2 + 4.0 * square * rise) - linear) / (2.0 * square)


def short_current(resistance: Value, capacity: Value, rise: Value, time: float) -> Value:
    """The current [A] that warms a winding by so many kelvins in a time [s], no heat leaving it.

    Args:
        resistance: [ohm], hot.
        capacity: [J/K], of the winding.
        rise: [K].
        time: [s].
    """
    return _root(capacity * rise / (resistance * time))


def winding_temperature(
    square_current: Array, resistance: float, way: float, ambient: float = CATALOGUE
) -> Array:
    """Where a winding settles [deg C]: infinite where more heat comes the hotter it is than leaves.

    Args:
        square_current: Mean of i^2 [A^2].
        resistance: [ohm], at 25 deg C.
        way: To the room [K/W].
        ambient: [deg C].
    """
    cold = np.asarray(square_current * hot_resistance(resistance, ambient) * way)
    grown = COPPER * square_current * resistance * way
    with np.errstate(divide="ignore"):
        return np.where(grown < 1.0, ambient + cold / np.maximum(1.0 - grown, 0.0), np.inf)


def reflected_inertia(rotor: Value, ratio: Value, gear: Value) -> Value:
    """N^2 (J_rotor + J_gear) [kg m2] at the output; a gear's inertia is stated at its input."""
    return ratio**2 * (rotor + gear)


def inertia_at_heat(time_constant: Value, torque: Value, heat: Value) -> Value:
    """J_ref = tau_mech T^2 / P [kg m2], of an ideal gear's output that holds T for P watts.

    From P = R (T / (N k))^2 and J_ref = N^2 J: the ratio drops out, so at equal heat only a motor
    with a shorter time constant is easier to drive back (Wensing et al. 2017, TRO 33(3), where it
    is a figure of merit of the gap's radius).
    """
    return time_constant * torque**2 / heat


def backdriving_efficiency(efficiency: Value) -> Value:
    """2 - 1 / eta of a gear whose loss grows with what it delivers; below 0.5 it locks itself.

    Driving, T_out = eta T_in: the loss is (1 / eta - 1) T_out. Driven back, the same part of the
    output's torque is lost before it reaches the motor.
    """
    return 2.0 - 1.0 / efficiency


def _root(value: Value) -> Value:
    root: Value = value**0.5
    return root
