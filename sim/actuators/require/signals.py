"""What is read off a torque over time: heat in windows of any length, bandwidth, duty."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import welch

Array = NDArray[np.float64]

WINDOWS: Final = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
"""[s], over which heat is averaged: of small windings to that of housings."""
POWER: Final = 0.95
"""Part of a signal's power below what is called its bandwidth."""
_SEGMENT: Final = 2048  # samples of a spectrum's segment


def worst_rms(values: Array, period: float, windows: Sequence[float] = WINDOWS) -> Array:
    """Largest RMS over any window of a length; what is shorter than a window is repeated.

    Args:
        values: Shape (n, signals).
        period: Between them [s].
        windows: [s], shape (w,).

    Returns:
        Shape (w, signals), in the unit of the values.
    """
    count = len(values)
    total = np.vstack([np.zeros(values.shape[1]), np.cumsum(np.square(values, dtype=float), 0)])
    worst = [_largest_mean(total, count, max(round(w / period), 1)) for w in windows]
    return np.sqrt(np.array(worst))


def _largest_mean(total: Array, count: int, width: int) -> Array:
    """Of squares in windows, from their running total; the signal is repeated without end."""
    rounds, rest = divmod(width, count)
    begin = np.arange(count)
    end = begin + rest
    inside = total[np.minimum(end, count)] - total[begin] + total[np.maximum(end - count, 0)]
    return np.asarray((rounds * total[-1] + inside.max(axis=0)) / width)


def bandwidth(values: Array, period: float, power: float = POWER) -> Array:
    """Frequency below which that part of a signal's power lies, shape (signals,) [Hz].

    By Welch's method (1967), the mean left out. What the noise of sensors adds is equally strong at
    all frequencies, and there is nothing else in the upper half of the spectrum: that level is
    taken off. 0 Hz where less is left than was taken.

    Args:
        values: Shape (n, signals).
        period: Between them [s].
        power: The part.
    """
    frequency, density = welch(
        values, 1.0 / period, nperseg=min(_SEGMENT, len(values)), detrend="constant", axis=0
    )
    half = len(density) // 2
    level = density[half:].mean(axis=0)
    share = np.cumsum(density[:half] - level, axis=0)
    reached = np.argmax(share >= power * share[-1], axis=0)
    return np.where(share[-1] > level * len(density), frequency[reached], 0.0)
