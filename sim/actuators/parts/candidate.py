"""An actuator that a joint may get: bought as a servo, put together of parts, or designed.

All figures are those of the output shaft, so gear ratios never appear in what uses them. The gear's
loss grows with what it delivers, as tooth forces do: driving, of the motor's torque `eta` comes
out; driven from outside, `2 - 1/eta` of the torque comes back (see motor_physics.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ....controller.actuator import (
    Actuator,
    ActuatorEncoder,
    ActuatorGear,
    ActuatorMotor,
)
from ....controller.description_friction import Friction
from ....controller.description_thermal import Thermal

Array = NDArray[np.float64]
Kind = Literal["servo", "motor+gear", "designed"]
Duration = Literal["peak", "continuous"]

_BEST_GEAR: Final = 1.0  # sheets whose rows contradict each other imply better ones


@dataclass(frozen=True)
class Candidate:
    """An actuator as seen at its output.

    Attributes:
        name: Unique in its list.
        source: Where its figures are from.
        kind: How one comes by it.
        mass: [kg], without drive and encoder where the parts come without.
        price: [USD] of one. None: not known.
        size: [m], width, depth and length; the output shaft is along the last of a motor with gear.
        torque_continuous: [N m], that motor and gear bear for good.
        torque_peak: [N m], for a second or so: what drives, winding and gear allow.
        speed_no_load: [rad/s], at `voltage`.
        torque_constant: [N m/A], the gear's loss taken off.
        back_emf: [V s/rad], which knows no loss.
        resistance: [ohm], of the winding at 25 deg C.
        inertia: [kg m2], of rotor and gear.
        voltage: [V], nominal supply.
        speed_max: [rad/s], that bearings and gear allow for a while.
        speed_continuous: [rad/s], that they allow for good.
        gear_ratio: Turns of the motor for one of the output. None: not known.
        gear_torque_max: [N m], that the gear bears for good. None: not known.
        backlash: [rad], end to end.
        resolution: [rad], of a count of its encoder. 0: as fine as can be.
        no_load_current: [A], at nominal voltage.
        thermal: None: not known.
        assumed: Which of these figures are assumptions, in words; empty where all are from a sheet.
    """

    name: str
    source: str
    kind: Kind
    mass: float
    price: float | None
    size: tuple[float, float, float]
    torque_continuous: float
    torque_peak: float
    speed_no_load: float
    torque_constant: float
    back_emf: float
    resistance: float
    inertia: float
    voltage: float
    speed_max: float = float("inf")
    speed_continuous: float = float("inf")
    gear_ratio: float | None = None
    gear_torque_max: float | None = None
    backlash: float = 0.0
    resolution: float = 0.0
    no_load_current: float = 0.0
    thermal: Thermal | None = None
    assumed: tuple[str, ...] = ()

    @property
    def efficiency(self) -> float:
        """Of its gear."""
        return min(self.torque_constant / self.back_emf, _BEST_GEAR)

    @property
    def friction(self) -> float:
        """[N m], that turning it without load takes of the motor's torque."""
        return self.back_emf * self.no_load_current

    @property
    def volume(self) -> float:
        """[m3], of the box that it fits into."""
        return float(np.prod(self.size))

    @property
    def motor_constant(self) -> float:
        """[N m/sqrt(W)], at the output."""
        return self.torque_constant / float(np.sqrt(self.resistance))

    def envelope(self, speed: ArrayLike, duration: Duration = "peak") -> Array:
        """The most torque [N m] at speeds [rad/s] along the torque; zero where it cannot turn.

        Args:
            speed: Any shape; negative where the load drives.
            duration: What it can give for a moment, or for good.
        """
        along = np.asarray(speed, np.float64)
        voltage = self.voltage - self.back_emf * along
        current = voltage / self.resistance - self.no_load_current * (along > 0.0)
        peak = duration == "peak"
        limit = self.torque_peak if peak else self.torque_continuous
        fastest = self.speed_max if peak else min(self.speed_max, self.speed_continuous)
        torque = np.clip(self.torque_constant * current, 0.0, limit)
        return np.where(np.abs(along) > fastest, 0.0, torque)

    def copper_loss(self, torque: ArrayLike) -> Array:
        """[W], of holding a torque [N m], winding at 25 deg C, friction not counted."""
        return np.square(np.asarray(torque, np.float64) / self.motor_constant)

    def to_actuator(self) -> Actuator:
        """The actuator file of it."""
        gear = ActuatorGear(
            ratio=self.gear_ratio,
            inertia=self.inertia,
            backlash=self.backlash,
            torque_max=self.gear_torque_max,
        )
        loss = 1.0 / self.efficiency - 1.0
        friction = Friction(model="m5", coulomb=self.friction, load_external=loss)
        return Actuator.model_validate(
            {
                "schema": 1,
                "name": self.name,
                "source": self.source,
                "mass": self.mass,
                "size": self.size,
                "price": self.price,
                "motor": self._motor(),
                "gear": gear,
                "friction": friction,
                "thermal": self.thermal,
                "encoder": ActuatorEncoder(resolution=self.resolution),
            }
        )

    def _motor(self) -> ActuatorMotor:
        return ActuatorMotor(
            torque_constant=self.back_emf,
            back_emf=self.back_emf,
            resistance=self.resistance,
            voltage=self.voltage,
            current_max=self.torque_peak / self.torque_constant + self.no_load_current,
        )
