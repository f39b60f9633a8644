"""Ways to drive a servo so that its logs tell its parameters apart.

Fast and slow, with and against gravity, driven and let go: a falling arm feels friction without the
motor, a slow lift friction under load, a rising frequency inertia and back-EMF, and an arm that
sways through where it hangs crosses the play of its gear, slowly enough to be seen. Those that
Duclusaud et al. 2024 (arXiv 2410.08650) use have their names.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from ..controller.errors import HandError, unknown

_LIFT: Final = 2.0  # [s], from hanging to the top
_TONES: Final = ((0.25, 0.50), (0.7, 0.25), (1.9, 0.15), (4.1, 0.10))  # [Hz], part of the range


@dataclass(frozen=True)
class Excitation:
    """A way to drive a servo for some time."""

    name: str
    duration: float
    """[s]."""
    goal: Callable[[float], float]
    """Of the time [s]: -1 to 1, parts of the range."""
    let_go: float = math.inf
    """[s], from which on torque is off."""


def _rise(time: float, duration: float) -> float:
    """From 0 to 1, at rest at both ends: a cubic."""
    part = min(max(time / duration, 0.0), 1.0)
    return part * part * (3.0 - 2.0 * part)


def _sin_time_square(time: float) -> float:
    return math.sin(time * time)


def _multi_sine(time: float) -> float:
    faded = _rise(time, 0.5)
    return faded * sum(part * math.sin(2.0 * math.pi * f * time) for f, part in _TONES)


def _sway(time: float) -> float:
    return 0.15 * _rise(time, 0.5) * math.sin(math.pi * time)


def _lift(time: float) -> float:
    return -_rise(time, _LIFT)


def _up_and_down(time: float) -> float:
    return _rise(time, 3.0) - _rise(time - 3.0, 3.0)


def _drop(time: float) -> float:
    return _rise(time, 1.2)


EXCITATIONS: Final[Mapping[str, Excitation]] = {
    e.name: e
    for e in (
        Excitation("sin_time_square", 6.0, _sin_time_square),
        Excitation("multi_sine", 6.0, _multi_sine),
        Excitation("sway", 6.0, _sway),
        Excitation("lift_and_drop", 6.0, _lift, let_go=_LIFT),
        Excitation("up_and_down", 6.0, _up_and_down),
        Excitation("drop", 4.0, _drop, let_go=1.2),
    )
}


def excitation(name: str) -> Excitation:
    """One by its name.

    Raises:
        HandError: There is none like it.
    """
    if name not in EXCITATIONS:
        raise HandError(unknown("trajectory", name, EXCITATIONS, "the excitations"))
    return EXCITATIONS[name]
