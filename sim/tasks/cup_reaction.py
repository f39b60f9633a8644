"""How long a hand takes to answer a slip, told from what really happened.

A slip begins where the object slides over the skin as fast as the controller calls a slip, however
late and noisy its sensors say so. It is answered where the grip force is 3 % above what it was then
and stays there for 5 ms, and the controller asked for it: a force that rises by itself, because
something moved, is no answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

RISE: Final = 1.03  # force over that at the onset of the slip
HELD: Final = 0.005  # [s] that the risen force must last
WINDOW: Final = 0.1  # [s]: what comes later is no answer to that slip


@dataclass(frozen=True)
class Reactions:
    """Answers to the slips of one run.

    Attributes:
        times: From the onset of a slip to the rise of the force [s], of those answered.
        unanswered: Number of slips to which the force did not rise.
    """

    times: tuple[float, ...]
    unanswered: int

    @property
    def slips(self) -> int:
        """How many there were."""
        return len(self.times) + self.unanswered

    @classmethod
    def read(
        cls, speed: Array, force: Array, level: Array, slip_speed: float, period: float
    ) -> Reactions:
        """From the ticks of a run, each array of shape (ticks,).

        Args:
            speed: Of the object over the skin [m/s].
            force: Of the grip [N].
            level: That the controller asks for [N].
            slip_speed: From which on it is a slip [m/s].
            period: From tick to tick [s].
        """
        window, held = round(WINDOW / period), round(HELD / period)
        lasting = _least_ahead(force, held)
        times: list[float] = []
        unanswered, quiet_until = 0, 0
        begins = (speed[1:] >= slip_speed) & (speed[:-1] < slip_speed)
        for onset in (np.flatnonzero(begins) + 1).tolist():
            if onset < quiet_until:
                continue
            quiet_until = onset + window
            ahead = slice(onset, quiet_until)
            risen = lasting[ahead] >= RISE * force[onset]
            answered = risen & (level[ahead] >= RISE * level[onset])
            if answered.any():
                times.append(float(np.argmax(answered) * period))
            else:
                unanswered += 1
        return cls(tuple(times), unanswered)


def _least_ahead(force: Array, ticks: int) -> Array:
    """Least of each value and those that follow it, `ticks` in all, shape (k,)."""
    padded = np.pad(force, (0, ticks), constant_values=np.inf)
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, ticks)[:-1].min(axis=1))
