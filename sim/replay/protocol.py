"""The protocol of DexGraspBench, `fc_mocap`, to the option: src/task/eval_func of its main branch.

The hand goes from pregrasp to grasp to squeeze, then the object is pushed for 2 s by the weight it
would have at 10 m/s2, along each of six axes in turn; what it moved and turned from where it lay at
first decides. The way to the squeeze is the same for all six, and is taken once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from ..bench.trial import Outcome
from .grasp_set import Grasp
from .scene import ReplayScene
from .scene_parts import ACCELERATION, MASS

Array = NDArray[np.float64]

STAGES: Final = (10, 10)  # stations on the way to grasp and to squeeze, steps at each
PUSH: Final = (10, 50)  # looks at the object while it is pushed, steps between them
DEPTH_MAX: Final = 0.01  # [m], to which the open hand may be in the object, or in itself
WAYS: Final = np.array(
    [[-1.0, 0, 0], [1, 0, 0], [0, -1, 0], [0, 1, 0], [0, 0, -1], [0, 0, 1]]
)  # in its order


@dataclass(frozen=True)
class Gate:
    """How heavy an object is, and how far it may move and turn and still count as held."""

    name: str
    mass: float  # [kg]
    shift: float  # [m]
    turn: float  # [deg]

    @property
    def push(self) -> float:
        """[N]."""
        return ACCELERATION * self.mass


PUBLISHED: Final = Gate("published", MASS, 0.05, 15.0)
STRICT: Final = Gate("strict", 0.5, 0.01, 5.0)
"""Five times as heavy and as hard; the hand stands on a mount that does not give, as the published
one turns by a third of these 5 deg."""
GATES: Final = {gate.name: gate for gate in (PUBLISHED, STRICT)}


@dataclass(frozen=True)
class Verdict:
    """What a grasp was worth.

    Attributes:
        outcome: `held`, `slipped`, `missed` (the open hand was in the object, or the squeezing one
            does not touch it) or `diverged`.
        shift: Largest way of the object that was seen [m].
        turn: Largest angle [deg].
        ways: Directions in which it was held, before the first in which it was not.
        depth: Of the squeezing hand in the object [m].
        force: Largest sum of normal forces on the object while pushed [N].
        steps: Of simulation.
    """

    outcome: Outcome
    shift: float = 0.0
    turn: float = 0.0
    ways: int = 0
    depth: float = 0.0
    force: float = 0.0
    steps: int = 0


class Way:
    """The hand's way from pregrasp to squeeze and where it got to."""

    def __init__(self, scene: ReplayScene, grasp: Grasp, joints: tuple[str, ...]) -> None:
        """Puts the hand at the pregrasp."""
        self.scene, self.model = scene, scene.model
        self.data = mujoco.MjData(self.model)
        poses = (grasp.pregrasp, grasp.grasp, grasp.squeeze)
        self.stations = [scene.qpos(pose, joints, grasp) for pose in poses]
        self.controls = [self._control(qpos) for qpos in self.stations]
        mujoco.mj_resetData(self.model, self.data)
        self.data.qpos[:] = self.stations[0]
        self.data.ctrl[:] = self.controls[0]
        self._move_root(self.stations[0][:7])
        mujoco.mj_forward(self.model, self.data)
        self.start = self.data.qpos[scene.object_qpos].copy()
        self.steps = 0

    @property
    def severe(self) -> bool:
        """The open hand is too deep in the object, or in itself."""
        return bool(self.data.ncon and self.data.contact.dist.min() < -DEPTH_MAX)

    def squeeze(self) -> None:
        """Closes the hand, stage by stage."""
        for i in (1, 2):
            self._stage(*self.stations[i - 1 : i + 1], *self.controls[i - 1 : i + 1])

    def moved(self) -> tuple[float, float]:
        """How far the object is from where it lay [m] and [deg]."""
        pose = self.data.qpos[self.scene.object_qpos]
        shift = float(np.linalg.norm(pose[:3] - self.start[:3]))
        cosine = min(abs(float(pose[3:] @ self.start[3:])), 1.0)
        return shift, float(np.degrees(2.0 * np.arccos(cosine)))

    def touch(self) -> tuple[float, float]:
        """Depth of the deepest contact of the object [m] and the sum of all normal forces [N]."""
        contact, force, total = self.data.contact, np.zeros(6), 0.0
        body = self.model.geom_bodyid[contact.geom]
        held = np.flatnonzero((body == self.scene.object_body).any(axis=1))
        for i in held:
            mujoco.mj_contactForce(self.model, self.data, i, force)
            total += float(force[0])
        return 0.0 - float(contact.dist[held].min(initial=0.0)), total

    def push(self, way: Array, gate: Gate) -> tuple[bool, float, float]:
        """Pushes the object for 2 s, or until it is lost; held or not, shift [m] and turn [deg]."""
        self.data.xfrc_applied[self.scene.object_body, :3] = gate.push * way
        shift = turn = 0.0
        for _ in range(PUSH[0]):
            mujoco.mj_step(self.model, self.data, PUSH[1])
            self.steps += PUSH[1]
            shift, turn = self.moved()
            if not (shift < gate.shift and turn < gate.turn):
                return False, shift, turn
        return True, shift, turn

    def _stage(self, before: Array, after: Array, control: Array, goal: Array) -> None:
        count, inner = STAGES
        for i in range(1, count + 1):
            part = i / count
            self._move_root(_between(before[:7], after[:7], part))
            self.data.ctrl[:] = control + part * (goal - control)
            mujoco.mj_forward(self.model, self.data)
            mujoco.mj_step(self.model, self.data, inner)
            self.steps += inner

    def _move_root(self, pose: Array) -> None:
        mocap = self.scene.mocap(pose)
        self.data.mocap_pos[0], self.data.mocap_quat[0] = mocap[:3], mocap[3:]

    def _control(self, qpos: Array) -> Array:
        """What every servo is told at a posture: the length it has there."""
        self.data.qpos[:] = qpos
        mujoco.mj_fwdPosition(self.model, self.data)
        return np.array(self.data.actuator_length)


class OpenLoop:
    """A grasp that the protocol's servos hold."""

    def __init__(
        self, scene: ReplayScene, grasp: Grasp, joints: tuple[str, ...], gate: Gate
    ) -> None:
        """Puts the hand at the pregrasp.

        Args:
            scene: With the protocol's servos and an object of `MASS`.
            grasp: What to judge.
            joints: Of the set.
            gate: What counts as held.
        """
        self.gate = gate
        self.way = Way(scene.at(gate.mass), grasp, joints)

    def judged(self) -> Verdict:
        """Closes the hand and holds against all pushes, or as many as it can."""
        way = self.way
        if way.severe:
            return Verdict("missed")
        way.squeeze()
        depth, force = way.touch()
        touched = force > 0.0
        squeezed = State(way)
        found: list[tuple[bool, float, float]] = []
        for direction in WAYS:
            squeezed.restore(way)
            found.append(way.push(direction, self.gate))
            force = max(force, way.touch()[1])
            if not found[-1][0]:
                break
        lost: Outcome = "slipped" if touched else "missed"
        if diverged(way.data):
            lost = "diverged"
        held = [how for how, _, _ in found]
        shift, turn = max(f[1] for f in found), max(f[2] for f in found)
        outcome: Outcome = "held" if all(held) else lost
        return Verdict(outcome, shift, turn, sum(held), depth, force, way.steps)


def evaluate(
    scene: ReplayScene, grasp: Grasp, joints: tuple[str, ...] = (), gate: Gate = PUBLISHED
) -> Verdict:
    """Judges a grasp by the protocol; see `OpenLoop`."""
    return OpenLoop(scene, grasp, joints, gate).judged()


class State:
    """All that a simulation goes on from."""

    _WHAT: Final = mujoco.mjtState.mjSTATE_INTEGRATION

    def __init__(self, way: Way) -> None:
        """Remembers where a hand is."""
        self._state = np.empty(mujoco.mj_stateSize(way.model, self._WHAT))
        mujoco.mj_getState(way.model, way.data, self._state, self._WHAT)

    def restore(self, way: Way) -> None:
        """Puts it back there."""
        mujoco.mj_setState(way.model, way.data, self._state, self._WHAT)


def diverged(data: mujoco.MjData) -> bool:
    """The simulation broke down."""
    bad = mujoco.mjtWarning
    numbers = (bad.mjWARN_BADQPOS, bad.mjWARN_BADQVEL, bad.mjWARN_BADQACC)
    return any(data.warning[int(i)].number for i in numbers)


def _between(first: Array, second: Array, part: float) -> Array:
    """A pose on the way: straight, and turning evenly."""
    turn, quat = np.zeros(3), first[3:].copy()
    mujoco.mju_subQuat(turn, second[3:], first[3:])
    mujoco.mju_quatIntegrate(quat, turn, part)
    return np.concatenate([first[:3] + part * (second[:3] - first[:3]), quat])
