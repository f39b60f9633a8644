"""Contact forces told from the motors, against a fixed plate that MuJoCo weighs them on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import mujoco
import numpy as np
import pytest
from numpy.typing import NDArray

from handloop import _core
from handloop.controller import Hand

Array = NDArray[np.float64]

HAND = "hand27_right_servo"
FINGERS = ("thumb", "index", "middle", "ring", "little")
COULOMB = 0.03  # part of the stall torque that the gear's friction takes
VISCOUS = 0.01  # part of stall torque over no-load speed
PERIOD = 0.001  # [s]
LATE = 2  # [ticks] from a sample to its use
GAP = 0.006  # [m] before the pad
PEAK = 8.0  # [N] asked for on top of the touch


@cache
def rubbing_hand(coulomb: float) -> tuple[Hand, mujoco.MjModel]:
    """The servo hand with friction in its gears, before a plate that can be put anywhere."""
    hand = Hand.load(HAND)
    spec = hand.spec()
    plate = spec.worldbody.add_body(name="plate", mocap=True, pos=[1.0, 0.0, 0.0])
    plate.add_geom(
        name="plate",
        type=mujoco.mjtGeom.mjGEOM_BOX,
        size=[0.012, 0.012, 0.005],
        solref=[0.02, 1.0],
        friction=[0.8, 0.005, 0.0001],
    )
    model = spec.compile()
    bound = hand.bind(model)
    stall, speed = catalogue(hand)
    model.dof_frictionloss[bound.dof] = coulomb * stall
    model.dof_damping[bound.dof] += VISCOUS * stall / speed
    # Sticking that does not creep: MuJoCo's own default gives way at some 0.05 rad/s.
    model.dof_solimp[bound.dof, :2] = 0.999
    model.dof_solref[bound.dof, 0] = 0.004
    return hand, model


def catalogue(hand: Hand) -> tuple[Array, Array]:
    """Stall torque [N m] and no-load speed [rad/s] of each joint's servo, shape (joints,)."""
    motors = hand.description.motors
    assert motors
    kinds = [motors.kinds[name] for name in motors.kind]
    volts = np.array([motors.rails[kind.rail or ""].voltage for kind in kinds])
    constant = np.array([kind.torque_constant for kind in kinds])
    stall = constant * volts / np.array([kind.resistance for kind in kinds])
    return stall, volts / np.array([kind.back_emf for kind in kinds])


def motors(model: mujoco.MjModel, dof: NDArray[np.int64]) -> _core.MotorConfig:
    """Motors of which the friction has been identified to the last digit."""
    config, figures = _core.MotorConfig(), []
    for k in dof:
        motor = _core.Motor()
        motor.friction.coulomb = model.dof_frictionloss[k]
        motor.friction.viscous = model.dof_damping[k]
        figures.append(motor)
    config.motors = figures
    return config


@dataclass(frozen=True)
class Press:
    """One press against the plate: all arrays have shape (ticks,)."""

    true: Array  # [N], along the pad's axis
    told: Array  # [N], the estimate
    touching: NDArray[np.bool_]
    loading: NDArray[np.bool_]

    def averaged(self, ticks: int) -> Press:
        """True and told forces as means over as many ticks."""
        window = np.ones(ticks) / ticks
        true, told = (np.convolve(force, window, "same") for force in (self.true, self.told))
        return Press(true, told, self.touching, self.loading)

    def error(self, loading: bool) -> tuple[float, float]:
        """Part of the samples from 1 to 10 N within 15 % or 0.3 N, and the worst error [N]."""
        within = (self.loading == loading) & (self.true > 1.0) & (self.true < 10.0)
        assert within.sum() > 200
        true, error = self.true[within], np.abs(self.told - self.true)[within]
        return float(np.mean(error <= np.maximum(0.15 * true, 0.3))), float(error.max())


class Bench:
    """One finger before the plate, moved by joint impedance."""

    def __init__(self, finger: str, posture: float, coulomb: float = COULOMB) -> None:
        self.hand, self.model = rubbing_hand(coulomb)
        self.bound = self.hand.bind(self.model)
        self.data = mujoco.MjData(self.model)
        self.finger = FINGERS.index(finger)
        self.random = np.random.default_rng(0)
        self.plate = self.model.geom("plate").id
        self.kinematics = _core.HandKinematics(self.bound.hand_model)
        law = self.hand.controller_config(PERIOD).law
        self.gain, self.damping = np.array(law.stiffness), np.array(law.damping)
        names = self.hand.joint_names
        self.own = [names.index(j) for j in self.hand.description.fingers[self.finger].joints]
        self.q = self.posture(posture)

    def posture(self, part: float) -> Array:
        """The finger bent by a part of its range, all others nearly straight, shape (joints,)."""
        low, high = self.bound.position_range.T
        q = low + 0.15 * (high - low)
        q[self.own] = (low + part * (high - low))[self.own]
        still = ["abduction" in name or "wrist" in name for name in self.hand.joint_names]
        q[still], q[0] = 0.0, 0.0
        return np.asarray(q)

    def place_plate(self, gap: float) -> tuple[Array, float]:
        """Puts the plate `gap` [m] before the pad.

        Returns:
            The way there per joint [rad/m], shape (joints,), and how stiff the tip is on it [N/m].
        """
        self.data.qpos[self.bound.qpos] = self.q
        mujoco.mj_forward(self.model, self.data)
        site = self.bound.tip_ids[self.finger]
        axes = self.data.site_xmat[site].reshape(3, 3)
        self.kinematics.update_position(self.q)
        jacobian = self.kinematics.tip_jacobian(self.finger)[:, self.own]
        gives = jacobian / self.gain[self.own]  # joints per newton, transposed
        push = np.linalg.solve(gives @ jacobian.T + 1e-7 * np.eye(3), axes[:, 2])
        self.data.mocap_pos[0] = self.data.site_xpos[site] + (gap + 0.005) * axes[:, 2]
        mujoco.mju_mat2Quat(self.data.mocap_quat[0], axes.ravel())
        mujoco.mj_forward(self.model, self.data)
        way = np.zeros(len(self.q))
        way[self.own] = gives.T @ push
        return way, float(axes[:, 2] @ push)

    def press(self, speed: float = 0.03, config: _core.MotorConfig | None = None) -> Press:
        """Approaches at `speed` [m/s], presses ever harder for 0.8 s, and lets go again."""
        way, stiffness = self.place_plate(GAP)
        model, data, bound = self.model, self.data, self.bound
        config = config or motors(model, bound.dof)
        estimate = _core.ForceEstimate(_core.ObserverConfig(), config, bound.hand_model)
        turn = GAP / speed + np.array([0.0, 0.8, 1.0, 1.8])
        depth = GAP + np.array([0.0, PEAK, PEAK, 0.0]) / stiffness
        log, samples = [], []
        for tick in range(round((turn[-1] + 0.2) / PERIOD)):
            now = tick * PERIOD
            samples.append(self.sample(now))
            sample = samples[max(tick - LATE, 0)]
            estimate.update(self.kinematics, sample)
            wanted = self.q + way * np.interp(now, [0.0, *turn], [0.0, *depth])
            torque = self.kinematics.gravity_torque() + self.gain * (wanted - sample.q)
            contact, true = sample.contact(self.finger), self.weigh()
            data.ctrl[model.actuator_ctrladr[bound.actuator_ids]] = (
                torque - self.damping * sample.dq
            )
            mujoco.mj_step(model, data)
            estimate.remember(now, data.actuator_force[model.actuator_outadr[bound.actuator_ids]])
            log.append((true, contact.force[0], contact.touching, now < turn[1]))
        true, told, touching, loading = np.array(log).T
        return Press(true, told, touching > 0.0, loading > 0.0)

    def sample(self, now: float) -> _core.HandState:
        """What encoders read."""
        joints = len(self.q)
        sample = _core.HandState(joints)
        sample.time = now
        sample.q = self.data.qpos[self.bound.qpos] + 2e-4 * self.random.normal(size=joints)
        sample.dq = self.data.qvel[self.bound.dof] + 0.01 * self.random.normal(size=joints)
        return sample

    def weigh(self) -> float:
        """What the pad presses with along its own axis [N]."""
        force, total = np.zeros(6), np.zeros(3)
        for i in range(self.data.ncon):
            contact = self.data.contact[i]
            if self.plate in contact.geom:
                mujoco.mj_contactForce(self.model, self.data, i, force)
                away = 1.0 if contact.geom[1] == self.plate else -1.0
                total += away * contact.frame.reshape(3, 3).T @ force[:3]
        axes = self.data.site_xmat[self.bound.tip_ids[self.finger]].reshape(3, 3)
        return float(axes[:, 2] @ total)


@cache
def pressed(finger: str, posture: float) -> Press:
    return Bench(finger, posture).press()


# The thumb's base carries the strongest servos, whose friction weighs most at the fingertip.
@pytest.mark.parametrize("posture", [0.3, 0.5])
@pytest.mark.parametrize("finger", FINGERS)
def test_force_is_told_while_it_grows_and_while_it_falls(finger: str, posture: float) -> None:
    press, thumb = pressed(finger, posture), finger == "thumb"
    good, worst = press.error(loading=True)
    assert good > (0.6 if thumb else 0.75)
    assert worst < (3.0 if thumb else 1.5)
    good, worst = press.error(loading=False)
    assert good > (0.3 if thumb else 0.7)
    assert worst < (3.0 if thumb else 1.8)


@pytest.mark.parametrize("finger", FINGERS)
def test_without_gear_friction_nothing_hides_the_force(finger: str) -> None:
    press = Bench(finger, 0.5, coulomb=0.0).press().averaged(25)
    assert press.error(loading=True)[0] == 1.0
    assert press.error(loading=False)[0] > 0.8


@pytest.mark.parametrize("speed", [0.01, 0.03, 0.1])
@pytest.mark.parametrize("finger", FINGERS)
def test_touch_is_told_within_10_ms_and_never_before(finger: str, speed: float) -> None:
    press = Bench(finger, 0.4).press(speed)
    first = int(np.argmax(press.true > 0.0))
    assert first > 10
    assert not press.touching[:first].any()
    assert press.touching[first : first + 11].any()


def test_friction_left_out_is_taken_for_force() -> None:
    told = pressed("index", 0.5).error(loading=True)[0]
    blind = Bench("index", 0.5).press(config=_core.MotorConfig()).error(loading=True)[0]
    assert blind < 0.5 * told
