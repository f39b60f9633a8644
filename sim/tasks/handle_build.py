"""From a hand and a handle to a scene: grips are planned, tried out, and the best is taken.

A plan knows the posture at its end, not how fingers meet each other on their way there, nor how
little the handle may move. So the hand rehearses the strongest plans on the load that they bear
least, as it would be designed in a simulation; nothing of a trial is known to it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from ... import _core
from ...controller import Hand
from ..bench.trial import CLOSED
from ..scene import PREFIX, check_touch
from .handle import LOADED, HandleScene
from .handle_force import DEPTHS, HandleGrip, plan_grips
from .handle_load import Hold, Ladder, load_body
from .handle_object import Handle, scene_of
from .handle_wrap import HANDLE, HandAround

Array = NDArray[np.float64]

Furnish = Callable[[mujoco.MjSpec, HandAround, HandleGrip], None]
"""Adds to a scene what a tool has besides its handle, once it is known how it is held."""

REHEARSED: Final = 6  # planned grips, the strongest, of which the best is taken

_SEED: Final = 0  # of the errors in a rehearsal
_UP_TO: Final = 2.0  # times its weakest aim, in which a rehearsal ends
_RATE: Final = 2.0  # [1/s], at which that grows
_AWAY: Final = np.array([0.35, -0.3, 0.3])  # [m], where the handle is before a grip is planned


def build_scene(
    hand: Hand,
    handle: Handle,
    aims: Sequence[Sequence[float]],
    furnish: Furnish,
    depths: Array = DEPTHS,
) -> HandleScene:
    """Plans the grip and puts the tool there.

    Args:
        hand: Who holds.
        handle: What.
        aims: Wrenches for which the grip is chosen, see `plan_grips`.
        furnish: Adds the rest of the tool.
        depths: From which the grip is chosen, see `plan_grips`.

    Raises:
        HandError: The hand has no actuators, no grip or no contact sensors.
    """
    hand.controller_config()
    check_touch(hand)
    model = scene_of(hand, handle, _AWAY).compile()
    bound = hand.bind(model, PREFIX)
    around = HandAround(bound)
    plans = plan_grips(around, aims, depths)[:REHEARSED]
    tries = [HandleScene(hand, model, bound, grip, around.free) for grip in plans]
    grip = max(tries, key=_rehearsed).grip
    spec = scene_of(hand, handle, grip.wrap.position)
    furnish(spec, around, grip)
    model = spec.compile()
    return HandleScene(hand, model, hand.bind(model, PREFIX), grip, around.free)


def _rehearsed(scene: HandleScene) -> float:
    """Times its weakest aim that a grip bears."""
    ladder = Ladder.ramp(_RATE, _UP_TO)
    episode, model = scene.episode(_SEED, CLOSED, ladder.end)
    for component in np.flatnonzero(scene.grip.weakest):
        scale = float(scene.grip.weakest[component])
        load_body(episode, model.body(HANDLE).id, int(component), ladder, scale)
    _core.run_episodes([episode], 1)
    hold = Hold.read(scene, episode)
    return ladder.borne(hold.until) if hold.until > LOADED else 0.0
