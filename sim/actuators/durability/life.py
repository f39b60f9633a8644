"""How long the parts of a hand last that grasps as in the benchmark's `endurance`.

The grasps of a new hand are simulated once more, as the log of a run has them; the load cycles of
each part are counted (rainflow, ASTM E1049) and summed by Miner's rule. Dirt, lack of grease and
blows are not in this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

from ...bench.contestant import Contestant, Entry
from ...bench.engine import load_contestant
from ...bench.log import LogError, Record
from ...bench.registry import task as task_of
from ...tasks.endurance import EnduranceTask
from ...tasks.endurance_run import Grasps
from ...tasks.endurance_scene import CYCLE
from ...wear import BEARING, TOOTH, LoadSpectrum
from ..require.runs import Choice, choose_trials
from .parts import BALLS, CORD, FLANKS, STEEL, Part, PartSizes
from .sn_line import SNLine

Array = NDArray[np.float64]
Progress = Callable[[str, int, int], None]

SAMPLES: Final = 3
_SAME: Final = 1e-6


@dataclass(frozen=True)
class Lines:
    """S-N lines of what the parts are made of.

    Attributes:
        steel: Of teeth, root stress [Pa].
        flanks: Work through a gear [J].
        balls: Of bearings, load [N].
        cord: Tension over breaking load.
    """

    steel: SNLine = STEEL
    flanks: SNLine = FLANKS
    balls: SNLine = BALLS
    cord: SNLine = CORD


@dataclass(frozen=True)
class PartLife:
    """How long one part lasts.

    Attributes:
        where: Joint or motor.
        part: Of it.
        damage: That one grasp does, as a part of its life.
        cycles: In a grasp.
        load: Range that does the same damage once in a grasp [N m] or [N]; work [J] of flanks.
        line: Of the part, by its load.
    """

    where: str
    part: Part
    damage: float
    cycles: float
    load: float
    line: SNLine

    @property
    def grasps(self) -> float:
        """Until as many have failed as its line says; infinite without load."""
        return 1.0 / self.damage if self.damage > 0.0 else float("inf")

    @property
    def hours(self) -> float:
        """Of grasping all the time, one in `CYCLE` seconds."""
        return self.grasps * CYCLE / 3600.0


@dataclass(frozen=True, eq=False)
class Wear:
    """Load cycles of a hand's parts.

    Attributes:
        entry: Hand and controller.
        grasps: Of each trial.
        trials: Their lines in the log.
        of: How many trials of `endurance` were held.
        torque_max: Of each joint [N m].
        tension_max: Of each motor that pulls, by its name [N].
    """

    entry: Entry
    grasps: tuple[Grasps, ...]
    trials: tuple[Record, ...]
    of: int
    torque_max: Array
    tension_max: dict[str, float]

    @property
    def joints(self) -> tuple[str, ...]:
        """Their names."""
        return load_contestant(self.entry).hand.joint_names


def count_wear(
    folder: Path,
    samples: int = SAMPLES,
    hand: str = "",
    progress: Progress = lambda stage, done, of: None,
) -> Wear:
    """Simulates grasps of a run once more and counts load cycles.

    Args:
        folder: Of a run with trials of `endurance`.
        samples: How many of them.
        hand: Which one, where the run has several.
        progress: Told how far it is.

    Raises:
        LogError: There is no such run, or a trial does not end as its line says.
        ValueError: It has no trials of `endurance`, or no such hand.
    """
    sample = choose_trials(folder, Choice(samples, ("endurance",), hand=hand))
    contestant = load_contestant(sample.entry)
    bound = contestant.hand.bind(contestant.hand.model)
    grasps: list[Grasps] = []
    for record in sample.records:
        progress("endurance", len(grasps), len(sample.records))
        grasps.append(_new_grasps(contestant, record))
    progress("endurance", len(grasps), len(sample.records))
    motors = contestant.hand.description.transmission.motors
    most = bound.transmission().effort_max if grasps[0].tendons else np.empty(0)
    tension = dict(zip(motors, np.asarray(most).tolist(), strict=False))
    return Wear(
        entry=sample.entry,
        grasps=tuple(grasps),
        trials=sample.records,
        of=sample.held["endurance"],
        torque_max=np.array(contestant.hand.controller_config().safety.torque_max),
        tension_max=tension,
    )


def lives(wear: Wear, sizes: PartSizes | None = None, lines: Lines | None = None) -> list[PartLife]:
    """How long each part lasts, the shortest first.

    Args:
        wear: What it bears.
        sizes: Of the parts.
        lines: Of their materials.
    """
    sizes, lines = sizes or PartSizes(), lines or Lines()
    found = [*_of_joints(wear, sizes, lines), *_of_tendons(wear, sizes, lines)]
    return sorted(found, key=lambda life: life.grasps)


def first_of_each(found: Sequence[PartLife]) -> dict[str, PartLife]:
    """What fails first at each joint and motor."""
    first: dict[str, PartLife] = {}
    for life in found:
        if life.where not in first or life.grasps < first[life.where].grasps:
            first[life.where] = life
    return first


def sensitivity(wear: Wear, factor: float = 1.2) -> dict[str, dict[Part, float]]:
    """By how much the shortest life of each kind of part grows with each assumption.

    Args:
        wear: What it bears.
        factor: By which each assumption is made larger.

    Returns:
        New over old life, by assumption and part; parts that do not change are left out.
    """
    before = _shortest(lives(wear))
    every: dict[str, dict[Part, float]] = {}
    for field in fields(PartSizes):
        sizes = replace(PartSizes(), **{field.name: factor * getattr(PartSizes(), field.name)})
        every[field.name] = _gain(before, _shortest(lives(wear, sizes)))
    for field in fields(Lines):
        line: SNLine = getattr(Lines(), field.name)
        for name in ("strength",) if field.name == "flanks" else ("strength", "exponent"):
            changed = replace(line, **{name: factor * getattr(line, name)})
            after = _shortest(lives(wear, None, replace(Lines(), **{field.name: changed})))
            every[f"{field.name}: {name}"] = _gain(before, after)
    return every


def _new_grasps(contestant: Contestant, record: Record) -> Grasps:
    task = cast(EnduranceTask, task_of("endurance"))
    new = task.life(contestant, record.trial).new
    for name, spectrum in zip(contestant.hand.joint_names, new.joints, strict=True):
        for key, exponent in (("tooth_range_nm", TOOTH), ("load_range_nm", BEARING)):
            said = record.result.metrics.get(f"{key}.{name}", float("nan"))
            found = spectrum.equivalent_range(exponent)
            if not abs(found - said) <= _SAME * max(said, 1e-9):
                raise LogError(
                    f"endurance seed {record.trial.seed}: simulated once more, {key}.{name} is "
                    f"{found:g}, not {said:g} as its log says: this handloop is not the one that "
                    "made the log; run the benchmark again"
                )
    return new


def _of_joints(wear: Wear, sizes: PartSizes, lines: Lines) -> Iterator[PartLife]:
    geared = not wear.grasps[0].tendons
    for j, name in enumerate(wear.joints):
        spectra = [grasps.joints[j] for grasps in wear.grasps]
        limit = float(wear.torque_max[j])
        if geared:
            yield _life(name, "teeth", spectra, sizes.teeth(limit, lines.steel))
            yield _worn(name, spectra, sizes.flanks(limit, lines.flanks))
        yield _life(name, "bearing", spectra, sizes.balls(limit, lines.balls))


def _of_tendons(wear: Wear, sizes: PartSizes, lines: Lines) -> Iterator[PartLife]:
    for name in wear.grasps[0].tendons:
        spectra = [grasps.tendons[name] for grasps in wear.grasps]
        yield _life(name, "cord", spectra, sizes.cord(lines.cord))
        most = wear.tension_max[name]
        yield _life(name, "drum's teeth", spectra, sizes.drum_teeth(most, lines.steel))


def _life(where: str, part: Part, spectra: Sequence[LoadSpectrum], line: SNLine) -> PartLife:
    """Of a part that goes through the grasps of all trials alike."""
    each = [line.damage(s.cycles[:, 0], s.cycles[:, 2]) / s.grasps for s in spectra]
    damage = float(np.mean(each))
    once = line.strength * (damage * line.cycles) ** (1.0 / line.exponent)
    cycles = float(np.mean([s.count_per_grasp for s in spectra]))
    return PartLife(where, part, damage, cycles, once, line)


def _worn(where: str, spectra: Sequence[LoadSpectrum], line: SNLine) -> PartLife:
    """Of flanks, by the work of a grasp."""
    work = float(np.mean([spectrum.work / spectrum.grasps for spectrum in spectra]))
    return PartLife(where, "flanks", line.damage(work, 1.0), 1.0, work, line)


def _shortest(found: Sequence[PartLife]) -> dict[Part, float]:
    shortest: dict[Part, float] = {}
    for life in found:
        shortest[life.part] = min(shortest.get(life.part, float("inf")), life.grasps)
    return shortest


def _gain(before: dict[Part, float], after: dict[Part, float]) -> dict[Part, float]:
    gains = {part: after[part] / before[part] for part in before if np.isfinite(before[part])}
    return {part: gain for part, gain in gains.items() if abs(gain - 1.0) > 1e-9}
