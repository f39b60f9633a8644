"""The study is whole with a little of everything, and the command writes it."""

import csv
import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from handloop.commands.actuators_bottleneck import bottleneck
from handloop.controller import Hand
from handloop.sim.actuators.bottleneck import findings, trials
from handloop.sim.actuators.bottleneck.catalogue import catalogue_pairs
from handloop.sim.actuators.bottleneck.design import DesignGain
from handloop.sim.actuators.bottleneck.findings import Question, find
from handloop.sim.actuators.bottleneck.levers import AS_IS
from handloop.sim.actuators.bottleneck.page import bottleneck_study, summary
from handloop.sim.actuators.bottleneck.rotors import ROTOR_BOUNDS
from handloop.sim.actuators.bottleneck.scaled_hand import GEAR
from handloop.sim.actuators.parts.part_tables import Parts

from .made_up import Fake, pairs_of, requirements_of, write_dataset

SERVO = "hand27_right_servo"
JOINTS = Hand.load("hand27_right").joint_names

app = typer.Typer()
app.command()(bottleneck)


def run(*arguments: object) -> tuple[int, str]:
    found = CliRunner().invoke(app, [str(a) for a in arguments])
    return found.exit_code, found.output


def test_command_writes_a_study_of_every_catalogue(tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "set")
    needs, out = tmp_path / "needs.json", tmp_path / "out"
    requirements_of(**dict.fromkeys(JOINTS, 0.1)).write(needs)
    options = ("--dataset", data, "--seeds", 0, "--no-design", "--resamples", 20, "--out", out)
    code, said = run("--requirements", needs, *options)
    assert code == 0, said
    for word in ("catalogue of handloop", "set, sha256", "gear torque limit", "written"):
        assert word in said
    document = json.loads((out / "study.json").read_text())
    sections = [part["section"] for part in document["content"] if "section" in part]
    assert sections[0] == "In short"
    assert len(sections) == 3
    assert all((out / part["file"]).is_file() for part in document["content"] if "file" in part)
    assert document["limits"]
    html = (out / "report.html").read_text(encoding="utf-8")
    assert "made up" in html
    (file,) = out.glob("*motor-against-gear-in-the-joints-catalogue*.csv")
    rows = list(csv.DictReader(file.open(encoding="utf-8")))
    assert [row["rotors"] for row in rows] == [bound.name for bound in ROTOR_BOUNDS]
    assert all(float(row["low, 95 % [1]"]) <= float(row["high, 95 % [1]"]) for row in rows)


def test_a_catalogue_that_serves_no_joint_says_so(tmp_path: Path) -> None:
    data, needs = write_dataset(tmp_path / "set"), tmp_path / "needs.json"
    requirements_of(**dict.fromkeys(JOINTS, 5.0)).write(needs)
    options = ("--seeds", 0, "--no-design", "--resamples", 20, "--out", tmp_path / "out")
    code, said = run("--requirements", needs, "--dataset", data, *options)
    assert code == 0, said
    assert "No pair does for any joint" in " ".join(said.split())
    assert "nan" not in said


def test_where_light_rotors_change_the_answer_it_is_said(tmp_path: Path) -> None:
    pairs = replace(pairs_of([0.8, 0.2], [0.2, 0.8]), inertia=np.array([1.0, 1e-5]))
    found = find(Question(requirements_of(thumb=0.4), (), [pairs], 20, False, 0), Fake(), tmp_path)
    said = " ".join(summary(found))
    assert "as design asks, where motor buys more, surely: 0 joints served as it is; " in said
    assert "as choose asks" not in said, "its bound is one that the heavy rotor meets"


def test_a_catalogue_out_of_all_cells_is_refused(tmp_path: Path) -> None:
    heavy = pairs_of([0.8], [0.2], mass=10.0)
    with pytest.raises(ValueError, match="made up: no pair weighs 5 to 80 g and turns at 5 rad/s"):
        find(Question(requirements_of(thumb=0.1), (), [heavy], 20, False, 0), Fake(), tmp_path)


def test_design_and_simulation_have_their_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = DesignGain(AS_IS, "joint", None, (math.nan,), "nothing <b>does</b>")
    monkeypatch.setattr(findings, "design_gains", lambda *_, **__: [made])
    monkeypatch.setattr(trials, "POOLS", trials.POOLS[:1])
    pairs, needs = catalogue_pairs(Parts.packaged()), requirements_of(finger=0.1)
    monkeypatch.setattr(trials, "HANDS", ((SERVO, (GEAR,)),))
    found = find(Question(needs, (), [pairs], 20, True, 10), Fake(), tmp_path)
    said = " ".join(summary(found))
    assert "as it is nothing <b>does</b>" in said
    assert "wrench 4.5 to 5.5 N m (+1, +1 to +1: more)" in said
    html = bottleneck_study(found).html()
    assert "<b>does</b>" not in html
    assert "Strength with one thing doubled" in html


def test_command_names_what_is_wrong(tmp_path: Path) -> None:
    code, said = run("--requirements", tmp_path / "none.json")
    assert code == 1
    assert "cannot be read" in said
    taken, needs = tmp_path / "file", tmp_path / "needs.json"
    taken.touch()
    requirements_of(**dict.fromkeys(JOINTS, 0.1)).write(needs)
    code, said = run("--requirements", needs, "--out", taken)
    assert code == 1
    assert "is a file; name a folder" in said


def test_requirements_of_another_hand_are_refused() -> None:
    code, said = run("--hand", "hand22_right", "--seeds", 0, "--no-design")
    assert code == 1
    assert "of hand27_right, whose joints are not those of hand22_right" in said
