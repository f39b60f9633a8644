"""All that the study of bottlenecks finds, and how it is found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ..require.requirement import Requirements
from .design import DesignGain
from .frontier import Gain, cells, gains
from .joints import HandGain, hand_gains
from .pairs import Pairs
from .trials import Effect
from .variations import Answer, ask, variations

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, eq=False)
class CatalogueFindings:
    """What one catalogue says.

    Attributes:
        pairs: The catalogue.
        gains: Of every lever in every cell, torque for good, the best pair.
        answers: Motor against gear, asked in several ways.
        hand: What every lever buys for a whole hand.
    """

    pairs: Pairs
    gains: Sequence[Gain]
    answers: Sequence[Answer]
    hand: Sequence[HandGain]


@dataclass(frozen=True, eq=False)
class Findings:
    """All of it.

    Attributes:
        requirements: Of the joints.
        catalogues: One or more.
        designs: What every lever buys for a hand of designed actuators.
        effects: In simulation; empty: nothing was run.
        seeds: Trials of each pool in simulation.
    """

    requirements: Requirements
    catalogues: Sequence[CatalogueFindings]
    designs: Sequence[DesignGain]
    effects: Sequence[Effect]
    seeds: int


def look_into(
    every: Iterable[Pairs],
    requirements: Requirements,
    resamples: int,
    progress: Progress = lambda stage, done, of: None,
) -> list[CatalogueFindings]:
    """Asks catalogues all there is to ask.

    Args:
        every: Catalogues.
        requirements: Of the joints.
        resamples: Of each bootstrap.
        progress: Told how many questions have been answered.
    """
    return [_look(pairs, requirements, resamples, progress) for pairs in every]


def _look(
    pairs: Pairs, requirements: Requirements, resamples: int, progress: Progress
) -> CatalogueFindings:
    ways = variations(pairs)
    stage, of = pairs.source.partition(",")[0], len(ways) + 2
    progress(stage, 0, of)
    by_cell = gains(pairs, cells(), resamples=resamples)
    progress(stage, 1, of)
    answers = []
    for i, way in enumerate(ways, 2):
        answers.append(ask(pairs, way, resamples))
        progress(stage, i, of)
    hand = hand_gains(pairs, requirements, resamples=resamples)
    progress(stage, of, of)
    return CatalogueFindings(pairs, by_cell, [a for a in answers if a.gains], hand)
