"""The parts of a joint that wear out, with the S-N line of each and what was assumed about them.

Nobody tells what the gears and bearings inside a hand's joints are. So each joint gets parts of one
design, as large as its torque limit asks for: of the same shape, lengths grow with the cube root of
the torque, forces with their square. What is known of real parts goes into `PartSizes`.

* Teeth: root stress s = F / (b m) Y by ISO 6336-3, F at the pitch circle. Pulsating strength
  2 s_Flim, borne 3e6 times, and 2.5 times as much 1000 times (life factor Y_NT of case-hardened
  steel, ISO 6336-3): an exponent of ln 3000 / ln 2.5 = 8.74; from 3e6 to 1e10 it falls to 0.85, an
  exponent of 50. Load that changes sign is counted by its range, as if it pulsated that far.
* Flanks wear (Archard 1953) until a gear has twice the play of a new one: `sim.wear`.
* Bearings: L10 = (C / P)^3 million turns, ISO 281. A load cycle counts as a turn: the balls of a
  joint that swings to and fro pass a spot of their race about as often.
* Cords: bending over pulleys under tension. No S-N data of cords under a millimetre were to be had;
  see `CORD`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import Final, Literal

from ...wear import BACKLASH, backlash_growth
from .sn_line import SNLine

Part = Literal["teeth", "flanks", "bearing", "cord", "drum's teeth"]

STEEL: Final = SNLine(
    strength=2.0 * 430e6,
    cycles=3e6,
    exponent=log(3000.0) / log(2.5),
    beyond=log(1e10 / 3e6) / log(1.0 / 0.85),
    failing=0.01,
    source="ISO 6336-3 and -5: 16MnCr5, case-hardened, s_Flim 430 MPa",
)
"""Root stress [Pa]."""
BALLS: Final = SNLine(
    strength=640.0,
    cycles=1e6,
    exponent=3.0,
    failing=0.1,
    source="ISO 281; bearing 623ZZ, dynamic load rating 640 N as its sellers have it",
)
"""Radial load [N]."""
FLANKS: Final = SNLine(
    strength=BACKLASH / backlash_growth(1.0),
    cycles=1.0,
    exponent=1.0,
    failing=None,
    source="Archard 1953 with the wear rate of `sim.wear`, which is an ASSUMPTION",
)
"""Work through a gear whose torque limit is 1 N m [J]."""
CORD: Final = SNLine(
    strength=0.3,
    cycles=1e4,
    exponent=5.0,
    source="ASSUMPTION, an order of magnitude: braided polyethylene over small pulleys. Davies et "
    "al. 2015 (Ocean Eng. 97) tested thick ropes, Summers 2010 (Oregon State) thin ones of steel, "
    "tungsten and Vectran; their tables were not to be had",
)
"""Tension over breaking load."""


@dataclass(frozen=True)
class PartSizes:
    """Sizes of the parts of a joint whose torque limit is 1 N m; all of them are ASSUMPTIONS.

    Attributes:
        pitch: Radius of the gear on the output [m], as in `sim.wear`.
        module: Of its teeth [m].
        face: Width of its teeth [m].
        form: Form and stress concentration factor Y_FS of about 20 teeth (ISO 6336-3: 4 to 4.6).
        bearing: Lever at which a joint's torque loads its bearing [m]: that of the gear.
        drum: Radius of the drum on which a motor winds a cord [m].
        breaking: Breaking load of a cord, whatever the joint [N]: braided polyethylene of 0.8 mm.
    """

    pitch: float = 0.005
    module: float = 0.0003
    face: float = 0.003
    form: float = 4.3
    bearing: float = 0.005
    drum: float = 0.005
    breaking: float = 1000.0

    def teeth(self, limit: float, line: SNLine = STEEL) -> SNLine:
        """Of a joint's gear, by its torque [N m].

        Args:
            limit: Of the joint's torque [N m], 1 for the sizes above.
            line: Of the steel.
        """
        stress = self.form / (self.pitch * self.face * self.module * limit)
        return line.scaled(1.0 / stress)

    def flanks(self, limit: float, line: SNLine = FLANKS) -> SNLine:
        """Of a joint's gear, by the work through it [J]; r A grows with the limit.

        The play that counts as worn out is an angle, the same for all.
        """
        return line.scaled(limit)

    def balls(self, limit: float, line: SNLine = BALLS) -> SNLine:
        """Of a joint's bearing, by its torque [N m]; forces and capacity both grow with size^2."""
        return line.scaled(self.bearing * limit)

    def cord(self, line: SNLine = CORD) -> SNLine:
        """Of a cord, by its tension [N]."""
        return line.scaled(self.breaking)

    def drum_teeth(self, tension: float, line: SNLine = STEEL) -> SNLine:
        """Of the gear that turns a drum, by the cord's tension [N].

        Args:
            tension: The most that the motor pulls with [N].
            line: Of the steel.
        """
        return self.teeth(tension * self.drum, line).scaled(1.0 / self.drum)
