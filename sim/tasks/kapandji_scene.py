"""Kapandji's test, physically: the thumb goes to ten places on its own hand and touches them."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from ... import _core
from ...controller import BoundHand, Hand
from ..bench.task import CannotTakePartError
from ..episode_log import Log
from ..scene import PREFIX, check_touch, good_sensors, hand_on_carriage, rest_posture
from .digits import Digits
from .kapandji_reach import Reach, reach
from .kapandji_targets import STAGES, Target, targets

Array = NDArray[np.float64]

PERIOD: Final = 0.001  # [s], of control
READY: Final = 0.5  # [s], when the thumb is before its target
TOUCHING: Final = 0.9  # [s], when it has arrived
END: Final = 1.3  # [s]
HELD: Final = 0.1  # [s] before the end in which touch has to be felt throughout

GAP: Final = 0.004  # [m], of the pad's skin from the target
DEPTH: Final = 0.001  # [m], of any contact
TOUCH: Final = 0.05  # [N], felt by the thumb

_START_ERROR: Final = 0.05  # of a joint's range, largest by which a start is off the rest posture
_UNREACHABLE: Final = 0.02  # [m], off which a hand does not even try


@dataclass(frozen=True)
class Stage:
    """One place.

    Attributes:
        gap: Of the pad's skin from the target at the end, inside or outside [m].
        depth: Of the deepest contact anywhere at the end [m].
        force: Felt by the thumb, least over the last tenth of a second [N].
        stopped: The safety stage held the hand still, or let it go limp.
        diverged: The simulation broke down.
    """

    gap: float
    depth: float
    force: float
    stopped: bool = False
    diverged: bool = False

    @property
    def reached(self) -> bool:
        """It was touched, and nothing cut into anything."""
        fine = self.gap < GAP and self.depth < DEPTH and self.force > TOUCH
        return fine and not self.stopped and not self.diverged


@dataclass(frozen=True, eq=False)
class KapandjiScene:
    """A hand with nothing around it; every episode works on a copy of its model.

    Attributes:
        hand: Whose thumb it is.
        model: The scene.
        bound: The hand in it.
        digits: Its parts.
        rest: A natural posture, shape (n,) [rad].
        targets: None where the hand has no such place.
        ways: To the targets.
    """

    hand: Hand
    model: mujoco.MjModel
    bound: BoundHand
    digits: Digits
    rest: Array
    targets: list[Target | None]
    ways: list[Reach | None]

    @classmethod
    def build(cls, hand: Hand) -> KapandjiScene:
        """Finds the places, and how the thumb gets there.

        Raises:
            HandError: The hand has no actuators, no gains or no contact sensors.
            CannotTakePartError: It has a thumb only.
        """
        hand.controller_config()
        check_touch(hand)
        if len(hand.finger_names) < 2:
            raise CannotTakePartError(f"{hand.name} has no finger for its thumb to touch")
        model = hand_on_carriage(hand).compile()
        bound = hand.bind(model, PREFIX)
        digits = Digits(bound)
        names = list(hand.joint_names)
        free = np.sort([names.index(j) for f in hand.description.fingers for j in f.joints])
        rest, found = rest_posture(hand, free), targets(digits)
        ways = [reach(digits, target, rest) if target else None for target in found]
        return cls(hand, model, bound, digits, rest, found, ways)

    def can_try(self, stage: int) -> bool:
        """The hand has the place, and its thumb gets anywhere near."""
        way = self.ways[stage - 1]
        return way is not None and way.gap < _UNREACHABLE

    def episode(self, stage: int, seed: int, timestep: float | None = None) -> _core.Episode:
        """One run to one place, ready for `_core.run_episodes`.

        Args:
            stage: 1 to 10, one that the hand can try.
            seed: From which the start and the errors of the sensors follow.
            timestep: Of the simulation, if not its own [s].
        """
        way = self.ways[stage - 1]
        assert way is not None
        model = copy.copy(self.model)
        model.opt.timestep = timestep or model.opt.timestep
        episode = _core.Episode(
            model,
            self.bound.plant_ids(),
            good_sensors(seed * STAGES + stage, PERIOD),
            self.bound.hand_model,
            self.config(),
            [],
            round(END / PERIOD),
        )
        start, qpos = self.start(stage, seed), model.qpos0.copy()
        qpos[self.bound.qpos] = start
        episode.set_initial_qpos(qpos)
        times = [0.0, READY, TOUCHING]
        episode.controller.set_trajectory(times, [start, way.approach, way.press])
        return episode

    def config(self) -> _core.ControllerConfig:
        """The hand's own, but a finger meets the thumb alone and has to press as it does."""
        config = self.hand.controller_config(PERIOD)
        config.grip.share = [1.0] * len(self.hand.finger_names)
        return config

    def start(self, stage: int, seed: int) -> Array:
        """Where the joints are to begin with, shape (n,) [rad]."""
        lower, upper = self.bound.position_range.T
        draw = np.random.default_rng([seed, stage]).uniform(-1.0, 1.0, len(lower))
        moved = self.rest + _START_ERROR * (upper - lower) * draw
        return np.asarray(np.clip(moved, lower + 1e-3, upper - 1e-3))

    def judge(self, stage: int, episode: _core.Episode) -> Stage:
        """Judges an episode after `_core.run_episodes`."""
        target, log = self.targets[stage - 1], Log(episode)
        assert target is not None
        data = mujoco.MjData(self.model)
        data.qpos[:] = episode.final_qpos
        mujoco.mj_forward(self.model, data)
        pad = self.digits.parts.pad[self.digits.thumb]
        point, _ = target.in_world(data)
        way = float(np.linalg.norm(data.geom_xpos[pad] - point))
        felt = log["normal_force"][-round(HELD / PERIOD) :, self.digits.thumb]
        return Stage(
            abs(way - float(self.model.geom_size[pad, 0])),
            max(0.0, -float(min(data.contact.dist, default=0.0))),
            float(felt.min()),
            bool(log["safety"].max() > int(_core.SafetyState.DEGRADED)),
            episode.diverged,
        )
