"""From runs of the benchmark to the requirements of a hand, in one go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ....controller import Hand
from ....controller.description_file import packaged_hands
from ...bench.engine import load_contestant
from .extract import Extract, Margins, extract
from .joint_use import COVERAGE, Measurer, TrialUse
from .least import Least, LeastLoads, least_loads
from .load_cache import loads_of
from .loads import LoadHistory, Progress
from .requirement import Requirements
from .runs import Choice, Sample, choose_trials, same_hand
from .tendon_use import Tendons, TendonUse, TendonWay, tendon_requirements

STRAINED: Final = 0.01
"""Part of a trial at a torque limit, from which a task is said to take all of a joint."""


@dataclass(frozen=True)
class Demand:
    """What the tasks ask for.

    Attributes:
        requirements: In short, for who chooses actuators.
        extract: Task by task.
        samples: Of which trials.
        trials: What each of them asked.
        tendons: What each asked of tendons; empty for motors in the joints.
        coverage: Part of each trial's time in which peaks are asked for.
        least: Of the tasks that weaker hands did.
    """

    requirements: Requirements
    extract: Extract
    samples: tuple[Sample, ...]
    trials: tuple[TrialUse, ...]
    tendons: tuple[TendonUse, ...]
    coverage: float
    least: tuple[Least, ...] = ()


def find_demand(
    folders: Sequence[Path],
    choice: Choice | None = None,
    margins: Margins | None = None,
    way: TendonWay | None = None,
    tendon_hand: str = "",
    coverage: float = COVERAGE,
    least: bool = False,
    jobs: int = 0,
    progress: Progress = lambda stage, done, of: None,
) -> Demand:
    """Finds what runs of one hand asked of its joints.

    Args:
        folders: Of the runs.
        choice: Which of their trials.
        margins: On top.
        way: Through which tendons joints are moved; None: as the hand itself moves them.
        tendon_hand: Whose tendons; empty: those of the packaged hand beside this one.
        coverage: Part of each trial's time in which peaks are asked for.
        least: Whether tasks that take all of the hand are given to weaker ones: see `least.py`.
        jobs: Processes; 0: one per core.
        progress: Told how far it is.

    Raises:
        LogError: A folder holds no run, or none that could be run again.
        ValueError: The runs are of several hands, or an option makes no sense.
        EngineError: A worker died.
    """
    if not folders:
        raise ValueError("name at least one folder of a run of `handloop bench`")
    samples = [choose_trials(folder, choice or Choice()) for folder in folders]
    hand = load_contestant(same_hand(samples)).hand
    puller = _puller(hand, way, tendon_hand)
    measurer = Measurer(hand, coverage)
    trials = [measurer.measure(h) for sample in samples for h in loads_of(sample, jobs, progress)]
    weak: list[LeastLoads] = []
    if least:
        strained = strained_tasks(trials)
        weak = [least_loads(sample, strained, jobs, progress) for sample in samples]
        trials = [measurer.measure(history) for history in _histories(samples, weak)]
    tendons = _tendon_uses(puller, hand, way, _histories(samples, weak), trials, coverage)
    found = extract(hand, trials, margins)
    requirements = Requirements(
        hand=hand.name,
        source="; ".join([told(samples), *_weakness(weak)]),
        joints=found.joints,
        tendons=tendon_requirements(tendons, found.margins),
        margins={**vars(found.margins), "coverage": coverage},
    )
    found_least = tuple(least for loads in weak for least in loads.found)
    return Demand(
        requirements, found, tuple(samples), tuple(trials), tuple(tendons), coverage, found_least
    )


def strained_tasks(trials: Sequence[TrialUse]) -> tuple[str, ...]:
    """Tasks in which a joint was at the hand's torque limit for long."""
    every = dict.fromkeys(use.task for use in trials if use.limited.max() > STRAINED)
    return tuple(every)


def _puller(hand: Hand, way: TendonWay | None, name: str) -> Hand | None:
    """The hand whose tendons are looked at, None without."""
    if _has_tendons(hand):
        return hand
    if way is None:
        return None
    beside = f"{hand.name}_tendon"
    if not name and beside not in packaged_hands():
        raise ValueError(
            f"there is no '{beside}' through whose tendons the joints of '{hand.name}' could be "
            "moved; name a hand that has tendons and the same joints"
        )
    puller = Hand.load(name or beside)
    if puller.joint_names != hand.joint_names:
        raise ValueError(f"'{puller.name}' has other joints than '{hand.name}'")
    return puller


def _has_tendons(hand: Hand) -> bool:
    return hand.description.transmission.kind == "tendons"


def _tendon_uses(
    puller: Hand | None,
    hand: Hand,
    way: TendonWay | None,
    histories: Iterable[LoadHistory],
    trials: Sequence[TrialUse],
    coverage: float,
) -> list[TendonUse]:
    if puller is None:
        return []
    tendons = Tendons(puller, way or TendonWay.PAIRS, trials, coverage)
    as_it_was = puller is hand and way is not TendonWay.SPRINGS
    return [
        tendons.measured(history) if as_it_was else tendons.measure(history)
        for history in histories
    ]


def _histories(samples: Sequence[Sample], weak: Sequence[LeastLoads]) -> Iterator[LoadHistory]:
    """All trials; those of tasks that a weaker hand did, too, as that did them."""
    weaker = {least.task for loads in weak for least in loads.found}
    for sample in samples:
        yield from (h for h in loads_of(sample) if h.task not in weaker)
    for loads in weak:
        yield from loads.histories()


def _weakness(weak: Sequence[LeastLoads]) -> Iterator[str]:
    for loads in weak:
        for least in loads.found:
            yield f"{least.task} by a hand of {least.factor:.2f} the torque"


def told(samples: Sequence[Sample]) -> str:
    """Where samples are from, without the names of a machine's folders."""
    trials = ", ".join(sample.told() for sample in samples)
    return f"closed loops of {samples[0].entry.label}, run once more: {trials}"
