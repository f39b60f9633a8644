"""Intervals: against scipy, the figures of the papers, and what must hold of every one."""

from itertools import product

import numpy as np
import pytest
from scipy.stats import binomtest

from handloop.sim.statistics import (
    median_difference,
    paired_difference,
    unpaired_difference,
    wilson,
)


@pytest.mark.parametrize(("successes", "n"), [(0, 20), (7, 20), (18, 20), (20, 20), (1, 1)])
def test_wilson_interval_is_the_one_of_scipy(successes: int, n: int) -> None:
    known = binomtest(successes, n).proportion_ci(method="wilson")
    assert wilson(successes, n) == pytest.approx((known.low, known.high), abs=1e-12)


@pytest.mark.parametrize(("successes", "n"), [(0, 0), (3, 2), (-1, 2)])
def test_wilson_interval_refuses_what_is_no_proportion(successes: int, n: int) -> None:
    with pytest.raises(ValueError, match="no proportion"):
        wilson(successes, n)


# The first is an example of Newcombe's (1998, Stat. Med. 17, 2635); the others are worked in
# Fagerland, Lydersen & Laake 2017, Statistical Analysis of Contingency Tables, chapter 8.
@pytest.mark.parametrize(
    ("table", "known"),
    [
        ((36, 12, 2, 0), (0.0569, 0.3404)),
        ((1, 1, 7, 12), (-0.5069, -0.0256)),
        ((59, 6, 16, 80), (-0.1186, -0.0046)),
    ],
)
def test_paired_difference_is_the_published_one(
    table: tuple[int, int, int, int], known: tuple[float, float]
) -> None:
    both, first, second, neither = table  # the papers take the second from the first
    interval = paired_difference(both, second, first, neither)
    assert interval == pytest.approx(known, abs=5e-5)


# Newcombe 1998, Stat. Med. 17, 873, table II, method 10.
@pytest.mark.parametrize(
    ("first", "second", "known"),
    [
        ((56, 70), (48, 80), (0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.1705, 0.8090)),
        ((5, 56), (0, 29), (-0.0381, 0.1926)),
        ((0, 10), (0, 10), (-0.2775, 0.2775)),
    ],
)
def test_unpaired_difference_is_the_published_one(
    first: tuple[int, int], second: tuple[int, int], known: tuple[float, float]
) -> None:
    assert unpaired_difference(second, first) == pytest.approx(known, abs=5e-5)


def test_paired_difference_holds_the_difference_and_turns_round() -> None:
    for both, first, second, neither in product((0, 1, 5, 40), repeat=4):
        if n := both + first + second + neither:
            low, high = paired_difference(both, first, second, neither)
            assert -1.0 <= low <= (second - first) / n <= high <= 1.0
            assert paired_difference(both, second, first, neither) == pytest.approx((-high, -low))


def test_pairs_that_agree_tell_more_than_strangers() -> None:
    low, high = paired_difference(60, 2, 8, 30)
    far_low, far_high = unpaired_difference((62, 100), (68, 100))
    assert far_low < low < high < far_high


def test_median_difference_finds_a_shift_and_is_the_same_every_time() -> None:
    first = np.random.default_rng(1).normal(size=200)
    low, high = median_difference(first, first + 0.5, paired=True)
    assert (low, high) == pytest.approx((0.5, 0.5))
    low, high = median_difference(first, first + 0.5, paired=False)
    assert low < 0.5 < high
    assert median_difference(first, first + 0.5, paired=False) == (low, high)


def test_median_difference_is_as_wide_as_that_of_normal_samples() -> None:
    rng = np.random.default_rng(1)
    pairs = [rng.normal(size=(2, 100)) for _ in range(20)]
    widths = [np.ptp(median_difference(*pair, paired=False)) for pair in pairs]
    known = 2 * 1.96 * np.sqrt(2 * (np.pi / 2) / 100)  # a median's variance is pi/2 of a mean's
    assert np.mean(widths) == pytest.approx(known, rel=0.15)
