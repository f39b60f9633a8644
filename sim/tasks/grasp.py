"""Grasps: hold a primitive between fingertips or in the palm, and be pushed and twisted.

A fixture holds the object in weightlessness while the hand closes, then lets go; its weight comes
in over `LOADED`, the grasp settles, and one push (a force through the centre of mass, or a torque)
grows, and stays. Its pose in the palm, from just before the push to the end, says how well it was
held. The object is nowhere quite where the hand expects it; the controller knows neither mass,
friction nor push.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from ... import _core
from ...controller import BoundHand, Hand
from ..hand_frame import HandFrame
from ..scene import (
    PREFIX,
    check_touch,
    good_sensors,
    hand_on_carriage,
    rest_posture,
    thumb_of,
)
from .grasp_object import GraspObject, add_object
from .grasp_preshape import GraspPlan, GraspPreshape, Grip, find_preshape
from .grasp_trial import LOADED, GraspTrial, external_wrench
from .held_object import add_pose_sensors, displace, pose_of_object, set_mass
from .rig import Rig

Array = NDArray[np.float64]

PERIOD: Final = 0.001  # [s], of control
CLOSED: Final = 0.4  # [s], when the fingers have closed
END: Final = 2.4  # [s]
LOST: Final = 0.12  # [m] off its place along any axis the object is gone, and the run is over

STIFFER: Final = 1.5  # than the hand's own joints, so that a push turns the object less
DAMPED: Final = 1.2


@dataclass(frozen=True, eq=False)
class GraspScene(Rig):
    """A hand about to take one object in one way; every episode works on a copy of its model.

    Attributes:
        hand: Who holds.
        thing: What.
        grip: How.
        preshape: How the hand goes about it.
        share: Part of the grip level per finger, thumb 1, shape (fingers,).
    """

    hand: Hand
    thing: GraspObject
    grip: Grip
    preshape: GraspPreshape
    share: Array

    @classmethod
    def build(cls, hand: Hand, thing: GraspObject, grip: Grip) -> GraspScene:
        """Finds how the hand takes the object and puts it there.

        Args:
            hand: Who holds.
            thing: What.
            grip: How.

        Raises:
            HandError: The hand has no actuators, no grip or no contact sensors.
        """
        share = _shares(hand, thing, grip)
        check_touch(hand)
        spec = hand_on_carriage(hand)
        add_object(spec, thing)
        add_pose_sensors(spec, hand)
        model = spec.compile()
        bound = hand.bind(model, PREFIX)
        preshape = _preshape(hand, bound, thing, grip, share)
        return cls(model, bound, hand, thing, grip, preshape, share)

    def episode(self, trial: GraspTrial, squeeze: float | None = None) -> _core.Episode:
        """One run, ready for `_core.run_episodes`.

        Args:
            trial: What is done; its object and grip must be those of the scene.
            squeeze: None: closed loop. A number: hold this force [N] whatever is felt.
        """
        model = self._model(trial)
        episode = _core.Episode(
            model,
            self.bound.plant_ids(),
            good_sensors(trial.seed, PERIOD),
            self.bound.hand_model,
            self.config(squeeze),
            [model.sensor(name).id for name in ("object_position", "object_orientation")],
            round(END / PERIOD),
        )
        episode.set_initial_qpos(self._place(model, trial))
        postures = [self.preshape.opened, self.preshape.closed]
        episode.controller.set_trajectory([0.0, CLOSED], postures)
        self._script(episode, model, trial)
        self._watch(episode)
        return episode

    def config(self, squeeze: float | None = None) -> _core.ControllerConfig:
        """The hand's own, but firm: nothing here breaks; with `squeeze` [N] blind."""
        config = self.hand.controller_config(PERIOD)
        grip = config.grip
        grip.share = self.share
        grip.level_min = 8.0  # [N]
        grip.friction_initial = 0.4
        grip.margin = 0.3
        grip.rise_rate = 1000.0  # [N/s]
        grip.load_time_constant = 0.005  # [s]: a push comes within a tenth of a second
        grip.reflex_gain = 1.0
        grip.release_time = 5.0  # [s]
        config.law.stiffness = STIFFER * config.law.stiffness
        config.law.damping = DAMPED * config.law.damping
        config.task.balance_rate = 0.0  # a finger that yields under load lets the object turn
        if squeeze is not None:
            config.grip.adaptive = False
            config.grip.blind_level = squeeze
            config.law.integral_gain = [0.0] * len(self.share)
        return config

    def _model(self, trial: GraspTrial) -> mujoco.MjModel:
        model = copy.copy(self.model)
        model.geom("object").friction[0] = trial.friction
        set_mass(model, trial.mass)
        return model

    def expected_qpos(self, posture: Array) -> Array:
        """Positions of the whole model with the object where the hand expects it.

        Args:
            posture: Of the hand, shape (n,) [rad].
        """
        half = self.preshape.yaw / 2.0
        qpos = self.model.qpos0.copy()
        qpos[self.bound.qpos] = posture
        qpos[pose_of_object(self.model)] = [
            *self.preshape.position,
            np.cos(half),
            0.0,
            0.0,
            np.sin(half),
        ]
        return np.asarray(qpos)

    def _place(self, model: mujoco.MjModel, trial: GraspTrial) -> Array:
        """Puts fixture and object where the trial wants them; returns the positions of all."""
        return displace(model, self.expected_qpos(self.preshape.opened), trial.pose_error())

    def _watch(self, episode: _core.Episode) -> None:
        data = mujoco.MjData(self.model)
        mujoco.mj_kinematics(self.model, data)
        palm = self.bound.palm_id
        offset = self.preshape.position - data.xpos[palm]
        place = data.xmat[palm].reshape(3, 3).T @ offset
        first = episode.channels["object_position"][0]
        for i in range(3):
            episode.stop_outside(first + i, place[i] - LOST, place[i] + LOST)

    def _script(self, episode: _core.Episode, model: mujoco.MjModel, trial: GraspTrial) -> None:
        target, body = _core.TrackTarget, model.body("object").id
        weld = model.equality("fixture").id
        episode.add_track(target.EQUALITY, weld, 0, [LOADED[0], LOADED[0]], [1.0, 0.0])
        time, wrench = external_wrench(trial)
        for component in np.flatnonzero(wrench.any(axis=0)):
            episode.add_track(target.BODY_FORCE, body, int(component), time, wrench[:, component])


def _shares(hand: Hand, thing: GraspObject, grip: Grip) -> Array:
    """As the hand's description says; what is no taller than three fingertips takes a tripod."""
    share = np.array(hand.controller_config().grip.share[: len(hand.finger_names)])
    thumb = hand.finger_names.index(thumb_of(hand))
    fingers = np.flatnonzero((share > 0.0) & (np.arange(len(share)) != thumb))
    if grip == "precision" and thing.height < 0.05:
        share[fingers[2:]] = 0.0
    share[fingers] /= share[fingers].sum()
    return share


def _preshape(
    hand: Hand, bound: BoundHand, thing: GraspObject, grip: Grip, share: Array
) -> GraspPreshape:
    data = mujoco.MjData(bound.model)
    mujoco.mj_forward(bound.model, data)
    names = list(hand.joint_names)
    free = np.sort([names.index(j) for f in hand.description.fingers for j in f.joints])
    forward, palmar, _ = HandFrame.of(hand).in_world(bound, data)
    on, away = (0.11, 0.05) if grip == "precision" else (0.07, 0.014 + thing.width / 2.0)
    guess = data.xpos[bound.palm_id] + on * forward + away * palmar
    thumb = hand.finger_names.index(thumb_of(hand))
    plan = GraspPlan(grip, share, thumb, rest_posture(hand, free), free, guess)
    return find_preshape(bound, plan)
