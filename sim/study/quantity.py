"""What a number is of, and in which unit: nothing is shown without."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

_WITH_UNIT: Final = re.compile(r"(?P<name>.*\S)\s*\[(?P<unit>[^][]*\S)\]\s*", re.DOTALL)


@dataclass(frozen=True)
class Axis:
    """A scale in a figure.

    Attributes:
        label: With its unit, `torque [N m]`; what has no dimension is in `[1]`.
        log: Logarithmic; what is not positive is left out then, and counted.
        ends: First and last value; None: as the values have it.
    """

    label: str
    log: bool = False
    ends: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        """Refuses what nobody could read.

        Raises:
            ValueError: The label has no unit, or the ends are no scale.
        """
        if unit(self.label) is None:
            raise ValueError(
                f"axis {self.label!r} has no unit; write it as 'torque [N m]' or '[1]'"
            )
        if self.ends and not (0.0 if self.log else -float("inf")) < self.ends[0] < self.ends[1]:
            raise ValueError(f"axis {self.label!r} cannot go from {self.ends[0]} to {self.ends[1]}")

    @classmethod
    def of(cls, axis: Self | str) -> Axis:
        """A label alone is a linear axis."""
        return cls(axis) if isinstance(axis, str) else axis


def unit(label: str) -> str | None:
    """Of `torque [N m]`: `N m`; None without."""
    said = _WITH_UNIT.fullmatch(label)
    return said and said["unit"]


def name(label: str) -> str:
    """Of `torque [N m]`: `torque`."""
    said = _WITH_UNIT.fullmatch(label)
    return said["name"] if said else label
