"""`handloop actuators require` from the outside."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from handloop.commands.actuators_require import COVERAGE, SAMPLES, require
from handloop.sim.actuators.require import joint_use, runs
from handloop.sim.actuators.require.human import people_of, tapping_speed
from handloop.sim.actuators.require.requirement import Requirements

app = typer.Typer()
app.command()(require)


def test_study_and_requirements_are_written(bench_folder: Path, tmp_path: Path) -> None:
    said = [str(bench_folder), "--out", str(tmp_path), "--jobs", "1"]
    result = CliRunner().invoke(app, said, env={"COLUMNS": "200"})
    assert result.exit_code == 0, result.output
    assert "index_mcp_flexion" in result.output and "2 of 2 nist" in result.output
    assert len(Requirements.read(tmp_path / "requirements.json").joints) == 27
    assert str(tmp_path) not in (tmp_path / "requirements.json").read_text()
    study = json.loads((tmp_path / "study.json").read_text())
    captions = [part["caption"] for part in study["content"] if "caption" in part]
    assert {"index_mcp_flexion", "Heat by task"} <= set(captions)
    series = {row[0] for part in study["content"] if part.get("caption") == "index_mcp_flexion"
              for row in part["rows"]}  # fmt: skip
    assert {"nist", "people", "XC330-M288, peak"} <= series
    assert study["limits"]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ([], "holds no run"),
        (["--margin", "strength=2"], "no margin 'strength'"),
        (["--actuator", "xl33"], "no actuator 'xl33'"),
    ],
)
def test_errors_are_one_line(tmp_path: Path, said: list[str], message: str) -> None:
    result = CliRunner().invoke(app, [str(tmp_path), *said, "--out", str(tmp_path / "out")])
    assert result.exit_code == 1
    assert message in result.output
    assert not (tmp_path / "out").exists()


def test_defaults_are_those_of_the_code() -> None:
    assert SAMPLES == runs.SAMPLES
    assert COVERAGE == joint_use.COVERAGE


def test_people_stand_beside_the_joints_that_they_were_measured_at() -> None:
    assert [figure.value for figure in people_of("index_mcp_flexion")] == [1.0]
    assert people_of("thumb_mcp_flexion") == people_of("index_mcp_abduction") == ()
    assert tapping_speed() == pytest.approx(9.42, abs=0.01)
