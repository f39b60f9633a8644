"""The twin of the grip reflex: what `grip.hpp` does, with its equations and source, to be read."""

from __future__ import annotations

import math
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .jit import njit
from .twin import clamp

Record: TypeAlias = Any
Records: TypeAlias = NDArray[np.void]

GRIP = np.dtype(
    [
        ("level", np.float64),  # [N]
        ("friction", np.float64),
        ("believed", np.float64),  # friction before the present slip
        ("load", np.float64),  # [N]
        ("ratio", np.float64, 2),  # tangential over normal force of each side, filtered
        ("largest_ratio", np.float64),  # in the present slip
        ("since_onset", np.float64),  # [s]
        ("ceiling", np.float64),  # [N]
        ("slip_count", np.int64),
        ("slipping", np.bool_),
    ]
)


class GripNumbers(NamedTuple):
    """Fields of `GripConfig`."""

    adaptive: bool
    blind_level: float
    level_min: float
    force_max: float
    margin: float
    friction_initial: float
    friction_min: float
    friction_gain: float
    slip_speed: float
    ratio_time_constant: float
    reflex_rate: float
    reflex_gain: float
    reflex_time: float
    rise_rate: float
    release_time: float
    load_time_constant: float


def new_grip(c: GripNumbers) -> Record:
    """A reflex that has felt nothing yet."""
    state = np.rec.array(np.zeros(1, GRIP))[0]
    state.level = state.ceiling = c.level_min
    state.friction = state.believed = c.friction_initial
    state.since_onset = 1e9
    return state


@njit
def move_grip(c: GripNumbers, period: float, thumb: int, fingers: Records, state: Record) -> None:
    """Moves the grip level by one tick."""
    if not c.adaptive:
        state.level = min(c.blind_level, state.level + c.rise_rate * period)
        return
    thumb_drag, _, _ = side(c, fingers, thumb, True)
    other_drag, _, _ = side(c, fingers, thumb, False)
    feel_slip(c, period, thumb, fingers, state)
    if not state.slipping:
        load = 0.5 * (thumb_drag + other_drag)
        state.load += period / (c.load_time_constant + period) * (load - state.load)
    margin = c.margin if state.slip_count > 0 else 0.0
    need = state.load / (state.friction * (1.0 - margin))
    if state.slipping:
        reflex = state.level * (1.0 + c.reflex_rate * period)
        state.level = max(state.level, min(reflex, state.ceiling))
    if need > state.level:
        state.level = min(need, state.level + c.rise_rate * period)
    elif not state.slipping:
        state.level += (need - state.level) * period / c.release_time
    state.level = clamp(state.level, c.level_min, c.force_max)


@njit
def side(c: GripNumbers, fingers: Records, thumb: int, of_thumb: bool) -> tuple[float, float, bool]:
    """Drag [N] of one side of the grasp, its ratio to the normal force, and whether it slips."""
    normal, slipping, x, y, z = 0.0, 0.0, 0.0, 0.0, 0.0
    for f in range(len(fingers)):
        finger = fingers[f]
        if not finger.touching or (f == thumb) != of_thumb:
            continue
        normal += finger.normal
        x, y, z = x + finger.drag[0], y + finger.drag[1], z + finger.drag[2]
        if finger.slip_speed > c.slip_speed:
            slipping += finger.normal
    drag = math.sqrt(x * x + y * y + z * z)
    return drag, drag / normal if normal > 0.0 else 0.0, slipping > 0.5 * normal


@njit
def feel_slip(c: GripNumbers, period: float, thumb: int, fingers: Records, state: Record) -> None:
    """Notices slip, and reads the friction off while it lasts."""
    largest, state.slipping = 0.0, False
    for i in range(2):
        _, ratio, slips = side(c, fingers, thumb, i == 0)
        state.ratio[i] += period / (c.ratio_time_constant + period) * (ratio - state.ratio[i])
        if slips:
            state.slipping, largest = True, max(largest, state.ratio[i])
    state.since_onset += period
    if not state.slipping:
        return
    if state.since_onset > c.reflex_time:
        state.slip_count += 1
        state.since_onset = state.largest_ratio = 0.0
        state.ceiling = state.level * (1.0 + c.reflex_gain)
        state.believed = state.friction
    state.largest_ratio = max(state.largest_ratio, largest)
    reading = clamp(state.largest_ratio, c.friction_min, c.friction_initial)
    gain = 1.0 if state.slip_count == 1 else c.friction_gain
    state.friction = state.believed + gain * (reading - state.believed)
