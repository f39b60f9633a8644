"""Rules for resolution, inertia and bandwidth, against the physics that they are made of."""

import numpy as np
import pytest

from handloop.sim.actuators.require import rules

CHAIN = np.array([[False, True, True]])
LEVER = np.array([[0.15, 0.08, 0.02]])


def test_one_count_uses_up_no_more_than_its_part_of_the_grip_force() -> None:
    grip = np.array([4.0])
    count = rules.resolution(LEVER, grip, CHAIN)
    force = rules.CONTACT_STIFFNESS * LEVER[0] * count
    assert force[1:] == pytest.approx(rules.FORCE_PART * 4.0)
    assert count[0] * 0.15 == pytest.approx(rules.PLACE), "a wrist moves the object along"


def test_free_fingers_are_placed_and_faint_touches_not_resolved_finer_than_felt() -> None:
    free = rules.resolution(LEVER, np.array([np.nan]), CHAIN)
    assert free * LEVER[0] == pytest.approx(np.full(3, rules.PLACE))
    faint = rules.resolution(LEVER, np.array([0.1]), CHAIN)
    assert rules.CONTACT_STIFFNESS * 0.08 * faint[1] == pytest.approx(rules.FORCE_FELT)


def test_rotors_as_heavy_as_allowed_press_as_hard_as_the_grip_on_impact() -> None:
    grip, rate, links = np.array([3.0]), np.array([[1.0, 2.0, 5.0]]), np.array([1e-3])
    inertia = rules.impact_inertia(grip, rate, links, CHAIN)
    energy = 1e-3 + 0.5 * np.sum(inertia[1:] * rate[0, 1:] ** 2)
    assert np.sqrt(2.0 * rules.CONTACT_STIFFNESS * energy) == pytest.approx(3.0)
    assert inertia[0] == np.inf, "not in the finger"


def test_links_that_press_too_hard_leave_nothing_for_rotors() -> None:
    inertia = rules.impact_inertia(
        np.array([1.0]), np.array([[0.0, 1.0, 0.0]]), np.array([1.0]), CHAIN
    )
    assert inertia.tolist() == [np.inf, 0.0, np.inf]


def test_rotor_takes_its_part_of_the_torque_at_the_fastest_acceleration() -> None:
    inertia = rules.own_inertia(np.array([2.0]), np.array([400.0]))
    assert inertia * 400.0 == pytest.approx(rules.OWN_PART * 2.0)


def test_loop_falls_by_three_decibels_at_its_bandwidth() -> None:
    stiffness, inertia = 4.0, 1e-3
    s = 2j * np.pi * rules.loop_bandwidth(np.array([stiffness]), np.array([inertia]))
    damping = 2.0 * rules.DAMPING * np.sqrt(stiffness * inertia)
    follows = stiffness / (inertia * s**2 + damping * s + stiffness)
    assert abs(follows[0]) == pytest.approx(np.sqrt(0.5))


def test_least_inertia_is_where_damping_meets_the_delay() -> None:
    inertia = rules.least_inertia(np.array([5.0]))
    damping = 2.0 * rules.DAMPING * np.sqrt(5.0 * inertia)
    assert damping / inertia == pytest.approx(1.0 / rules.DELAY)
