"""Which actuators are thought of: eight variables, whole or continuous, and what comes of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .drive import RAIL, Drive
from .gear import Gear
from .materials import M270_35A, N42SH, IronGrade, MagnetGrade
from .motor import CATALOGUE, WINDING_MAX, Motor, proportioned
from .practice import MAKERS, Practice
from .reduction import reduction
from .screw import Screw

Array = NDArray[np.float64]

VARIABLES: Final = (
    "diameter", "aspect", "winding", "pole_pairs", "slotted", "stages", "stage_ratio", "face",
)  # fmt: skip
"""Diameter [m], motor length over diameter, winding over diameter, pole pairs, teeth or none, gear
stages, ratio of each, width of the last stage's teeth over diameter. Without stages a screw pulls
cords: then the ratio is that of its thread's diameter to its lead, the width its thread's diameter
over that of the motor."""
WHOLE: Final = ("pole_pairs", "slotted", "stages")
OBJECTIVES: Final = ("mass", "cost", "torque", "sluggishness")
UNITS: Final = {"mass": "kg", "cost": "USD", "torque": "N m", "sluggishness": "kg m2/(N m)2"}


@dataclass(frozen=True)
class Need:
    """What a joint needs, as a design can be judged by.

    Attributes:
        torque: Root mean square [N m].
        torque_peak: [N m].
        stall: Torque that the torque-speed line must have at rest to enclose all of the joint's
            work, when it ends at `no_load_speed` [N m].
        speed: Root mean square [rad/s].
        no_load_speed: [rad/s].
        drag: The most that turning it without load may take [N m].
        inertia: The most that it may reflect [kg m2].
        cords: Whether it pulls cords, so that a screw may do it.
    """

    torque: float
    torque_peak: float
    stall: float
    speed: float
    no_load_speed: float
    drag: float = float("inf")
    inertia: float = float("inf")
    cords: bool = False


@dataclass(frozen=True, eq=False)
class Found:
    """Designs with what they are worth.

    Attributes:
        values: Variables, shape (n, 8).
        objectives: To make small, torque negative, shape (n, 4).
        lack: Logarithm of what is needed over what is there, the worst of all needs; up to 0 where
            all are met, shape (n,).
    """

    values: Array
    objectives: Array
    lack: Array

    @property
    def feasible(self) -> NDArray[np.bool_]:
        """Which meet all needs, shape (n,)."""
        return np.asarray(self.lack <= 0.0)

    def rows(self, which: NDArray[np.bool_] | NDArray[np.intp]) -> Found:
        """Some of them."""
        return Found(self.values[which], self.objectives[which], self.lack[which])


@dataclass(frozen=True, eq=False)
class Space:
    """Levels or ends of each variable.

    Attributes:
        levels: Of each of `VARIABLES`; of a continuous one its ends.
        continuous: Those between whose ends anything goes.
        need: That designs have to meet.
        hands: Made altogether.
        per_hand: Of this kind in each.
        practice: What makers reach.
        magnet: Of the motors.
        iron: Of the motors.
        voltage: Of the rail [V].
        winding_max: Hottest that a winding may be [deg C].
        room: Around the housing [deg C].
    """

    levels: dict[str, Array]
    need: Need
    continuous: frozenset[str] = frozenset()
    hands: int = 1000
    per_hand: float = 27.0
    practice: Practice = MAKERS
    magnet: MagnetGrade = N42SH
    iron: IronGrade = M270_35A
    voltage: float = RAIL
    winding_max: float = WINDING_MAX
    room: float = CATALOGUE

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of levels of each variable."""
        return tuple(len(self.levels[name]) for name in VARIABLES)

    def decode(self, unit: Array) -> Array:
        """Variables of points of the unit cube, both of shape (n, 8)."""
        columns = []
        for name, part in zip(VARIABLES, unit.T, strict=True):
            levels = self.levels[name]
            if name in self.continuous:
                columns.append(levels[0] + part * (levels[-1] - levels[0]))
            else:
                columns.append(
                    levels[np.minimum((part * len(levels)).astype(int), len(levels) - 1)]
                )
        return np.stack(columns, axis=-1)

    def grid(self) -> Array:
        """All combinations of levels, shape (n, 8)."""
        axes = np.meshgrid(*(self.levels[name] for name in VARIABLES), indexing="ij")
        return np.stack([axis.ravel() for axis in axes], axis=-1)

    def build(self, values: Array) -> Drive:
        """The actuators of rows of variables."""
        v = dict(zip(VARIABLES, values.T, strict=True))
        shape = proportioned(
            v["diameter"],
            v["aspect"] * v["diameter"],
            v["pole_pairs"],
            v["slotted"],
            v["winding"],
            self.magnet,
            self.iron,
        )
        thread = v["face"] * v["diameter"]
        gear = reduction(
            v["diameter"],
            v["stages"],
            Gear(v["diameter"], v["stages"], v["stage_ratio"], v["face"], self.practice),
            Screw(v["diameter"], thread, thread / v["stage_ratio"]),
        )
        motor = Motor(shape, self.magnet, self.iron, self.practice)
        speed = self.need.no_load_speed
        return Drive(motor, gear, speed, self.voltage, self.winding_max, self.room)

    def judge(self, values: Array) -> Found:
        """What rows of variables are worth."""
        drive, need = self.build(values), self.need
        torque = drive.torque_continuous(need.speed)
        there = np.stack([torque, drive.torque_peak, drive.stall_torque])
        wanted = np.array([need.torque, need.torque_peak, need.stall])[:, None]
        lack = np.log(wanted / np.maximum(there, 1e-9)).max(axis=0)
        lack = np.maximum(lack, np.log(drive.friction) - np.log(need.drag))
        lack = np.maximum(lack, np.log(drive.inertia) - np.log(need.inertia))
        price = drive.cost(self.hands, self.per_hand).total
        objectives = np.stack([drive.mass, price, -torque, drive.sluggishness], axis=-1)
        return Found(values, objectives, np.where(drive.fits, lack, np.maximum(lack, 0.0) + 1.0))

    def discrete(self, count: int, diameters: int | None = None) -> Space:
        """The same with so many levels where anything went; those of the diameter apart."""
        counts = dict.fromkeys(self.continuous, count) | {"diameter": diameters or count}
        levels = {
            name: np.linspace(ends[0], ends[-1], counts[name]) if name in self.continuous else ends
            for name, ends in self.levels.items()
        }
        return replace(self, levels=levels, continuous=frozenset())


def default_space(need: Need, **changes: Any) -> Space:
    """Motors of 6 to 36 mm with up to four gear stages, or a screw for cords, for one joint."""
    levels = {
        "diameter": np.array([0.006, 0.036]),
        "aspect": np.array([0.8, 4.0]),
        "winding": np.array([0.04, 0.18]),
        "pole_pairs": np.array([1.0, 2.0, 4.0, 7.0]),
        "slotted": np.array([0.0, 1.0]),
        "stages": np.arange(0.0 if need.cords else 1.0, 5.0),
        "stage_ratio": np.array([3.3, 6.6]),
        "face": np.array([0.10, 0.60]),
    }
    whole = frozenset(VARIABLES) - frozenset(WHOLE)
    return replace(Space(levels, need, whole), **changes)
