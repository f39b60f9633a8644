"""How hands move: nothing cuts into itself, open-close is quick, the thumb opposes everything."""

import mujoco
import numpy as np
import pytest

from handloop.sim.hands import HandSpec
from handloop.sim.hands.actuation import drive_of
from handloop.sim.hands.anatomy import FINGERS
from handloop.sim.hands.builder import joints_of
from handloop.sim.hands.measure import drive, position_controlled, reach_kapandji, smooth_path

DEPTH = 1e-3  # allowed self-penetration [m]
RIGHT_HANDS = [HandSpec("hand27", "right", "motor"), HandSpec("hand22", "right", "motor")]
VARIANTS = ["hand27", "hand22"]


@pytest.mark.parametrize("hand", RIGHT_HANDS, ids=VARIANTS)
def test_each_joint_alone_through_its_range(hand):
    model = position_controlled(hand)
    start = model.key("open").qpos
    paths = []
    for joint in range(model.nq):
        low, high = start.copy(), start.copy()
        low[joint], high[joint] = model.jnt_range[joint]
        there = smooth_path(start, low[None], 300)[0]
        across = smooth_path(low, high[None], 600)[0]
        paths.append(np.vstack([there, across]))
    driven = drive(model, start, np.array(paths))
    assert driven.penetration.max() < DEPTH, model.joint(int(driven.penetration.argmax())).name
    # A finger that swings into its neighbour meets a hand that holds still just as hard.
    assert np.degrees(driven.error.max()) < 15.0


@pytest.mark.parametrize("pose", ["open", "zero"])
@pytest.mark.parametrize("hand", RIGHT_HANDS, ids=VARIANTS)
def test_no_geometry_cuts_into_itself_along_a_single_joint(hand, pose, compiled):
    """Kinematically, for every joint that does not swing a finger into its straight neighbour."""
    model = compiled(hand.name)
    data = mujoco.MjData(model)
    start = model.key("open").qpos if pose == "open" else np.zeros(model.nq)
    for joint in range(model.njnt):
        name = model.joint(joint).name
        if name.endswith("mcp_abduction") and not name.startswith("thumb"):
            continue
        for angle in np.linspace(*model.jnt_range[joint], 25):
            data.qpos[:] = start
            data.qpos[joint] = angle
            mujoco.mj_fwdPosition(model, data)
            assert all(contact.dist > -DEPTH for contact in data.contact), (name, angle)


@pytest.mark.slow
@pytest.mark.parametrize("hand", RIGHT_HANDS, ids=VARIANTS)
def test_a_thousand_random_targets_leave_no_self_penetration(hand):
    """Half a second each, full range in 0.45 s, all of a joint's torque from 0.2 rad of error on.

    Takes 4-10 s on two cores. Fingers thrown at each other by a jump of the target (40 rad/s and
    more) still overlap by several millimetres for a step or two of 1 ms: that is how far they fly.
    """
    model = position_controlled(hand)
    start = model.key("open").qpos
    generator = np.random.default_rng(0)
    deepest = 0.0
    for _ in range(10):  # in portions, because every state of every path comes back
        wanted = generator.uniform(*model.jnt_range.T, (100, model.nq))
        driven = drive(model, start, smooth_path(start, wanted, 500))
        deepest = max(deepest, float(driven.penetration.max()))
    assert deepest < DEPTH


def flexed(model: mujoco.MjModel) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Indices of the fingers' flexion joints, and their angles when open and when closed."""
    fist = model.key("fist").qpos
    names = [f"{finger}_{joint}_flexion" for finger in FINGERS for joint in ("mcp", "pip", "dip")]
    index = np.array([model.joint(name).id for name in names])
    return index, np.zeros(len(index)), fist[index]


def travel_time(model: mujoco.MjModel, goal: np.ndarray, start: np.ndarray, index: np.ndarray):
    """Time until all joints of `index` are within 5 % of their travel and stay there [s]."""
    data = mujoco.MjData(model)
    data.qpos[index] = start
    limit = model.actuator_ctrlrange[:, 1]
    inertia = model.dof_armature
    stiffness = limit / 0.25
    damping = 1.6 * np.sqrt(stiffness * 2.0 * inertia) + limit / 60.0
    wanted = data.qpos.copy()
    wanted[index] = goal
    late = 0.0
    for _ in range(600):
        torque = stiffness * (wanted - data.qpos) - damping * data.qvel + data.qfrc_bias
        data.ctrl[:] = np.clip(torque, -limit, limit)
        mujoco.mj_step(model, data)
        if (np.abs(data.qpos[index] - goal) > 0.05 * np.abs(goal - start)).any():
            late = data.time
    return late


@pytest.mark.parametrize("variant", VARIANTS)
def test_ideal_torque_opens_and_closes_within_60_ms(variant, compiled):
    model = compiled(f"{variant}_right")
    index, is_open, closed = flexed(model)
    assert travel_time(model, closed, is_open, index) <= 0.06
    assert travel_time(model, is_open, closed, index) <= 0.06


@pytest.mark.parametrize("variant", VARIANTS)
def test_servos_close_as_fast_as_their_catalogue_allows(variant, compiled):
    """The slowest joint sets the pace: 95 % of its way at no-load speed is a lower bound."""
    model = compiled(f"{variant}_right_servo")
    index, is_open, closed = flexed(model)
    speed = np.array([drive_of(joint).no_load_speed for joint in joints_of(variant)])[index]
    bound = float((0.95 * np.abs(closed - is_open) / speed).max())
    time = travel_time(model, closed, is_open, index)
    assert 0.15 < bound < 0.25
    assert bound <= time <= 0.30


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("stage", range(1, 11))
def test_the_thumb_reaches_every_kapandji_stage(variant, stage, compiled):
    model = compiled(f"{variant}_right")
    reach = reach_kapandji(model, stage)
    lower, upper = model.jnt_range.T
    assert (reach.qpos >= lower - 1e-6).all() and (reach.qpos <= upper + 1e-6).all()
    assert reach.gap < 2e-3
    assert reach.penetration < DEPTH
