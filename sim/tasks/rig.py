"""What scenes have in common in which a hand touches something."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import Self

import mujoco

from ...controller import BoundHand


@dataclass(frozen=True, eq=False)
class Rig:
    """A hand and what it touches, compiled once; every episode works on a copy of its model.

    Attributes:
        model: The scene.
        bound: The hand in it.
    """

    model: mujoco.MjModel
    bound: BoundHand

    def at_step(self, timestep: float) -> Self:
        """The same rig, simulated in other steps [s]."""
        model = copy.copy(self.model)
        model.opt.timestep = timestep
        return replace(self, model=model)

    def contact(self, finger: int) -> str:
        """Name of a finger's contact sensor: `found force pos normal tangent ...`."""
        return self.contact_sensors[finger]

    @property
    def contact_sensors(self) -> list[str]:
        """Names of the contact sensors, one per finger."""
        return [
            mujoco.mj_id2name(self.model, mujoco.mjtObj.mjOBJ_SENSOR, i) or ""
            for i in self.bound.contact_ids
        ]
