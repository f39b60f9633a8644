"""A handle in a power grasp: what bat, wrench and screwdriver have in common.

A fixture holds the tool in weightlessness while the hand closes round its handle and squeezes, then
lets go; then comes what the tool is there for. The handle is nowhere quite where the hand expects
it, and its friction is drawn per seed. Fingertips feel force and slip; phalanges and palm, which
carry most of it, feel nothing.
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
from ..bench.trial import Condition
from ..scene import good_sensors
from .cup import TENDON_FRICTION
from .handle_force import HandleGrip
from .handle_law import PowerGains, power_grip
from .handle_object import HandleTrial
from .handle_wrap import HANDLE

Array = NDArray[np.float64]

PERIOD: Final = 0.001  # [s], of control
CLOSED: Final = 0.4  # [s], when the fingers have closed, and squeeze from then on
SETTLED: Final = 0.8  # [s], when the squeeze has settled and the fixture lets go
LOADED: Final = 1.0  # [s], when the load begins to grow

STIFFER: Final = 1.5  # than the hand's own joints, as for grasps that are pushed
DAMPED: Final = 1.2
PRESSED: Final = 300.0
"""[N], what a fingertip may feel before the hand lets go: a handle presses harder than a cup."""
BENT: Final = 0.5  # [rad], beyond its range at which a joint counts as faulty: loads bend the stops

_GONE: Final = 0.02  # [m] off its place the handle is lost, and the run over
_TURNED: Final = 0.1  # and so it is by this change of its quaternion, some 11 degrees


@dataclass(frozen=True, eq=False)
class HandleScene:
    """A hand about to take a handle; every episode works on a copy of its model.

    Attributes:
        hand: Who holds.
        model: The scene.
        bound: The hand in it.
        grip: How the hand takes it.
        free: Indices of the fingers' joints; the others are the wrist's.
    """

    hand: Hand
    model: mujoco.MjModel
    bound: BoundHand
    grip: HandleGrip
    free: NDArray[np.intp]

    @property
    def wrist(self) -> list[int]:
        """Indices of the joints that belong to no finger."""
        return [i for i in range(len(self.hand.joint_names)) if i not in set(self.free)]

    def level(self, condition: Condition) -> PowerGains:
        """How hard to squeeze under a condition; the open loop's is the sum of finger forces."""
        if condition.squeeze is None:
            return PowerGains(CLOSED, SETTLED)
        level = min(condition.squeeze / max(self.grip.force, 1e-9), 1.0)
        return PowerGains(CLOSED, SETTLED, level, level)

    def config(self) -> _core.ControllerConfig:
        """The hand's own, but firm, and not alarmed by what a handle does to it."""
        config = self.hand.controller_config(PERIOD)
        config.law.stiffness = STIFFER * config.law.stiffness
        config.law.damping = DAMPED * config.law.damping
        config.safety.contact_force_max = PRESSED
        config.safety.position_margin = BENT
        return config

    def episode(
        self, seed: int, condition: Condition, end: float, gains: PowerGains | None = None
    ) -> tuple[_core.Episode, mujoco.MjModel]:
        """One run without its load, and the model that it works on.

        Args:
            seed: From which friction and errors are drawn.
            condition: How it is held.
            end: Of the run [s].
            gains: Of the law, if not those of the condition.
        """
        trial = HandleTrial.draw(seed)
        model = copy.copy(self.model)
        model.geom_friction[model.geom_bodyid == model.body(HANDLE).id, 0] = trial.friction
        if condition.kind == "half_step":
            model.opt.timestep /= 2.0
        sensors = ["handle_position", "handle_orientation", *self._finger_sensors()]
        episode = _core.Episode(
            model,
            self.bound.plant_ids(),
            good_sensors(trial.seed, PERIOD),
            self.bound.hand_model,
            self.config(),
            [model.sensor(name).id for name in sensors],
            round(end / PERIOD) + 1,
            tendon_friction(self.hand),
        )
        wrap = self.grip.wrap
        rigid = condition.kind == "rigid"
        held = wrap.opened if rigid else wrap.touching
        episode.set_initial_qpos(self._place(model, trial))
        episode.controller.set_trajectory([0.0, CLOSED], [wrap.opened, held])
        if not rigid:
            gains = gains or self.level(condition)
            episode.controller.set_law(power_grip(gains, self.grip.squeeze, self.free))
        # What is fixed does not move: a rigid gripper takes over when the fixture lets go.
        self._switch(episode, "clamp", [0.0, SETTLED], [0.0, float(rigid)])
        self._switch(episode, "fixture", [0.0, SETTLED], [1.0, 0.0])
        self._watch(episode)
        return episode, model

    def _switch(
        self, episode: _core.Episode, name: str, time: list[float], value: list[float]
    ) -> None:
        keys = [time[0], time[1], time[1]]
        target = _core.TrackTarget.EQUALITY
        episode.add_track(
            target, self.model.equality(name).id, 0, keys, [value[0], value[0], value[1]]
        )

    def _finger_sensors(self) -> list[str]:
        return [f"{finger}_on_handle" for finger in self.hand.finger_names]

    def _place(self, model: mujoco.MjModel, trial: HandleTrial) -> Array:
        """Puts fixture and handle where the trial wants them; returns the positions of all."""
        qpos = np.array(model.qpos0)
        qpos[self.bound.qpos] = self.grip.wrap.opened
        fixture = model.body("fixture")
        fixture.pos[:] = self.grip.wrap.position + trial.shift
        fixture.quat[:] = trial.tilt
        address = int(model.jnt_qposadr[model.body(HANDLE).jntadr[0]])
        qpos[address : address + 7] = [*fixture.pos, *trial.tilt]
        return qpos

    def _watch(self, episode: _core.Episode) -> None:
        data = mujoco.MjData(self.model)
        data.qpos[self.bound.qpos] = self.grip.wrap.opened
        mujoco.mj_kinematics(self.model, data)
        palm = data.xmat[self.bound.palm_id].reshape(3, 3)
        place = palm.T @ (self.grip.wrap.position - data.xpos[self.bound.palm_id])
        turn = np.empty(4)
        mujoco.mju_negQuat(turn, data.xquat[self.bound.palm_id])
        first = episode.channels["handle_position"][0]
        for i in range(3):
            episode.stop_outside(first + i, place[i] - _GONE, place[i] + _GONE)
        first = episode.channels["handle_orientation"][0]
        for i in range(4):
            episode.stop_outside(first + i, turn[i] - _TURNED, turn[i] + _TURNED)


def tendon_friction(hand: Hand) -> _core.CapstanFriction:
    """What the guides of a hand with tendons take."""
    friction = _core.CapstanFriction()
    if hand.description.transmission.kind == "tendons":
        friction.coefficient, friction.velocity = TENDON_FRICTION
    return friction
