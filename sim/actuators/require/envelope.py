"""Torque over speed of candidate actuators, and how much of what a joint needs lies within."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ....controller.actuator import Actuator
from ..parts.candidate import Duration
from .requirement import JointRequirement

Array = NDArray[np.float64]

_STEPS: Final = 41  # of an outline


class Enveloped(Protocol):
    """What is asked of an actuator here; a `Candidate` has it."""

    @property
    def name(self) -> str:
        """Of the actuator."""

    @property
    def torque_continuous(self) -> float:
        """[N m]; NaN where nobody says."""

    @property
    def speed_no_load(self) -> float:
        """[rad/s]."""

    def envelope(self, speed: ArrayLike, duration: Duration = "peak") -> Array:
        """Largest torque [N m] at speeds [rad/s]; NaN where nobody says."""


@dataclass(frozen=True)
class ServoEnvelope:
    """The straight line of an actuator file: stall torque to no-load speed.

    Attributes:
        actuator: The file.
    """

    actuator: Actuator

    @property
    def name(self) -> str:
        """As its file has it."""
        return self.actuator.name

    @property
    def torque_continuous(self) -> float:
        """Where the winding stays at its limit for good [N m]; NaN without thermal figures."""
        thermal, motor = self.actuator.thermal, self.actuator.motor
        if thermal is None:
            return float("nan")
        outward = thermal.winding_resistance + thermal.housing_resistance
        power = (thermal.winding_max - 25.0) / outward
        hot = motor.resistance * (1.0 + 0.00393 * (thermal.winding_max - 25.0))
        return float(motor.torque_constant * np.sqrt(power / hot))

    @property
    def speed_no_load(self) -> float:
        """[rad/s]."""
        return self.actuator.no_load_speed

    def envelope(self, speed: ArrayLike, duration: Duration = "peak") -> Array:
        """Largest torque at speeds along the torque; a brake helps where the load drives.

        For good it is NaN without thermal figures.
        """
        along = np.asarray(speed, dtype=float)
        stall = self.actuator.stall_torque
        straight = np.clip(stall * (1.0 - along / self.speed_no_load), 0.0, stall)
        return straight if duration == "peak" else np.minimum(straight, self.torque_continuous)


@dataclass(frozen=True)
class Fit:
    """How an actuator suits a joint.

    Attributes:
        inside: Part of the cloud's points, which are its outline above all, under the envelope.
        peak: Its torque at rest over the joint's peak.
        speed: Its no-load speed over the joint's peak speed.
        continuous: Its continuous torque over the RMS of the worst task; NaN: not known.
    """

    inside: float
    peak: float
    speed: float
    continuous: float

    @property
    def suits(self) -> bool:
        """Whatever is known of it suffices."""
        warm = np.isnan(self.continuous) or self.continuous >= 1.0
        return bool(self.inside == 1.0 and warm)


def fit(actuator: Enveloped, joint: JointRequirement) -> Fit:
    """How an actuator suits a joint."""
    torque, speed = joint.cloud.T
    along = speed * np.sign(torque)
    inside = np.abs(torque) <= actuator.envelope(along)
    return Fit(
        inside=float(np.mean(inside)),
        peak=float(actuator.envelope(0.0)) / max(joint.peak_torque, 1e-12),
        speed=actuator.speed_no_load / max(joint.peak_speed, 1e-12),
        continuous=actuator.torque_continuous / max(float(np.sqrt(joint.mean_square)), 1e-12),
    )


def outline(actuator: Enveloped, duration: Duration = "peak") -> tuple[Array, Array]:
    """Border of what an actuator can do: speeds [rad/s] and torques [N m], each shape (k,).

    It goes once around all four quadrants: driving and braking, either way.
    """
    speed = np.linspace(-actuator.speed_no_load, actuator.speed_no_load, _STEPS)
    torque = np.asarray(actuator.envelope(speed, duration), dtype=float)
    return np.append(np.concatenate([speed, -speed]), speed[0]), np.append(
        np.concatenate([torque, -torque]), torque[0]
    )


def envelope_of(name: str) -> ServoEnvelope:
    """Of an actuator file.

    Args:
        name: A packaged one, or the path of a file.

    Raises:
        HandError: The file is missing, or something in it is wrong.
    """
    return ServoEnvelope(Actuator.read(name))
