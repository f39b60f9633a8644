"""From runs of the benchmark to the requirements of a hand, in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ....controller import Hand
from ....controller.description_file import packaged_hands
from ...bench.engine import load_contestant
from .extract import Extract, Margins, extract
from .joint_use import COVERAGE, Measurer, TrialUse
from .load_cache import loads_of
from .loads import Progress
from .requirement import Requirements
from .runs import Choice, Sample, choose_trials, same_hand
from .tendon_use import Tendons, TendonUse, TendonWay, tendon_requirements


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
    """

    requirements: Requirements
    extract: Extract
    samples: tuple[Sample, ...]
    trials: tuple[TrialUse, ...]
    tendons: tuple[TendonUse, ...]
    coverage: float


def find_demand(
    folders: Sequence[Path],
    choice: Choice | None = None,
    margins: Margins | None = None,
    way: TendonWay | None = None,
    tendon_hand: str = "",
    coverage: float = COVERAGE,
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
    tendons = _tendon_uses(puller, hand, way, samples, trials, coverage, progress)
    found = extract(hand, trials, margins)
    requirements = Requirements(
        hand=hand.name,
        source="; ".join(told(sample) for sample in samples),
        joints=found.joints,
        tendons=tendon_requirements(tendons, found.margins),
        margins={**vars(found.margins), "coverage": coverage},
    )
    return Demand(requirements, found, tuple(samples), tuple(trials), tuple(tendons), coverage)


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
    samples: Sequence[Sample],
    trials: Sequence[TrialUse],
    coverage: float,
    progress: Progress,
) -> list[TendonUse]:
    if puller is None:
        return []
    tendons = Tendons(puller, way or TendonWay.PAIRS, trials, coverage)
    as_it_was = puller is hand and way is not TendonWay.SPRINGS
    measure = tendons.measured if as_it_was else tendons.measure
    uses: list[TendonUse] = []
    for sample in samples:
        for history in loads_of(sample):
            uses.append(measure(history))
            progress("tendons", len(uses), len(trials))
    return uses


def told(sample: Sample) -> str:
    """Where a sample is from, without the name of a machine's folder."""
    return f"closed loops of {sample.entry.label}, run once more: {sample.told()}"
