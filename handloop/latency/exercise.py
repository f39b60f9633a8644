"""Samples that put any hand through what a grasp may bring, without a simulation."""

from __future__ import annotations

from typing import Final

import numpy as np

from .. import _core
from ..controller import Hand

PERIOD: Final = 0.001  # [s]
TICKS: Final = 1200

# Tick from which on, normal and tangential force [N], speed of slip [m/s].
_PHASES: Final = (
    (0, 0.0, 0.0, 0.0),  # reach
    (150, 2.0, 0.3, 0.0),  # touch and settle
    (550, 3.0, 0.8, 0.0),  # hold
    (750, 3.0, 2.0, 0.0),  # a load drops in
    (900, 3.0, 2.0, 0.03),  # all slide
    (1000, 15.0, 8.0, 0.0),  # as hard as it goes
)
_LOST: Final = range(800, 900)  # one finger after the other lets go


def exercise(hand: Hand) -> list[_core.HandState]:
    """Every joint swings through its range, fingers touch, carry, lose touch, slide and squeeze.

    Args:
        hand: Any; its velocity limit is kept.
    """
    low, high = hand.bind(hand.model).position_range.T
    middle, half = (low + high) / 2.0, 0.4 * (high - low)
    slow = 0.5 * hand.description.limits.velocity / np.maximum(half, 1e-6)
    rate = np.minimum(4.0 + 0.3 * np.arange(len(low)), slow)  # [rad/s]
    fingers = len(hand.finger_names)
    samples = []
    for tick in range(TICKS):
        sample = _core.HandState(len(low))
        sample.time, sample.sequence = PERIOD * tick, tick
        sample.q = middle + half * np.sin(rate * sample.time)
        sample.dq = half * rate * np.cos(rate * sample.time)
        _touch(sample, tick, fingers)
        samples.append(sample)
    return samples


def _touch(sample: _core.HandState, tick: int, fingers: int) -> None:
    _, normal, tangential, slip = next(p for p in reversed(_PHASES) if p[0] <= tick)
    for f in range(fingers if normal else 0):
        if tick in _LOST and tick // 10 % fingers == f:
            continue
        contact = sample.contact(f)
        contact.touching = True
        still = 1e-6 * (tick % 2)  # no skin reads the same to the last bit for long
        contact.force = [normal + 0.2 * f + still, tangential, 0.0]
        contact.slip_speed = slip
