"""Where the thumb has to get in Kapandji's test, on any hand.

Kapandji 1986 (PMID 3963909): 1 and 2 the radial side of the index finger's middle and distal
phalanx, 3 to 6 the tips of index, middle, ring and little finger, 7 to 9 the little finger's
distal, middle and proximal crease, 10 the distal crease of the palm. A hand with sites `kapandji_1`
to `kapandji_10` says where; of all others the chains of the fingers do, and what belongs to a
finger that a hand lacks does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from ...controller import BoundHand
from .digits import Digits
from .taxonomy_types import Part, Patch

Array = NDArray[np.float64]

STAGES: Final = 10
_CREASE: Final = 0.25  # of a finger's length, from its base to the distal crease of the palm


@dataclass(frozen=True, eq=False)
class Target:
    """A point on the skin.

    Attributes:
        body: Its id.
        point: In the body's frame [m], shape (3,).
        outward: Unit, in the body's frame, shape (3,).
    """

    body: int
    point: Array
    outward: Array

    def in_world(self, data: mujoco.MjData) -> tuple[Array, Array]:
        """Point [m] and direction."""
        rotation = data.xmat[self.body].reshape(3, 3)
        return data.xpos[self.body] + rotation @ self.point, np.asarray(rotation @ self.outward)


def targets(digits: Digits) -> list[Target | None]:
    """Of all stages, in order; None where the hand has no such place."""
    bound = digits.bound
    site = mujoco.mjtObj.mjOBJ_SITE
    names = [f"{bound.prefix}kapandji_{stage}" for stage in range(1, STAGES + 1)]
    ids = [mujoco.mj_name2id(bound.model, site, name) for name in names]
    if min(ids) >= 0:
        return [_of_site(bound, i) for i in ids]
    return [_derived(digits, stage) for stage in range(1, STAGES + 1)]


def _of_site(bound: BoundHand, site: int) -> Target:
    model, rotation = bound.model, np.zeros(9)
    mujoco.mju_quat2Mat(rotation, model.site_quat[site])
    body = int(model.site_bodyid[site])
    return Target(body, model.site_pos[site].copy(), rotation.reshape(3, 3)[:, 2])


_ON_BONES: Final[dict[int, tuple[int, Part, float]]] = {
    1: (2, "radial", 0.5),
    2: (2, "edge", 0.5),
    7: (5, "distal", 0.0),
    8: (5, "middle", 0.0),
    9: (5, "proximal", 0.5),
}
"""By stage: the digit, which skin of it, and how far along the phalanx."""


def _derived(digits: Digits, stage: int) -> Target | None:
    if stage in _ON_BONES:
        return _on_bone(digits, *_ON_BONES[stage])
    return _palm(digits, 5) if stage == STAGES else _tip(digits, stage - 1)


def _tip(digits: Digits, digit: int) -> Target | None:
    """Half way between the pad's palmar pole and the end of the finger."""
    if not digits.has(digit):
        return None
    finger = digits.digit(digit)
    pad = digits.parts.pad[finger]
    normal = digits.normal(Patch(digit, "pad"))
    along = digits.along(finger)
    outward = normal + along - (along @ normal) * normal
    return _on_skin(digits, pad, outward / np.linalg.norm(outward), digits.data.geom_xpos[pad])


def _on_bone(digits: Digits, digit: int, part: Part, share: float) -> Target | None:
    """On the side of a phalanx, some way along it."""
    if not digits.has(digit):
        return None
    patch = Patch(digit, part)
    (geom,) = digits.geoms(patch)
    data, size = digits.data, digits.bound.model.geom_size[geom]
    axis = data.geom_xmat[geom].reshape(3, 3)[:, 2]
    axis = axis * np.sign(axis @ digits.along(digits.digit(digit)))
    capsule = digits.bound.model.geom_type[geom] == mujoco.mjtGeom.mjGEOM_CAPSULE
    half = float(size[1]) if capsule else 0.0
    middle = data.geom_xpos[geom] + (2.0 * share - 1.0) * half * axis
    return _on_skin(digits, geom, digits.normal(patch), middle)


def _palm(digits: Digits, digit: int) -> Target | None:
    """Below a finger's base, on the skin of the palm."""
    if not digits.has(digit):
        return None
    frame = digits.frame
    point = digits.bases[digits.digit(digit)] - _CREASE * digits.length * frame[:, 0]
    middles = digits.data.geom_xpos[digits.parts.palm]
    geom = digits.parts.palm[int(np.argmin(np.linalg.norm(middles - point, axis=1)))]
    return _on_skin(digits, geom, frame[:, 1], point)


def _on_skin(digits: Digits, geom: int, outward: Array, inside: Array) -> Target:
    """From a point in or at a geom outwards to its surface."""
    model, data = digits.bound.model, digits.data
    body = int(model.geom_bodyid[geom])
    start = inside + 0.1 * outward
    if model.geom_type[geom] == mujoco.mjtGeom.mjGEOM_MESH:
        way = mujoco.mj_rayMesh(model, data, geom, start, -outward, None)
    else:
        way = mujoco.mju_rayGeom(
            data.geom_xpos[geom],
            data.geom_xmat[geom],
            model.geom_size[geom],
            start,
            -outward,
            int(model.geom_type[geom]),
            None,
        )
    point = start - (way if way >= 0.0 else 0.1) * outward
    rotation = data.xmat[body].reshape(3, 3)
    return Target(body, rotation.T @ (point - data.xpos[body]), rotation.T @ outward)
