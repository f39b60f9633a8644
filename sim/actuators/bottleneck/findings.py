"""All that the study of bottlenecks finds, and how it is found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...bench.engine import Engine
from ..require.requirement import Requirements
from .design import DesignGain, design_gains
from .frontier import MASSES, RESAMPLES, SPEEDS, Gain, cells, gains
from .joints import HandGain, by_factor
from .pairs import Pairs
from .rotors import HandAnswer, ask_hand
from .trials import SEEDS, Effect, run_effects
from .variations import Answer, ask, variations

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, eq=False)
class CatalogueFindings:
    """What one catalogue says.

    Attributes:
        pairs: The catalogue.
        gains: Of every lever in every cell, torque for good, the best pair.
        answers: Motor against gear, asked in several ways.
        joints: What every lever buys for a whole hand, by how light its rotors have to be.
        factors: The same for motor, gear and both, made better by less and by more.
    """

    pairs: Pairs
    gains: Sequence[Gain]
    answers: Sequence[Answer]
    joints: Sequence[HandAnswer]
    factors: Mapping[str, Sequence[HandGain]]

    @property
    def hand(self) -> Sequence[HandGain]:
        """What every lever buys with rotors of any inertia."""
        return self.joints[0].gains


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


@dataclass(frozen=True, eq=False)
class Question:
    """What is to be found.

    Attributes:
        requirements: Of the joints.
        carried: Joints of forearm and wrist, whose actuators sit beside them.
        catalogues: One or more.
        resamples: Of each bootstrap over a catalogue.
        design: Whether to design hands, too.
        seeds: Trials of each pool in simulation; 0: none are run.
    """

    requirements: Requirements
    carried: Sequence[str]
    catalogues: Sequence[Pairs]
    resamples: int = RESAMPLES
    design: bool = True
    seeds: int = SEEDS


def find(
    question: Question,
    engine: Engine,
    folder: Path,
    progress: Progress = lambda stage, done, of: None,
) -> Findings:
    """Answers it.

    Args:
        question: What is to be found.
        engine: Where trials run.
        folder: For hands that are run.
        progress: Told how far each stage is.

    Raises:
        EngineError: A worker died.
        ValueError: A catalogue has nothing for a hand.
    """
    needs, q = question.requirements, question
    # First, because a folder with runs of other hands is refused.
    effects = run_effects(engine, folder, q.seeds, progress=progress) if q.seeds else []
    catalogues = [_look(pairs, needs, q.resamples, progress) for pairs in q.catalogues]
    designs = design_gains(needs, q.carried, progress=progress) if q.design else []
    return Findings(needs, catalogues, designs, effects, q.seeds)


def _look(
    pairs: Pairs, requirements: Requirements, resamples: int, progress: Progress
) -> CatalogueFindings:
    ways = variations(pairs)
    stage, of = pairs.source.partition(",")[0], len(ways) + 3
    progress(stage, 0, of)
    by_cell = gains(pairs, cells(), resamples=resamples)
    if not by_cell:
        raise ValueError(
            f"{pairs.source}: no pair weighs {1e3 * MASSES[0]:g} to {1e3 * MASSES[-1]:g} g and "
            f"turns at {SPEEDS[0]:g} rad/s or more without load; such a catalogue cannot be asked"
        )
    progress(stage, 1, of)
    answers = []
    for i, way in enumerate(ways, 2):
        answers.append(ask(pairs, way, resamples))
        progress(stage, i, of)
    joints = list(ask_hand(pairs, requirements, resamples))
    progress(stage, of - 1, of)
    factors = by_factor(pairs, requirements, resamples)
    progress(stage, of, of)
    return CatalogueFindings(pairs, by_cell, [a for a in answers if a.gains], joints, factors)
