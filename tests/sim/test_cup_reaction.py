"""How long a hand takes to answer a slip, on forces whose answer is known."""

import numpy as np
import pytest
from numpy.typing import NDArray

from handloop.sim.tasks.cup_reaction import Reactions

PERIOD = 0.001
SLIP = 0.004  # [m/s]
ONSET = 50  # tick


def read(
    force: NDArray[np.float64], level: NDArray[np.float64] | None = None, slip: float = SLIP
) -> Reactions:
    speed = np.zeros(len(force))
    speed[ONSET : ONSET + 20] = slip
    return Reactions.read(speed, force, force if level is None else level, SLIP, PERIOD)


def rise(begin: int, ticks: int = 1000, to: float = 2.06) -> NDArray[np.float64]:
    force = np.full(300, 2.0)
    force[begin : begin + ticks] = to
    return force


@pytest.mark.parametrize("after", [1, 7, 99])
def test_the_time_runs_from_slip_to_the_risen_force(after: int) -> None:
    force = rise(ONSET + after)
    assert read(force).times == pytest.approx([PERIOD * after])


def test_a_force_that_rises_before_it_lasts_counts_from_where_it_lasts() -> None:
    force = np.maximum(rise(ONSET + 3, ticks=4), rise(ONSET + 20, ticks=5))
    assert read(force).times == pytest.approx([0.020])


def test_a_spike_is_no_answer_however_high_its_mean() -> None:
    found = read(rise(ONSET + 3, ticks=2, to=20.0))
    assert (found.times, found.unanswered, found.slips) == ((), 1, 1)


@pytest.mark.parametrize(
    "force", [rise(ONSET + 3, to=2.05), rise(ONSET + 101)], ids=["too little", "too late"]
)
def test_too_little_or_too_late_is_no_answer(force: NDArray[np.float64]) -> None:
    assert read(force).unanswered == 1


def test_a_force_that_nobody_asked_for_is_no_answer() -> None:
    assert read(rise(ONSET + 3), level=np.full(300, 2.0)).unanswered == 1


def test_slower_than_a_slip_is_none() -> None:
    assert read(rise(ONSET + 3), slip=0.99 * SLIP).slips == 0


def test_the_same_slip_counts_once() -> None:
    speed = np.zeros(300)
    speed[ONSET : ONSET + 90 : 2] = SLIP
    force = rise(ONSET + 3)
    assert Reactions.read(speed, force, force, SLIP, PERIOD).slips == 1


def test_a_run_that_ends_at_once_has_no_slips() -> None:
    nothing = np.zeros(0)
    assert Reactions.read(nothing, nothing, nothing, SLIP, PERIOD).slips == 0
