"""`handloop calibrate`, on virtual servos."""

import json

import pytest
from typer.testing import CliRunner

from handloop._core import PtyServer
from handloop.cli import app
from handloop.controller import Hand
from handloop.firmware_bridge.calibration import JointCalibration


def run(*words: str, answers: str = ""):
    command = ["calibrate", *words, "--patience", "0.2", "--speed", "5"]
    result = CliRunner().invoke(app, command, input=answers, env={"COLUMNS": "240"})
    assert result.exception is None or isinstance(result.exception, SystemExit), result
    return result


def test_what_was_found_is_shown_and_written(pincer, tmp_path) -> None:
    bus = pincer.bus(pincer.servo(1, stops=(0.1, 1.5), position=0.5), pincer.servo(2))
    file, numbers = pincer.write(), tmp_path / "found.json"
    with PtyServer(bus) as server:
        result = run(
            str(file), "--port", server.path, "--joints", "thumb", "--write", "--json", str(numbers)
        )
    assert result.exit_code == 0, result.stderr
    (joint,) = json.loads(numbers.read_text())["joints"]
    assert joint["offset"] == pytest.approx(0.3, abs=0.02)
    assert f"{joint['offset']:.4f} rad" in result.stdout
    assert "pushed to both stops twice, with 20 % of its limit, at 5 rad/s" in result.stderr
    servos = Hand.load(file).description.bus.servos
    assert servos["thumb"].offset == joint["offset"]
    assert servos["thumb"].range == tuple(joint["range"])
    assert servos["index"].range is None


@pytest.mark.parametrize(("answers", "offset"), [("y\n", 0.3), ("n\n", 0.0), ("", 0.0)])
def test_hand_toml_is_written_if_its_owner_agrees(
    pincer, monkeypatch, answers: str, offset: float
) -> None:
    found = JointCalibration(
        joint="thumb",
        servo="servo 1 (XL330-M288)",
        effort="0.35 A",
        stops=(3.2, 4.6),
        spread=0.0,
        model_range=(-0.2, 1.2),
        offset_before=0.0,
        offset=0.3,
        range=(-0.2, 1.2),
    )
    monkeypatch.setattr("handloop.commands.calibrate._measure", lambda *_: [found])
    file = pincer.write()
    result = run(str(file), answers=answers)
    assert result.exit_code == 0, result.stderr
    assert "Write what was found of 1 joint to" in result.stderr
    assert Hand.load(file).description.bus.servos["thumb"].offset == offset


def test_a_joint_that_fails_is_told(pincer) -> None:
    bus = pincer.bus()
    bus.heat(0, 67.0)  # it may go on to 70 degrees
    with PtyServer(bus) as server:
        result = run(str(pincer.write()), "--port", server.path, "--joints", "thumb", "--write")
    assert result.exit_code == 1
    assert "let it cool down" in result.stdout
    assert Hand.load(pincer.folder / "hand.toml").description.bus.servos["thumb"].range is None


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--joints", "thump"], "no joint 'thump' in pincer; did you mean 'thumb'?"),
        ([], "line 'all' has no port; give --port all=PATH"),
        (["--port", "/dev/nothing"], "no port at /dev/nothing"),
    ],
)
def test_what_is_wrong_is_said_before_anything_moves(pincer, words, complaint: str) -> None:
    result = run(str(pincer.write()), *words)
    assert result.exit_code == 1
    assert complaint in result.stderr
