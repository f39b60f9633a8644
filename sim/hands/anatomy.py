"""Human hand anatomy: the one table from which every hand in `models/` is built.

Frame of the right hand: +z distal (along the straight fingers), -y palmar, +x radial (thumb side);
the origin of the palm is the wrist centre, in the head of the capitate. The left hand mirrors x.
Lengths in metres, masses in kilograms, torques in newton metres; angles in degrees, because that is
how the sources print them (the builder converts).

Sign of a joint angle, the same on both hands: flexion is positive towards the palm; abduction and
deviation are positive towards the thumb side, and for the thumb itself away from the palm; forearm
rotation is positive in pronation; supination of the little metacarpal is positive when it turns the
little finger's pad towards the thumb.

Sources, by the key used below:

* BK10: Buryanov & Kotiuk 2010, "Proportions of hand segments", Int. J. Morphol. 28(3):755-758, doi
  10.4067/S0717-95022010000300015 (radiographs of 66 adults): bone lengths, metacarpals included,
  and the soft tissue beyond the last bone. With a carpus of 20 mm the middle finger ends 179 mm
  from the wrist centre, that is about 185 mm from the wrist crease.
* BIN: Binvignat et al.: hand length 184.9 mm (men).
* GAR: Garrett 1971, "The adult human hand: some anthropometric and biomechanical considerations":
  order of magnitude of breadth and depth of men's finger joints; the radii below are chosen by eye
  within it.
* EAT: eatonhand.com clf218 and e-hand: ranges of motion of wrist, thumb and fingers.
* CMC: three-dimensional kinematics of the second to fifth carpometacarpal joints: flexion-extension
  11/7/20/27 deg, pronation-supination 5/5/27/22 deg.
* HOL: Hollister et al. 1992, "The axes of rotation of the thumb carpometacarpal joint": flexion
  about an axis in the trapezium, then abduction about an axis in the metacarpal.
* WIN: Winter, "Biomechanics and motor control of human movement": the hand is 0.6 % and the forearm
  1.6 % of body mass (75 kg), density of the hand 1.16 kg/l.
* PB80: Purves & Berme 1980: 1.0 N m at the MCP and 0.6 N m at the PIP in a maximal jar-lid grasp.
* DEL: Delp, Grierson & Buchanan 1996: maximal wrist moments of about 7-12 N m.
* TIP: this project's own requirement of 10 N, held for as long as wanted, at every fingertip: the
  limit is 10 N times the longest lever from the joint to the pad, plus a margin of at least 10 %.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Side = Literal["right", "left"]
Vec3 = tuple[float, float, float]

FINGERS = ("index", "middle", "ring", "little")
DIGITS = ("thumb", *FINGERS)


@dataclass(frozen=True)
class Joint:
    """One hinge.

    Attributes:
        name: Name in the model.
        axis: Unit vector in the frame of the body it moves (right hand).
        range_deg: Lower and upper limit [deg].
        torque: Largest torque a motor may command, either way [N m].
        source: Where range and torque come from.
        armature: Inertia of the drive, seen at the joint [kg m^2].
        damping: Viscous loss of the joint [N m s/rad].
    """

    name: str
    axis: Vec3
    range_deg: tuple[float, float]
    torque: float
    source: str
    armature: float
    damping: float


@dataclass(frozen=True)
class Segment:
    """One phalanx or metacarpal: a tapered rod along its own +z, from joint to joint.

    Attributes:
        body: Name in the model.
        length: Distance from its joint to the next one, or to the tip of the skin [m].
        radius: Radius of the skin at the near and at the far end [m].
        joints: Hinges at the near end, in the order in which they turn.
        pos: Near end in the parent's frame [m].
        tilt_deg: Orientation in the parent's frame when all joints are zero: turn about y, then
            about the new x, then about the new z [deg].
    """

    body: str
    length: float
    radius: tuple[float, float]
    joints: tuple[Joint, ...] = ()
    pos: Vec3 = (0.0, 0.0, 0.0)
    tilt_deg: Vec3 = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Pad:
    """The pulp of a fingertip: a sphere that stands proud of the last phalanx.

    Attributes:
        radius: Radius of the sphere [m]. A human pad pressed with a few newtons touches like a
            sphere of 7-9 mm.
        pos: Its centre in the frame of the last phalanx [m].
    """

    radius: float
    pos: Vec3


@dataclass(frozen=True)
class Digit:
    """One finger or the thumb, from the palm outwards.

    Attributes:
        name: thumb, index, middle, ring or little.
        segments: From the first that moves to the last phalanx.
        pad: The fingertip's pad, on the last phalanx.
    """

    name: str
    segments: tuple[Segment, ...]
    pad: Pad


# --- drives -------------------------------------------------------------------------------------
# "Ideal" torque still has a rotor. The armatures below are what a direct-drive-like, easily
# back-drivable motor of the joint's torque would add; a catalogue gear motor adds 0.4e-3 and more.


def _flexion(name: str, lo: float, hi: float, torque: float, source: str, armature: float) -> Joint:
    return Joint(name, (1.0, 0.0, 0.0), (lo, hi), torque, source, armature, 20.0 * armature)


def _abduction(
    name: str, lo: float, hi: float, torque: float, source: str, armature: float
) -> Joint:
    return Joint(name, (0.0, 1.0, 0.0), (lo, hi), torque, source, armature, 20.0 * armature)


# --- fingers ------------------------------------------------------------------------------------


def _finger(
    name: str,
    *,
    knuckle: Vec3,
    fan_deg: float,
    bones: tuple[float, float, float],
    pulp: float,
    radii: tuple[float, float, float, float],
    pad_radius: float,
    torques: tuple[float, float, float, float],
) -> Digit:
    """A finger from the MCP joint on: abduction and flexion there, then PIP and DIP flexion.

    Args:
        name: index, middle, ring or little.
        knuckle: MCP joint in the frame of the palm [m].
        fan_deg: How far the straight finger leans to the radial side [deg]; flexed fingers lean the
            other way, so the fingertips of a fist converge on the scaphoid as those of people do.
        bones: Proximal, middle and distal phalanx (BK10) [m].
        pulp: Soft tissue beyond the distal phalanx (BK10) [m].
        radii: Of the skin at MCP, PIP, DIP and near the tip (GAR) [m].
        pad_radius: Radius of the pad [m].
        torques: MCP abduction, MCP, PIP and DIP flexion [N m].
    """
    abduct, mcp, pip, dip = torques
    tip_length = bones[2] + pulp
    return Digit(
        name,
        (
            Segment(
                f"{name}_proximal",
                bones[0],
                radii[:2],
                (
                    _abduction(f"{name}_mcp_abduction", -20, 20, abduct, "EAT, 42 N in all", 1e-4),
                    _flexion(f"{name}_mcp_flexion", -20, 90, mcp, "EAT, PB80 and TIP", 1e-4),
                ),
                pos=knuckle,
                tilt_deg=(fan_deg, 0.0, 0.0),
            ),
            Segment(
                f"{name}_middle",
                bones[1],
                radii[1:3],
                (_flexion(f"{name}_pip_flexion", 0, 100, pip, "EAT, PB80 and TIP", 6e-5),),
                pos=(0.0, 0.0, bones[0]),
            ),
            Segment(
                f"{name}_distal",
                tip_length,
                radii[2:],
                (_flexion(f"{name}_dip_flexion", 0, 80, dip, "EAT and TIP", 3e-5),),
                pos=(0.0, 0.0, bones[1]),
            ),
        ),
        Pad(pad_radius, (0.0, -0.0012, tip_length - pad_radius)),
    )


INDEX = _finger(
    "index",
    knuckle=(0.0250, 0.0005, 0.0860),
    fan_deg=3.0,
    bones=(0.0398, 0.0224, 0.0158),
    pulp=0.0038,
    radii=(0.0098, 0.0088, 0.0078, 0.0066),
    pad_radius=0.0078,
    torques=(0.50, 1.20, 0.70, 0.30),
)
MIDDLE = _finger(
    "middle",
    knuckle=(0.0035, 0.0020, 0.0866),
    fan_deg=0.0,
    bones=(0.0446, 0.0263, 0.0174),
    pulp=0.0039,
    radii=(0.0098, 0.0088, 0.0078, 0.0066),
    pad_radius=0.0078,
    torques=(0.50, 1.30, 0.80, 0.32),
)
RING = _finger(
    "ring",
    knuckle=(-0.0170, 0.0005, 0.0800),
    fan_deg=-3.0,
    bones=(0.0414, 0.0257, 0.0173),
    pulp=0.0039,
    radii=(0.0092, 0.0082, 0.0073, 0.0062),
    pad_radius=0.0074,
    torques=(0.50, 1.20, 0.75, 0.32),
)
LITTLE = _finger(
    "little",
    knuckle=(-0.0352, -0.0035, 0.0712),
    fan_deg=-7.0,
    bones=(0.0327, 0.0181, 0.0160),
    pulp=0.0037,
    radii=(0.0083, 0.0073, 0.0066, 0.0056),
    pad_radius=0.0070,
    torques=(0.40, 1.00, 0.60, 0.28),
)

# --- thumb --------------------------------------------------------------------------------------
# Two axes at the CMC (HOL), neither of them across the metacarpal: both lean along it, so that
# flexion and abduction also pronate the thumb until its pad faces the fingers. How far they lean
# (27 and 34 deg) was chosen so that all ten Kapandji stages are within the limits and the pads of
# a pulp pinch face each other to within 25 deg, with the thumb's nail at right angles to the
# others at rest.

THUMB = Digit(
    "thumb",
    (
        Segment(
            "thumb_metacarpal",
            0.0462,
            (0.0135, 0.0115),
            (
                Joint(
                    "thumb_cmc_flexion",
                    (0.891, 0.0, -0.454),
                    (-15.0, 50.0),
                    2.0,
                    "EAT (F-E 40-70), HOL and TIP",
                    2e-4,
                    4e-3,
                ),
                Joint(
                    "thumb_cmc_abduction",
                    (0.0, 0.829, -0.559),
                    (-15.0, 50.0),
                    2.0,
                    "EAT (abd 45-60), HOL and TIP",
                    2e-4,
                    4e-3,
                ),
            ),
            pos=(0.0200, -0.0110, 0.0170),
            tilt_deg=(35.0, 32.0, -92.0),
        ),
        Segment(
            "thumb_proximal",
            0.0316,
            (0.0112, 0.0102),
            (
                _flexion("thumb_mcp_flexion", -10, 60, 1.2, "EAT (10H/55-59), PB80 and TIP", 1e-4),
                _abduction("thumb_mcp_abduction", -15, 15, 0.8, "EAT and TIP", 1e-4),
            ),
            pos=(0.0, 0.0, 0.0462),
        ),
        Segment(
            "thumb_distal",
            0.0274,
            (0.0100, 0.0080),
            (_flexion("thumb_ip_flexion", -15, 80, 0.6, "EAT (15H/80) and TIP", 6e-5),),
            pos=(0.0, 0.0, 0.0316),
        ),
    ),
    Pad(0.0090, (0.0, -0.0015, 0.0184)),
)

FINGER_TABLE = {"index": INDEX, "middle": MIDDLE, "ring": RING, "little": LITTLE}

# --- palm ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Metacarpal:
    """A finger's metacarpal.

    Attributes:
        base: Its CMC joint in the frame of the palm [m].
        radius: Of the hand around it, at the base and at the head [m].
    """

    base: Vec3
    radius: tuple[float, float]


# The palm has more flesh than the back: its middle lies this much palmar of the bones [m].
PALMAR_FLESH = 0.003

METACARPALS = {
    "index": Metacarpal((0.0140, 0.0010, 0.0200), (0.0105, 0.0105)),
    "middle": Metacarpal((0.0030, 0.0020, 0.0220), (0.0105, 0.0105)),
    "ring": Metacarpal((-0.0080, 0.0010, 0.0225), (0.0102, 0.0100)),
    "little": Metacarpal((-0.0170, -0.0020, 0.0205), (0.0100, 0.0095)),
}


def _arch(name: str, axis: Vec3, hi: float, torque: float, source: str) -> Joint:
    return Joint(name, axis, (0.0, hi), torque, source, 2e-4, 4e-3)


# The axes lean towards +z, so that flexion also turns the metacarpal to face the thumb: cupping.
RING_CMC = (_arch("ring_cmc_flexion", (0.94, 0.0, 0.34), 20, 2.0, "CMC and TIP"),)
LITTLE_CMC = (
    _arch("little_cmc_flexion", (0.88, 0.0, 0.47), 27, 1.8, "CMC and TIP"),
    _arch("little_cmc_supination", (-0.28, 0.0, 0.96), 22, 0.8, "CMC and TIP"),
)
# hand22 moves both metacarpals about one axis through both bases.
ARCH_CMC = (_arch("arch_cmc_flexion", (0.91, 0.0, 0.41), 25, 3.5, "CMC and TIP"),)

# --- wrist and forearm --------------------------------------------------------------------------

FOREARM_LENGTH = 0.240  # from the attachment to the wrist centre; BK10-like proportions
FOREARM_TURN = 0.100  # where the turning half begins, from the attachment

FOREARM_ROTATION = Joint(
    "forearm_rotation", (0.0, 0.0, -1.0), (-80.0, 80.0), 8.0, "EAT, DEL", 2e-3, 5e-2
)
WRIST = (
    Joint("wrist_flexion", (1.0, 0.0, 0.0), (-70.0, 75.0), 10.0, "EAT, DEL", 2e-3, 5e-2),
    Joint("wrist_deviation", (0.0, 1.0, 0.0), (-35.0, 20.0), 10.0, "EAT, DEL", 2e-3, 5e-2),
)

# --- masses -------------------------------------------------------------------------------------

HAND_MASS = 0.450  # WIN: 0.6 % of 75 kg
FOREARM_MASS = 1.200  # WIN: 1.6 % of 75 kg
TISSUE_DENSITY = 1160.0  # WIN [kg/m^3]
