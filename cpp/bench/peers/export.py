"""Writes the problem that all peers solve: a hand, and samples of it holding a cup.

    python export.py problem.txt

The tree is told in frames whose z axis is the joint, so that a library may use its cheapest joint.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import mujoco
import numpy as np
from numpy.typing import NDArray

from handloop import Hand, HandKinematics, HandState
from handloop.sim.tasks.cup import CupScene
from handloop.sim.tasks.cup_trial import CupTrial

Array = NDArray[np.float64]

FRICTION, FORCE_MIN, FORCE_MAX, REGULARISATION = 0.5, 0.3, 20.0, 1e-2
ARM = 0.05  # [m], unit of the lever arms in the wrench


def held_samples(scene: CupScene) -> list[HandState]:
    """Samples of one run in which every finger touches: in a row, as a warm start wants them."""
    samples = scene.episode(CupTrial.draw(0)).record_samples()
    fingers = range(len(scene.hand.finger_names))
    return [s for s in samples if all(s.contact(f).touching for f in fingers)]


class Tree:
    """The joints of a hand at the reference posture, in world axes."""

    def __init__(self, scene: CupScene) -> None:
        self.model, self.bound = scene.model, scene.bound
        self.data = mujoco.MjData(self.model)
        mujoco.mj_kinematics(self.model, self.data)
        self.joints = [int(j) for j in self.bound.joint_ids]
        self.anchors = self.data.xanchor[self.joints]
        self.frames = [_frame_along(axis) for axis in self.data.xaxis[self.joints]]

    def _joint_of_body(self, body: int) -> int:
        """Index of the last joint of the hand that moves a body; -1: none does."""
        m = self.model
        while body > 0:
            own = [i for i, j in enumerate(self.joints) if m.jnt_bodyid[j] == body]
            if own:
                return own[-1]
            body = int(m.body_parentid[body])
        return -1

    def _parent(self, i: int) -> int:
        body = self.model.jnt_bodyid[self.joints[i]]
        if i > 0 and self.model.jnt_bodyid[self.joints[i - 1]] == body:
            return i - 1
        return self._joint_of_body(int(self.model.body_parentid[body]))

    def _placed(self, parent: int, position: Array, rotation: Array) -> Iterator[float]:
        frame = self.frames[parent] if parent >= 0 else np.eye(3)
        origin = self.anchors[parent] if parent >= 0 else np.zeros(3)
        yield from frame.T @ (position - origin)
        yield from (frame.T @ rotation).ravel()

    def _inertia(self, i: int) -> Iterator[float]:
        """Mass, centre of mass and inertia about it of all that moves with joint `i` alone."""
        m, d = self.model, self.data
        bodies = [b for b in range(1, m.nbody) if self._joint_of_body(b) == i]
        mass = float(m.body_mass[bodies].sum())
        com = m.body_mass[bodies] @ d.xipos[bodies] / mass if mass else self.anchors[i]
        inertia = np.zeros((3, 3))
        for b in bodies:
            axes, arm = d.ximat[b].reshape(3, 3), d.xipos[b] - com
            inertia += axes @ np.diag(m.body_inertia[b]) @ axes.T
            inertia += m.body_mass[b] * (arm @ arm * np.eye(3) - np.outer(arm, arm))
        yield mass
        yield from self.frames[i].T @ (com - self.anchors[i])
        yield from (self.frames[i].T @ inertia @ self.frames[i]).ravel()

    def lines(self) -> Iterator[list[float]]:
        """One line per joint, then one per fingertip."""
        for i in range(len(self.joints)):
            parent = self._parent(i)
            placed = self._placed(parent, self.anchors[i], self.frames[i])
            yield [parent, *placed, *self._inertia(i)]
        for tip in self.bound.tip_ids:
            joint = self._joint_of_body(int(self.model.site_bodyid[tip]))
            rotation = self.data.site_xmat[tip].reshape(3, 3)
            yield [joint, *self._placed(joint, self.data.site_xpos[tip], rotation)]


def _frame_along(axis: Array) -> Array:
    """A rotation whose z axis is `axis`."""
    other = np.eye(3)[np.argmin(np.abs(axis))]
    x = np.cross(other, axis)
    x /= np.linalg.norm(x)
    return np.stack([x, np.cross(axis, x), axis], axis=1)


def sample_line(scene: CupScene, sample: HandState) -> list[float]:
    """q, dq, the five contacts in fingertip frames, and the wrench that was measured."""
    hand = HandKinematics(scene.bound.hand_model)
    hand.update_position(sample.q)
    reference = scene.model.qpos0[scene.bound.qpos]
    line = [*(sample.q - reference), *sample.dq]
    points, forces = [], []
    for f in range(len(scene.hand.finger_names)):
        c = sample.contact(f)
        line += [*c.position, *c.normal, *c.tangent]
        tip = hand.tip_rotation(f)
        points.append(hand.tip_position(f) + tip @ c.position)
        axes = np.stack([c.normal, c.tangent, np.cross(c.normal, c.tangent)], axis=1)
        forces.append(tip @ axes @ c.force)
    arms = (np.array(points) - np.mean(points, axis=0)) / ARM
    return [*line, *np.sum(forces, axis=0), *np.cross(arms, forces).sum(axis=0)]


def write(path: Path, hand_name: str = "hand27_right") -> tuple[CupScene, list[HandState]]:
    """Writes the problem; returns what our own controller is timed on."""
    scene = CupScene.build(Hand.load(hand_name))
    samples = held_samples(scene)
    config = scene.hand.controller_config()
    reference = scene.preshape.closed - scene.model.qpos0[scene.bound.qpos]
    lines: list[list[float]] = [
        [len(scene.hand.joint_names), len(samples)],
        [FRICTION, FORCE_MIN, FORCE_MAX, REGULARISATION],
        [*scene.model.opt.gravity],
        *Tree(scene).lines(),
        [*config.law.stiffness],
        [*config.law.damping],
        [*reference],
        [*config.safety.torque_max],
        *(sample_line(scene, s) for s in samples),
    ]
    path.write_text("".join(" ".join(f"{x:.17g}" for x in line) + "\n" for line in lines))
    return scene, samples


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("problem", type=Path)
    write(parser.parse_args().problem)
