"""How sure the parameters are.

Errors of neighbouring samples are alike, because what is missing in a model lasts longer than a
sample; so N samples say as much as N over their correlation time do (Ljung 1999, System
Identification, ch. 9). Beside the intervals from the slopes at the optimum stands a bootstrap over
whole logs (Efron and Tibshirani 1993, ch. 8), which asks how another choice of logs would have come
out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .objective import Objective
from .parameters import PARAMETERS
from .rig_fit import SOFT, STEP
from .search import polish

Array = NDArray[np.float64]

_TWO_SIDED: Final = 1.96  # standard deviations of a normal distribution on either side of 95 %
_ORDER: Final = 10.0
_EDGE: Final = 1e-3  # of the way from bound to bound
_POLISH: Final = 8  # evaluations of the Jacobian for one resampling


@dataclass(frozen=True)
class Interval:
    """A parameter and where it lies with 95 %."""

    name: str
    unit: str
    value: float
    low: float
    high: float
    bootstrap: tuple[float, float] | None = None
    """The middle 90 % of fits to resampled logs."""
    at_bound: str = ""
    """`zero`, `lower` or `upper`, where the search was stopped or nearly so; its interval says
    nothing then."""

    @property
    def known(self) -> bool:
        """Whether the logs say more of it than an order of magnitude."""
        return not self.at_bound and (self.low <= 0.0 or self.high < _ORDER * self.low)


@dataclass(frozen=True, eq=False)
class Confidence:
    """Intervals of all parameters, and how they hang together.

    Attributes:
        intervals: In the order of the space.
        correlation: Of their logarithms, shape (parameters, parameters); 0 for those at a bound.
    """

    intervals: tuple[Interval, ...]
    correlation: Array

    def correlation_of(self, one: str, other: str) -> float | None:
        """Between two parameters; None: one of them was given, not fitted."""
        names = [interval.name for interval in self.intervals]
        if not {one, other} <= set(names):
            return None
        return float(self.correlation[names.index(one), names.index(other)])


def confidence(objective: Objective, point: Array) -> Confidence:
    """From the slopes of the errors at an optimum."""
    free = (point > _EDGE) & (point < 1.0 - _EDGE)
    errors = objective.errors(point[None], STEP)[0]
    weights = 1.0 / np.sqrt(1.0 + (errors / SOFT) ** 2)  # of the soft loss
    slopes = objective.jacobian(point, STEP)[:, free] * np.sqrt(weights)[:, None]
    variance = np.sum(weights * errors**2) / max(len(errors) - int(free.sum()), 1)
    information = slopes.T @ slopes / _correlation_time(objective, errors)
    covariance = np.zeros((len(point), len(point)))
    covariance[np.ix_(free, free)] = variance * np.linalg.pinv(information, hermitian=True)
    deviations = np.sqrt(np.diag(covariance))
    scale = np.where(deviations > 0.0, deviations, 1.0)
    intervals = tuple(
        _interval(name, u, s)
        for name, u, s in zip(objective.space.names, point, deviations, strict=True)
    )
    return Confidence(intervals, covariance / np.outer(scale, scale))


def _interval(name: str, place: float, deviation: float) -> Interval:
    parameter = PARAMETERS[name]
    value = parameter.value(place)
    stopped = "lower" if place <= _EDGE else "upper" if place >= 1.0 - _EDGE else ""
    if stopped == "lower" and parameter.vanishes:
        stopped = "zero"
    low, high = parameter.around(value, _TWO_SIDED * deviation)
    return Interval(name, parameter.unit, value, low, high, at_bound=stopped)


def _correlation_time(objective: Objective, errors: Array) -> float:
    """[samples], over which errors are alike: twice the sum of their correlations up to zero."""
    times = []
    for part in objective.fit.split(errors[: sum(len(log.time) for log in objective.fit.logs)]):
        spectrum = np.fft.rfft(part, 2 * len(part))
        correlation = np.fft.irfft(np.abs(spectrum) ** 2)[: len(part)]
        if correlation[0] <= 0.0:
            continue
        falling = correlation / correlation[0]
        until = int(np.argmax(falling <= 0.0)) or len(falling)
        times.append(1.0 + 2.0 * float(np.sum(falling[1:until])))
    return float(np.mean(times)) if times else 1.0


def bootstrap(
    objective: Objective,
    point: Array,
    found: Confidence,
    resamplings: int,
    seed: int,
    tell: Callable[[int, int], None] | None = None,
) -> Confidence:
    """The same intervals, with those of fits to logs drawn anew with replacement."""
    rng = np.random.default_rng(seed)
    logs = objective.fit.logs
    ends = []
    for number in range(resamplings):
        drawn: Sequence[int] = rng.integers(0, len(logs), len(logs)).tolist()
        again = replace(objective, fit=replace(objective.fit, logs=[logs[i] for i in drawn]))
        ends.append(polish(again, point, _POLISH)[1])
        if tell:
            tell(number + 1, resamplings)
    low, high = np.percentile(np.array(ends), [5.0, 95.0], axis=0)
    intervals = [
        replace(i, bootstrap=(PARAMETERS[i.name].value(a), PARAMETERS[i.name].value(b)))
        for i, a, b in zip(found.intervals, low, high, strict=True)
    ]
    return replace(found, intervals=tuple(intervals))
