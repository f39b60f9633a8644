"""What makers' motors reach of what geometry alone would allow.

Nobody prints the inside of a motor. The derived one has the thickest winding that pays, no sleeve
around its magnet and no tolerance; a bought one is made for a price and a speed, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Practice:
    """Catalogue over derived; 1: as derived.

    Attributes:
        motor_constant: Of Km.
        winding: Of the thermal resistance from winding to housing.
        housing: Of that from housing to room.
    """

    motor_constant: float = 1.0
    winding: float = 1.0
    housing: float = 1.0


AS_DERIVED: Final = Practice()
MAKERS: Final = Practice(0.55, 1.6, 0.63)
