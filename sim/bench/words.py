"""How numbers and conditions are put into words, the same in a terminal and on a page."""

from __future__ import annotations

from typing import Final

from ..study.words import number
from .measures import Rate
from .summary import HALF_STEP_MOVE, HALF_STEP_TRIALS, HalfStep
from .task import Metric, Reference
from .trial import Condition, Kind, Outcome

KINDS: Final[dict[Kind, str]] = {
    "closed": "closed loop",
    "open": "open loop",
    "oracle": "oracle",
    "rigid": "rigid gripper",
    "half_step": "half the time step",
}
OUTCOMES: Final[dict[Outcome, str]] = {
    "held": "held",
    "crushed": "crushed",
    "slipped": "slipped",
    "missed": "missed",
    "timed_out": "timed out",
    "limit": "limit",
    "thermal": "thermal",
    "diverged": "diverged",
}


def condition_text(condition: Condition) -> str:
    """As `open loop, 6 N`."""
    squeeze = condition.squeeze
    return KINDS[condition.kind] + ("" if squeeze is None else f", {squeeze:g} N")


def metric_text(metric: Metric) -> str:
    """As `slip [mm]`."""
    return f"{metric.text} [{metric.unit}]"


def reference_text(reference: Reference, metric: str) -> str:
    """Who, and by a metric's name their rate and measure where these compare, else what they do."""
    told = [f"{100 * reference.success:.0f} %"] if reference.success is not None else []
    if metric in reference.metrics:
        told.append(number(reference.metrics[metric]))
    return f"{reference.who}: {', '.join(told) or reference.text}"


def interval_text(rate: Rate) -> str:
    """As `93–99 %`."""
    low, high = (round(100 * p) for p in rate.interval)
    return f"{low}–{high} %"


def percent(rate: Rate) -> str:
    """As `97 %`; never 100 where one failed, never 0 where one was held."""
    value = round(100 * rate.value)
    if value in (0, 100) and 0 < rate.successes < rate.n:
        return f"{100 * rate.value:.1f} %"
    return f"{value} %"


def signed_points(difference: float) -> str:
    """Of two rates, as `+12.0`."""
    return f"{100 * difference:+.1f}"


def half_step_text(half: HalfStep) -> str:
    """By how much the time step moves success, and whether that is too much."""
    low, high = map(signed_points, half.interval)
    said = f"success moves by {half.points:+.1f} points ({low} to {high}) over {half.full.n} trials"
    if not half.resolved:
        return f"{said}; fewer than {HALF_STEP_TRIALS} cannot resolve {HALF_STEP_MOVE:g} points"
    if half.flagged:
        return f"{said}: more than the {HALF_STEP_MOVE:g} that a sound simulation may"
    return said
