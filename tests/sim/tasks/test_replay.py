"""Replayed grasps as a task: what is run, and that it is the same however it is run."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from handloop import _core
from handloop.controller import Hand
from handloop.sim.bench.contestant import Contestant, Entry
from handloop.sim.bench.task import Options
from handloop.sim.bench.trial import CLOSED, Case, Condition, Trial
from handloop.sim.replay.dexgraspbench import SHADOW_JOINTS
from handloop.sim.replay.grasp_set import Grasp, GraspSet, GraspSetError, write_grasp_set
from handloop.sim.replay.objects import EVERYDAY
from handloop.sim.replay.synthesis import Synthesiser
from handloop.sim.tasks.replay import QUICK, ReplayTask

PUBLISHED = Case("published")
BALL, MUG = 2, 3  # numbers of grasps
OPEN = Condition("open", 3.3)


@pytest.fixture(scope="module")
def contestant() -> Contestant:
    return Contestant.load(Entry("hand27_right"))


@pytest.fixture(scope="module")
def task() -> ReplayTask:
    return ReplayTask()


def test_every_grasp_is_judged_by_both_gates(task: ReplayTask) -> None:
    trials = list(task.trials(Options(range(100))))
    closed = [t for t in trials if t.condition == CLOSED]
    assert len(closed) == 2 * 200 and {t.case.name for t in closed} == {"published", "strict"}
    assert len([t for t in trials if t.condition.kind == "open"]) == 4 * len(closed)
    assert len([t for t in trials if t.condition.kind == "half_step"]) == len(closed) / 4
    assert all(t.case.headline == (t.case.name == "published") for t in trials)
    quick = list(task.trials(Options(range(100), quick=True)))
    assert len({t.seed for t in quick}) == QUICK and len(quick) == 4 * QUICK


@pytest.mark.slow
def test_results_hang_on_the_trial_alone(task: ReplayTask, contestant: Contestant) -> None:
    trials = [Trial(c, PUBLISHED, BALL) for c in (CLOSED, OPEN)]
    found = task.run(contestant, trials)
    assert ReplayTask().run(contestant, trials[::-1])[::-1] == found
    assert all(r.metrics.keys() == ReplayTask.metrics.keys() for r in found)
    assert found[0].success and found[1].success
    # The closed loop presses harder, because it does not know what will come.
    assert found[0].metrics["force_n"] > 2.0 * found[1].metrics["force_n"]
    snapshot = task.snapshot(contestant, trials[1])
    assert snapshot and len(snapshot.qpos) == snapshot.model.nq


def test_what_is_squeezed_harder_is_held_harder(task: ReplayTask, contestant: Contestant) -> None:
    trials = [Trial(Condition("open", n), PUBLISHED, MUG) for n in (3.3, 16.7)]
    light, firm = task.run(contestant, trials)
    assert firm.metrics["force_n"] > 3.0 * light.metrics["force_n"]
    assert firm.metrics["shift_mm"] < light.metrics["shift_mm"]


def test_a_set_of_ones_own_is_replayed(
    task: ReplayTask, contestant: Contestant, tmp_path: Path
) -> None:
    maker = Synthesiser(contestant.hand)
    thing = maker.objects[BALL]
    own = GraspSet({thing.name: thing}, [maker.grasp(BALL)], contestant.hand.joint_names)
    write_grasp_set(tmp_path, own)
    trials = list(task.trials(Options(range(1), grasps=tmp_path)))
    assert {t.seed for t in trials} == {0} and all(str(tmp_path) in t.case.name for t in trials)
    opened = next(t for t in trials if t.condition == Condition("open"))
    made = task.run(contestant, [Trial(OPEN, PUBLISHED, BALL)])[0]
    read = task.run(contestant, [opened])[0]
    assert read.outcome == made.outcome
    assert read.metrics["force_n"] == pytest.approx(made.metrics["force_n"], rel=0.2)
    with pytest.raises(GraspSetError, match="neither"):
        list(task.trials(Options(range(1), grasps=tmp_path / "objects")))


@pytest.mark.skipif(not find_spec("robopianist"), reason="pip install --no-deps robopianist")
def test_a_hand_without_motors_is_held_by_servos_only(task: ReplayTask, tmp_path: Path) -> None:
    equipped = Hand.load("shadow_right")
    text = equipped.description
    joints = text.joints.model_copy(update={"actuators": None})
    skinless = {"contact": None, "tactile": None}
    fingers = tuple(finger.model_copy(update=skinless) for finger in text.fingers)
    bare = equipped.changed(equip=None, joints=joints, fingers=fingers)
    shadow = Contestant(Entry("shadow_right"), bare)
    pose = np.array([0.0, 0.0, 0.3, 1.0, 0.0, 0.0, 0.0, *np.zeros(len(SHADOW_JOINTS))])
    grasp = Grasp("ball", 1.0, pose[:7] - [0.0, 0.0, 0.6, 0, 0, 0, 0], pose, pose, pose)
    own = GraspSet({"ball": EVERYDAY[BALL]}, [grasp], SHADOW_JOINTS, "rh_palm")
    write_grasp_set(tmp_path, own)
    case = Case(f"published {tmp_path}")
    opened, closed = task.run(shadow, [Trial(c, case, 0) for c in (Condition("open"), CLOSED)])
    assert opened.outcome == "missed" and opened.metrics and not opened.note
    assert closed.outcome == "missed" and "kinematics only" in closed.note


def test_the_options_are_told(task: ReplayTask, contestant: Contestant) -> None:
    said = task.physics(contestant)
    assert said["timestep_s"] == 0.004 and said["closed_loop_timestep_s"] == 0.001
    assert said["multiccd"] == "off" and said["noslip_iterations"] == 2


def test_taken_in_steps_it_is_the_push_that_the_seed_chooses(
    task: ReplayTask, contestant: Contestant
) -> None:
    trial = Trial(CLOSED, PUBLISHED, BALL)
    (whole,) = task.run(contestant, [trial])
    run, episode = task.prepared(contestant, trial)
    _core.run_episodes([episode], 1)
    alone = task.judge(run, trial, episode)
    assert whole.success and alone.success
    assert alone.metrics["pushes_held_of_6"] == 1.0
    assert alone.metrics["depth_mm"] == whole.metrics["depth_mm"]
    assert 0.0 < alone.metrics["shift_mm"] <= whole.metrics["shift_mm"]
    gone = run.episode(np.array([0.0, 100.0, 0.0]), 0)
    _core.run_episodes([gone], 1)
    assert task.judge(run, trial, gone).outcome == "slipped"
    run.severe = True
    assert task.judge(run, trial, episode).outcome == "missed"
