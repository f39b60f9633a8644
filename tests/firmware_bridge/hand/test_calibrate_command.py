"""`handloop calibrate`, on virtual servos."""

import json

import pytest
from typer.testing import CliRunner

from handloop._core import PtyServer
from handloop.cli import app
from handloop.controller import Hand


def run(*words: str):
    command = ["calibrate", *words, "--patience", "0.25", "--speed", "4"]
    result = CliRunner().invoke(app, command, env={"COLUMNS": "240"})
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
    assert "pushed to both stops twice, with 20 % of its limit, at 4 rad/s" in result.stderr
    servos = Hand.load(file).description.bus.servos
    assert servos["thumb"].offset == joint["offset"]
    assert servos["thumb"].range == tuple(joint["range"])
    assert servos["index"].range is None


def test_nothing_is_written_unasked_and_failures_are_told(pincer) -> None:
    bus = pincer.bus()
    bus.heat(0, 67.0)  # it may go on to 70 degrees
    file = pincer.write()
    before = file.read_text()
    with PtyServer(bus) as server:
        result = run(str(file), "--port", server.path, "--joints", "thumb")
    assert result.exit_code == 1
    assert "let it cool down" in result.stdout
    assert file.read_text() == before


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
