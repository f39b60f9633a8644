"""Materials of a small actuator: what they weigh, conduct and cost.

A figure without a source is an ASSUMPTION and says so. Prices are of 2024-2026 to the nearest sensible
step: they set an order of magnitude, and `sensitivity` tells what a fifth of them moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MU_0: Final = 1.256637e-6  # [V s/(A m)]
STEFAN_BOLTZMANN: Final = 5.670374e-8  # [W/(m2 K4)]
GRAVITY: Final = 9.81  # [m/s2]

COPPER_RESISTIVITY: Final = 1.72e-8  # [ohm m], at 20 deg C (IEC 60028, annealed)
COPPER_RISE: Final = 0.00393  # [1/K] (IEC 60028)
COPPER_HEAT: Final = 385.0  # [J/(kg K)]
METAL_HEAT: Final = 450.0  # [J/(kg K)], iron and steel; a housing of aluminium holds twice as much


@dataclass(frozen=True)
class Material:
    """What a part is made of.

    Attributes:
        density: [kg/m3].
        price: [USD/kg], as a mill delivers it: ASSUMPTION, see the module.
        waste: Bought for what stays in the part: ASSUMPTION.
    """

    density: float
    price: float
    waste: float = 1.3


COPPER: Final = Material(8960.0, 20.0)  # magnet wire: metal of 10 USD/kg, drawn and enamelled
IRON: Final = Material(7650.0, 3.0, 2.5)  # electrical steel, stamped from sheet
MAGNET: Final = Material(7500.0, 110.0, 1.6)  # sintered NdFeB, ground and coated
ALUMINIUM: Final = Material(2700.0, 5.0, 2.0)
STEEL: Final = Material(7850.0, 4.0, 2.0)  # case-hardened, for gears and shafts
BOARD: Final = Material(1850.0, 0.0)  # FR4; priced by its area
POLYETHYLENE: Final = Material(970.0, 120.0)  # cord of ultra-high molecular weight fibre


@dataclass(frozen=True)
class MagnetGrade:
    """A magnet at the temperature at which it works.

    Attributes:
        remanence: [T].
        permeability: Relative, of recoil.
    """

    remanence: float
    permeability: float = 1.05


N42SH: Final = MagnetGrade(1.28 * (1.0 - 0.0011 * 60.0))
"""Sintered NdFeB, 1.28 T at 20 deg C, -0.11 %/K (makers' tables for N42SH), at 80 deg C."""


@dataclass(frozen=True)
class IronGrade:
    """Electrical steel.

    Attributes:
        knee: Flux density to which a yoke is used [T].
        hysteresis: [W/(kg Hz T2)].
        eddy: [W/(kg Hz2 T2)].
    """

    knee: float
    hysteresis: float
    eddy: float


M270_35A: Final = IronGrade(1.6, 0.6 * 2.7 / (50.0 * 1.5**2), 0.4 * 2.7 / (50.0 * 1.5) ** 2)
"""EN 10106: at most 2.7 W/kg at 1.5 T and 50 Hz. ASSUMPTION: 60 % of that is hysteresis, the loss grows
with the square of the field (Steinmetz with exponent 2), and a yoke is used up to 1.6 T."""
