"""Load cycles are counted as ASTM says, and damage and wear add up."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handloop.sim.wear import (
    CREEP,
    CREEP_FROM,
    LoadSpectrum,
    backlash_growth,
    rainflow,
    tendon_strain,
    turning_points,
)

ASTM = [-2.0, 1.0, -3.0, 5.0, -1.0, 3.0, -4.0, 4.0, -2.0]
"""The history of ASTM E1049-85, figure 6."""


def _by_range(points: list[float]) -> dict[float, float]:
    counts: dict[float, float] = {}
    for span, _, count in rainflow(turning_points(np.array(points))):
        counts[float(span)] = counts.get(float(span), 0.0) + float(count)
    return counts


def test_astm_example() -> None:
    assert _by_range(ASTM) == {3.0: 0.5, 4.0: 1.5, 6.0: 0.5, 8.0: 1.0, 9.0: 0.5}


def test_astm_means() -> None:
    cycles = [tuple(row) for row in rainflow(turning_points(np.array(ASTM))).tolist()]
    assert (4.0, 1.0, 1.0) in cycles  # the whole one, from -1 to 3
    assert (9.0, 0.5, 0.5) in cycles  # the largest, from 5 to -4


@given(st.lists(st.integers(-50, 50), min_size=2, max_size=60))
def test_every_turn_is_counted_once(values: list[int]) -> None:
    points = turning_points(np.array(values, dtype=float))
    cycles = rainflow(points)
    # A whole cycle uses up two of the ways between turning points, a half one uses up one.
    assert 2.0 * cycles[:, 2].sum() == pytest.approx(len(points) - 1)
    assert cycles[:, 0].max(initial=0.0) == (np.ptp(points) if len(points) > 1 else 0.0)


def test_ripple_is_no_cycle() -> None:
    time = np.linspace(0.0, 1.0, 1001)
    load = np.sin(2.0 * np.pi * 3.0 * time) + 0.01 * np.sin(2.0 * np.pi * 200.0 * time)
    assert len(turning_points(load)) > 100
    assert len(turning_points(load, 0.05)) == 8  # six peaks and valleys, and both ends


def test_equivalent_range_of_equal_cycles_is_theirs() -> None:
    load = np.tile([0.0, 2.0], 50)
    spectrum = LoadSpectrum.count(np.append(load, 0.0), grasps=50.0)
    assert spectrum.count_per_grasp == 1.0
    for exponent in (3.0, 6.0):
        assert spectrum.equivalent_range(exponent) == pytest.approx(2.0)


def test_equivalent_range_adds_damage_by_miners_rule() -> None:
    # Eight cycles of 1 and one of 2 do the damage of sixteen of 1 at an exponent of 3.
    load = np.tile([0.0, 1.0] * 8 + [0.0, 2.0], 20)
    spectrum = LoadSpectrum.count(np.append(load, 0.0), grasps=20.0)
    assert spectrum.equivalent_range(3.0) == pytest.approx(16.0 ** (1.0 / 3.0), rel=0.01)
    assert spectrum.table(3)["cycles"] == pytest.approx([0.0, 8.0, 1.0])
    assert json.loads(json.dumps(spectrum.table()))["range"][-1] == 2.0


def test_work_counts_both_ways() -> None:
    speed = np.array([1.0, 1.0, -1.0, -1.0])
    spectrum = LoadSpectrum.count(np.full(4, 3.0), 1.0, speed, period=0.5)
    assert spectrum.work == pytest.approx(6.0)


def test_wear_follows_its_laws() -> None:
    assert backlash_growth(2000.0) == pytest.approx(2.0 * backlash_growth(1000.0))
    assert tendon_strain(40.0, 40.0, 9.0 * CREEP_FROM) == pytest.approx(CREEP)  # one decade
    assert tendon_strain(20.0, 40.0, 99.0 * CREEP_FROM) == pytest.approx(CREEP)  # half, two
