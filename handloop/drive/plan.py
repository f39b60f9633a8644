"""What a hand shall do, found out and checked before any servo is spoken to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .. import _core
from ..controller import Hand
from ..controller.recording import read_recording
from ..firmware_bridge.driver import controller_config
from ..firmware_bridge.hand_servos import HandServos
from .mirror import mirrored
from .motion import JointPath, keyframe, ranges
from .virtual import VirtualScene, scene_of


@dataclass(frozen=True, eq=False)
class DrivePlan:
    """A hand and its path.

    Attributes:
        hand: what is driven.
        path: where its joints shall be.
        force: [N], of the thumb once it touches. None: nothing is grasped.
        scene: what virtual servos turn. None: an inertia each.
    """

    hand: Hand
    path: JointPath
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
        return config


def plan_hold(hand: Hand, posture: str | None) -> DrivePlan:
    """A posture by name, or that in which it is found.

    Raises:
        ValueError: it has no such posture.
    """
    stays = np.full(len(hand.joint_names), np.nan)
    goal = stays if posture is None else keyframe(hand, posture)
    return DrivePlan(hand, JointPath.to(goal), scene=scene_of(hand))


def plan_follow(hand: Hand, file: Path | None) -> DrivePlan:
    """A recording.

    Raises:
        ValueError: there is none, or one that cannot be followed.
        OSError: it cannot be read.
    """
    if file is None:
        raise ValueError("--mode follow: name the file with --trajectory")
    recording = read_recording(file, hand.joint_names, ranges(hand))
    return DrivePlan(hand, JointPath.recorded(hand, recording), scene=scene_of(hand))


def plan_mirror(hand: Hand, postures: Sequence[str], period: float) -> DrivePlan:
    """What a simulated hand does that goes from posture to posture.

    Raises:
        ValueError: it has no such posture, or they are less than two.
        HandError: it cannot be simulated.
    """
    if len(postures) < 2:
        raise ValueError("--postures: name two at least, such as open,fist")
    path = mirrored(hand, [keyframe(hand, name.strip()) for name in postures], period)
    return DrivePlan(hand, path, scene=scene_of(hand))


def plan_grasp(hand: Hand, posture: str | None, force: float, *, virtual: bool) -> DrivePlan:
    """Closes towards a posture until it touches.

    Args:
        hand: with servos that sense their current.
        posture: by name. None: the fist, or around the cup where that is.
        force: [N], of the thumb.
        virtual: there is a cup to grasp.

    Raises:
        ValueError: it has no such posture, or cannot reach around the cup.
        HandError: it cannot grasp, or nobody could tell what it touches.
    """
    observer = hand.description.observer.model_copy(update={"force_source": "motors"})
    feeling = hand.changed(observer=observer)
    scene = VirtualScene.with_cup(feeling) if virtual else None
    if posture is None and scene and scene.closed is not None:
        return DrivePlan(feeling, JointPath.to(scene.closed), force, scene)
    return DrivePlan(feeling, JointPath.to(keyframe(feeling, posture or "fist")), force, scene)
