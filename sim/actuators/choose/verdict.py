"""How an actuator suits a joint: of everything that it has, what is asked over what it gives.

Above one it falls short. Joint torques are divided by what the route to the joint leaves of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ..parts import motor_physics as physics
from ..parts.candidate import Candidate
from ..require.requirement import JointRequirement
from .places import DIRECT, TENDON, Place, Route, Where

Array = NDArray[np.float64]
By = Literal["mass", "cost", "heat", "size"]
Check = Literal[
    "peak torque",
    "speed",
    "continuous torque",
    "temperature",
    "reflected inertia",
    "resolution",
    "backlash",
    "size",
]
CHECKS: Final[tuple[Check, ...]] = get_args(Check)

_STILL: Final = 1e-9  # [rad/s], slower is at rest


@dataclass(frozen=True)
class Rules:
    """What counts.

    Attributes:
        by: What actuators that suffice are ranked by.
        where: In the hand with direct drive, or in the forearm with tendons.
        backlash_max: [rad], that is borne; grasps preload their gears, so by default any is.
        waived: What an actuator may fall short of.
    """

    by: By = "mass"
    where: Where = "hand"
    backlash_max: float = math.inf
    waived: frozenset[Check] = frozenset()

    @property
    def route(self) -> Route:
        """From actuators to joints."""
        return TENDON if self.where == "forearm" else DIRECT


@dataclass(frozen=True)
class Verdict:
    """How an actuator suits a joint.

    Attributes:
        candidate: The actuator.
        uses: What is asked over what it gives, by what is asked, but what is waived. Of temperature
            it is torque over torque: RMS of the worst task, over what it may hold for good.
        heat: [W], copper's at the RMS torque.
        temperature: [deg C], where its winding settles in the worst task; infinite: it runs away,
            as more heat comes the hotter it is than leaves. None: not known.
    """

    candidate: Candidate
    uses: Mapping[Check, float]
    heat: float
    temperature: float | None

    @property
    def limit(self) -> str:
        """What it has least of."""
        return max(self.uses, key=self.uses.__getitem__, default="nothing")

    @property
    def use(self) -> float:
        """Of that."""
        return max(self.uses.values(), default=0.0)

    @property
    def suffices(self) -> bool:
        """Whether it has enough of everything that is known."""
        return self.use <= 1.0

    def waiving(self, check: Check) -> Verdict:
        """The same without asking for one thing."""
        return replace(self, uses={name: u for name, u in self.uses.items() if name != check})

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
    candidate: Candidate, joint: JointRequirement, place: Place, rules: Rules | None = None
) -> Verdict:
    """How an actuator suits a joint."""
    kept = rules or Rules()
    share = 1.0 / kept.route.efficiency
    rms, worst = joint.rms_torque * share, math.sqrt(joint.mean_square) * share
    uses: dict[Check, float] = {
        "peak torque": _cloud_use(candidate, joint.cloud, share),
        "speed": joint.peak_speed / min(candidate.speed_no_load, candidate.speed_max),
        "continuous torque": rms / candidate.torque_continuous,
        "temperature": worst / _held(candidate),
        "reflected inertia": candidate.inertia / joint.inertia_max,
        "resolution": candidate.resolution / joint.resolution,
        "backlash": candidate.backlash / kept.backlash_max,
        "size": place.use(candidate),
    }
    return Verdict(
        candidate=candidate,
        uses={check: use for check, use in uses.items() if check not in kept.waived},
        heat=float(candidate.copper_loss(rms)),
        temperature=_temperature(candidate, worst),
    )


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


def _temperature(candidate: Candidate, torque: float) -> float | None:
    if candidate.thermal is None:
        return None
    way = candidate.thermal.winding_resistance + candidate.thermal.housing_resistance
    square = np.asarray((torque / candidate.torque_constant) ** 2)
    return float(physics.winding_temperature(square, candidate.resistance, way))


def _held(candidate: Candidate) -> float:
    """[N m], that it may hold for good: until its winding is at its limit, or as it is rated."""
    thermal = candidate.thermal
    if thermal is None:
        return candidate.torque_continuous
    current = physics.continuous_current(
        candidate.resistance,
        thermal.winding_resistance,
        thermal.housing_resistance,
        thermal.winding_max,
        voltage=0.0,
        no_load_current=0.0,
    )
    return candidate.torque_constant * current
