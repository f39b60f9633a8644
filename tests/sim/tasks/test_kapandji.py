"""Kapandji's test: places on any hand, and thumbs that get there for the right reason."""

import dataclasses
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from handloop import _core
from handloop.controller import Hand
from handloop.sim.bench.contestant import Contestant, Entry
from handloop.sim.bench.task import CannotTakePartError, Kept, Options
from handloop.sim.bench.trial import CLOSED, HALF_STEP, POOL, Trial
from handloop.sim.scene import PREFIX, hand_on_carriage
from handloop.sim.tasks.digits import Digits
from handloop.sim.tasks.kapandji import KapandjiTask, score
from handloop.sim.tasks.kapandji_scene import DEPTH, GAP, KapandjiScene, Stage
from handloop.sim.tasks.kapandji_targets import _derived, targets

GOOD = Stage(gap=0.001, depth=0.0, force=1.0)


@pytest.fixture(autouse=True)
def log_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # MuJoCo puts its log where it is run


@cache
def digits(name: str) -> Digits:
    hand = Hand.load(name)
    return Digits(hand.bind(hand_on_carriage(hand).compile(), PREFIX))


def test_places_derived_from_chains_are_near_those_that_the_model_names() -> None:
    hand = digits("hand27_right")
    for stage, named in enumerate(targets(hand), 1):
        derived = _derived(hand, stage)
        assert named is not None and derived is not None
        (a, out), (b, along) = named.in_world(hand.data), derived.in_world(hand.data)
        assert np.linalg.norm(a - b) < 0.016, stage
        assert out @ along > 0.7, stage


def test_a_hand_of_four_digits_lacks_the_places_of_the_fifth() -> None:
    places = targets(digits("leap_right"))
    assert [place is None for place in places] == [False] * 5 + [True] * 5


@pytest.mark.parametrize("name", ["shadow_right", "adroit_right"])
def test_places_are_found_on_skin_that_is_a_mesh(
    name: str, load_hand: Callable[[str], Hand]
) -> None:
    load_hand(name)
    assert all(place is not None for place in targets(digits(name)))


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({"gap": 1.01 * GAP}, "missed"),
        ({"depth": 1.01 * DEPTH}, "missed"),
        ({"force": 0.0}, "missed"),
        ({"stopped": True}, "limit"),
        ({"diverged": True}, "diverged"),
    ],
)
def test_later_stages_count_only_after_all_earlier_ones(
    change: dict[str, float | bool], outcome: str
) -> None:
    found = [GOOD] * 10
    assert score(found).outcome == "held" and score(found).metrics["kapandji"] == 10.0
    found[6] = dataclasses.replace(GOOD, **change)
    result = score(found)
    assert result.outcome == outcome and result.metrics["kapandji"] == 6.0
    assert result.metrics["stages"] == 9.0 and "stage 7" in result.note


def test_what_a_hand_lacks_ends_its_score() -> None:
    result = score([GOOD] * 5 + [None] * 5)
    assert result.metrics["kapandji"] == 5.0 and "out of this hand's reach" in result.note


@cache
def scene() -> KapandjiScene:
    return KapandjiScene.build(Hand.load("hand27_right"))


def test_who_stays_where_it_is_touches_nothing() -> None:
    episode = scene().episode(6, seed=0)
    start = scene().start(6, seed=0)
    episode.controller.set_trajectory([0.0, 1.0], [start, start])
    _core.run_episodes([episode], 1)
    found = scene().judge(6, episode)
    assert not found.reached and found.gap > 0.03 and found.force == 0.0


@pytest.mark.slow
def test_every_hand_of_27_joints_scores_ten_again_and_again() -> None:
    contestant, task = Contestant.load(Entry("hand27_right")), KapandjiTask()
    task._scenes.get(contestant.entry, scene)
    trials = [Trial(CLOSED, POOL, 0), Trial(CLOSED, POOL, 0), Trial(CLOSED, POOL, 1)]
    one, again, other = task.run(contestant, [*trials])
    assert one == again and one != other
    assert one.metrics["kapandji"] == other.metrics["kapandji"] == 10.0
    (half,) = task.run(contestant, [Trial(HALF_STEP, POOL, 0)])
    assert half.metrics["kapandji"] == 10.0


def test_seeds_are_trials() -> None:
    trials = list(KapandjiTask().trials(Options(range(100))))
    assert sum(t.condition == CLOSED for t in trials) == 100
    assert len(list(KapandjiTask().trials(Options(range(100), quick=True)))) == 3


def test_taken_in_steps_it_is_the_stage_that_the_seed_chooses() -> None:
    contestant, task = Contestant.load(Entry("hand27_right")), KapandjiTask()
    task._scenes.get(contestant.entry, scene)
    trial = Trial(CLOSED, POOL, 13)
    _, episode = task.prepared(contestant, trial)
    _core.run_episodes([episode], 1)
    stage = scene().judge(4, episode)
    alone = task.judge(scene(), trial, episode)
    assert stage.reached and alone.success
    assert alone.metrics == {"stages": 1.0, "gap_mm": 1e3 * stage.gap, "touch_n": stage.force}
    _, still = task.prepared(contestant, trial)
    still.controller.set_trajectory([0.0, 1.0], [scene().rest, scene().rest])
    _core.run_episodes([still], 1)
    assert task.judge(scene(), trial, still).outcome == "missed"
    with pytest.raises(CannotTakePartError, match="reaches none of the places"):
        lame = dataclasses.replace(scene(), ways=[None] * 10)
        task._scenes = Kept()
        task._scenes.get(contestant.entry, lambda: lame)
        task.prepared(contestant, trial)
