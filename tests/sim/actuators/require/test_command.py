"""`handloop actuators require` from the outside."""

import json
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from handloop.commands.actuators_require import COVERAGE, SAMPLES, require
from handloop.firmware_bridge.catalogue import ServoCatalogue
from handloop.sim.actuators.parts.servos import servo_candidates
from handloop.sim.actuators.require import joint_use, runs
from handloop.sim.actuators.require.human import people_of
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
    rows = {part["caption"]: part["rows"] for part in study["content"] if "caption" in part}
    assert {"index_mcp_flexion", "Heat by task"} <= rows.keys()
    drawn: dict[str, set[tuple[float, float]]] = {}
    for series, speed, torque, *_ in rows["index_mcp_flexion"]:
        drawn.setdefault(series, set()).add((speed, torque))
    tapping = np.pi * 6.0 * 0.5  # [rad/s]
    assert drawn["people"] == {(0.0, 1.0), (4.0, 0.0), (tapping, 0.0)}, "40 rad/s would dwarf it"
    peak, lasting = (
        np.array([*drawn[f"XC330-M288, {duration}"]]) for duration in ("peak", "continuous")
    )
    servo = {c.name: c for c in servo_candidates(ServoCatalogue.packaged())}["XC330-M288"]
    assert np.abs(peak).max(axis=0) == pytest.approx([servo.speed_no_load, servo.torque_peak])
    assert np.abs(lasting[:, 1]).max() == pytest.approx(servo.torque_continuous)
    assert "nist" in drawn and "XM430-W350, peak" not in drawn, "4 N m dwarf what it takes"
    tiers = {row[0]: row[2] for row in rows["What a hand may be built for"]}
    assert tiers["A"] == "40 N in a finger's tendon"
    tables = (rows[f"The tasks' {what} beside people's"] for what in ("torque", "speed"))
    for table, fastest in zip(tables, ("MCP joint, jar lid", "finger joint, fastest"), strict=True):
        joint, _, required, people, part = next(row for row in table if row[1] == fastest)
        assert joint == "index_mcp_flexion" and part == pytest.approx(required / people)
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
    assert [f.value for f in people_of("index_mcp_flexion", "N m")] == [1.0]
    assert people_of("thumb_mcp_flexion", "N m") == people_of("index_mcp_abduction", "N m") == ()
    speeds = [f.value for f in people_of("ring_mcp_flexion", "rad/s")]
    assert speeds == [np.pi * 6.0 * 0.5, 4.0, 40.0], "tapping: a sine of 0.5 rad"
    assert [f.value for f in people_of("ring_dip_flexion", "rad/s")] == [4.0, 40.0]
    assert people_of("wrist_flexion", "rad/s") == people_of("thumb_ip_flexion", "rad/s") == ()
