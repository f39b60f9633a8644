"""Named postures and the ten targets of Kapandji's test of the thumb."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import mujoco

from .anatomy import (
    FINGER_TABLE,
    FINGERS,
    INDEX,
    LITTLE,
    METACARPALS,
    PALMAR_FLESH,
    Digit,
    Segment,
    Side,
    Vec3,
)
from .frames import mirrored, mirrored_quat, quat_from_z


def _fingers(joint: str, *degrees: float) -> dict[str, float]:
    """The same joint of index, middle, ring and little finger."""
    return {f"{finger}_{joint}": angle for finger, angle in zip(FINGERS, degrees, strict=True)}


# Angles in degrees; joints not named are at zero, joints a hand does not have are passed over.
POSES: dict[str, dict[str, float]] = {
    "open": {"thumb_cmc_abduction": 5.0},
    "rest": {
        **_fingers("mcp_flexion", 25, 30, 33, 36),
        **_fingers("pip_flexion", 30, 34, 36, 34),
        **_fingers("dip_flexion", 14, 15, 16, 15),
        "thumb_cmc_flexion": 8.0,
        "thumb_cmc_abduction": 20.0,
        "thumb_mcp_flexion": 12.0,
        "thumb_ip_flexion": 15.0,
        "wrist_flexion": -15.0,
    },
    # The thumb lies across the middle phalanges of index and middle finger.
    "fist": {
        **_fingers("mcp_flexion", 82, 82, 82, 82),
        **_fingers("pip_flexion", 96, 96, 96, 96),
        **_fingers("dip_flexion", 62, 62, 62, 62),
        "ring_cmc_flexion": 5.0,
        "little_cmc_flexion": 8.0,
        "arch_cmc_flexion": 6.0,
        "thumb_cmc_flexion": -3.0,
        "thumb_cmc_abduction": 50.0,
        "thumb_mcp_flexion": 58.0,
        "thumb_mcp_abduction": -9.0,
        "thumb_ip_flexion": 16.0,
        "wrist_flexion": -20.0,
    },
}


def add_keyframes(spec: mujoco.MjSpec, joints: Sequence[str]) -> None:
    """Keyframes `open`, `rest` and `fist`."""
    for name, degrees in POSES.items():
        qpos = [round(math.radians(degrees.get(joint, 0.0)), 4) for joint in joints]
        spec.add_key(name=name, qpos=qpos)


@dataclass(frozen=True)
class SkinPoint:
    """A point on the skin of the right hand.

    Attributes:
        body: The body it lies on.
        pos: Where, in the body's frame [m].
        normal: Which way is out, in the body's frame.
    """

    body: str
    pos: Vec3
    normal: Vec3


def kapandji_points(variant: str) -> tuple[SkinPoint, ...]:
    """The ten targets of Kapandji 1986 (PMID 3963909), in order.

    1 and 2: radial side of the index finger's middle and distal phalanx; 3 to 6: tips of index,
    middle, ring and little finger; 7 to 9: the little finger's distal, middle and proximal crease;
    10: the distal palmar crease below the little finger.
    """
    index = {segment.body: segment for segment in INDEX.segments}
    little = {segment.body: segment for segment in LITTLE.segments}
    middle, distal = index["index_middle"], index["index_distal"]
    tips = tuple(_tip(FINGER_TABLE[finger]) for finger in FINGERS)
    palm = "little_metacarpal" if variant == "hand27" else "arch_metacarpal"
    origin = METACARPALS["little" if variant == "hand27" else "ring"].base
    base, knuckle = METACARPALS["little"].base, LITTLE.segments[0].pos
    along = 0.82  # of the metacarpal: where the crease runs
    crease = tuple(b + along * (k - b) - o for b, k, o in zip(base, knuckle, origin, strict=True))
    return (
        SkinPoint(middle.body, (_mean(middle.radius), 0.0, 0.5 * middle.length), (1.0, 0.0, 0.0)),
        SkinPoint(distal.body, (distal.radius[1], 0.0, 0.4 * distal.length), (1.0, 0.0, 0.0)),
        *tips,
        _palmar(little["little_distal"], 0.0),
        _palmar(little["little_middle"], 0.0),
        _palmar(little["little_proximal"], 0.5),
        SkinPoint(
            palm,
            (crease[0], crease[1] - PALMAR_FLESH - METACARPALS["little"].radius[1], crease[2]),
            (0, -1.0, 0),
        ),
    )


def kapandji_sites(spec: mujoco.MjSpec, variant: str, side: Side) -> None:
    """Sites `kapandji_1` to `kapandji_10` on the skin, z axis outwards."""
    for number, point in enumerate(kapandji_points(variant), start=1):
        spec.body(point.body).add_site(
            name=f"kapandji_{number}",
            pos=mirrored(point.pos, side),
            quat=mirrored_quat(quat_from_z(point.normal), side),
            size=[0.0015] * 3,
            group=4,
        )


def _tip(digit: Digit) -> SkinPoint:
    """End of the fingertip, half way between its palmar pole and its distal one."""
    half = math.sqrt(0.5)
    normal = (0.0, -half, half)
    radius = digit.pad.radius
    return SkinPoint(f"{digit.name}_pad", (0.0, -half * radius, half * radius), normal)


def _palmar(segment: Segment, along: float) -> SkinPoint:
    """The palmar skin of a phalanx, `along` its length."""
    radius = segment.radius[0] + along * (segment.radius[1] - segment.radius[0])
    return SkinPoint(segment.body, (0.0, -radius, along * segment.length), (0.0, -1.0, 0.0))


def _mean(pair: tuple[float, float]) -> float:
    return 0.5 * (pair[0] + pair[1])
