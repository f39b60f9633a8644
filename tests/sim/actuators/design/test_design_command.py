"""The command: what it refuses before the work, what it writes, and a trial with such a hand."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from handloop.commands.actuators import actuators
from handloop.commands.actuators_design import design
from handloop.controller import Hand
from handloop.sim.actuators.design import whole_hand
from handloop.sim.actuators.design.hand_files import carried_joints, write_hand
from handloop.sim.actuators.design.whole_hand import design_hand
from handloop.sim.actuators.require.requirement import packaged_requirements
from handloop.sim.bench.contestant import Contestant, Entry
from handloop.sim.bench.engine import LocalEngine
from handloop.sim.bench.log import read_log
from handloop.sim.bench.plan import Plan
from handloop.sim.bench.run import run_bench
from handloop.sim.bench.task import Options
from handloop.sim.bench.trial import CLOSED, Trial

HAND = "hand27_right"


def _designed(*options: str) -> Result:
    app = typer.Typer()
    app.command()(design)
    return CliRunner().invoke(app, options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--joint", "nosuch"], "no joint 'nosuch' in hand27_right"),
        (["--drag", "0"], "--drag 0: give more than 0, such as 0.02"),
        (["--drag", "-1"], "--drag -1: give more than 0, such as 0.02"),
        (["--hand", "hand27_right_tendon"], "has no actuator for each joint"),
        (["--out", "FOLDER/afile"], "afile is a file; name a folder to write into"),
        (["--out", "FOLDER/afile/below"], "afile is a file; name a folder to write into"),
    ],
)
def test_the_command_looks_before_it_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], message: str
) -> None:
    (tmp_path / "afile").touch()
    monkeypatch.setattr(whole_hand, "design_hand", None)  # nothing is designed
    said = [option.replace("FOLDER", str(tmp_path)) for option in options]
    run = _designed("--out", str(tmp_path / "out"), *said)
    assert run.exit_code == 1
    assert message in " ".join(run.stderr.split())
    assert [file.name for file in tmp_path.iterdir()] == ["afile"]


@pytest.mark.parametrize("command", ["bottleneck", "choose", "durability", "require", "identify"])
def test_no_command_writes_into_a_file(tmp_path: Path, command: str) -> None:
    """Nor does it work before it says so: there is no run and no log to begin with."""
    (tmp_path / "afile").touch()
    given = [] if command in {"bottleneck", "choose"} else [str(tmp_path)]
    run = CliRunner().invoke(actuators, [command, *given, "--out", str(tmp_path / "afile")])
    assert run.exit_code == 1
    assert "afile is a file; name a folder to write into" in " ".join(run.stderr.split())


def test_the_command_writes_a_study_a_bill_and_a_hand(tmp_path: Path) -> None:
    run = _designed("--kinds", "3", "--no-sensitivity", "--out", str(tmp_path))
    assert run.exit_code == 0, run.output
    said = json.loads((tmp_path / "design.json").read_text())
    assert "01-bill-of-materials.csv" in "".join(run.output.split())
    with (tmp_path / "01-bill-of-materials.csv").open() as file:
        rows = list(csv.DictReader(file))
    grams = sum(float(row["mass [g]"]) * float(row["in a hand [1]"]) for row in rows)
    assert 1e-3 * grams == pytest.approx(said["mass_kg"])
    assert len(said["joints"]) == 27
    _is_marked(tmp_path, said)
    assert Hand.load(tmp_path / "hand" / "hand.toml").can_be_driven


def _is_marked(folder: Path, said: dict[str, Any]) -> None:
    """The kind that was chosen is in the legend of every front and can be hovered over."""
    html = (folder / "report.html").read_text()
    title = re.search("What could be had for ([a-z_]+)", html)
    assert title and "hypervolume" in html
    joint = next(joint for joint in said["joints"] if joint["joint"] == title[1])
    kind = next(kind for kind in said["kinds"] if kind["name"] == joint["kind"])
    name = f"{kind['name']}, chosen, {kind['count']} in the hand"
    assert html.count(f"<title>{name}\n") == html.count(f"{name}</li>") == 3
    for file in folder.glob("*-mass-and-*.csv"):
        (row,) = [row for row in csv.DictReader(file.open()) if row["series"] == name]
        assert float(row["mass [kg]"]) == pytest.approx(kind["mass_kg"])
        assert float(row["diameter [m]"]) == kind["variables"]["diameter"]


class First(Plan):
    """Of a plan, the first trial alone."""

    def items(self) -> Iterator[tuple[str, Entry, Trial]]:
        """It."""
        yield next(super().items())


@pytest.mark.slow
def test_a_benchmark_runs_a_designed_hand_and_its_log_names_it(tmp_path: Path) -> None:
    base = Hand.load(HAND)
    made = design_hand(packaged_requirements(), carried_joints(base), kinds=4)
    entry = Entry(str(write_hand(made, base, HAND, tmp_path / "hand")))
    once = First(("cup",), (entry,), Options(range(1), quick=True), (CLOSED.kind,))
    run_bench(once, LocalEngine(1), tmp_path)
    (record,) = read_log(tmp_path)
    assert record.contestant == entry.label
    assert record.result.outcome != "missed"
    header = json.loads((tmp_path / "run.json").read_text())
    (contestant,) = header["contestants"]
    assert contestant["hand"] == entry.hand
    assert contestant["digest"] == Contestant.load(entry).digest()
    assert contestant["digest"] != Contestant.load(Entry(HAND)).digest()
