"""Two runs: what changed, and whether that can be told from chance."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from handloop.sim.bench.compare import Comparison, compare, compare_folders
from handloop.sim.bench.header import RUN
from handloop.sim.bench.log import LogError, Record, TrialLog
from handloop.sim.bench.trial import Case
from handloop.sim.statistics import paired_difference, unpaired_difference

from .records import FIRM, bench, fake_task, run

SLIPS = [float(v) for v in np.random.default_rng(2).uniform(1.0, 3.0, 40)]


def both(first: list[Record], second: list[Record]) -> Comparison:
    return compare(first, second, fake_task)


def test_a_run_does_not_differ_from_itself() -> None:
    found = both(bench(), bench())
    assert not found.worse
    assert {v for change in found.changes for v in change.verdicts} == {"no difference"}
    assert not found.only_first and not found.only_second
    assert all(change.success.paired for change in found.changes)


def test_flipped_outcomes_are_worse_and_back_better() -> None:
    good, bad = run("h" * 30), run("s" * 30)
    assert both(good, bad).worse
    assert both(good, bad).changes[0].success.verdict == "worse"
    assert not both(bad, good).worse
    assert both(bad, good).changes[0].success.verdict == "better"


def test_only_a_closed_loop_makes_a_run_worse() -> None:
    good, bad = (run("h" * 30) + run(letters, FIRM) for letters in ("h" * 30, "c" * 30))
    found = both(good, bad)
    assert [c.success.verdict for c in found.changes] == ["no difference", "worse"]
    assert not found.worse


def test_the_same_trials_are_paired_in_any_order() -> None:
    first, second = run("hhhhhhss"), run("hhssssss")[::-1]
    success = both(first, second).changes[0].success
    assert success.paired
    assert success.difference == -0.5
    assert success.interval == paired_difference(2, 4, 0, 2)


def test_other_trials_are_not_paired() -> None:
    for other in (run("hhss", first_seed=1), run("hhss", case=Case("other")), run("hhs")):
        success = both(run("hhhs"), other).changes[0].success
        assert not success.paired
        assert success.interval == unpaired_difference((3, 4), (2, len(other)))


def test_only_the_headline_pool_is_compared() -> None:
    aside = Case("hard", headline=False)
    found = both(run("hh") + run("hh", case=aside), run("hh") + run("ss", case=aside))
    assert found.changes[0].success.difference == 0.0


@pytest.mark.parametrize(
    ("factor", "verdict"),
    [(1.5, "worse"), (0.5, "better"), (1.005, "no difference"), (1.0, "no difference")],
)
def test_the_measure_of_the_task_counts_too(factor: float, verdict: str) -> None:
    first = run("h" * 40, slip=SLIPS)
    second = run("h" * 40, slip=[factor * s for s in SLIPS])
    found = both(first, second)
    metric = found.changes[0].metric
    assert metric
    assert (metric.metric, metric.verdict) == ("slip_mm", verdict)
    assert metric.first == np.median(SLIPS)
    assert found.worse == (verdict == "worse")


def test_few_trials_say_nothing_of_a_median() -> None:
    metric = both(run("hh", slip=(1.0, 1.0)), run("hh", slip=(9.0, 9.0))).changes[0].metric
    assert metric
    assert metric.interval is None
    assert metric.verdict == "no difference"


def test_a_pair_without_the_measure_drops_out_of_it() -> None:
    metric = both(run("h" * 40, slip=SLIPS), run("h" * 40, slip=SLIPS[:20])).changes[0].metric
    assert metric
    assert metric.first == metric.second == np.median(SLIPS[:20])


def test_what_only_one_run_has_is_listed() -> None:
    found = both(run("h") + run("h", FIRM), run("h") + run("h", task="bat"))
    assert [c.condition for c in found.changes] == ["closed"]
    assert found.only_first == (("cup", "hand27_right", "open 6 N"),)
    assert found.only_second == (("bat", "hand27_right", "closed"),)


def test_one_contestant_each_is_compared_under_any_name() -> None:
    found = both(run("h"), run("s", contestant="mine"))
    assert found.changes[0].contestant == "hand27_right → mine"
    two = run("h", contestant="a") + run("h", contestant="b")
    assert not both(two, run("h", contestant="c")).changes


def write(folder: Path, records: list[Record], physics: dict[str, Any] | None = None) -> Path:
    folder.mkdir()
    used = {r.task: {r.contestant: physics or {}} for r in records}
    (folder / RUN).write_text(json.dumps({"physics": used}))
    log = TrialLog(folder)
    log.append(records)
    log.close()
    return folder


def test_physics_that_differ_are_told_option_by_option(tmp_path: Path) -> None:
    first = write(tmp_path / "a", run("hs"), {"timestep_s": 0.001, "cone": "ELLIPTIC"})
    second = write(tmp_path / "b", run("hs"), {"timestep_s": 0.002, "cone": "ELLIPTIC"})
    told = compare_folders(first, second).physics
    assert told == ("cup: timestep_s 0.001 in the first run, 0.002 in the second",)
    assert not compare_folders(first, first).physics


def test_folders_are_compared(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a", run("h" * 20)), write(tmp_path / "b", run("s" * 20))
    assert compare_folders(first, second).worse
    with pytest.raises(LogError, match="no run"):
        compare_folders(first, tmp_path)
    with pytest.raises(ValueError, match="share no"):
        compare_folders(first, write(tmp_path / "c", run("h", task="bat")))
