"""What is measured of a bus, and what the wire allows."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ..wire_time import group_reply, group_request, group_write

_BITS = 10  # of a byte on the line: 8N1


@dataclass(frozen=True)
class Spread:
    """One figure, measured in several rounds.

    Attributes:
        median: What counts.
        low: The smallest.
        high: The largest.
    """

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Of at least one value."""
        return cls(statistics.median(values), min(values), max(values))


@dataclass(frozen=True)
class Traffic:
    """The bytes of one cycle with Dynamixels, none of them stuffed (e-Manual, "Protocol 2.0").

    Attributes:
        servos: That are read and written.
        read: Bytes of each.
        write: Bytes to each.
        fast: All answer in one packet.
    """

    servos: int
    read: int
    write: int
    fast: bool

    @property
    def request(self) -> int:
        """Of a sync read or a fast one."""
        return group_request(self.servos)

    @property
    def reply(self) -> int:
        """Of all servos."""
        return group_reply(self.servos, self.servos * self.read, fast=self.fast)

    @property
    def goals(self) -> int:
        """Of a sync write."""
        return group_write(self.servos, self.servos * self.write)

    @property
    def total(self) -> int:
        """Of a whole cycle."""
        return self.request + self.reply + self.goals

    def rate(self, baud: int, turnaround: float = 0.0) -> float:
        """The most cycles per second [Hz] that the wire allows.

        Args:
            baud: [bit/s].
            turnaround: [s] until a servo answers; of a fast read only the first one's shows.
        """
        answers = 1 if self.fast else self.servos
        return 1.0 / (_BITS * self.total / baud + answers * turnaround)


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        what: Was measured.
        who: Was measured.
        measured: In `unit`.
        unit: Such as "µs", "x" or "%".
        wanted: In the same unit; None: nothing in particular.
        sense: Whether what is wanted is the most or the least that will do.
        details: More of the same measurement, by name and unit.
    """

    what: str
    who: str
    measured: Spread
    unit: str
    wanted: float | None = None
    sense: Literal["most", "least"] = "most"
    details: Mapping[str, float] = field(default_factory=dict)

    @property
    def met(self) -> bool | None:
        """Whether it is as wanted; None where nothing is."""
        if self.wanted is None:
            return None
        value = self.measured.median
        return value <= self.wanted if self.sense == "most" else value >= self.wanted

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return dataclasses.asdict(self) | {"met": self.met}


@dataclass(frozen=True)
class BenchReport:
    """All that was measured in one run.

    Attributes:
        where: What stood at the other end of the line.
        rows: The table.
        missing: Peers that are not installed, and the mend.
        versions: Of the peers that were measured.
        settings: Servos, baud rate, rounds and the like.
    """

    where: str
    rows: tuple[Row, ...]
    missing: Mapping[str, str]
    versions: Mapping[str, str]
    settings: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return dataclasses.asdict(self) | {"rows": [row.to_json() for row in self.rows]}
