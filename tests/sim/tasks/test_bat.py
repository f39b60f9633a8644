"""The bat: its inertia, the forces of its swing, and a trial."""

import mujoco
import numpy as np
import pytest

from handloop.sim.bench.contestant import Contestant, Entry
from handloop.sim.bench.task import Options
from handloop.sim.bench.trial import CLOSED, Trial
from handloop.sim.tasks.bat import BLOWS, FASTER, SWING, BatTask, swing
from handloop.sim.tasks.bat_scene import (
    CENTER,
    MASS,
    PIVOT,
    SWING_WEIGHT,
    central_inertia,
    inertial_forces,
)
from handloop.sim.tasks.handle import LOADED, HandleScene


@pytest.fixture(scope="module")
def task() -> BatTask:
    return BatTask()


@pytest.fixture(scope="module")
def contestant() -> Contestant:
    return Contestant.load(Entry("hand27_right"))


@pytest.fixture(scope="module")
def scene(task: BatTask, contestant: Contestant) -> HandleScene:
    return task.scene(contestant, Trial(CLOSED, SWING, 0))


def test_the_model_has_the_moment_of_inertia_that_is_stated(scene: HandleScene) -> None:
    model = scene.model
    bat, knob = model.body("handle"), model.geom("knob")
    end = float(knob.pos[2] - knob.size[1])
    lever = float(bat.ipos[2]) - end - PIVOT
    assert float(bat.mass[0]) == pytest.approx(MASS)
    assert float(bat.inertia[0]) + MASS * lever**2 == pytest.approx(SWING_WEIGHT, rel=1e-6)


def test_the_knob_is_just_below_the_hand(scene: HandleScene) -> None:
    model = scene.model
    data = mujoco.MjData(model)
    data.qpos[scene.bound.qpos] = scene.grip.wrap.touching
    mujoco.mj_kinematics(model, data)
    knob, line = model.geom("knob").id, np.empty(6)
    around = [g for g in range(model.ngeom) if (model.geom(g).name or "").startswith("hand/")]
    solid = [g for g in around if model.geom_contype[g]]
    gap = min(mujoco.mj_geomDistance(model, data, g, knob, 0.1, line) for g in solid)
    assert -1e-4 < gap < 1e-3


def test_a_swing_pulls_along_the_bat_and_speeding_up_pushes_across(scene: HandleScene) -> None:
    bat = scene.model.body("handle").id
    steady = inertial_forces(scene, np.array([30.0]), np.array([0.0]))
    pull = MASS * 30.0**2 * CENTER
    assert steady[bat][0] == pytest.approx([0.0, 0.0, pull, 0.0, 0.0, 0.0], abs=1e-6 * pull)
    faster = inertial_forces(scene, np.array([0.0]), np.array([5.0]))[bat][0]
    assert faster[0] == pytest.approx(-MASS * CENTER * 5.0)
    assert faster[4] == pytest.approx(-central_inertia() * 5.0)
    # Every part of the hand is swung, too: as much in all as a point in its centre of mass.
    mass = sum(float(scene.model.body_mass[body]) for body in steady)
    assert mass > MASS + 0.4


def test_the_rate_of_a_swing_is_the_integral_of_its_change() -> None:
    time = np.arange(LOADED, LOADED + 3.0, 1e-3)
    rate, faster = swing(time, top=8.0)
    assert rate == pytest.approx(np.cumsum(faster) * 1e-3, abs=0.01)
    assert rate.max() == pytest.approx(8.0)
    assert faster.max() == pytest.approx(FASTER)


def test_the_bat_is_held_through_a_swing_by_its_knob(task: BatTask, contestant: Contestant) -> None:
    trial = Trial(CLOSED, SWING, 1)
    result = task.run(contestant, [trial])[0]
    assert result.success
    assert result.metrics["pull_n"] > 500.0
    shares = [v for name, v in result.metrics.items() if name.startswith("share_")]
    assert sum(shares) == pytest.approx(1.0)
    assert task.run(contestant, [trial])[0] == result


def test_only_the_swing_is_the_headline(task: BatTask) -> None:
    trials = list(task.trials(Options(range(20))))
    closed = [t for t in trials if t.condition == CLOSED]
    assert sum(t.case.headline for t in closed) == 20
    assert sum(t.case == BLOWS for t in closed) == 2
