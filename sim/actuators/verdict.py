"""How an actuator suits a joint: of everything that it has, what is asked over what it gives.

Above one it falls short. Joint torques are divided by what the route to the joint leaves of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from ...controller.description_motors import Thermal
from .parts import motor_physics as physics
from .parts.candidate import Candidate
from .places import DIRECT, Place, Route
from .require.requirement import JointRequirement

Array = NDArray[np.float64]
By = Literal["mass", "cost", "heat", "size"]

_STILL: Final = 1e-9  # [rad/s], slower is at rest


@dataclass(frozen=True)
class Verdict:
    """How an actuator suits a joint.

    Attributes:
        candidate: The actuator.
        uses: What is asked over what it gives, by what is asked; what is not known is left out. Of
            temperature it is torque over torque: of the worst task, over what may be held.
        heat: [W], copper's at the RMS torque.
        temperature: [deg C], where its winding settles in the worst task. None: not known.
    """

    candidate: Candidate
    uses: Mapping[str, float]
    heat: float
    temperature: float | None

    @property
    def limit(self) -> str:
        """What it has least of."""
        return max(self.uses, key=self.uses.__getitem__)

    @property
    def use(self) -> float:
        """Of that."""
        return self.uses[self.limit]

    @property
    def suffices(self) -> bool:
        """Whether it has enough of everything that is known."""
        return self.use <= 1.0

    def rank(self, by: By) -> float:
        """[kg], [USD], [W] or [m3]; infinite where it is not known."""
        match by:
            case "mass":
                return self.candidate.mass
            case "cost":
                return math.inf if self.candidate.price is None else self.candidate.price
            case "heat":
                return self.heat
            case "size":
                return self.candidate.volume


def judge(
    candidate: Candidate,
    joint: JointRequirement,
    place: Place,
    route: Route = DIRECT,
    backlash_max: float = math.inf,
) -> Verdict:
    """How an actuator suits a joint."""
    share = 1.0 / route.efficiency
    rms = joint.rms_torque * share
    warm = _temperature(candidate, joint.mean_square * share**2)
    uses = {
        "peak torque": _cloud_use(candidate, joint.cloud, share),
        "speed": joint.peak_speed / min(candidate.speed_no_load, candidate.speed_max),
        "continuous torque": rms / candidate.torque_continuous,
        "reflected inertia": candidate.inertia / joint.inertia_max,
        "resolution": candidate.resolution / joint.resolution,
        "backlash": candidate.backlash / backlash_max,
        "size": place.use(candidate),
    }
    if candidate.thermal:
        worst = math.sqrt(joint.mean_square) * share
        uses["temperature"] = worst / _held(candidate, candidate.thermal)
    return Verdict(candidate, uses, float(candidate.copper_loss(rms)), warm)


def _cloud_use(candidate: Candidate, cloud: Array, share: float) -> float:
    """Largest part of the peak envelope that a torque of the cloud takes at its speed.

    Where a point is too fast for any torque the speed says so; it is left out here.
    """
    torque, speed = cloud.T
    along = np.where(np.abs(speed) > _STILL, speed * np.sign(torque), 0.0)
    there = candidate.envelope(along)
    reached = there > 0.0
    needed = np.abs(torque[reached]) * share
    return float(np.max(needed / there[reached], initial=0.0))


def _temperature(candidate: Candidate, mean_square: float) -> float | None:
    if candidate.thermal is None:
        return None
    way = candidate.thermal.winding_resistance + candidate.thermal.housing_resistance
    square = np.asarray(mean_square / candidate.torque_constant**2)
    return float(physics.winding_temperature(square, candidate.resistance, way))


def _held(candidate: Candidate, thermal: Thermal) -> float:
    """[N m], that brings the winding of a motor at rest to its limit."""
    current = physics.continuous_current(
        candidate.resistance,
        thermal.winding_resistance,
        thermal.housing_resistance,
        thermal.winding_max,
        voltage=0.0,
        no_load_current=0.0,
    )
    return candidate.torque_constant * current
