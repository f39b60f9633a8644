"""A small run of the benchmark in a folder, made in this process."""

from pathlib import Path

from handloop.sim.bench.contestant import Contestant, Entry
from handloop.sim.bench.engine import MUJOCO
from handloop.sim.bench.header import Header
from handloop.sim.bench.log import Record, TrialLog
from handloop.sim.bench.plan import Plan
from handloop.sim.bench.registry import task
from handloop.sim.bench.task import Options
from handloop.sim.bench.trial import CLOSED, Case, Trial


def make_run(
    folder: Path, name: str, seeds: int, case: str = "", hand: str = "hand27_right"
) -> Path:
    """Runs the closed loops of a task in one case."""
    folder.mkdir()
    entry = Entry(hand)
    options = Options(range(seeds))
    Header.open(folder, Plan((name,), (entry,), options, ("closed",)), MUJOCO)
    log, case_of = TrialLog(folder), Case(case)
    trials = [Trial(CLOSED, case_of, seed) for seed in options.seeds]
    for trial, result in zip(trials, task(name).run(Contestant.load(entry), trials), strict=True):
        sensors = task(name).sensors_of(trial.condition)
        log.append([Record(name, entry.label, trial, result, sensors)])
    log.close()
    return folder
