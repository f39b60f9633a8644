"""Motors from geometry: closed forms, laws of scale, heat in balance."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from handloop.sim.actuators.design.gap_field import gap_field
from handloop.sim.actuators.design.heat import film, surface_resistance
from handloop.sim.actuators.design.materials import (
    COPPER_RESISTIVITY,
    COPPER_RISE,
    M270_35A,
    MagnetGrade,
)
from handloop.sim.actuators.design.motor import CATALOGUE, WINDING_MAX, Motor, proportioned
from handloop.sim.actuators.design.motor_shape import TEETH


def motor(
    scale: float = 1.0, slotted: float | NDArray[np.float64] = 0.0, pairs: float = 1.0
) -> Motor:
    sizes = (0.02 * scale, 0.04 * scale, pairs, slotted)
    return Motor(proportioned(*(np.array(size) for size in sizes)))


def test_a_solid_diametral_magnet_makes_the_field_of_a_dipole_and_its_image() -> None:
    bore, magnet, radius = 5e-3, 3e-3, np.linspace(3e-3, 5e-3, 5)
    field = gap_field(radius, bore, magnet, 1e-9, np.array(1.0), MagnetGrade(1.2, 1.0))
    assert field == pytest.approx(0.6 * magnet**2 * (1.0 / radius**2 + 1.0 / bore**2))


@pytest.mark.parametrize("pairs", [2.0, 3.0, 7.0])
def test_a_thin_gap_at_a_large_radius_is_the_magnetic_circuit(pairs: float) -> None:
    grade, large = MagnetGrade(1.2, 1.05), 1.0
    magnet, gap = 2e-3, 1e-3
    field = gap_field(large, large + gap, large, large - magnet, np.array(pairs), grade)
    circuit = 4.0 / np.pi * grade.remanence * magnet / (magnet + grade.permeability * gap)
    assert field == pytest.approx(circuit, rel=5e-3)


@pytest.mark.parametrize("pairs", [1.0, 2.0, 4.0])
def test_the_field_s_flux_is_the_same_at_every_radius_but_for_what_turns_back(pairs: float) -> None:
    """r B grows inwards as B_r = f'(r) of a potential that solves Laplace's equation."""
    r, h = 4e-3, 1e-6
    grade = MagnetGrade(1.2)

    def field(at: float) -> float:
        return float(gap_field(np.array(at), 5e-3, 3e-3, 1.5e-3, np.array(pairs), grade))

    # f'' + f'/r = p^2 f / r^2 with B = f': so (r (r B)')' = p^2 B.
    inner = ((r - h) * field(r - h), r * field(r), (r + h) * field(r + h))
    slope_left = (r - h / 2) * (inner[1] - inner[0]) / h
    slope_right = (r + h / 2) * (inner[2] - inner[1]) / h
    assert (slope_right - slope_left) / h == pytest.approx(pairs**2 * field(r), rel=1e-3)


def test_laws_of_scale() -> None:
    small, large = motor(), motor(2.0)
    assert large.motor_constant / small.motor_constant == pytest.approx(2.0**2.5)
    assert large.mass / small.mass == pytest.approx(2.0**3)
    assert large.inertia / small.inertia == pytest.approx(2.0**5)
    time = [m.inertia / m.motor_constant**2 for m in (small, large)]
    assert time[1] == pytest.approx(time[0])


def test_a_surface_of_four_times_the_size_cools_as_much_better_as_its_film_lets_it() -> None:
    small = surface_resistance(np.array(0.02), np.array(0.04)) * film(np.array(0.02))
    large = surface_resistance(np.array(0.04), np.array(0.08)) * film(np.array(0.04))
    assert large / small == pytest.approx(0.25)
    assert 8.0 < film(np.array(0.02)) < 20.0  # [W/(m2 K)], textbooks: 5 to 10, and radiation


def test_the_motor_constant_is_torque_over_root_heat_of_the_currents() -> None:
    m, density = motor(), 5e6  # [A/m2], root mean square
    s = m.shape
    torque = s.winding_factor * m.field / np.sqrt(2.0) * s.arm * density * m.copper_area * s.active
    heat = COPPER_RESISTIVITY * density**2 * m.copper_area * s.active * (1.0 + s.end_turn)
    assert torque / np.sqrt(heat) == pytest.approx(m.motor_constant)


@pytest.mark.parametrize("slotted", [0.0, 1.0])
def test_a_proportioned_yoke_just_carries_its_field(slotted: float) -> None:
    m = motor(slotted=slotted, pairs=2.0)
    assert m.yoke_field == pytest.approx(M270_35A.knee, rel=1e-2)


def test_a_yoke_that_is_full_lets_no_more_through() -> None:
    full = motor().shape
    half = type(full)(
        full.diameter, full.length, full.pole_pairs, full.winding, 0.5 * full.yoke, full.slotted
    )
    thin = Motor(half)
    assert thin.yoke_field > M270_35A.knee
    carried = thin.field / thin._field_at(half.arm) * thin.yoke_field
    assert carried == pytest.approx(M270_35A.knee)


@pytest.mark.parametrize("speed", [0.0, 1000.0])
def test_at_continuous_torque_the_winding_is_at_its_limit(speed: float) -> None:
    m = motor()
    torque = m.continuous_torque(np.array(speed)) + m.coulomb + m.viscous * speed
    hot = 1.0 + COPPER_RISE * (WINDING_MAX - 20.0)
    copper = (torque / m.motor_constant) ** 2 * hot
    rise = copper * (m.heat.winding + m.heat.housing) + m.no_load_loss(speed) * m.heat.housing
    assert rise == pytest.approx(WINDING_MAX - CATALOGUE)


@pytest.mark.parametrize("time", [0.3, 2.0, 20.0])
def test_a_peak_heats_the_winding_by_half_its_rise(time: float) -> None:
    m, path = motor(), motor().heat
    hot = 1.0 + COPPER_RISE * (WINDING_MAX - 20.0)
    power = float(m.peak_torque(time) / m.motor_constant) ** 2 * hot
    capacity, resistance = float(path.winding_capacity), float(path.winding)
    rise, steps = 0.0, 20_000
    for _ in range(steps):
        rise += (power - rise / resistance) / capacity * time / steps
    assert rise == pytest.approx(0.5 * (WINDING_MAX - CATALOGUE), rel=1e-3)


def star_of_slots(slots: int, pairs: int) -> float:
    """Winding factor of teeth wound one by one: of their pitch, times how their phases add up."""
    angle = 360.0 * pairs * np.arange(slots) / slots
    for_, against = (((angle + shift + 25.0) % 360.0) < 60.0 for shift in (0.0, 180.0))
    phasors = (for_ * 1.0 - against) * np.exp(1j * np.radians(angle))
    assert 3 * (for_ | against).sum() == slots  # a third of the teeth are a phase's
    return float(3.0 * abs(phasors.sum()) / slots * np.sin(np.pi * pairs / slots))


@pytest.mark.parametrize("pairs", range(1, len(TEETH) + 1))
def test_the_winding_factor_of_teeth_is_that_of_their_star(pairs: int) -> None:
    slots, factor = TEETH[pairs - 1]
    assert factor == pytest.approx(star_of_slots(slots, pairs), abs=5e-4)
    factors = motor(slotted=np.array([1.0, 0.0]), pairs=float(pairs)).shape.winding_factor
    assert factors[0] == factor != factors[1]


def test_a_longer_peak_is_a_smaller_one() -> None:
    assert motor().peak_torque(1.0) > motor().peak_torque(10.0) > motor().continuous_torque(0.0)


def test_what_leaves_no_room_does_not_fit() -> None:
    flat = proportioned(*(np.array(size) for size in (0.02, 0.009, 1.0, 0.0)))
    assert not flat.fits
    assert motor().shape.fits
