"""Ten thousand grasps: what gets warm and wears, what that does, and how it can end."""

import dataclasses
import json
from functools import cache

import numpy as np
import pytest

from handloop import _core
from handloop.controller import Hand
from handloop.sim.bench.contestant import Contestant, Entry
from handloop.sim.bench.task import Options
from handloop.sim.bench.trial import CLOSED, POOL, Trial
from handloop.sim.episode_log import Log
from handloop.sim.motor_heat import Heat
from handloop.sim.tasks import endurance
from handloop.sim.tasks.endurance import EnduranceTask
from handloop.sim.tasks.endurance_age import SQUEEZE, Age, GraspDraw
from handloop.sim.tasks.endurance_life import judged, live
from handloop.sim.tasks.endurance_run import grasp_often
from handloop.sim.tasks.endurance_scene import CYCLE, HELD, RUN, EnduranceScene

FIRST = GraspDraw.of(0)


@cache
def _scene(name: str) -> EnduranceScene:
    return EnduranceScene.build(Hand.load(name))


def _hotter(scene: EnduranceScene, times: float) -> EnduranceScene:
    """The same hand with housings that give away less heat."""
    hand = scene.hand
    kinds = {}
    for name, kind in hand.description.motors.kinds.items():
        resistance = times * kind.thermal.housing_resistance
        thermal = kind.thermal.model_copy(update={"housing_resistance": resistance})
        kinds[name] = kind.model_copy(update={"thermal": thermal})
    motors = hand.description.motors.model_copy(update={"kinds": kinds})
    grasp = dataclasses.replace(scene.grasp, hand=hand.changed(motors=motors))
    return dataclasses.replace(scene, grasp=grasp)


def test_every_grasp_is_like_the_last_one() -> None:
    grasps = grasp_often(_scene("hand27_right"), FIRST, Age.new(Hand.load("hand27_right")), 1)
    assert grasps.kept and len(grasps.force) == RUN
    assert grasps.force == pytest.approx(SQUEEZE, rel=0.1)
    assert np.ptp(grasps.force) < 0.5  # [N]
    log = Log(grasps.last)
    touching = log["gripping"].any(axis=1)
    for begin in CYCLE * np.arange(RUN):
        held, opened = (round((begin + t) * 1000) for t in (HELD[1] - 0.05, CYCLE - 0.05))
        assert touching[held] and not touching[opened]


def test_ideal_hand_knows_no_heat_and_no_wear() -> None:
    scene = _scene("hand27_right")
    life = live(scene, FIRST, 1)
    result = judged(scene, life)
    assert life.old is None and result.success
    assert not {"winding_c", "force_old_n", "backlash_deg"} & set(result.metrics)
    assert result.metrics["load_range_nm.thumb_cmc_flexion"] > 0.1


@pytest.mark.slow
def test_servos_get_warm_and_gears_loose() -> None:
    scene = _scene("hand27_right_servo")
    result = judged(scene, live(scene, FIRST, 1))
    assert result.success
    assert 30.0 < result.metrics["winding_c"] < 100.0
    assert result.metrics["winding_c"] > result.metrics["housing_c"] > 25.0
    assert result.metrics["backlash_deg"] > 0.25
    each = [result.metrics[f"winding_c.{name}"] for name in scene.hand.joint_names]
    assert max(each) == result.metrics["winding_c"]
    assert {name.partition(".")[0] for name in result.metrics} <= set(EnduranceTask.metrics)


def test_hand_that_cannot_get_rid_of_its_heat_ends_thermal() -> None:
    scene = _hotter(_scene("hand27_right_servo"), 20.0)
    life = live(scene, FIRST, 1)
    assert life.outcome == "thermal" and life.derated > 0
    assert all(heat.winding <= limit for heat, limit in zip(life.heat, life.limit, strict=True))


def test_current_is_taken_from_hot_motors() -> None:
    # Hot enough that hardly any current is left: limits count, not what the law wants.
    scene = _scene("hand27_right_servo")
    motors = scene.config(Age.new(scene.hand)).motors.motors
    hot = tuple(Heat(m.thermal.winding_max, m.thermal.winding_max - 0.5) for m in motors)
    age = dataclasses.replace(Age.new(scene.hand), heat=hot)
    hot_run, cold_run = (grasp_often(scene, FIRST, a, 1) for a in (age, Age.new(scene.hand)))
    assert hot_run.square.max() < 0.3 * cold_run.square.max()
    assert not hot_run.kept or hot_run.force.mean() < 0.8 * cold_run.force.mean()


def test_play_of_gears_moves_what_is_held() -> None:
    scene = _scene("hand27_right_servo")
    new = grasp_often(scene, FIRST, Age.new(scene.hand), 1)
    offset = np.radians(2.0) * np.sign(new.lean)
    loose = dataclasses.replace(Age.new(scene.hand), offset=offset)
    moved = grasp_often(scene, FIRST, loose, 1).place.mean(axis=0) - new.place.mean(axis=0)
    assert np.linalg.norm(moved) > 3e-4  # [m]


def test_nothing_holds_what_is_too_smooth() -> None:
    scene = _scene("hand27_right")
    smooth = dataclasses.replace(FIRST, friction=0.05)
    assert live(scene, smooth, 1).outcome == "slipped"


@pytest.mark.slow
def test_trials_and_the_same_to_the_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endurance, "_RUNS", 1)
    task, contestant = EnduranceTask(), Contestant.load(Entry("hand27_right"))
    full = list(task.trials(Options(range(100))))
    assert sum(t.condition == CLOSED and t.case == POOL for t in full) == 100
    quick = list(task.trials(Options(range(8), quick=True)))
    assert task.run(contestant, quick) == task.run(contestant, quick[::-1])[::-1]
    spectra = json.loads(json.dumps(task.spectra(contestant, Trial(CLOSED, POOL, 0))))
    assert set(spectra) == set(contestant.hand.joint_names)


def test_taken_in_steps_it_is_the_first_run_of_the_new_hand() -> None:
    task, contestant = EnduranceTask(), Contestant.load(Entry("hand27_right"))
    trial = Trial(CLOSED, POOL, 0)
    scene, episode = task.prepared(contestant, trial)
    _core.run_episodes([episode], 1)
    first = grasp_often(_scene("hand27_right"), FIRST, Age.new(contestant.hand), 1)
    assert episode.log.tobytes() == first.last.log.tobytes()
    alone = task.judge(scene, trial, episode)
    assert alone.success and alone.metrics["force_new_n"] == first.force.mean()
    smooth = dataclasses.replace(FIRST, friction=0.02)
    dropped = scene.episode(smooth, Age.new(contestant.hand), 0)
    _core.run_episodes([dropped], 1)
    assert task.judge(scene, trial, dropped).outcome == "slipped"
