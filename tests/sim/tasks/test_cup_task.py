"""The cup as a task of the benchmark: its trials, its curves, and how its failures are named."""

import numpy as np
import pytest

from handloop import _core
from handloop.controller import Hand
from handloop.sim.bench.contestant import Contestant, Entry
from handloop.sim.bench.registry import task
from handloop.sim.bench.task import SEEDS, CannotTakePartError, Options
from handloop.sim.bench.trial import (
    CLOSED,
    HALF_STEP,
    ORACLE,
    POOL,
    RIGID,
    Case,
    Condition,
    Result,
    Trial,
)
from handloop.sim.episode_log import Log
from handloop.sim.tasks.cup import PERIOD, CupScene
from handloop.sim.tasks.cup_task import FRICTION, POUR_RATE, STRENGTH, CupTask, drawn, tell
from handloop.sim.tasks.cup_trial import POUR, CupTrial

FULL = Options(range(SEEDS))


@pytest.fixture(scope="module")
def contestant() -> Contestant:
    return Contestant.load(Entry("hand27_right"))


def run(contestant: Contestant, *trials: Trial) -> list[Result]:
    return task("cup").run(contestant, trials)


# -- what is run ---------------------------------------------------------------------------------


def test_the_pool_is_whole_and_nothing_is_run_twice() -> None:
    trials = list(CupTask().trials(FULL))
    assert len({(t.condition, t.case.name, t.seed) for t in trials}) == len(trials)
    pool = [t for t in trials if t.case.headline]
    assert {t.case for t in pool} == {POOL}
    for condition in (CLOSED, RIGID, *{t.condition for t in pool if t.condition.kind == "open"}):
        assert [t.seed for t in pool if t.condition == condition] == list(range(SEEDS))
    assert len([t for t in pool if t.condition == HALF_STEP]) == SEEDS // 2


def test_only_who_asks_for_the_oracle_gets_it() -> None:
    assert not any(t.condition == ORACLE for t in CupTask().trials(FULL))
    told = CupTask().trials(Options(range(SEEDS), oracle=True))
    assert sum(t.condition == ORACLE for t in told) == SEEDS


def test_every_curve_compares_closed_and_open_on_the_same_cups() -> None:
    trials = [t for t in CupTask().trials(FULL) if not t.case.headline]
    for curve in (POUR_RATE, FRICTION, STRENGTH):
        points = {t.case.value for t in trials if t.case.curve == curve}
        assert len(points) == 6
        for condition in {t.condition for t in trials}:
            mine = [t for t in trials if t.case.curve == curve and t.condition == condition]
            assert len(mine) == 20 * len(points)
    assert {t.condition.kind for t in trials} == {"closed", "open"}


def test_a_point_of_a_curve_fixes_one_thing_and_leaves_the_rest() -> None:
    cup = CupTrial.draw(3)
    for curve, field, value, wanted in (
        (FRICTION, "friction", 0.25, 0.25),
        (STRENGTH, "strength", 1.1, 1.1),
        (POUR_RATE, "pour_time", 0.9, 0.5),
    ):
        changed = drawn(Trial(CLOSED, Case("point", curve, value, headline=False), 3))
        assert getattr(changed, field) == pytest.approx(wanted)
        others = {"seed", "friction", "strength", "mass_scale", "pour_time"} - {field}
        assert all(getattr(changed, name) == getattr(cup, name) for name in others)
    assert drawn(Trial(CLOSED, POOL, 3)) == cup


@pytest.mark.parametrize("rate", [0.1, 5.0])
def test_a_cup_fills_at_the_rate_of_its_curve(rate: float) -> None:
    cup = drawn(Trial(CLOSED, Case("point", POUR_RATE, rate), 4))
    begin, end = cup.pour
    middle = np.array([0.75 * begin + 0.25 * end, 0.25 * begin + 0.75 * end])
    poured = float(np.diff(cup.mass(middle))[0] / np.diff(middle)[0])
    assert poured == pytest.approx(rate * cup.mass_scale[1])
    assert cup.mass(np.array([end]))[0] == pytest.approx(sum(cup.masses()[:2]))


# -- how it ends ---------------------------------------------------------------------------------


def test_a_hand_that_feels_holds_it_the_same_way_every_time(contestant: Contestant) -> None:
    trial = Trial(CLOSED, POOL, 1)
    (result,) = run(contestant, trial)
    assert result.outcome == "held"
    assert 0.0 < result.metrics["slip_less_creep_mm"] < result.metrics["slip_mm"] < 3.0
    assert result.metrics["crush_ratio"] < 1.0
    assert result.metrics["reaction_ms"] < 15.0
    assert set(result.metrics) <= set(CupTask.metrics)
    assert CupTask().run(contestant, [trial]) == [result]


def test_a_hand_of_real_servos_grips_and_fills_it_without_crushing_it() -> None:
    """What then crushes most of them is the lump, see docs/actuators.md."""
    real = Contestant.load(Entry("hand27_right_real"))
    cups = CupTask()
    trial = Trial(CLOSED, POOL, 100)
    scene = cups.scene(real, trial)
    episode = cups.episode(scene, trial)
    _core.run_episodes([episode])
    log = Log(episode)
    assert log["time"][-1] > POUR[1]
    assert np.all(log["gripping"][-1])
    filled = log["time"] < POUR[1]
    assert log["friction"][-1] == pytest.approx(drawn(trial).friction, rel=0.1)
    assert scene.damage(drawn(trial), log)[filled].max() < 0.9


@pytest.mark.parametrize(
    ("case", "outcome"),
    [
        (Case("ice", FRICTION, 0.05), "slipped"),
        (Case("foil", STRENGTH, 0.05), "crushed"),
    ],
)
def test_what_nobody_could_hold_fails_by_its_name(
    case: Case, outcome: str, contestant: Contestant
) -> None:
    assert [r.outcome for r in run(contestant, Trial(CLOSED, case, 1))] == [outcome]


@pytest.mark.parametrize(("squeeze", "outcome"), [(2.0, "slipped"), (16.0, "crushed")])
def test_a_blind_squeeze_fails_either_way(
    squeeze: float, outcome: str, contestant: Contestant
) -> None:
    assert run(contestant, Trial(Condition("open", squeeze), POOL, 1))[0].outcome == outcome


def test_a_rigid_pinch_hardly_creeps(contestant: Contestant) -> None:
    (result,) = run(contestant, Trial(RIGID, POOL, 1))
    assert result.outcome == "held"
    assert 0.0 < result.metrics["creep_mm"] < 0.2
    assert task("cup").snapshot(contestant, Trial(RIGID, POOL, 1)) is None


@pytest.mark.slow
def test_half_the_time_step_tells_the_same(contestant: Contestant) -> None:
    whole, half = run(contestant, Trial(CLOSED, POOL, 2), Trial(HALF_STEP, POOL, 2))
    assert half.outcome == whole.outcome
    assert half.metrics["slip_mm"] == pytest.approx(whole.metrics["slip_mm"], abs=0.2)
    assert half.metrics["slip_mm"] != whole.metrics["slip_mm"]
    cups = CupTask()
    steps = [
        cups.scene(contestant, Trial(c, POOL, 0)).model.opt.timestep for c in (CLOSED, HALF_STEP)
    ]
    assert steps[1] == 0.5 * steps[0]
    assert cups.physics(contestant)["timestep_s"] == steps[0]


def test_the_oracle_asks_for_its_margin_before_any_slip(contestant: Contestant) -> None:
    cup = CupTrial.draw(1)
    grip = contestant.hand.controller_config(PERIOD).grip
    margin = grip.margin
    tell(grip, cup)
    assert grip.friction_initial * (1.0 - grip.margin) == pytest.approx(
        cup.friction * (1.0 - margin)
    )
    assert cup.least_force() < grip.force_max < cup.strength * cup.least_force()
    closed, told = run(contestant, Trial(CLOSED, POOL, 1), Trial(ORACLE, POOL, 1))
    assert told.outcome == "held"
    assert told.metrics["slip_mm"] < closed.metrics["slip_mm"]


def test_a_hand_that_cannot_reach_around_it_takes_no_part(
    contestant: Contestant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_small(hand: Hand) -> CupScene:
        raise ValueError("thumb and fingers do not reach")

    monkeypatch.setattr(CupScene, "build", too_small)
    with pytest.raises(CannotTakePartError, match="do not reach"):
        CupTask().run(contestant, [Trial(CLOSED, POOL, 0)])


@pytest.mark.slow
def test_what_creeps_does_not_depend_on_what_ran_before(contestant: Contestant) -> None:
    trials = [Trial(HALF_STEP, POOL, 1), Trial(CLOSED, POOL, 1)]
    assert CupTask().run(contestant, trials)[1] == CupTask().run(contestant, trials[1:])[0]
