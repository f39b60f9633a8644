"""The screwdriver."""

import numpy as np
import pytest

from handloop.sim.bench.contestant import Contestant, Entry
from handloop.sim.bench.task import Options
from handloop.sim.bench.trial import CLOSED, Trial
from handloop.sim.tasks.screwdriver import QUICK_RATE, RATE, ScrewdriverTask


def test_a_quick_run_says_that_its_ramp_is_faster() -> None:
    task = ScrewdriverTask()
    slow, quick = (task.cases(Options(range(1), quick=q)) for q in (False, True))
    assert all("N m/s" in case.name for case in quick)
    for case, rate in ((slow[0], RATE), (quick[0], QUICK_RATE)):
        ladder = task.ladder(Trial(CLOSED, case, 0))
        slope = np.diff(ladder.worth) / np.diff(ladder.rung)
        assert np.allclose(slope, rate)


@pytest.mark.slow
def test_a_driver_turns_in_the_hand_before_people_would_let_it() -> None:
    task, contestant = ScrewdriverTask(), Contestant.load(Entry("hand27_right"))
    case = task.cases(Options(range(1), quick=True))[3]
    assert case.name.startswith("40 mm, weightless")
    result = task.run(contestant, [Trial(CLOSED, case, 0)])[0]
    assert 0.8 < result.metrics["torque_nm"] < 5.0
    assert 1.0 < result.metrics["turn_deg"] <= 5.0
