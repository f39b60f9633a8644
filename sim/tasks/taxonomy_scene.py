"""A hand about to take an object in one of the 33 ways of people.

As in `grasp.py`, a fixture holds the object in weightlessness while the hand closes, then lets go,
and its weight comes in. The controller knows neither mass, friction nor what pulls; it feels its
joints and fingertips only. Palm, phalanges and sides of fingers feel nothing: there the springs of
the joints press.
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
from ..scene import PREFIX, check_touch, good_sensors, hand_on_carriage, rest_posture
from .grasp_trial import LOADED
from .held_object import add_pose_sensors, displace, pose_of_object, set_mass
from .taxonomy_hand import TaxonomyHand
from .taxonomy_object import add_object
from .taxonomy_preshape import TaxonomyPreshape, find_preshape
from .taxonomy_trial import TaxonomyTrial
from .taxonomy_types import GraspType

Array = NDArray[np.float64]

PERIOD: Final = 0.001  # [s], of control
CLOSED: Final = 0.4  # [s], when the fingers have closed
TAKEN: Final = 0.75  # [s], when the hand has taken hold, before it lifts
LOST: Final = 0.06  # [m] off its place along any axis the object is gone, and the run is over

STIFFER: Final = 2.5  # than the hand's own joints, so that a push turns the object less
DAMPED: Final = 1.2
LEAST: Final = 15.0  # [N], grip level
ROUND: Final = 5.0  # [N], of balls: between fingertips they roll away if pressed hard


@dataclass(frozen=True, eq=False)
class TaxonomyScene:
    """A hand and the object of one type; every episode works on a copy of its model.

    Attributes:
        hand: Who holds.
        kind: How, and what.
        model: The scene.
        bound: The hand in it.
        preshape: How the hand goes about it.
        opposed: The thumb's pad presses against another finger's.
    """

    hand: Hand
    kind: GraspType
    model: mujoco.MjModel
    bound: BoundHand
    preshape: TaxonomyPreshape
    opposed: bool

    @classmethod
    def build(cls, hand: Hand, kind: GraspType) -> TaxonomyScene:
        """Finds how the hand takes the object.

        Args:
            hand: Who holds.
            kind: How, and what.

        Raises:
            HandError: The hand has no actuators, no grip or no contact sensors.
            CannotTakePartError: It lacks fingers for it.
        """
        hand.controller_config()
        check_touch(hand)
        spec = hand_on_carriage(hand)
        add_object(spec, kind.thing)
        add_pose_sensors(spec, hand)
        model = spec.compile()
        bound = hand.bind(model, PREFIX)
        parts = TaxonomyHand(bound)
        parts.check(kind)
        names = list(hand.joint_names)
        free = np.sort([names.index(j) for f in hand.description.fingers for j in f.joints])
        preshape = find_preshape(parts, kind, rest_posture(hand, free), free)
        sides = [{p.digit for p in parts.present(v) if p.part == "pad"} for v in kind.patches[:2]]
        pads = sides[0] | sides[1]
        return cls(hand, kind, model, bound, preshape, 1 in pads and len(pads) > 1)

    def episode(
        self,
        trial: TaxonomyTrial,
        direction: int,
        squeeze: float | None = None,
        *,
        welded: bool = False,
        timestep: float | None = None,
    ) -> _core.Episode:
        """One run, ready for `_core.run_episodes`.

        Args:
            trial: What is done.
            direction: Index of `DIRECTIONS`.
            squeeze: None: closed loop. A number: hold this force [N] whatever is felt.
            welded: The fixture never lets go.
            timestep: Of the simulation, if not its own [s].
        """
        model = self._model(trial)
        model.opt.timestep = timestep or model.opt.timestep
        episode = _core.Episode(
            model,
            self.bound.plant_ids(),
            good_sensors(trial.seed, PERIOD),
            self.bound.hand_model,
            self.config(squeeze),
            [model.sensor(name).id for name in ("object_position", "object_orientation")],
            round(trial.ladder.end / PERIOD),
        )
        episode.set_initial_qpos(self._place(model, trial))
        postures = [self.preshape.opened, self.preshape.closed]
        episode.controller.set_trajectory([0.0, CLOSED], postures)
        self._script(episode, model, trial, direction, welded=welded)
        self._watch(episode)
        return episode

    def config(self, squeeze: float | None = None) -> _core.ControllerConfig:
        """The hand's own, but firm: nothing here breaks; with `squeeze` [N] blind."""
        config = self.hand.controller_config(PERIOD)
        grip = config.grip
        grip.share = self.preshape.share
        grip.force_max = min(grip.force_max, self.preshape.capacity)
        grip.level_min = min(ROUND if self.kind.rolls else LEAST, 0.7 * grip.force_max)
        grip.friction_initial = 0.4
        grip.margin = 0.3
        grip.rise_rate = 1000.0  # [N/s]
        grip.load_time_constant = 0.005  # [s]
        grip.reflex_gain = 1.0
        grip.release_time = 5.0  # [s]
        config.law.stiffness = STIFFER * config.law.stiffness
        config.law.damping = DAMPED * config.law.damping
        config.task.balance_rate = 0.0  # a finger that yields under load lets the object turn
        if self._stays:
            config.hold.begin = TAKEN
        if not self.opposed:
            config.task.settle_time = 0.0  # springs hold on their own: they may never yield
            # So slip in closing is felt, too, and what the fixture bears.
            grip.reflex_gain, grip.release_time = 0.1, 0.5
            grip.level_min = 0.8 * grip.force_max  # a side that feels nothing tells no load
        if squeeze is not None:
            config.grip.adaptive = False
            config.grip.blind_level = min(squeeze, config.grip.force_max)
            config.law.integral_gain = [0.0] * len(self.preshape.share)
        return config

    @property
    def _stays(self) -> bool:
        """Whether an integral holds the posture: springs yield 5 degrees to a twist of 0.1 N m.

        Sides of fingers feel nothing: what presses on them unmeasured it would fight until the
        thing turns. Tendons stick in their guides, and it hunts.
        """
        tendons = self.hand.description.transmission.kind == "tendons"
        return self.kind.opposition != "side" and not tendons

    def expected_qpos(self, posture: Array) -> Array:
        """Positions of the whole model with the object where the hand expects it."""
        qpos = self.model.qpos0.copy()
        qpos[self.bound.qpos] = posture
        qpos[pose_of_object(self.model)] = [*self.preshape.position, *self.preshape.quat]
        return np.asarray(qpos)

    def _model(self, trial: TaxonomyTrial) -> mujoco.MjModel:
        model = copy.copy(self.model)
        set_mass(model, trial.ladder.mass)
        return model

    def _place(self, model: mujoco.MjModel, trial: TaxonomyTrial) -> Array:
        """Puts fixture and object where the trial wants them; returns the positions of all."""
        return displace(model, self.expected_qpos(self.preshape.opened), trial.pose_error())

    def _watch(self, episode: _core.Episode) -> None:
        data = mujoco.MjData(self.model)
        mujoco.mj_kinematics(self.model, data)
        palm = self.bound.palm_id
        place = data.xmat[palm].reshape(3, 3).T @ (self.preshape.position - data.xpos[palm])
        first = episode.channels["object_position"][0]
        for i in range(3):
            episode.stop_outside(first + i, place[i] - LOST, place[i] + LOST)

    def _script(
        self,
        episode: _core.Episode,
        model: mujoco.MjModel,
        trial: TaxonomyTrial,
        direction: int,
        *,
        welded: bool,
    ) -> None:
        target, body = _core.TrackTarget, model.body("object").id
        if not welded:
            weld = model.equality("fixture").id
            episode.add_track(target.EQUALITY, weld, 0, [LOADED[0], LOADED[0]], [1.0, 0.0])
        time, wrench = trial.ladder.wrench(direction)
        for component in np.flatnonzero(wrench.any(axis=0)):
            episode.add_track(target.BODY_FORCE, body, int(component), time, wrench[:, component])
