"""Rounds in which everyone has a turn, so that what else the machine does meets all alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

Progress = Callable[[str, int, int], None]
"""Told the stage, how much of it is done, and how much there is."""

_T = TypeVar("_T")


@dataclass(frozen=True)
class Rounds:
    """How long everything is measured.

    Attributes:
        count: Of rounds.
        cycles: Of each client in a round.
        progress: Is told how far it is.
    """

    count: int = 5
    cycles: int = 200
    progress: Progress = lambda stage, done, of: None

    def take(self, stage: str, turns: Sequence[Callable[[], _T]]) -> list[list[_T]]:
        """What each of the turns returned, round by round."""
        found: list[list[_T]] = [[] for _ in turns]
        steps = self.count * len(turns)
        self.progress(stage, 0, steps)
        for n in range(steps):
            found[n % len(turns)].append(turns[n % len(turns)]())
            self.progress(stage, n + 1, steps)
        return found
