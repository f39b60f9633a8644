"""From a run of the benchmark to requirements: which trials, whether the same, which figures."""

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from handloop.controller import Hand
from handloop.sim.actuators.require import load_cache
from handloop.sim.actuators.require.demand import find_demand
from handloop.sim.actuators.require.extract import Margins
from handloop.sim.actuators.require.load_cache import LOADS, loads_of
from handloop.sim.actuators.require.loads import check_end, replay_all
from handloop.sim.actuators.require.runs import Choice, choose_trials
from handloop.sim.bench.contestant import Contestant, Entry
from handloop.sim.bench.log import LogError, Record
from handloop.sim.bench.trial import CLOSED, POOL, Result, Trial


def copied(folder: Path, to: Path, **said: object) -> Path:
    """A run with other words in its header."""
    shutil.copytree(folder, to)
    header = json.loads((to / "run.json").read_text())
    (to / "run.json").write_text(json.dumps(header | said))
    return to


def other_result(folder: Path, **result: object) -> None:
    lines = [json.loads(line) for line in (folder / "trials.jsonl").read_text().splitlines()]
    lines[0] |= result
    (folder / "trials.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_trials_run_once_more_end_as_the_log_says(bench_folder: Path) -> None:
    sample = choose_trials(bench_folder, Choice(1))
    assert sample.told() == "1 of 2 nist"
    (history,) = replay_all(sample.entry, sample.records, 1)
    hand = Hand.load("hand27_right")
    assert history.q.shape == history.torque.shape == (len(history.dq), len(hand.joint_names))
    limit = np.array(hand.controller_config().safety.torque_max)
    assert (np.abs(history.torque) <= limit + 1e-6).all()
    slope = np.diff(history.q, axis=0) / history.period
    moved = np.abs(history.dq).max(axis=0) > 1.0  # [rad/s], far over noise
    again = np.corrcoef(np.cumsum(slope[:, moved], 0).ravel(),
                        np.cumsum(history.dq[1:, moved], 0).ravel())[0, 1]  # fmt: skip
    assert again > 0.99, "speeds are those of the positions"


def test_a_trial_that_ends_otherwise_is_told() -> None:
    said = Result("held", {"slip_mm": 0.5})
    record = Record("cup", "hand27_right", Trial(CLOSED, POOL, 3), said, ())
    check_end(record, Result("held", {"slip_mm": 0.5 * (1.0 + 1e-9)}))
    with pytest.raises(LogError, match=r"cup seed 3: .* ends with 'crushed', not 'held'"):
        check_end(record, Result("crushed", {"slip_mm": 0.5}))
    with pytest.raises(LogError, match=r"ends with slip_mm 0.51, not 0.5"):
        check_end(record, Result("held", {"slip_mm": 0.51}))
    part = dataclasses.replace(record, task="kapandji")
    check_end(part, Result("held", {"touched": 1.0}))
    with pytest.raises(LogError, match=r"'missed', not 'held'"):
        check_end(part, Result("missed"))
    check_end(dataclasses.replace(part, result=Result("missed")), Result("held"))


def test_loads_are_kept_beside_the_run_until_something_changes(
    bench_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copied(bench_folder, tmp_path / "run")
    sample = choose_trials(folder, Choice(1))
    (first,) = loads_of(sample, 1)
    monkeypatch.setattr(load_cache, "replay_all", lambda *a: pytest.fail("run once more"))
    (again,) = loads_of(sample, 1)
    for column in ("q", "dq", "torque", "tension", "force"):
        assert np.array_equal(getattr(first, column), getattr(again, column))
    assert again.name == "nist, touch sensitivity, seed 0"
    monkeypatch.setattr(load_cache, "replay_all", lambda *a: iter([first, first]))
    assert len(list(loads_of(choose_trials(folder, Choice(2)), 1))) == 2, "other trials"
    (folder / LOADS).write_bytes(b"no archive")
    assert len(list(loads_of(choose_trials(folder, Choice(2)), 1))) == 2, "a damaged file"


def test_what_cannot_be_looked_at_is_refused(bench_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(LogError, match="holds no run"):
        choose_trials(tmp_path, Choice())
    with pytest.raises(ValueError, match="no task 'cup'"):
        choose_trials(bench_folder, Choice(tasks=("cup",)))
    with pytest.raises(ValueError, match="no hand 'hand22'"):
        choose_trials(bench_folder, Choice(hand="hand22"))
    with pytest.raises(LogError, match=r"was run with MuJoCo 1\.0"):
        choose_trials(copied(bench_folder, tmp_path / "old", mujoco="1.0"), Choice())
    entries = json.loads((bench_folder / "run.json").read_text())["contestants"]
    changed = [entries[0] | {"digest": "0"}]
    with pytest.raises(LogError, match="have changed since"):
        choose_trials(copied(bench_folder, tmp_path / "new", contestants=changed), Choice())
    two = [*entries, entries[0] | {"hand": "hand22_right", "label": "hand22_right"}]
    with pytest.raises(ValueError, match="several hands"):
        choose_trials(copied(bench_folder, tmp_path / "two", contestants=two), Choice())
    other = copied(bench_folder, tmp_path / "missed")
    other_result(other, outcome="missed")
    assert choose_trials(other, Choice()).held == {"nist": 1}
    assert choose_trials(other, Choice(failures=True)).held == {"nist": 2}


def test_runs_of_two_hands_do_not_go_together(bench_folder: Path, tmp_path: Path) -> None:
    entry = Entry("hand22_right")
    said = {"hand": entry.hand, "controller": entry.controller, "label": entry.label}
    said["digest"] = Contestant.load(entry).digest()
    other = copied(bench_folder, tmp_path / "other", contestants=[said])
    text = (other / "trials.jsonl").read_text().replace('"hand27_right"', '"hand22_right"')
    (other / "trials.jsonl").write_text(text)
    with pytest.raises(ValueError, match=r"different hands: hand27_right in .*; hand22_right in"):
        find_demand([bench_folder, other])


def test_requirements_cover_what_the_trials_took(bench_folder: Path) -> None:
    plain = find_demand([bench_folder], coverage=1.0, jobs=1)
    histories = list(loads_of(choose_trials(bench_folder, Choice()), 1))
    torque = np.vstack([history.torque for history in histories])
    for j, joint in enumerate(plain.requirements.joints):
        assert joint.peak_torque == pytest.approx(np.abs(torque[:, j]).max(), rel=1e-5)
        mean = np.mean(np.square(torque[:, j], dtype=float))
        assert joint.mean_square == pytest.approx(mean, rel=1e-4)
        assert joint.thermal[0, 1] <= joint.peak_torque * 1.0001
        assert np.sqrt(joint.mean_square) <= joint.thermal[-1, 1] * 1.0001
    wide = find_demand([bench_folder], margins=Margins.parse(["peak=2", "continuous=3"]), jobs=1)
    covered = find_demand([bench_folder], jobs=1)
    for more, less in zip(wide.requirements.joints, covered.requirements.joints, strict=True):
        assert more.peak_torque == pytest.approx(2.0 * less.peak_torque)
        assert more.mean_square == pytest.approx(9.0 * less.mean_square)
        assert np.abs(more.cloud[:, 0]).max() == pytest.approx(more.peak_torque, rel=1e-6)
    assert wide.requirements.margins["peak"] == 2.0


@pytest.mark.parametrize("said", ["strength=2", "peak", "peak=much", "peak=0", "peak=nan"])
def test_margins_that_make_no_sense_are_refused(said: str) -> None:
    with pytest.raises(ValueError, match="margin"):
        Margins.parse([said])
