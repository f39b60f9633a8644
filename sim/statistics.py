"""Rates of success and medians, and how they differ, each with the interval that says how well.

The score interval of one proportion is Wilson's (1927, J. Am. Stat. Assoc. 22, 209-212). Those of a
difference are Newcombe's, made of two of Wilson's: his methods 10 for independent proportions
(1998, Stat. Med. 17, 873-890) and for paired ones (1998, Stat. Med. 17, 2635-2650). That of a
median is a percentile bootstrap (Efron & Tibshirani 1993, An Introduction to the Bootstrap, 13.3).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Interval = tuple[float, float]
Array = NDArray[np.float64]

RESAMPLES: Final = 2000
_CELLS: Final = 1_000_000  # resampled at a time: 8 MB


def wilson(successes: int, n: int, confidence: float = 0.95) -> Interval:
    """Score interval of a proportion.

    Raises:
        ValueError: not 0 <= successes <= n, or n is 0.
    """
    if not 0 <= successes <= n or n == 0:
        raise ValueError(f"{successes} of {n} is no proportion")
    z = float(ndtri(0.5 + confidence / 2.0))
    p, shrink = successes / n, 1.0 + z * z / n
    middle = (p + z * z / (2 * n)) / shrink
    half = z / shrink * math.sqrt(p * (1.0 - p) / n + (z / (2 * n)) ** 2)
    return max(0.0, middle - half), min(1.0, middle + half)


def unpaired_difference(
    first: tuple[int, int], second: tuple[int, int], confidence: float = 0.95
) -> Interval:
    """Interval of the second proportion less the first, each successes of n, independent.

    Raises:
        ValueError: One is no proportion.
    """
    return _squared_and_added(first, second, 0.0, confidence)


def paired_difference(
    both: int, first: int, second: int, neither: int, confidence: float = 0.95
) -> Interval:
    """Interval of the second proportion less the first, over the same trials.

    Args:
        both: Trials that succeeded both times.
        first: Only the first time.
        second: Only the second time.
        neither: Not at all.
        confidence: Of the interval.

    Raises:
        ValueError: There are no trials, or fewer than none.
    """
    n = both + first + second + neither
    phi = _correlation(both, first, second, neither)
    return _squared_and_added((both + first, n), (both + second, n), phi, confidence)


def _correlation(both: int, first: int, second: int, neither: int) -> float:
    """Phi of the fourfold table, moved towards 0 where it is positive, as in method 10."""
    n = both + first + second + neither
    over: float = both * neither - first * second
    if over > 0:
        over = max(over - n / 2, 0.0)
    margins = (both + first) * (second + neither) * (both + second) * (first + neither)
    return over / math.sqrt(margins) if margins > 0 else 0.0


def _squared_and_added(
    first: tuple[int, int], second: tuple[int, int], phi: float, confidence: float
) -> Interval:
    (low1, high1), (low2, high2) = wilson(*first, confidence), wilson(*second, confidence)
    p1, p2 = first[0] / first[1], second[0] / second[1]
    down = _added(p2 - low2, high1 - p1, phi)
    up = _added(high2 - p2, p1 - low1, phi)
    return max(-1.0, p2 - p1 - down), min(1.0, p2 - p1 + up)


def _added(one: float, other: float, phi: float) -> float:
    return math.sqrt(max(0.0, one * one - 2.0 * phi * one * other + other * other))


def median_difference(
    first: Sequence[float], second: Sequence[float], paired: bool, confidence: float = 0.95
) -> Interval:
    """Bootstrap interval of the second median less the first, the same at every call.

    Args:
        first: Finite values.
        second: Finite values; if paired, of the same trials in the same order.
        paired: Whether trials are drawn, or values of each on their own.
        confidence: Of the interval.
    """
    rng = np.random.default_rng(0)
    one, other = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    differences = []
    chunk = max(1, _CELLS // max(len(one), len(other)))
    for begin in range(0, RESAMPLES, chunk):
        rows = min(chunk, RESAMPLES - begin)
        draw = rng.integers(len(one), size=(rows, len(one)))
        again = draw if paired else rng.integers(len(other), size=(rows, len(other)))
        differences.append(np.median(other[again], axis=1) - np.median(one[draw], axis=1))
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(np.concatenate(differences), (tail, 1.0 - tail))
    return float(low), float(high)
