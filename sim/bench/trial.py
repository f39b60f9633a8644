"""What is run and what came of it: the vocabulary that tasks, engines, logs and reports share."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Final, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Outcome = Literal[
    "held", "crushed", "slipped", "missed", "timed_out", "limit", "thermal", "diverged"
]
"""How a trial ended. Only `held` is a success; `diverged` is the simulation's failure, and counts
against the hand like any other."""
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)

Kind = Literal["closed", "open", "oracle", "rigid", "half_step"]
"""Closed loop on sensors; one constant squeeze, blind; told what no hand could know; a rigid
gripper in the hand's place; the closed loop at half the time step."""


@dataclass(frozen=True)
class Condition:
    """One way of holding.

    Attributes:
        kind: What the controller has to go by.
        squeeze: Constant grip level [N] of an open loop, None for all others.
    """

    kind: Kind
    squeeze: float | None = None

    @property
    def name(self) -> str:
        """Unique within a task: `closed`, `open 6 N`."""
        return self.kind if self.squeeze is None else f"{self.kind} {self.squeeze:g} N"


CLOSED: Final = Condition("closed")
ORACLE: Final = Condition("oracle")
RIGID: Final = Condition("rigid")
HALF_STEP: Final = Condition("half_step")


@dataclass(frozen=True)
class Case:
    """By what a task is varied besides the seed: an object, a direction, a point of a curve.

    Attributes:
        name: Unique within a task; the headline pool of a task without cases has the empty one.
        curve: Of which breakdown curve it is a point, with its unit: `pour rate [kg/s]`.
        value: On that curve's axis.
        headline: It is part of the pool by which the task is judged.
    """

    name: str = ""
    curve: str = ""
    value: float | None = None
    headline: bool = True


POOL: Final = Case()


@dataclass(frozen=True)
class Trial:
    """One trial; all that happens in it follows from this and the contestant."""

    condition: Condition
    case: Case
    seed: int


@dataclass(frozen=True)
class Result:
    """What a trial was worth, judged on what really happened, without sensor noise or delay.

    Attributes:
        outcome: How it ended.
        metrics: Numbers by name, of `Task.metrics`; what is not finite is left out.
        note: What else there is to say, such as why a hand could not take part.
    """

    outcome: Outcome
    metrics: dict[str, float] = field(default_factory=dict)
    note: str = ""

    def __post_init__(self) -> None:
        """Leaves out what does not exist, such as a margin over nothing."""
        finite = {name: value for name, value in self.metrics.items() if math.isfinite(value)}
        object.__setattr__(self, "metrics", finite)

    @property
    def success(self) -> bool:
        """It was held."""
        return self.outcome == "held"


def cross(
    conditions: Iterable[Condition], cases: Iterable[Case], seeds: Iterable[int]
) -> Iterator[Trial]:
    """Every combination; trials with the same case stand together, as they share a scene."""
    for case, condition, seed in product(cases, conditions, seeds):
        yield Trial(condition, case, seed)
