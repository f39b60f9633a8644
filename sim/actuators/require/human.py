"""What people's hands do, to be put beside what the tasks ask for; each figure with its source."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class HumanFigure:
    """One figure.

    Attributes:
        what: It is of.
        value: In `unit`.
        unit: SI.
        source: Where it is from.
        joints: Endings of the names of joints that it is about; empty: of no single one.
    """

    what: str
    value: float
    unit: str
    source: str
    joints: tuple[str, ...] = ()


_PURVES: Final = "Purves & Berme 1980: maximal effort on a jar's lid"
_JANSEN: Final = "Stegink Jansen et al. 2003, men"
_CROSBY: Final = "Crosby et al. 1994"
_SHOURIJEH: Final = "Shourijeh et al. 2017"
_BELTER: Final = "as Belter et al. 2013 quote it; not checked at its source"
_MCP: Final = ("mcp_flexion",)
_FINGER: Final = ("mcp_flexion", "pip_flexion", "dip_flexion")

TAPPING: Final = 6.0  # [Hz]
STROKE: Final = 0.5
"""[rad], of the MCP joint in tapping: ASSUMPTION. A sine of it at 6 Hz reaches 9.4 rad/s."""

PEOPLE: Final = (
    HumanFigure("MCP joint, jar lid", 1.0, "N m", _PURVES, _MCP),
    HumanFigure("PIP joint, jar lid", 0.6, "N m", _PURVES, ("pip_flexion",)),
    HumanFigure("tip pinch", 69.0, "N", _JANSEN),
    HumanFigure("key pinch", 103.0, "N", _JANSEN),
    HumanFigure("chuck pinch", 92.0, "N", _JANSEN),
    HumanFigure("grip, men", 609.0, "N", _CROSBY),
    HumanFigure("grip, women", 360.0, "N", _CROSBY),
    HumanFigure("flexor tendon over tip force, piano", 3.2, "1", "Harding et al. 1993, 0.7 to 3.2"),
    HumanFigure("tapping with a finger", TAPPING, "Hz", _SHOURIJEH),
    HumanFigure(
        "MCP joint, tapping",
        math.pi * TAPPING * STROKE,
        "rad/s",
        f"a sine of {STROKE:g} rad, which is assumed, at the {TAPPING:g} Hz of {_SHOURIJEH}",
        _MCP,
    ),
    HumanFigure("finger joint, daily living", 4.0, "rad/s", f"Weir 2004, {_BELTER}", _FINGER),
    HumanFigure("finger joint, fastest", 40.0, "rad/s", f"Weir 2004, {_BELTER}", _FINGER),
)


@dataclass(frozen=True)
class Tier:
    """What a hand may be built for.

    Attributes:
        name: A, B or C.
        text: In words.
        joint_torque: By the ending of a joint's name [N m].
        speed: Of finger joints [rad/s]; 0: not said.
        tip_force: [N]; 0: not said.
        tendon: Tension of a finger's tendon [N]; 0: not said.
        source: Where it is from.
    """

    name: str
    text: str
    joint_torque: dict[str, float]
    speed: float
    tip_force: float
    tendon: float
    source: str


TIERS: Final = (
    Tier(
        "A",
        "strong tendons in the forearm, a stroke from limit to limit in 70 ms",
        {},
        0.0,
        0.0,
        40.0,
        "ADROIT (Kumar et al. 2013): 40 N a finger tendon, 125 N at the wrist",
    ),
    Tier(
        "B",
        "what tasks take, for seconds on end",
        {"mcp_flexion": 1.0, "pip_flexion": 0.6},
        8.0,
        30.0,
        0.0,
        f"{_PURVES}; 20 to 30 N of a tip, 4 to 8 rad/s",
    ),
    Tier(
        "C",
        "the strongest people, for a moment",
        {"mcp_flexion": 4.0},
        40.0,
        69.0,
        0.0,
        f"MyoHand (MyoSuite) with all muscles on; tip pinch of {_JANSEN}",
    ),
)


def people_of(joint: str, unit: str) -> tuple[HumanFigure, ...]:
    """Figures in a unit that are about a joint of this name, thumb and abduction left out."""
    if joint.startswith("thumb"):
        return ()
    return tuple(f for f in PEOPLE if f.joints and f.unit == unit and joint.endswith(f.joints))
