"""Fronts, counting out, and the search that is held against it."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from handloop.sim.actuators.design.brute_force import brute_force
from handloop.sim.actuators.design.fronts import front, hypervolume
from handloop.sim.actuators.design.joint_front import box, joint_front
from handloop.sim.actuators.design.kinds import UNMET, _located, pool_for, speed_classes
from handloop.sim.actuators.design.pareto import search
from handloop.sim.actuators.design.space import (
    OBJECTIVES,
    VARIABLES,
    WHOLE,
    Need,
    Space,
    default_space,
)
from handloop.sim.actuators.parts.motor_physics import inertia_at_heat, time_constant

NEED = Need(torque=0.3, torque_peak=1.0, stall=1.2, speed=2.0, no_load_speed=10.0)


@pytest.fixture(scope="module")
def grid() -> Space:
    return default_space(NEED).discrete(4)


@pytest.mark.parametrize("seed", range(3))
def test_a_front_is_what_nothing_dominates(seed: int) -> None:
    rows = np.random.default_rng(seed).integers(0, 6, (700, 3)).astype(float)
    distinct = np.unique(rows, axis=0)
    naive = {
        tuple(row)
        for row in distinct
        if not ((distinct <= row).all(axis=1) & (distinct < row).any(axis=1)).any()
    }
    kept = front(rows)
    assert {tuple(row) for row in rows[kept]} == naive
    assert len(kept) == len(naive)


def test_a_hypervolume_is_the_union_of_boxes() -> None:
    rows = np.array([[0.25, 0.5], [0.5, 0.25], [2.0, 0.0]])  # the last is outside
    assert hypervolume(rows, np.zeros(2), np.ones(2)) == pytest.approx(2 * 0.375 - 0.25)


@pytest.mark.parametrize("cords", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_the_search_finds_the_front_of_a_grid(cords: bool, seed: int) -> None:
    grid = default_space(replace(NEED, cords=cords)).discrete(4)
    counted = brute_force(grid)
    screws = counted.values[:, VARIABLES.index("stages")] == 0.0
    assert screws.any() == cords
    assert not screws.all()
    ideal, reference = box(counted)
    found = search(grid, seed, generations=60)
    known = hypervolume(counted.objectives, ideal, reference)
    part = hypervolume(found.objectives, ideal, reference) / known
    assert 0.99 <= part <= 1.0 + 1e-9, f"{part:.4f} of the hypervolume with seed {seed}"


def test_a_search_repeats_itself() -> None:
    space = default_space(NEED)
    first, second = (search(space, 3, population=40, generations=8) for _ in range(2))
    assert np.array_equal(first.values, second.values)


def test_designs_of_a_front_meet_the_need(grid: Space) -> None:
    found = brute_force(grid)
    drive = grid.build(found.values)
    assert found.objectives.shape == (len(found.values), len(OBJECTIVES))
    assert (drive.torque_continuous(NEED.speed) >= NEED.torque).all()
    assert (drive.torque_peak >= NEED.torque_peak).all()
    assert drive.fits.all()


def test_sluggishness_is_mechanical_time_over_heat(grid: Space) -> None:
    """`J = tau T^2 / P` at the output, gear losses taken off twice (the reference's identity)."""
    drive = grid.build(brute_force(grid).values)
    k = drive.back_emf / drive.gear.ratio
    winding = drive.resistance - drive.bridge.resistance
    time = time_constant(winding, drive.motor.inertia + drive.gear.inertia, k)
    torque = np.asarray(drive.torque_continuous())
    heat = (torque / drive.motor_constant) ** 2
    held = inertia_at_heat(time, torque, heat) / drive.gear.efficiency**2
    assert drive.sluggishness == pytest.approx(held / torque**2)


def test_whole_variables_stay_whole() -> None:
    space = default_space(NEED)
    values = space.decode(np.random.default_rng(0).random((200, 8)))
    for name in WHOLE:
        column = values[:, list(space.levels).index(name)]
        assert set(column) <= set(space.levels[name])


def test_an_impossible_need_is_said() -> None:
    space = default_space(Need(1e3, 1e3, 1e3, 1.0, 10.0))
    said = r"has 1e\+03 N m for good, .* 10 rad/s without load; ask for less"
    with pytest.raises(ValueError, match=said):
        search(space, population=20, generations=2)
    with pytest.raises(ValueError, match=said):
        joint_front(space, 0, 2, 2)


@pytest.mark.parametrize("seed", range(5))
def test_kinds_are_near_the_best_of_all_choices(seed: int) -> None:
    price = np.random.default_rng(seed).random((9, 14))
    chosen = _located(price, 3)
    best = min(price[:, list(c)].min(axis=1).sum() for c in combinations(range(14), 3))
    assert price[:, chosen].min(axis=1).sum() <= 1.05 * best


def test_only_joints_with_cords_take_screws() -> None:
    small = Need(0.1, 0.2, 0.2, 1.0, 5.0, cords=True)
    pool = pool_for([small], "mass", 1000, 1)
    screws = pool.values[:, VARIABLES.index("stages")] == 0.0
    assert (pool.price(small)[screws] < UNMET).any()
    bare = pool.price(replace(small, cords=False))
    assert (bare[screws] >= UNMET).all()
    assert bare[~screws] == pytest.approx(pool.price(small)[~screws])


def test_the_fastest_joint_has_its_speed() -> None:
    assert speed_classes([1.0, 2.0, 30.0]).max() == 30.0
