"""From what a joint must do to what a design is judged by."""

from __future__ import annotations

from typing import Final

import numpy as np

from ....controller import Hand
from ..require.requirement import JointRequirement, Requirements
from .space import Need

SPEED_MARGIN: Final = 1.25
"""ASSUMPTION: no-load speed over the fastest that was asked, where torque has to be left."""
SPEED_LEAST: Final = 2.0  # [rad/s], of an output without load, for joints that hardly moved
DRAG: Final = 0.02
"""ASSUMPTION: dry friction of a drive over its joint's peak torque, up to which fingertip forces
stay under control; weighed against mass (`Pool.price`), no bound. Chosen on the benchmark's first
ten cups, which are no independent test, with several sets of requirements, and not monotone:
unbounded 5 held, for 0.03 2, for 0.02 9 and 10 (1 of 4 with an earlier set), for 0.015 and 0.01 10.
The hand for 0.03 held 6 of 6 without its friction."""

INERTIA: Final = 2e-3
"""[kg m2/(N m)], ASSUMPTION: reflected inertia over peak torque; the small servos with which
packaged hands pass the benchmark have 1.3e-3 over their stall torque (sim/hands/actuation.py)."""

ASKED_RMS: Final = 0.35  # ASSUMPTION: of its limit, where only a joint's limit is known
ASKED_SPEED: Final = 6.0  # [rad/s], ASSUMPTION, likewise (people's daily life: 3 to 4)


def need_of(joint: JointRequirement, drag: float = DRAG, inertia: float = INERTIA) -> Need:
    """What a design for a joint is judged by.

    Args:
        joint: What is asked of it.
        drag: Dry friction over its peak torque that is wanted.
        inertia: Reflected inertia over its peak torque that is wanted [kg m2/(N m)]. What no impact
            can feel (`inertia_max` of the requirement) is far less; see the report.

    Raises:
        ValueError: One of them is not above 0.
    """
    for word, wanted in (("drag", drag), ("inertia", inertia)):
        if not wanted > 0.0:
            raise ValueError(f"no drive has a {word} of {wanted:g}; give more than 0")
    fastest = max(joint.peak_speed, SPEED_LEAST / SPEED_MARGIN)
    no_load = SPEED_MARGIN * fastest
    torque, speed = joint.cloud[:, 0], joint.cloud[:, 1]
    along = np.clip(np.sign(torque) * speed, 0.0, fastest)  # a load that drives needs no voltage
    line = np.abs(torque) / (1.0 - along / no_load)
    return Need(
        torque=float(np.sqrt(max(joint.mean_square, joint.rms_torque**2))),
        torque_peak=joint.peak_torque,
        stall=float(line.max(initial=joint.peak_torque)),
        speed=float(np.sqrt(np.mean(np.square(speed)))) if len(speed) else 0.0,
        no_load_speed=float(no_load),
        drag=drag * joint.peak_torque,
        inertia=inertia * joint.peak_torque,
    )


def in_words(need: Need) -> str:
    """What it asks for, as an error says it."""
    return (
        f"{need.torque:.3g} N m for good, {need.torque_peak:.3g} N m for a moment, "
        f"{need.stall:.3g} N m at rest and {need.no_load_speed:.3g} rad/s without load"
    )


def needs_by_limits(hand: Hand) -> Requirements:
    """Requirements from nothing but the limits of joints: a stand-in until tasks were run."""
    limits = hand.bind(hand.model).torque_max()
    joints = tuple(
        JointRequirement(
            joint=name,
            rms_torque=ASKED_RMS * limit,
            peak_torque=limit,
            peak_speed=ASKED_SPEED,
            cloud=np.array([[limit, 0.0], [ASKED_RMS * limit, ASKED_SPEED]]),
            duty=1.0,
            mean_square=(ASKED_RMS * limit) ** 2,
            thermal=np.zeros((0, 2)),
            resolution=1e-3,
            bandwidth=10.0,
            inertia_max=float("inf"),
        )
        for name, limit in zip(hand.joint_names, limits.tolist(), strict=True)
    )
    return Requirements(hand.name, "limits of the joints; no task was run", joints)
