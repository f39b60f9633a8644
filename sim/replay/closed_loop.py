"""The same grasps, held by the hand's own controller on what joints and fingertips feel.

The protocol's servos close the hand up to the squeeze. From there on the hand's own motors hold it,
told nothing but the squeeze posture: the object between the fingertips is kept where it is, with
forces that the controller optimises for the load that the pads feel. It has as long as one of the
protocol's stages to find its grip; then come the protocol's pushes, each in a run of its own.
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
from .scene_parts import TIMESTEP

Array = NDArray[np.float64]

PERIOD: Final = 0.001  # [s], of control and simulation: the protocol's 4 ms is no control rate
TAKEN: Final = 0.01  # [s], when the fingertips' forces are known
SETTLED: Final = STAGES[0] * STAGES[1] * TIMESTEP  # [s]
END: Final = SETTLED + PUSH[0] * PUSH[1] * TIMESTEP  # [s]
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
        own, bound, model = self.own, self.own.bound, copy.copy(self.own.model)
        mount = model.body("hand mocap")
        mount.pos[:], mount.quat[:] = self.way.data.mocap_pos[0], self.way.data.mocap_quat[0]
        episode = _core.Episode(
            model,
            bound.plant_ids(),
            good_sensors(seed, PERIOD),
            bound.hand_model,
            firm(self.contestant.hand.controller_config(PERIOD)),
            [model.sensor(f"object {name}").id for name in ("position", "orientation")],
            round(END / PERIOD),
        )
        self.contestant.equip(episode.controller)
        episode.set_initial_qpos(self.way.data.qpos)
        now, squeeze = self.way.data.qpos[bound.qpos], self.way.stations[2][bound.qpos]
        episode.controller.set_trajectory([0.0, SETTLED], [now, squeeze])
        episode.controller.set_plan([_core.TaskStep(TAKEN, _core.TaskKind.OBJECT)])
        for axis in np.flatnonzero(push):
            value = [0.0, float(push[axis])]
            target = _core.TrackTarget.BODY_FORCE
            episode.add_track(target, own.object_body, int(axis), [SETTLED, SETTLED], value)
        first = episode.channels["object position"][0]
        for i, start in enumerate(self.way.start[:3].tolist()):
            episode.stop_outside(first + i, start - self.gate.shift, start + self.gate.shift)
        return episode

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
    """A hand's own configuration for an object that does not break and is pushed all at once.

    Friction is believed low, since there is but one push and no time to learn it from slips. The
    springs that hold the object are as stiff as 3 ms from touch to torque bear: a step of 5 N on
    half a kilogram shall not carry it through the strict gate.
    """
    held = config.object
    held.friction.initial = 0.4
    held.margin = 0.3
    held.force_min = 4.0  # [N]
    held.impedance.stiffness = 4000.0  # [N/m]
    held.impedance.damping = 40.0  # [N s/m]
    held.impedance.rotation_stiffness = 5.0  # [N m/rad]
    held.impedance.rotation_damping = 0.1  # [N m s/rad]
    config.law.stiffness = 1.5 * config.law.stiffness
    config.law.damping = 1.2 * config.law.damping
    return config
