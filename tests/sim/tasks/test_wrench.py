"""The wrench."""

import pytest

from handloop.sim.bench.contestant import Contestant, Entry
from handloop.sim.bench.task import Options
from handloop.sim.bench.trial import CLOSED, RIGID, Case, Trial
from handloop.sim.tasks.wrench import RUNGS, WrenchTask


@pytest.fixture(scope="module")
def task() -> WrenchTask:
    return WrenchTask()


@pytest.fixture(scope="module")
def contestant() -> Contestant:
    return Contestant.load(Entry("hand27_right"))


def test_a_hundred_seeds_are_a_hundred_trials_of_nine_loads(task: WrenchTask) -> None:
    closed = [t for t in task.trials(Options(range(100))) if t.condition == CLOSED]
    assert len(closed) == 100
    assert sorted(t.seed for t in closed) == list(range(100))
    assert len({t.case for t in closed}) == 9


@pytest.mark.slow
def test_the_hand_bears_a_moment_and_says_what_ended_it(
    task: WrenchTask, contestant: Contestant
) -> None:
    trial = Trial(CLOSED, Case("force +y"), 4)
    result = task.run(contestant, [trial])[0]
    assert 2.0 < result.metrics["moment_nm"] < RUNGS.worth[-1]
    assert result.success == (result.metrics["moment_nm"] >= task.gate)
    assert task.run(contestant, [trial])[0] == result


def test_a_wrist_that_gives_way_is_named(task: WrenchTask, contestant: Contestant) -> None:
    result = task.run(contestant, [Trial(RIGID, Case("torque x"), 0)])[0]
    assert result.note == "forearm_rotation gave way"
    # Its motor has 8 N m, less what the hand and the wrench weigh.
    assert 6.0 < result.metrics["moment_nm"] < 8.0
    assert result.metrics["slip_mm"] < 0.01
