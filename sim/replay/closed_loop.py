"""The same grasps, held by the hand's own controller on what its joints feel.

The protocol's servos close the hand up to the squeeze. From there on the hand's own motors hold it,
told nothing but grasp and squeeze: all links press along that squeeze, as firmly as the motors can
in step, and the posture that comes of it is held. The hand has as long as one of the protocol's
stages to find its grip; then come the protocol's pushes, each in a run of its own.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from ... import _core
from ..bench.contestant import Contestant
from ..bench.trial import Outcome
from ..episode_log import Log
from ..scene import good_sensors
from .grasp_set import Grasp
from .protocol import PUSH, STAGES, WAYS, Gate, Verdict, Way
from .scene import ReplayScene
from .scene_parts import SERVO_GAIN, TIMESTEP
from .squeeze_law import SqueezeGains, squeeze_law

Array = NDArray[np.float64]

PERIOD: Final = 0.001  # [s], of control and simulation: the protocol's 4 ms is no control rate
SETTLED: Final = STAGES[0] * STAGES[1] * TIMESTEP  # [s]
HELD: Final = 0.75 * SETTLED  # [s], from when on the posture stays
END: Final = SETTLED + PUSH[0] * PUSH[1] * TIMESTEP  # [s]
STIFFER, DAMPED = 1.5, 1.0  # times the hand's own gains
_LOOK: Final = round(PUSH[1] * TIMESTEP / PERIOD)  # ticks from look to look at the object


@dataclass(frozen=True)
class Push:
    """What one push did.

    Attributes:
        outcome: `held`, `slipped` or `diverged`.
        shift: Largest way of the object that was seen [m].
        turn: Largest angle [deg].
        force: Largest sum of normal forces on the object [N].
    """

    outcome: Outcome
    shift: float
    turn: float
    force: float


class ClosedLoop:
    """A grasp of which the hand's own controller takes over."""

    def __init__(
        self,
        servos: ReplayScene,
        own: ReplayScene,
        contestant: Contestant,
        grasp: Grasp,
        joints: tuple[str, ...],
        gate: Gate,
    ) -> None:
        """Puts the hand at the pregrasp.

        Args:
            servos: The scene with the protocol's servos.
            own: The same with the hand's own motors.
            contestant: Whose controller holds.
            grasp: What to judge.
            joints: Of the set.
            gate: What counts as held.
        """
        self.own, self.contestant, self.gate = own.at(gate.mass), contestant, gate
        self.way = Way(servos.at(gate.mass), grasp, joints)
        self.final_qpos = self.way.data.qpos.copy()
        self.severe = self.way.severe
        self.depth = self.force = 0.0

    @property
    def model(self) -> mujoco.MjModel:
        """That with the hand's own motors."""
        return self.own.model

    def squeeze(self) -> None:
        """Closes the hand by the protocol's servos; every push begins there."""
        self.way.squeeze()
        self.depth, self.force = self.way.touch()

    def judged(self, seed: int) -> Verdict:
        """Holds against all pushes, or as many as it can.

        Args:
            seed: Of the sensors' errors.
        """
        found: list[Push] = []
        if self.severe:
            return self.verdict(found)
        self.squeeze()
        for direction in WAYS:
            episode = self.episode(self.gate.push * direction, seed)
            _core.run_episodes([episode], 1)
            self.final_qpos = np.array(episode.final_qpos)
            found.append(self.seen(episode))
            if found[-1].outcome != "held":
                break
        return self.verdict(found)

    def verdict(self, found: Sequence[Push]) -> Verdict:
        """Of the pushes up to the first that was not held, or of some of them."""
        if self.severe:
            return Verdict("missed")
        outcome = found[-1].outcome
        if outcome == "slipped" and not self.force > 0.0:
            outcome = "missed"
        return Verdict(
            outcome,
            max(push.shift for push in found),
            max(push.turn for push in found),
            sum(push.outcome == "held" for push in found),
            self.depth,
            max(self.force, *(push.force for push in found)),
            self.way.steps + len(found) * round(END / PERIOD),
        )

    def episode(self, push: Array, seed: int) -> _core.Episode:
        """One run.

        Args:
            push: On the object from `SETTLED` on [N], shape (3,).
            seed: Of the sensors' errors.
        """
        config = firm(self.contestant.hand.controller_config(PERIOD))  # or says why there is none
        own, bound, model = self.own, self.own.bound, copy.copy(self.own.model)
        mount = model.body("hand mocap")
        mount.pos[:], mount.quat[:] = self.way.data.mocap_pos[0], self.way.data.mocap_quat[0]
        episode = _core.Episode(
            model,
            bound.plant_ids(),
            good_sensors(seed, PERIOD),
            bound.hand_model,
            config,
            [model.sensor(f"object {name}").id for name in ("position", "orientation")],
            round(END / PERIOD),
        )
        self.contestant.equip(episode.controller)
        episode.set_initial_qpos(self.way.data.qpos)
        now, squeeze = self.way.data.qpos[bound.qpos], self.way.stations[2][bound.qpos]
        episode.controller.set_trajectory([0.0, SETTLED], [now, squeeze])
        if self.contestant.law is None:
            episode.controller.set_law(self._law())
        for axis in np.flatnonzero(push):
            value = [0.0, float(push[axis])]
            target = _core.TrackTarget.BODY_FORCE
            episode.add_track(target, own.object_body, int(axis), [SETTLED, SETTLED], value)
        first = episode.channels["object position"][0]
        for i, start in enumerate(self.way.start[:3].tolist()):
            episode.stop_outside(first + i, start - self.gate.shift, start + self.gate.shift)
        return episode

    def _law(self) -> _core.CustomLaw:
        hand, qpos = self.contestant.hand, self.own.bound.qpos
        _, grasp, squeeze = (station[qpos] for station in self.way.stations)
        names = list(hand.joint_names)
        fingers = np.array([names.index(j) for f in hand.description.fingers for j in f.joints])
        torque = SERVO_GAIN * (squeeze - grasp)
        return squeeze_law(SqueezeGains(HELD), torque, grasp, fingers)

    def seen(self, episode: _core.Episode) -> Push:
        """As the protocol sees it: looks at the object every 0.2 s while it is pushed."""
        log, start = Log(episode), self.way.start
        whole = len(log) == round(END / PERIOD)
        looks = np.arange(round(SETTLED / PERIOD) + _LOOK - 1, len(log), _LOOK)
        if not whole:  # it left the gate
            looks = np.append(looks, len(log) - 1)
        shift = np.linalg.norm(log["object position"][looks] - start[:3], axis=1)
        cosine = np.clip(np.abs(log["object orientation"][looks] @ start[3:]), 0.0, 1.0)
        turn = np.degrees(2.0 * np.arccos(cosine))
        held = whole and shift.max() < self.gate.shift and turn.max() < self.gate.turn
        how: Outcome = "diverged" if episode.diverged else "held" if held else "slipped"
        force = float(log["normal_force"].sum(axis=1).max())
        return Push(how, float(shift.max()), float(turn.max()), force)


def firm(config: _core.ControllerConfig) -> _core.ControllerConfig:
    """A hand's own configuration for an object that is pushed all at once.

    Springs are as stiff, and damped as little, as 3 ms from touch to torque bear: the protocol's
    5 N m/rad at a distal joint would shake the object out of the hand.
    """
    config.law.stiffness = STIFFER * config.law.stiffness
    config.law.damping = DAMPED * config.law.damping
    return config
