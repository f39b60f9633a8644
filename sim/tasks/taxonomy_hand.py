"""A hand before an object: how far its parts are from it, and where they would touch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from ...controller import BoundHand
from ..bench.task import CannotTakePartError
from .digits import Digits
from .taxonomy_types import GraspType, Patch

Array = NDArray[np.float64]

_FAR: Final = 0.3  # [m], beyond which distances are not computed


@dataclass(frozen=True, eq=False)
class Touch:
    """Where a part of the hand is nearest to the object.

    Attributes:
        distance: Between the surfaces [m].
        point: On the object [m].
        inward: Unit, from the part into the object.
        normal: Unit, which way the skin that shall touch looks.
    """

    distance: float
    point: Array
    inward: Array
    normal: Array


class TaxonomyHand(Digits):
    """A hand before the object `object` of its scene.

    Attributes:
        object: Id of the geom.
    """

    def __init__(self, bound: BoundHand) -> None:
        """Measures the hand."""
        super().__init__(bound)
        model = bound.model
        self.object = int(model.geom("object").id)
        address = int(model.jnt_qposadr[model.body("object").jntadr[0]])
        self._pose = slice(address, address + 7)
        self._line = np.zeros(6)

    def present(self, patches: tuple[Patch, ...]) -> list[Patch]:
        """Those of patches that the hand has."""
        return [p for p in patches if self.has(p.digit)]

    def check(self, kind: GraspType) -> None:
        """Refuses a type for which the hand lacks digits on one side.

        Raises:
            CannotTakePartError: It does.
        """
        first, second, _ = kind.patches
        if not self.present(first) or not self.present(second):
            name = self.bound.hand.name
            raise CannotTakePartError(f"{name} has too few fingers for {kind.name}")

    def place(self, position: Array, quat: Array) -> None:
        """Puts the object somewhere."""
        self.data.qpos[self._pose] = [*position, *quat]

    def distance(self, geom: int, other: int | None = None) -> float:
        """Between a geom and another one, or the object [m]; `points` says where."""
        other = self.object if other is None else other
        model = self.bound.model
        return float(mujoco.mj_geomDistance(model, self.data, geom, other, _FAR, self._line))

    @property
    def points(self) -> Array:
        """On both geoms of the last `distance`, shape (2, 3) [m]."""
        return self._line.reshape(2, 3).copy()

    def touch(self, patch: Patch) -> Touch:
        """Where a patch is nearest to the object."""
        if patch.part == "palm":
            return self._palm(patch)
        (geom,) = self.geoms(patch)
        distance, points = self.distance(geom), self.points
        way = points[1] - self._axis_point(geom, points[1])
        inward = way / max(float(np.linalg.norm(way)), 1e-9)
        return Touch(distance, points[1], inward, self.normal(patch))

    def _palm(self, patch: Patch) -> Touch:
        """The palm touches with the two of its parts that are nearest."""
        found = sorted((self.distance(g), *self.points[1]) for g in self.parts.palm)[:2]
        distance, *point = np.mean(found, axis=0)
        normal = self.normal(patch)
        return Touch(float(distance), np.array(point), normal, normal)

    def _axis_point(self, geom: int, point: Array) -> Array:
        """On the axis of a capsule that is nearest to a point, the middle of all else."""
        model, data = self.bound.model, self.data
        middle = data.geom_xpos[geom]
        if model.geom_type[geom] != mujoco.mjtGeom.mjGEOM_CAPSULE:
            return np.asarray(middle)
        axis, half = data.geom_xmat[geom].reshape(3, 3)[:, 2], model.geom_size[geom, 1]
        return np.asarray(middle + np.clip((point - middle) @ axis, -half, half) * axis)
