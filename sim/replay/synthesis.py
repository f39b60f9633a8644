"""Grasps made up by chance, for any hand: the simplest synthesiser that deserves the name.

An object comes at the open hand in a random pose, along about the line from the palm to where the
fingertips meet, and stops short of it. Then every fingertip is drawn towards the thumb's, and the
thumb's towards theirs, until the object is between them. What touches is kept if contact forces in
friction cones of half the width can balance, and the squeeze is what a position servo has to be
told to press with these forces: the joint torques J^T f over its gain, as BODex has it
(arXiv:2412.16490). Poses and squeeze are as they fall: none was tuned by how it fares.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import mujoco
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from ...controller import Hand
from ..bench.task import CannotTakePartError, Kept
from .closing import Closing, Touch
from .grasp_set import Grasp, ReplayObject
from .objects import EVERYDAY
from .scene import ReplayScene
from .scene_parts import ACCELERATION, FRICTION, MASS, SERVO_GAIN

Array = NDArray[np.float64]

TRIES: Final = 400  # poses, before a hand is said to find no grasp of an object
TILT: Final = 0.5  # [rad], standard deviation of the approach
OFFSET: Final = 0.015  # [m], standard deviation of where it aims
DEEPEST: Final = 0.6  # of the way from where the fingertips meet to the palm
CLEARANCE: Final = 0.005  # [m], of the open hand from the object
RESIDUAL: Final = 0.1  # of the wrench that may be left, for normal forces that sum to 1
SQUEEZE: Final = ACCELERATION * MASS / (0.5 * FRICTION[0])
"""[N], sum of the normal forces: two sides that hold the protocol's push of 1 N by half of the
friction. DexGraspBench's own 400 grasps press with 16.5 N in the median."""
LENGTH: Final = 0.05  # [m], lever at which a torque counts as a force
_EDGES: Final = 8  # of a friction cone


class Synthesiser:
    """Makes grasps for one hand; the same number gives the same grasp, to the bit."""

    def __init__(self, hand: Hand, objects: tuple[ReplayObject, ...] = EVERYDAY) -> None:
        """Finds where the hand's fingertips meet.

        Args:
            hand: Any, with or without motors.
            objects: What to grasp.
        """
        self.hand, self.objects = hand, objects
        self._scenes = Kept(len(objects))
        self._reach = _Reach.of(hand)

    def grasp(self, number: int) -> Grasp:
        """Makes a grasp of the object whose turn it is.

        Args:
            number: From which all follows.

        Raises:
            CannotTakePartError: No pose gave one that balances.
        """
        thing = self.objects[number % len(self.objects)]
        rng = np.random.default_rng([number, 0x6B5])
        for _ in range(TRIES):
            if made := self._attempt(thing, rng):
                return made
        raise CannotTakePartError(f"{self.hand.name} finds no grasp of the {thing.name}")

    def scene(self, thing: ReplayObject) -> ReplayScene:
        """Of an object, with the protocol's servos."""
        made: ReplayScene = self._scenes.get(
            thing.name, lambda: ReplayScene.build(self.hand, thing)
        )
        return made

    def _attempt(self, thing: ReplayObject, rng: np.random.Generator) -> Grasp | None:
        closing = Closing(self.scene(thing), self.hand)
        root = self._reach.approach(closing, rng)
        if root is None:
            return None
        closing.close(root, self._reach.opened)
        touches = closing.touches()
        if not closing.opposed(touches):
            return None
        forces, residual = balance(touches)
        if residual > RESIDUAL:
            return None
        grasp = closing.posture()
        squeeze = grasp + closing.torques(touches, SQUEEZE * forces) / SERVO_GAIN
        pregrasp = closing.backed_off(touches)
        if not closing.is_free(root, pregrasp):
            return None
        place = np.array([0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0])
        poses = (pregrasp, grasp, squeeze)
        return Grasp(thing.name, 1.0, place, *(np.concatenate([root, q]) for q in poses))


@dataclass(frozen=True, eq=False)
class _Reach:
    """Where a hand can take something, in its own frame.

    Attributes:
        opened: Posture, shape (joints,) [rad].
        meeting: Where thumb and fingertips meet [m], shape (3,).
        palm: [m], shape (3,).
    """

    opened: Array
    meeting: Array
    palm: Array

    @classmethod
    def of(cls, hand: Hand) -> _Reach:
        speck = 0.001 * np.concatenate([np.eye(3), -np.eye(3)])
        far = ReplayObject("nothing", (speck + np.array([0.0, 0.0, 9.0]),))
        closing = Closing(ReplayScene.build(hand, far), hand)
        opened = _open_posture(hand)
        closing.close(np.array([0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]), opened)
        tips = closing.tips()
        others = np.delete(tips, closing.thumb, axis=0).mean(axis=0)
        palm = closing.data.xpos[closing.palm].copy()
        return cls(opened, 0.5 * (tips[closing.thumb] + others), palm)

    def approach(self, closing: Closing, rng: np.random.Generator) -> Array | None:
        """Root pose of a hand to which the object has come as near as it shall, or None."""
        turn = rng.normal(size=4)
        turn /= np.linalg.norm(turn)
        line = self.meeting - self.palm
        way = line / np.linalg.norm(line) + TILT * rng.normal(size=3)
        way /= np.linalg.norm(way)
        aim = self.meeting + OFFSET * rng.normal(size=3)
        depth = rng.uniform(0.0, DEEPEST) * float(np.linalg.norm(line))
        found = None
        for step in np.arange(0.16, -depth, -0.01):
            place = aim + step * way
            root = _seen_from(place, turn)
            if closing.clearance(root, self.opened) < CLEARANCE:
                break
            found = root
        return found


def balance(touches: list[Touch]) -> tuple[Array, float]:
    """Contact forces that cancel each other best, in friction cones of half the width.

    Returns:
        Forces on the object, shape (k, 3), whose normal parts sum to 1, and the wrench that is
        left, its torque about the object's origin and over `LENGTH`.
    """
    angle = 2.0 * np.pi * np.arange(_EDGES) / _EDGES
    directions = []
    for touch in touches:
        first = np.cross(touch.normal, np.eye(3)[int(np.argmin(np.abs(touch.normal)))])
        first /= np.linalg.norm(first)
        second = np.cross(touch.normal, first)
        around = np.outer(np.cos(angle), first) + np.outer(np.sin(angle), second)
        directions.append(touch.normal + 0.5 * FRICTION[0] * around)
    edge = np.concatenate(directions)
    point = np.repeat([touch.point for touch in touches], _EDGES, axis=0)
    wrench = np.concatenate([edge.T, np.cross(point, edge).T / LENGTH])
    count = len(edge)
    system = np.concatenate([wrench, 10.0 * np.ones((1, count)), 0.1 * np.eye(count)])
    share, _ = nnls(system, np.concatenate([np.zeros(6), [10.0], np.zeros(count)]))
    share /= max(float(share.sum()), 1e-9)
    forces = (share[:, None] * edge).reshape(len(touches), _EDGES, 3).sum(axis=1)
    return forces, float(np.linalg.norm(wrench @ share))


def _open_posture(hand: Hand) -> Array:
    """The keyframe `open`, or straight."""
    bound = hand.bind(hand.model)
    if mujoco.mj_name2id(hand.model, mujoco.mjtObj.mjOBJ_KEY, "open") >= 0:
        return np.asarray(hand.model.key("open").qpos[bound.qpos].copy())
    return np.asarray(np.clip(0.0, *bound.position_range.T))


def _seen_from(place: Array, turn: Array) -> Array:
    """Pose of a hand in whose frame the object's is `place` and `turn`."""
    position, quat = np.zeros(3), np.zeros(4)
    mujoco.mju_negPose(position, quat, place, turn)
    return np.concatenate([position, quat])
