"""The room that a forearm has for actuators: one for all who put them there."""

from __future__ import annotations

import math
from typing import Final

FOREARM: Final = (0.070, 0.25)
"""ASSUMPTION: diameter and length [m] of a forearm: 22 cm around on average between a man's largest
girth and his wrist."""
PACKING: Final = 0.6
"""ASSUMPTION: part of the forearm that motors side by side can fill."""
ROOM: Final = PACKING * math.pi / 4.0 * FOREARM[0] ** 2 * FOREARM[1]  # [m3]


def room_said(volume: float) -> str:
    """Whether actuators of a volume [m3] fit in, in a sentence."""
    short = "" if volume <= ROOM else ": they do not fit in"
    return (
        f"Those in the forearm take {1e6 * volume:.0f} of the {1e6 * ROOM:.0f} cm3 that it has for "
        f"them ({volume / ROOM:.0%}){short}."
    )
