"""A hand that closes on an object which does not move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from ...controller import Hand
from ...controller.binding import tip_name
from ..scene import PREFIX, thumb_of
from .scene import ReplayScene

Array = NDArray[np.float64]

RETREAT: Final = 0.01  # [m], of the pregrasp from every contact
SKIN: Final = 0.001  # [m], that parts of the hand may be in each other
DAMPING: Final = 0.01  # [m/rad], of the inverse kinematics that finds it

PULL: Final = 2.0  # [N], on every fingertip while it closes
SETTLED: Final = 0.2  # [N], at the end
CLOSING: Final = 200  # steps
SETTLING: Final = 40  # steps


@dataclass(frozen=True, eq=False)
class Touch:
    """A contact of the hand with the object."""

    body: int  # of the hand
    point: Array  # [m]
    normal: Array  # unit, into the object


class Closing:
    """A hand about an object that does not move."""

    def __init__(self, scene: ReplayScene, hand: Hand) -> None:
        self.scene, self.model = scene, scene.model
        self.data = mujoco.MjData(self.model)
        fingers = hand.description.fingers
        self.thumb = hand.finger_names.index(thumb_of(hand))
        self.palm = int(self.model.body(PREFIX + hand.description.palm).id)
        self._tips = [int(self.model.site(PREFIX + tip_name(f)).id) for f in fingers]
        self._qpos = scene.joint_addresses(hand.joint_names, len(hand.joint_names))
        joints = [int(self.model.joint(PREFIX + name).id) for name in hand.joint_names]
        self._dof = self.model.jnt_dofadr[joints]
        names = list(hand.joint_names)
        self._chains = [[names.index(j) for j in f.joints] for f in fingers]
        collides = np.flatnonzero(self.model.geom_contype)
        of_object = self.model.geom_bodyid[collides] == scene.object_body
        self._pieces, self._parts = collides[of_object], collides[~of_object]
        self._links = [self._bodies_of(joints[chain[0]]) for chain in self._chains]

    def _bodies_of(self, joint: int) -> set[int]:
        """What moves with a joint."""
        moves = {int(self.model.jnt_bodyid[joint])}
        for body in range(min(moves) + 1, self.model.nbody):
            if int(self.model.body_parentid[body]) in moves:
                moves.add(body)
        return moves

    def place(self, root: Array, posture: Array) -> None:
        """Puts the hand somewhere, at rest [m], [rad]."""
        mujoco.mj_resetData(self.model, self.data)
        self.data.qpos[:7] = root
        mocap = self.scene.mocap(root)
        self.data.mocap_pos[0], self.data.mocap_quat[0] = mocap[:3], mocap[3:]
        self.data.qpos[self._qpos] = posture
        self.data.qpos[self.scene.object_qpos] = [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]

    def posture(self) -> Array:
        """Of the hand [rad], shape (joints,)."""
        return np.array(self.data.qpos[self._qpos])

    def tips(self) -> Array:
        """Where the fingertips are [m], shape (fingers, 3)."""
        return np.array(self.data.site_xpos[self._tips])

    def clearance(self, root: Array, posture: Array) -> float:
        """Of the hand from the object [m]."""
        self.place(root, posture)
        mujoco.mj_kinematics(self.model, self.data)
        return self._distance(self._parts)

    def is_free(self, root: Array, posture: Array) -> bool:
        """Touches neither the object nor, more than skin gives, itself."""
        self.place(root, posture)
        mujoco.mj_fwdPosition(self.model, self.data)
        if any(self.scene.object_body in pair for pair in self._touching()):
            return False
        return float(self.data.contact.dist.min(initial=0.0)) > -SKIN

    def _touching(self) -> Array:
        return np.asarray(self.model.geom_bodyid[self.data.contact.geom])

    def close(self, root: Array, posture: Array) -> None:
        """Draws thumb and fingertips together."""
        self.place(root, posture)
        for step in range(CLOSING + SETTLING):
            mujoco.mj_step1(self.model, self.data)
            self._pull(PULL if step < CLOSING else SETTLED)
            mujoco.mj_step2(self.model, self.data)
            self._hold_still(root)
        mujoco.mj_forward(self.model, self.data)

    def _hold_still(self, root: Array) -> None:
        self.data.qpos[:7], self.data.qvel[:6] = root, 0.0
        self.data.qpos[self.scene.object_qpos] = [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]
        self.data.qvel[-6:] = 0.0

    def _pull(self, force: float) -> None:
        tips = self.tips()
        others = np.delete(tips, self.thumb, axis=0).mean(axis=0)
        jacobian = np.zeros((3, self.model.nv))
        self.data.qfrc_applied[:] = 0.0
        for finger, site in enumerate(self._tips):
            way = (others if finger == self.thumb else tips[self.thumb]) - tips[finger]
            mujoco.mj_jacSite(self.model, self.data, jacobian, None, site)
            torque = jacobian.T @ (force * way / max(float(np.linalg.norm(way)), 1e-3))
            self.data.qfrc_applied[self._dof] += torque[self._dof]
        self.data.ctrl[:] = self.data.actuator_length

    def touches(self) -> list[Touch]:
        """Where the hand is on the object."""
        found = []
        for (first, second), contact in zip(self._touching(), self.data.contact, strict=True):
            if self.scene.object_body not in {first, second}:
                continue
            inward = second == self.scene.object_body
            normal = contact.frame[:3] if inward else -contact.frame[:3]
            found.append(Touch(int(first if inward else second), contact.pos.copy(), normal.copy()))
        return found

    def opposed(self, touches: list[Touch]) -> bool:
        """The thumb's tip touches, and that of a finger."""
        bodies = [int(self.model.site_bodyid[site]) for site in self._tips]
        on = {bodies.index(touch.body) for touch in touches if touch.body in bodies}
        return self.thumb in on and len(on) > 1

    def torques(self, touches: list[Touch], forces: Array) -> Array:
        """Of the joints that press with `forces` (k, 3) [N] on the object, shape (joints,)."""
        torque, jacobian = np.zeros(self.model.nv), np.zeros((3, self.model.nv))
        for touch, force in zip(touches, forces, strict=True):
            mujoco.mj_jac(self.model, self.data, jacobian, None, touch.point, touch.body)
            torque += jacobian.T @ force
        return np.asarray(torque[self._dof])

    def backed_off(self, touches: list[Touch]) -> Array:
        """Posture with every finger `RETREAT` off its contacts, to first order."""
        posture = self.posture()
        jacobian = np.zeros((3, self.model.nv))
        for chain, bodies in zip(self._chains, self._links, strict=True):
            rows = []
            for touch in touches:
                if touch.body in bodies:
                    mujoco.mj_jac(self.model, self.data, jacobian, None, touch.point, touch.body)
                    rows.append(touch.normal @ jacobian[:, self._dof[chain]])
            if rows:
                way, wanted = np.array(rows), np.full(len(rows), -RETREAT)
                square = way @ way.T + DAMPING**2 * np.eye(len(rows))
                posture[chain] += way.T @ np.linalg.solve(square, wanted)
        return posture

    def _distance(self, parts: NDArray[np.intp]) -> float:
        """Of parts of the hand from the object, as far as it matters [m]."""
        pairs = ((int(a), int(b)) for a in parts for b in self._pieces)
        least = 0.02
        for a, b in pairs:
            least = min(least, mujoco.mj_geomDistance(self.model, self.data, a, b, least, None))
        return least
