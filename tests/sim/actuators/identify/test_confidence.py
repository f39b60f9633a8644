"""Intervals where statistics say in closed form how wide they have to be."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from handloop.controller.servo_log import ArmLoad, ServoLog
from handloop.sim.actuators.identify.confidence import Confidence, bootstrap, confidence
from handloop.sim.actuators.identify.objective import Objective
from handloop.sim.actuators.identify.parameters import Space
from handloop.sim.actuators.identify.rig_fit import SEARCH_STEP, RigFit

Array = np.ndarray
NOISE = 1e-4  # [rad], far below where the loss gets soft
SAMPLES = 2000
LOGS = 8


@dataclass(frozen=True, eq=False)
class Averaging(Objective):
    """Its one parameter is the mean of the positions: their noise says how sure that is."""

    seen: float = 1.0
    """How much of the parameter shows in the positions."""

    def errors(self, points: Array, step: float = SEARCH_STEP) -> Array:
        measured = np.concatenate([log.position for log in self.fit.logs])
        values = [self.space.values(point)[self.space.names[0]] for point in points]
        mean = measured.mean()
        return self.seen * (np.array(values)[:, None] - mean) - (measured - mean)


def averaging(name: str, value: float, noises: list[Array]) -> tuple[Averaging, Array]:
    """An objective over one parameter, and its optimum."""
    logs = []
    for number, noise in enumerate(noises):
        time = 0.005 * np.arange(len(noise))
        no = np.zeros_like(time)
        load, log = ArmLoad(0.1, 0.1), f"log {number}"
        columns = (time, no, value + noise, no, no)
        logs.append(ServoLog(log, "XL330-M288", "1", "none", load, 5.0, True, *columns))
    space = Space((name,), {})
    mean = value + float(np.mean(noises))
    return Averaging(RigFit(logs), space), space.point({name: mean})


def white() -> list[Array]:
    return list(np.random.default_rng(3).normal(0.0, NOISE, (LOGS, SAMPLES)))


def half_width(found: Confidence) -> float:
    (interval,) = found.intervals
    return 0.5 * (interval.high - interval.low)


@pytest.mark.parametrize("name", ["zero", "backlash"])
def test_white_noise_widens_as_the_root_of_the_samples_narrows(name: str) -> None:
    found = confidence(*averaging(name, 0.03, white()))
    right = 1.96 * NOISE / np.sqrt(LOGS * SAMPLES)
    assert half_width(found) == pytest.approx(right, rel=0.05)
    (interval,) = found.intervals
    assert interval.low < 0.03 < interval.high
    assert interval.known


def test_a_mean_of_what_is_alike_for_long_is_known_less() -> None:
    """Of autoregressive noise: (1 + a) / (1 - a) samples say as much as one (Ljung 1999)."""
    alike, noises = 0.8, white()
    for noise in noises:
        for k in range(1, SAMPLES):
            noise[k] += alike * noise[k - 1]
    objective, point = averaging("zero", 0.03, noises)
    spread = NOISE / np.sqrt(1.0 - alike**2)
    right = 1.96 * spread * np.sqrt((1.0 + alike) / (1.0 - alike) / (LOGS * SAMPLES))
    assert half_width(confidence(objective, point)) == pytest.approx(right, rel=0.1)


def test_what_hardly_shows_in_the_logs_is_not_known() -> None:
    objective, point = averaging("backlash", 0.03, white()[:1])
    known = []
    for seen in (1e-2, 1e-4):
        (interval,) = confidence(replace(objective, seen=seen), point).intervals
        assert interval.value == pytest.approx(0.03, rel=0.01)
        known.append(interval.known)
    assert known == [True, False]


def test_a_bootstrap_spreads_as_the_means_of_the_logs_do() -> None:
    means = np.random.default_rng(5).normal(0.0, 5.0 * NOISE, LOGS)
    short = [mean + noise[:100] for mean, noise in zip(means, white(), strict=True)]
    objective, point = averaging("zero", 0.03, short)
    sure, told = confidence(objective, point), []
    found = bootstrap(objective, point, sure, 60, 1, lambda n, of: told.append((n, of)))
    (interval,) = found.intervals
    assert interval.bootstrap
    low, high = interval.bootstrap
    actual = np.array([log.position.mean() for log in objective.fit.logs])
    right = 1.645 * actual.std() / np.sqrt(LOGS)  # 5 % and 95 % of a normal distribution
    assert 0.5 * (high - low) == pytest.approx(right, rel=0.2)
    assert 0.5 * (high + low) == pytest.approx(actual.mean(), abs=0.3 * right)
    assert told == [(n + 1, 60) for n in range(60)]
    assert (interval.low, interval.high) == (sure.intervals[0].low, sure.intervals[0].high)
    again = bootstrap(objective, point, sure, 60, 1).intervals[0].bootstrap
    assert again == (low, high), "the seed decides"
