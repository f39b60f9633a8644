"""A cup whose wall dents for good: limit force, what stays, and how a hand does with it."""

import mujoco
import numpy as np
import pytest
from numpy.typing import NDArray

from handloop import _core
from handloop.sim.bench.contestant import Contestant, Entry
from handloop.sim.bench.registry import task
from handloop.sim.bench.trial import CLOSED, HALF_STEP, POOL, RIGID, Case, Condition, Result, Trial
from handloop.sim.episode_log import Log
from handloop.sim.tasks.cup import SINK
from handloop.sim.tasks.cup_flex import CupFlexTask
from handloop.sim.tasks.cup_flex_object import (
    SEAM_YIELD,
    YIELD,
    add_flex_cup,
    dents,
    set_strength,
    stave_names,
    stiffness,
    yielded,
)
from handloop.sim.tasks.cup_object import RADIUS
from handloop.sim.tasks.cup_task import FRICTION, STRENGTH

LIMIT = 9.0  # [N]
PAD = 0.008  # [m]


def press(force: float) -> tuple[NDArray[np.float64], mujoco.MjData]:
    """Two pads press from both sides, slowly, and let go: how far each stave was in, the end."""
    spec = mujoco.MjSpec()
    spec.option.gravity = [0.0, 0.0, 0.0]
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    spec.option.jacobian = mujoco.mjtJacobian.mjJAC_DENSE
    spec.option.timestep = 0.001
    add_flex_cup(spec, np.zeros(3), 0.015, azimuth=0.0)
    for side in (-1.0, 1.0):
        pad = spec.worldbody.add_body(pos=[side * (RADIUS + PAD), 0.0, 0.0])
        pad.add_joint(
            name=f"pad{side}",
            type=mujoco.mjtJoint.mjJNT_SLIDE,
            axis=[-side, 0, 0],
            damping=[4.0, 0.0, 0.0],
        )
        pad.add_geom(type=mujoco.mjtGeom.mjGEOM_SPHERE, size=[PAD, 0, 0], mass=0.02)
        spec.add_actuator(target=f"pad{side}", trntype=mujoco.mjtTrn.mjTRN_JOINT).set_to_motor()
    model = spec.compile()
    set_strength(model, LIMIT)
    data = mujoco.MjData(model)
    way = []
    for time in np.arange(0.0, 1.4, model.opt.timestep):
        data.ctrl[:] = np.interp(time, [0.0, 0.7, 0.9, 1.0], [0.0, force, force, -0.5])
        mujoco.mj_step(model, data)
        way.append([data.joint(name).qpos[0] for name in stave_names()])
    return np.array(way), data


# -- the wall ------------------------------------------------------------------------------------


def test_what_presses_less_than_the_limit_leaves_no_trace() -> None:
    way, _ = press(0.96 * LIMIT)
    assert 0.0017 < way.max() < YIELD
    assert np.abs(dents(way)).max() < 2e-6
    assert np.abs(way[-1]).max() < 2e-5


def test_what_presses_more_dents_it_for_good() -> None:
    way, data = press(1.05 * LIMIT)
    dent = dents(way)[-1]
    assert dent[0] > 0.002
    assert dent[0] == pytest.approx(dent[3], rel=0.01)  # from both sides
    assert 0.0 < dent[1] < 0.5 * dent[0]  # a neighbour is pulled along
    # The pads are gone and the wall has come to rest: what is left is what was foretold.
    np.testing.assert_allclose(way[-1], dent, atol=2e-5)
    # And the simulator's own account of what yielded is the same.
    np.testing.assert_allclose(data.plastic[: len(dent)], yielded(way, YIELD)[-1], atol=1e-5)


def test_the_limit_is_that_of_a_stave_and_both_its_seams() -> None:
    spring, seam = stiffness(LIMIT)
    assert spring * YIELD + 2.0 * seam * SEAM_YIELD == pytest.approx(LIMIT)
    assert np.divide(stiffness(2.0 * LIMIT), stiffness(LIMIT)) == pytest.approx([2.0, 2.0])


def test_a_spring_yields_both_ways() -> None:
    way = np.array([[0.0], [0.5], [3.0], [2.5], [0.0], [-1.0]])
    np.testing.assert_allclose(yielded(way, 1.0)[:, 0], [0.0, 0.0, 2.0, 2.0, 1.0, 0.0])


# -- why it is no flex ---------------------------------------------------------------------------


def test_a_hand_would_not_feel_a_shell_of_triangles() -> None:
    """Should this fail, a newer MuJoCo can do it, and the wall may become a flex."""
    model = mujoco.MjModel.from_xml_string("""
    <mujoco>
      <option gravity="0 0 0" integrator="discrete" jacobian="dense"/>
      <asset><mesh name="taxels" builtin="wedge" params="5 5 55 55 0" scale=".0093 .0093 .0093"/>
      </asset>
      <worldbody>
        <flexcomp name="wall" type="grid" dim="2" count="3 3 1" spacing=".02 .02 .02" radius=".001"
                  mass=".02">
          <contact selfcollide="none"/>
          <elasticity young="1e7" poisson=".3" thickness=".001" elastic2d="both" damping=".005"/>
          <pin id="0 1 2 3 5 6 7 8"/>
        </flexcomp>
        <body pos="0 0 .009">
          <joint name="slide" type="slide" axis="0 0 -1" damping="2"/>
          <geom name="pad" type="sphere" size=".008" mass=".02"/>
          <geom name="skin" type="mesh" mesh="taxels" contype="0" conaffinity="0" mass="0"/>
        </body>
      </worldbody>
      <actuator><motor joint="slide"/></actuator>
      <sensor>
        <contact name="one" geom1="pad" data="found force" reduce="maxforce"/>
        <contact name="all" geom1="pad" data="found force" reduce="netforce"/>
        <tactile name="taxels" geom="skin" mesh="taxels"/>
      </sensor>
    </mujoco>""")
    data = mujoco.MjData(model)
    data.ctrl[0] = 0.3
    mujoco.mj_step(model, data, 400)
    net = float(np.linalg.norm(data.sensor("all").data[1:4]))
    assert net == pytest.approx(0.3, rel=0.05)
    assert data.sensor("one").data[1] < 0.7 * net  # one of the triangles
    assert not data.sensor("taxels").data.any()  # no slip to feel


# -- in the hand ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def contestant() -> Contestant:
    return Contestant.load(Entry("hand27_right"))


def run(contestant: Contestant, *trials: Trial) -> list[Result]:
    return task("cup-flex").run(contestant, trials)


@pytest.mark.slow
def test_a_hand_that_feels_holds_it_and_leaves_no_dent(contestant: Contestant) -> None:
    trial = Trial(CLOSED, POOL, 1)
    (result,) = run(contestant, trial)
    assert result.outcome == "held"
    assert result.metrics["dent_mm"] < 0.1
    assert set(result.metrics) <= set(CupFlexTask.metrics)
    assert CupFlexTask().run(contestant, [trial]) == [result]


def test_every_pad_touches_one_stave(contestant: Contestant) -> None:
    # A contact sensor reports one contact: were there two, a hand would feel half the force.
    scene, episode = CupFlexTask().prepared(contestant, Trial(CLOSED, POOL, 3))
    _core.run_episodes([episode], 1)
    log = Log(episode)
    hanging = log["time"] > SINK[1]
    for name in scene.contact_sensors:
        assert (log[name][hanging, 0] == 1.0).mean() > 0.99


@pytest.mark.parametrize(
    ("condition", "case", "outcome"),
    [
        (CLOSED, Case("ice", FRICTION, 0.05), "slipped"),
        (CLOSED, Case("foil", STRENGTH, 0.3), "crushed"),
        (Condition("open", 2.0), POOL, "slipped"),
        (Condition("open", 16.0), POOL, "crushed"),
    ],
)
def test_failures_have_their_names(
    condition: Condition, case: Case, outcome: str, contestant: Contestant
) -> None:
    (result,) = run(contestant, Trial(condition, case, 1))
    assert result.outcome == outcome
    assert (result.metrics["dent_mm"] > 1.0) == (outcome == "crushed")


@pytest.mark.slow
def test_half_the_time_step_tells_the_same(contestant: Contestant) -> None:
    whole, half = run(contestant, Trial(CLOSED, POOL, 0), Trial(HALF_STEP, POOL, 0))
    assert half.outcome == whole.outcome
    assert half.metrics["slip_mm"] == pytest.approx(whole.metrics["slip_mm"], abs=0.2)


def test_a_rigid_pinch_hardly_creeps(contestant: Contestant) -> None:
    (result,) = run(contestant, Trial(RIGID, POOL, 1))
    assert result.outcome == "held"
    assert 0.0 < result.metrics["creep_mm"] < 0.2
