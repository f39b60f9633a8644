"""The cup: what is drawn, and the least force that holds it."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handloop.sim.tasks import cup_trial
from handloop.sim.tasks.cup_trial import CupTrial

STEADY = math.hypot(cup_trial.GRAVITY, cup_trial.SHAKE)


def test_trials_fill_their_ranges() -> None:
    trials = [CupTrial.draw(seed) for seed in range(200)]
    assert len(set(trials)) == 200
    assert trials[7] == CupTrial.draw(7)
    scales = np.array([trial.mass_scale for trial in trials])
    drawn = {
        (0.4, 0.9): np.array([trial.friction for trial in trials]),
        (1.4, 2.0): np.array([trial.strength for trial in trials]),
    } | {(0.9, 1.1, i): scales[:, i] for i in range(3)}
    for (low, high, *_), values in drawn.items():
        assert low <= values.min() < low + 0.05 * (high - low)
        assert high - 0.05 * (high - low) < values.max() <= high
        assert values.mean() == pytest.approx((low + high) / 2, abs=0.1 * (high - low))


def test_no_single_squeeze_suits_all_cups() -> None:
    trials = [CupTrial.draw(seed) for seed in range(20)]
    least = [trial.least_force() for trial in trials]
    crush = [trial.strength * force for trial, force in zip(trials, least, strict=True)]
    assert max(least) > 1.2 * min(crush)


def test_mass_follows_the_script() -> None:
    trial = CupTrial(0, 0.5, 1.5, (1.0, 1.0, 1.0))
    time = np.array([0.0, cup_trial.POUR[0], 4.0, cup_trial.POUR[1], 6.999, 7.0, 10.0])
    np.testing.assert_allclose(trial.mass(time), [0.05, 0.05, 0.275, 0.5, 0.5, 0.6, 0.6])


# -- the least force -----------------------------------------------------------------------------


@pytest.fixture
def forget() -> object:
    cup_trial.least_friction_force.cache_clear()
    yield
    cup_trial.least_friction_force.cache_clear()


@settings(max_examples=20, deadline=None)
@given(st.floats(0.045, 0.055), st.floats(0.40, 0.50))
def test_without_a_landing_it_is_the_steady_load(empty: float, filling: float) -> None:
    force = cup_trial.least_friction_force(empty, filling, 0.0)
    assert force == pytest.approx((empty + filling) * STEADY, rel=1e-9)


@pytest.mark.parametrize("lump", [0.09, 0.1, 0.11, 0.2])
def test_an_instant_landing_costs_its_energy(
    lump: float, monkeypatch: pytest.MonkeyPatch, forget: object
) -> None:
    # Momentum p, all at once: m v = p, and friction less gravity has to take m v^2 / 2 over 3 mm.
    monkeypatch.setattr(cup_trial, "LANDING", 1e-3)
    mass = 0.5 + lump
    momentum = lump * math.sqrt(2.0 * cup_trial.GRAVITY * cup_trial.FALL)
    force = mass * cup_trial.GRAVITY + momentum**2 / (2.0 * mass * cup_trial.DROPPED)
    assert cup_trial.least_friction_force(0.05, 0.45, lump) == pytest.approx(force, rel=0.02)
    monkeypatch.setattr(cup_trial, "LANDING", 0.04)
    cup_trial.least_friction_force.cache_clear()
    slowly = cup_trial.least_friction_force(0.05, 0.45, lump)
    assert slowly < force


def test_a_landing_passes_on_the_momentum_of_the_fall() -> None:
    time = np.linspace(cup_trial.DROP_IN - 0.1, cup_trial.DROP_IN + 0.1, 20001)
    force = cup_trial.landing_force(0.1, time)
    assert np.trapezoid(force, time) == pytest.approx(0.1 * math.sqrt(2 * 9.81 * 0.02), rel=1e-5)
    assert force.min() >= -1e-12
    outside = (time < cup_trial.DROP_IN) | (time > cup_trial.DROP_IN + cup_trial.LANDING)
    assert np.abs(force[outside]).max() < 1e-9


@pytest.mark.parametrize("seed", range(20))
def test_less_than_the_least_force_drops_it(seed: int) -> None:
    # Once more, step by step, for the drawn masses: just enough holds, a little less does not.
    trial = CupTrial.draw(seed)
    least = cup_trial.least_friction_force(*trial.masses())
    mass = sum(trial.masses())
    assert least >= mass * STEADY
    slip = []
    for friction in (1.002 * least, 0.97 * least):
        speed = way = 0.0
        for load in mass * 9.81 + cup_trial.landing_force(
            trial.masses()[2], cup_trial.DROP_IN + np.arange(0.0, 0.4, 1e-4)
        ):
            speed = max(speed + 1e-4 * (load - friction) / mass, 0.0)
            way += 1e-4 * speed
        slip.append(way)
    assert slip[0] <= cup_trial.DROPPED
    if least > mass * STEADY * (1.0 + 1e-9):
        assert slip[1] > cup_trial.DROPPED
