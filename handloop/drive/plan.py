"""What a hand shall do, found out and checked before any servo is spoken to.

Only who grasps feels: a finger that seems to touch leaves its path, and what motors tell of forces
is an estimate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np

from .. import _core
from ..controller import Hand
from ..controller.recording import read_recording
from ..firmware_bridge.driver import controller_config
from ..firmware_bridge.hand_servos import HandServos
from .guide import Guide, PathGuide
from .mirror import MirrorGuide
from .motion import JointPath, keyframe, ranges
from .virtual import VirtualScene, scene_of

_NEVER: Final = 1e9  # [s]


@dataclass(frozen=True, eq=False)
class DrivePlan:
    """A hand, and who says where it shall be.

    Attributes:
        hand: what is driven.
        guide: says where its joints shall be.
        force: [N], of the thumb once it touches. None: nothing is grasped.
        scene: what virtual servos turn. None: an inertia each.
    """

    hand: Hand
    guide: Guide
    force: float | None = None
    scene: VirtualScene | None = None

    def controller(self, servos: HandServos) -> _core.ControllerConfig:
        """How the hand is controlled for it.

        Raises:
            HandError: the description lacks something; the message names the key.
            BusError: a servo does not answer.
        """
        config = controller_config(servos, servos.drives())
        if self.force is not None:
            # Without a skin slip is not felt, so there is nothing to learn a better force from.
            config.grip.adaptive, config.grip.blind_level = False, self.force
            config.law.integral_gain = [0.0] * len(servos.hand.finger_names)
            # What it grasps stops a joint, in an encoder of 4096 steps to the last bit.
            config.safety.frozen_after = _NEVER
        return config


def plan_hold(hand: Hand, posture: str | None, approach: float) -> DrivePlan:
    """A posture by name, reached in `approach` [s], or that in which it is found.

    Raises:
        ValueError: it has no such posture.
    """
    stays = np.full(len(hand.joint_names), np.nan)
    goal = stays if posture is None else keyframe(hand, posture)
    guide = PathGuide(JointPath.to(goal), approach)
    return DrivePlan(_feeling(hand, "sensors"), guide, scene=scene_of(hand))


def plan_follow(hand: Hand, file: Path | None, approach: float) -> DrivePlan:
    """A recording, begun after `approach` [s].

    Raises:
        ValueError: there is none, or one that cannot be followed.
        OSError: it cannot be read.
    """
    if file is None:
        raise ValueError("--mode follow: name the file with --trajectory")
    recording = read_recording(file, hand.joint_names, ranges(hand))
    guide = PathGuide(JointPath.recorded(hand, recording), approach)
    return DrivePlan(_feeling(hand, "sensors"), guide, scene=scene_of(hand))


def plan_mirror(hand: Hand, postures: Sequence[str], period: float, approach: float) -> DrivePlan:
    """What a simulated hand does that goes from posture to posture, begun after `approach` [s].

    Raises:
        ValueError: it has no such posture, or they are less than two.
        HandError: it cannot be simulated.
    """
    if len(postures) < 2:
        raise ValueError("--postures: name two at least, such as open,fist")
    frames = [keyframe(hand, name.strip()) for name in postures]
    guide = MirrorGuide(hand, frames, period, approach)
    return DrivePlan(_feeling(hand, "sensors"), guide, scene=scene_of(hand))


def plan_grasp(
    hand: Hand, posture: str | None, force: float, approach: float, *, virtual: bool
) -> DrivePlan:
    """Closes towards a posture until it touches.

    Args:
        hand: with servos that sense their current.
        posture: by name. None: the fist, or around the cup where that is.
        force: [N], of the thumb.
        approach: [s], in which it would be closed if it touched nothing.
        virtual: there is a cup to grasp.

    Raises:
        ValueError: it has no such posture, or cannot reach around the cup.
        HandError: it cannot grasp, or nobody could tell what it touches.
    """
    feeling = _feeling(hand, "motors")
    scene = VirtualScene.with_cup(feeling) if virtual else None
    if posture is None and scene and scene.closed is not None:
        goal = scene.closed
    else:
        goal = keyframe(feeling, posture or "fist")
    return DrivePlan(feeling, PathGuide(JointPath.to(goal), approach), force, scene)


def _feeling(hand: Hand, source: Literal["sensors", "motors"]) -> Hand:
    """The hand with contact forces from there; on a bus there are no sensors, so it feels none."""
    observer = hand.description.observer.model_copy(update={"force_source": source})
    return hand.changed(observer=observer)
