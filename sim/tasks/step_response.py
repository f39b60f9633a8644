"""What a step and a sine say of how well a signal follows its command."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class StepResponse:
    """How a signal goes from one level to another.

    Attributes:
        rise_time: From 10 to 90 % of the commanded step [s]; NaN if it never gets there.
        overshoot: Largest excess over the command, as a part of the step, at least 0.
        error: Of the mean over the last quarter, as a part of the step.
        bandwidth: At which the response to a sine is 3 dB below that to a slow one [Hz], from the
            Fourier transform of the step response's slope; half the sampling rate if it never is.
    """

    rise_time: float
    overshoot: float
    error: float
    bandwidth: float

    @classmethod
    def read(cls, signal: Array, before: float, command: float, period: float) -> StepResponse:
        """Reads it from equally spaced values, the first at the moment of the step.

        Args:
            signal: Shape (k,).
            before: Level from which the step goes.
            command: Level to which it should go.
            period: Between two values [s].
        """
        part = (np.asarray(signal) - before) / (command - before)
        settled = float(part[-max(len(part) // 4, 1) :].mean())
        early, late = (_first(part >= level) for level in (0.1, 0.9))
        return cls(
            rise_time=(late - early) * period,
            overshoot=max(float(part.max()) - 1.0, 0.0),
            error=abs(settled - 1.0),
            bandwidth=_bandwidth(part, settled, period),
        )


def sine_gain(command: Array, signal: Array, frequency: float, period: float) -> complex:
    """Amplitude and phase of a signal over those of its command at a frequency [Hz].

    Least squares of both with a mean, a sine and a cosine over whole periods.
    """
    phase = 2.0 * np.pi * frequency * period * np.arange(len(command))
    basis = np.column_stack([np.ones_like(phase), np.cos(phase), -np.sin(phase)])
    wanted, got = np.linalg.lstsq(basis, np.column_stack([command, signal]), rcond=None)[0].T
    return complex(got[1], got[2]) / complex(wanted[1], wanted[2])


def _first(happens: NDArray[np.bool_]) -> float:
    return float(np.argmax(happens)) if happens.any() else np.nan


def _bandwidth(part: Array, settled: float, period: float) -> float:
    """Zero-padded to 0.1 Hz; what the record ends with is taken as its steady state."""
    slope = np.diff(part, prepend=0.0)
    points = max(round(10.0 / period), len(slope))
    gain = np.abs(np.fft.rfft(slope, points)) / abs(settled)
    below = gain < np.sqrt(0.5)
    return float(np.argmax(below) / (points * period) if below.any() else 0.5 / period)
