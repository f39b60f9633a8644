"""A brushless motor with an inner rotor from its geometry.

Figures of merit that no winding changes come first (Wensing et al. 2017, IEEE Trans. Robot. 33(3)):

    Km = kw B r sqrt(kf A L / (rho (1 + ke)))        [N m/sqrt(W)]

with the root mean square B of the field's fundamental at the copper, its mean radius r, the part kf
of its area A that is copper, its active length L and its end turns ke. All figures are arrays that
broadcast, so that a hundred thousand motors are one call. Where no source stands, a constant is an
ASSUMPTION about motors of 6 to 36 mm; none is fitted to a motor.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .gap_field import gap_field
from .heat import HeatPath, surface_resistance, winding_resistance
from .materials import (
    ALUMINIUM,
    COPPER,
    COPPER_HEAT,
    COPPER_RESISTIVITY,
    COPPER_RISE,
    IRON,
    M270_35A,
    MAGNET,
    METAL_HEAT,
    N42SH,
    STEEL,
    IronGrade,
    MagnetGrade,
)
from .motor_shape import SHAFT, MotorShape
from .practice import AS_DERIVED, Practice

Array = NDArray[np.float64]

CATALOGUE: Final = 25.0  # [deg C], at which a resistance is stated and which the room has
FILL_SLOTLESS: Final = 0.46
"""Bonding wire of 0.100 mm is 0.13 mm thick (IEC 60317-0-1), and layers that cross lie square."""
FILL_SLOTTED: Final = 0.40  # ASSUMPTION: round wire wound into slots
WIRE: Final = 0.12e-3  # [m], ASSUMPTION: strand, for its eddy currents
PRELOAD: Final = 1.4e4  # [N/m2] of the diameter squared, ASSUMPTION: of two ball bearings
BEARING: Final = 0.35  # ASSUMPTION: mean diameter of the bearings over that of the motor
BEARING_FRICTION: Final = 0.0015  # deep groove ball bearings (SKF general catalogue)
SURFACE_SPEED: Final = 35.0  # [m/s], ASSUMPTION: of a magnet in a thin sleeve
WINDING_MAX: Final = 125.0  # [deg C], as of most small brushless motors in makers' sheets

WINDING_PARTS: Final = np.linspace(0.03, 0.18, 16)
"""Thicknesses of a winding over the diameter, among which `proportioned` looks."""


@dataclass(frozen=True, eq=False)
class Motor:
    """What a shape makes.

    Attributes:
        shape: Its geometry.
        magnet_grade: Of the magnet.
        iron_grade: Of yoke and teeth.
        practice: What makers' motors reach of what is derived here.
    """

    shape: MotorShape
    magnet_grade: MagnetGrade = N42SH
    iron_grade: IronGrade = M270_35A
    practice: Practice = AS_DERIVED

    def _reached(self, slotless: float, teeth: float) -> Array:
        """Of the two figures of practice that of each motor."""
        return np.where(self.shape.slotted > 0.5, teeth, slotless)

    def _field_at(self, radius: Array) -> Array:
        s = self.shape
        return gap_field(radius, s.bore, s.magnet, s.core, s.pole_pairs, self.magnet_grade)

    @cached_property
    def yoke_field(self) -> Array:
        """Flux density that the yoke would carry if it never saturated [T]."""
        s = self.shape
        return np.asarray(self._field_at(s.bore) * s.bore / (s.pole_pairs * s.yoke))

    @cached_property
    def field(self) -> Array:
        """Peak of the fundamental where the force acts [T]; a full yoke lets no more through."""
        part = np.minimum(1.0, self.iron_grade.knee / self.yoke_field)
        return np.asarray(part * self._field_at(self.shape.arm))

    @cached_property
    def tooth_part(self) -> Array:
        """Of the bore that teeth take to carry its field at the knee."""
        part = np.minimum(self.field / self.iron_grade.knee, 0.8)
        return np.asarray(np.where(self.shape.slotted > 0.5, part, 0.0))

    @cached_property
    def copper_area(self) -> Array:
        """Cross-section of copper [m2], all conductors."""
        s = self.shape
        window = np.pi * (s.outer**2 - s.inner**2)
        teeth = self.tooth_part * 2.0 * np.pi * s.inner * s.winding
        fill = np.where(s.slotted > 0.5, FILL_SLOTTED, FILL_SLOTLESS)
        return np.asarray(fill * np.maximum(window - teeth, 0.0))

    @cached_property
    def motor_constant(self) -> Array:
        """Km [N m/sqrt(W)], winding at 20 deg C, sinusoidal currents."""
        s = self.shape
        field = s.winding_factor * self.field / np.sqrt(2.0)
        loss = COPPER_RESISTIVITY * (1.0 + s.end_turn)
        derived = field * s.arm * np.sqrt(self.copper_area * s.active / loss)
        p = self.practice
        return np.asarray(self._reached(p.motor_constant, p.teeth_motor_constant) * derived)

    # --- masses ---------------------------------------------------------------------------------

    @cached_property
    def copper_mass(self) -> Array:
        """[kg], end turns included."""
        s = self.shape
        return np.asarray(COPPER.density * self.copper_area * s.active * (1.0 + s.end_turn))

    @cached_property
    def iron_mass(self) -> Array:
        """Of yoke and teeth [kg]."""
        s = self.shape
        yoke = np.pi * ((s.outer + s.yoke) ** 2 - s.outer**2)
        teeth = self.tooth_part * 2.0 * np.pi * s.inner * s.winding
        return np.asarray(IRON.density * (yoke + teeth) * s.active)

    @cached_property
    def magnet_mass(self) -> Array:
        """[kg]."""
        s = self.shape
        return np.asarray(MAGNET.density * np.pi * (s.magnet**2 - s.core**2) * s.active)

    @cached_property
    def steel_mass(self) -> Array:
        """Of rotor core, shaft and bearings [kg]."""
        s = self.shape
        core = np.pi * s.core**2 * s.active
        shaft = np.pi * (SHAFT * s.magnet) ** 2 * (s.length - s.active)
        bearings = 2.0 * 0.5 * np.pi * (BEARING * s.diameter) ** 2 * 0.12 * s.diameter
        return np.asarray(STEEL.density * (core + shaft + bearings))

    @cached_property
    def housing_mass(self) -> Array:
        """Of tube and two caps, aluminium [kg]."""
        s = self.shape
        tube = np.pi * (s.diameter - s.wall) * s.wall * s.length
        caps = 2.0 * 0.25 * np.pi * s.diameter**2 * 0.08 * s.diameter
        return np.asarray(ALUMINIUM.density * (tube + caps))

    @cached_property
    def mass(self) -> Array:
        """[kg], without electronics and gear."""
        return np.asarray(
            self.copper_mass
            + self.iron_mass
            + self.magnet_mass
            + self.steel_mass
            + self.housing_mass
        )

    @cached_property
    def inertia(self) -> Array:
        """Of the rotor [kg m2]: a cylinder of magnet and steel, and its shaft."""
        s = self.shape
        solid = MAGNET.density * (s.magnet**4 - s.core**4) + STEEL.density * s.core**4
        shaft = STEEL.density * (SHAFT * s.magnet) ** 4 * (s.length - s.active)
        return np.asarray(0.5 * np.pi * (solid * s.active + shaft))

    # --- losses and heat ------------------------------------------------------------------------

    @cached_property
    def coulomb(self) -> Array:
        """Torque of bearings and of hysteresis [N m], whatever the speed."""
        s = self.shape
        bearings = BEARING_FRICTION * 0.5 * BEARING * PRELOAD * s.diameter**3 * 2.0
        flux = np.minimum(self.yoke_field, self.iron_grade.knee)
        cycle = self.iron_grade.hysteresis * flux**2 * self.iron_mass  # [J] per electric period
        return np.asarray(bearings + cycle * s.pole_pairs / (2.0 * np.pi))

    @cached_property
    def viscous(self) -> Array:
        """Torque over speed by eddy currents in iron and strands [N m s/rad]."""
        s = self.shape
        turns = s.pole_pairs / (2.0 * np.pi)  # [Hz s/rad]
        flux = np.minimum(self.yoke_field, self.iron_grade.knee)
        iron = self.iron_grade.eddy * (turns * flux) ** 2 * self.iron_mass
        seen = np.where(s.slotted > 0.5, 0.1, 1.0) * self.field  # teeth shield the copper
        strands = (np.pi * seen * turns * WIRE) ** 2 / (4.0 * COPPER_RESISTIVITY)
        return np.asarray(iron + strands * self.copper_area * s.active)

    def no_load_loss(self, speed: Array) -> Array:
        """[W] at a speed of the rotor [rad/s]."""
        return np.asarray(self.coulomb * speed + self.viscous * speed**2)

    @cached_property
    def speed_max(self) -> Array:
        """Of the rotor [rad/s], by its surface."""
        return np.asarray(SURFACE_SPEED / self.shape.magnet)

    @cached_property
    def heat(self) -> HeatPath:
        """From winding to housing to room."""
        s, p = self.shape, self.practice
        iron = self.iron_mass + self.magnet_mass + self.steel_mass + 2.0 * self.housing_mass
        inner = winding_resistance(s.winding, s.outer, s.active, s.slotted)
        return HeatPath(
            self._reached(p.winding, p.teeth_winding) * inner,
            self._reached(p.housing, p.teeth_housing) * surface_resistance(s.diameter, s.length),
            COPPER_HEAT * self.copper_mass,
            METAL_HEAT * iron,
        )

    def continuous_torque(
        self, speed: Array, winding_max: float = WINDING_MAX, room: float = CATALOGUE
    ) -> Array:
        """Torque for good at a speed [N m]; no-load torque taken off, never below zero.

        Copper heats the winding, which heats the housing; the no-load loss heats the housing only.
        """
        rise, path = winding_max - room, self.heat
        left = np.maximum(rise - path.housing * self.no_load_loss(speed), 0.0)
        copper = left / (path.winding + path.housing)
        hot = 1.0 + COPPER_RISE * (winding_max - 20.0)
        friction = self.coulomb + self.viscous * speed
        return np.asarray(np.maximum(self.motor_constant * np.sqrt(copper / hot) - friction, 0.0))

    def peak_torque(self, time: float, winding_max: float = WINDING_MAX) -> Array:
        """Torque for a time [s] that heats the winding by half its rise alone [N m], at rest.

        The winding is one body before a housing that stays as warm as it is, and the heat is that
        of copper at its hottest throughout: rise = P R (1 - exp(-t / (R C))).
        """
        rise = 0.5 * (winding_max - CATALOGUE)
        hot = 1.0 + COPPER_RISE * (winding_max - 20.0)
        path = self.heat
        gone = -np.expm1(-time / (path.winding * path.winding_capacity))
        copper = rise / (path.winding * gone)
        return np.asarray(self.motor_constant * np.sqrt(copper / hot))


def proportioned(
    diameter: Array,
    length: Array,
    pole_pairs: Array,
    slotted: Array,
    winding_part: Array | None = None,
    grade: MagnetGrade = N42SH,
    iron: IronGrade = M270_35A,
) -> MotorShape:
    """A motor whose yoke just carries its field, and whose winding makes the greatest Km.

    Args:
        diameter: [m]; as all others an array, of one shape.
        length: [m].
        pole_pairs: 1 to 8.
        slotted: 1 or 0.
        winding_part: Thickness of the winding over the diameter; None: the best one.
        grade: Of the magnet.
        iron: Of the yoke.
    """
    asked = (np.asarray(a, dtype=float) for a in (diameter, length, pole_pairs, slotted))
    size, long, pairs, teeth = np.broadcast_arrays(*asked)
    if winding_part is None:
        column = (size[..., None], long[..., None], pairs[..., None], teeth[..., None])
        tried = _with_yoke(*column, WINDING_PARTS, grade, iron)
        reached = Motor(tried, grade, iron).motor_constant
        winding_part = WINDING_PARTS[np.where(tried.fits, reached, 0.0).argmax(axis=-1)]
    return _with_yoke(size, long, pairs, teeth, np.asarray(winding_part), grade, iron)


def _with_yoke(
    diameter: Array,
    length: Array,
    pole_pairs: Array,
    slotted: Array,
    winding_part: Array,
    grade: MagnetGrade,
    iron: IronGrade,
) -> MotorShape:
    """Eight rounds of: the yoke that the field needs, the field that the yoke leaves."""
    size, long, pairs, teeth, part = np.broadcast_arrays(
        diameter, length, pole_pairs, slotted, winding_part
    )
    yoke = 0.08 * size
    for _ in range(8):
        shape = MotorShape(size, long, pairs, part * size, yoke, teeth)
        carried = Motor(shape, grade, iron).yoke_field * yoke / iron.knee
        yoke = np.clip(carried, 0.02 * size, 0.2 * size)
    return shape
