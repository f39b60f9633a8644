"""A hand with tendons under control: friction in its guides, and what a believed friction mends."""

import copy
from collections.abc import Callable
from functools import cache

import mujoco
import numpy as np
import pytest
from numpy.typing import NDArray

from handloop import _core
from handloop.controller import BoundHand, Hand

Array = NDArray[np.float64]
LoadHand = Callable[[str], Hand]

HAND = "hand27_right_tendon"
PERIOD = 0.001  # [s]
FRICTION = 0.1
TURN = 0.003  # [m/s]
PRESS = 5.0  # [N], that the index finger shall press with


def friction(coefficient: float, velocity: float = TURN) -> _core.CapstanFriction:
    f = _core.CapstanFriction()
    f.coefficient, f.velocity = coefficient, velocity
    return f


class Press:
    """The index finger presses on a plate that moves to and fro under it, 2.5 mm at 2 Hz."""

    def __init__(self, hand: Hand, truth: float, believed: float) -> None:
        q = np.zeros(27)
        names = hand.joint_names
        for joint, angle in (("mcp", 0.7), ("pip", 0.7), ("dip", 0.35)):
            q[names.index(f"index_{joint}_flexion")] = angle
        self.posture = q
        model = self._scene(hand, q)
        self.bound = hand.bind(model)
        self.data = mujoco.MjData(model)
        self.data.qpos[self.bound.qpos] = q
        config = self.bound.transmission()
        config.friction = friction(believed)
        self.transmission = _core.Transmission(self.bound.hand_model, config)
        self.hand = _core.HandKinematics(self.bound.hand_model)
        self.gains = hand.controller_config().law
        ids = self.bound.plant_ids()
        self.plant = _core.SimPlant(model, ids, _core.SensorModel(), PERIOD, friction(truth))
        self.plant.start(self.data)

    @staticmethod
    def _scene(hand: Hand, q: Array) -> mujoco.MjModel:
        data = mujoco.MjData(hand.model)
        data.qpos[hand.bind(hand.model).qpos] = q
        mujoco.mj_kinematics(hand.model, data)
        tip = data.site("index_tip")
        spec = hand.spec()
        quat = np.empty(4)
        mujoco.mju_mat2Quat(quat, tip.xmat)
        plate = spec.worldbody.add_body(
            name="plate",
            mocap=True,
            pos=tip.xpos + 0.0041 * tip.xmat.reshape(3, 3)[:, 2],
            quat=quat,
        )
        plate.add_geom(type=mujoco.mjtGeom.mjGEOM_BOX, size=[0.006, 0.006, 0.004])
        return spec.compile()

    def run(self, seconds: float) -> Array:
        """Normal force at every tick from 0.5 s on [N]."""
        plate = self.data.mocap_pos[0]
        rest, out = plate.copy(), self.data.body("plate").xmat.reshape(3, 3)[:, 2].copy()
        forces = []
        for tick in range(round(seconds / PERIOD)):
            time = tick * PERIOD
            plate[:] = rest + 0.00125 * (1.0 - np.cos(4.0 * np.pi * time)) * out
            self.plant.write(self._effort(self.plant.read()))
            assert self.plant.advance()
            if time >= 0.5:
                forces.append(self.data.sensor("index_contact").data[1])
        return np.array(forces)

    def _effort(self, state: _core.HandState) -> Array:
        self.hand.update_position(state.q)
        self.transmission.update(state.q)
        stiffness = 0.3 * self.gains.stiffness
        torque = self.hand.gravity_torque() + stiffness * (self.posture - state.q)
        torque -= self.gains.damping * state.dq
        pad = self.hand.tip_rotation(1)[:, 2]
        return self.transmission.efforts(
            torque + PRESS * self.hand.tip_jacobian(1).T @ pad, state.dq
        )


@cache
def pressed(truth: float, believed: float) -> Array:
    return Press(Hand.load(HAND), truth, believed).run(1.5)


def test_a_believed_friction_mends_most_of_the_force_that_a_real_one_costs() -> None:
    ideal = pressed(0.0, 0.0)
    assert ideal.min() > 2.0  # the finger never leaves the plate
    lost = np.sqrt(np.mean((pressed(FRICTION, 0.0) - ideal) ** 2))
    left = np.sqrt(np.mean((pressed(FRICTION, FRICTION) - ideal) ** 2))
    nearly = np.sqrt(np.mean((pressed(FRICTION, 0.08) - ideal) ** 2))
    assert lost > 0.1
    assert left < 0.2 * lost
    assert nearly < 0.4 * lost


class Reach:
    """The controller takes the hand from one posture to another."""

    def __init__(self, hand: Hand, truth: float) -> None:
        self.bound: BoundHand = hand.bind(hand.model)
        self.data = mujoco.MjData(hand.model)
        self.plant = _core.SimPlant(
            hand.model, self.bound.plant_ids(), _core.SensorModel(), PERIOD, friction(truth)
        )
        self.controller = _core.Controller(self.bound.hand_model, hand.controller_config())
        self.open, self.goal = (hand.model.key(key).qpos for key in ("open", "rest"))
        self.data.qpos[:] = self.open
        self.plant.start(self.data)
        self.controller.set_trajectory([0.0, 0.5], [self.open, self.goal])

    def run(self, seconds: float) -> None:
        _core.Loop(self.plant, self.controller).run(round(seconds / PERIOD))


def test_joints_go_where_they_shall_with_friction_in_the_guides(load_hand: LoadHand) -> None:
    reach = Reach(load_hand(HAND), FRICTION)
    reach.run(1.0)
    assert reach.controller.safety_state == _core.SafetyState.OK
    assert np.abs(reach.data.qpos - reach.goal).max() < 0.02
    assert (reach.controller.effort[1:] >= 3.0).all()


def test_a_stopped_hand_is_limp(load_hand: LoadHand) -> None:
    reach = Reach(load_hand(HAND), 0.0)
    reach.run(0.1)
    assert reach.controller.effort.any()
    reach.controller.request_stop()
    reach.run(0.002)
    assert not reach.controller.effort.any()
    assert not reach.data.ctrl.any()


def test_friction_in_the_simulation_is_the_capstans(load_hand: LoadHand) -> None:
    hand = load_hand(HAND)
    bound = hand.bind(hand.model)
    config = bound.transmission()
    config.friction = friction(FRICTION)
    real = _core.Transmission(bound.hand_model, config)
    config.friction = friction(0.0)
    ideal = _core.Transmission(bound.hand_model, config)
    data = mujoco.MjData(hand.model)
    rng = np.random.default_rng(5)
    q, dq = rng.uniform(*bound.position_range.T), rng.normal(size=27)
    data.qpos[:], data.qvel[:] = q, dq
    plant = _core.SimPlant(
        hand.model, bound.plant_ids(), _core.SensorModel(), PERIOD, friction(FRICTION)
    )
    plant.start(data)
    effort = rng.uniform(config.effort_min, 0.2 * config.effort_max)
    plant.write(effort)
    plant.advance()
    real.update(q)
    ideal.update(q)
    expected = real.torques(effort, dq) - ideal.torques(effort, dq)
    np.testing.assert_allclose(data.qfrc_applied, expected, atol=1e-12)


def test_friction_needs_tendons(load_hand: LoadHand) -> None:
    hand = load_hand("hand27_right_servo")
    ids = hand.bind(hand.model).plant_ids()
    with pytest.raises(ValueError, match=r"must be a <motor> of gear 1"):
        _core.SimPlant(hand.model, ids, _core.SensorModel(), PERIOD, friction(FRICTION))


def test_the_plant_and_the_controller_must_agree_on_the_motors(load_hand: LoadHand) -> None:
    tendon, direct = load_hand(HAND), load_hand("hand27_right")
    reach = Reach(tendon, 0.0)
    other = _core.Controller(direct.bind(direct.model).hand_model, direct.controller_config())
    with pytest.raises(ValueError, match="the plant has 53 motors, the controller 27"):
        _core.Loop(reach.plant, other)


def test_a_replay_has_the_same_friction(load_hand: LoadHand) -> None:
    hand = load_hand(HAND)
    bound = hand.bind(hand.model)
    ends = []
    for truth in (FRICTION, 0.0):
        model = copy.copy(hand.model)
        episode = _core.Episode(
            model,
            bound.plant_ids(),
            _core.SensorModel(),
            bound.hand_model,
            hand.controller_config(),
            [],
            400,
            friction(truth),
        )
        postures = [model.key(key).qpos for key in ("open", "rest")]
        episode.set_initial_qpos(postures[0])
        episode.controller.set_trajectory([0.0, 0.4], postures)
        _core.run_episodes([episode])
        ends.append(episode.final_qpos.copy())
        _core.replay_episodes([episode])
        np.testing.assert_array_equal(episode.final_qpos, ends[-1])
    assert np.abs(ends[0] - ends[1]).max() > 1e-4
