"""`handloop bus`, at the other end of a pseudo terminal."""

import json

import pytest
from typer.testing import CliRunner

from handloop.cli import app

PATIENCE = ["--patience", "0.15"]


@pytest.fixture
def handloop(bench):
    """Runs a command on a responder; returns its exit code, stdout and stderr."""

    def run(responder, *words: str, answers: str = ""):
        command = ["bus", *words, "--port", responder.path, *PATIENCE]
        result = CliRunner().invoke(app, command, input=answers, env={"COLUMNS": "200"})
        assert result.exception is None or isinstance(result.exception, SystemExit), result
        assert "Traceback" not in result.stderr
        return result

    return run


def servos_in(result) -> list[dict]:
    """Of a command that was asked for JSON, which is all that it prints."""
    return json.loads(result.stdout)["servos"]


def test_scan_finds_servos_at_their_rates_and_says_how_they_are(bench, make, handloop) -> None:
    responder = bench.plug(make("xm430")(1), make("xl430")(2, 1_000_000))
    responder[2].put(70, "B", 0b100000)
    responder[2].alert = 0x80
    found = servos_in(handloop(responder, "scan", "--json", "--ids", "1-3"))
    assert found[0] == {
        "id": 1,
        "baud": 57_600,
        "model_number": 1020,
        "model": "XM430-W350",
        "models": ["XM430-W350"],
        "firmware": 45,
        "alert": False,
        "voltage": 12.0,
        "temperature": 31.0,
        "hardware_errors": [],
    }
    assert (found[1]["id"], found[1]["baud"]) == (2, 1_000_000)
    assert found[1]["hardware_errors"] == ["overload"]
    table = handloop(responder, "scan", "--ids", "1", "--baud", "57600")
    assert table.exit_code == 0
    assert "XM430-W350" in table.stdout
    assert "12.0" in table.stdout


def test_scan_helps_where_nobody_answers(bench, make, handloop) -> None:
    responder = bench.plug(make("xm430")(1))
    result = handloop(responder, "scan", "--json", "--ids", "5", "--baud", "57600")
    assert result.exit_code == 1
    assert servos_in(result) == []
    assert "Is their power on" in result.stderr
    assert "--family feetech" in result.stderr


def test_ping_names_who_is_missing(bench, make, handloop) -> None:
    responder = bench.plug(make("xm430")(1), make("xm430")(2))
    assert handloop(responder, "ping", "1-2").exit_code == 0
    result = handloop(responder, "ping", "1,7,9", "--json")
    assert result.exit_code == 1
    assert [s["id"] for s in servos_in(result)] == [1]
    assert "servo 7, 9: no servo answers" in result.stderr


def test_read_prints_si_and_raw(bench, make, handloop) -> None:
    responder = bench.plug(make("xm430")(1), make("xm430")(2))
    result = handloop(responder, "read", "present_position", "led", "--ids", "1,2", "--json")
    assert result.exit_code == 0
    first, _ = servos_in(result)
    assert first["registers"]["present_position"] == {
        "raw": 2048,
        "value": pytest.approx(3.14159265),
        "unit": "rad",
    }
    assert "3.14159 rad" in handloop(responder, "read", "present_position", "--ids", "1").stdout


def test_read_all_reads_every_register(bench, make, handloop) -> None:
    responder = bench.plug(make("xm430")(1))
    (servo,) = servos_in(handloop(responder, "read", "all", "--ids", "1", "--json"))
    assert servo["registers"]["model_number"]["raw"] == 1020
    assert servo["registers"]["present_temperature"]["raw"] == 31
    table = handloop(responder, "read", "all", "--ids", "1").stdout
    assert "velocity_trajectory" in table


def test_without_ids_all_are_read_that_answer(bench, make, handloop) -> None:
    responder = bench.plug(make("xm430")(3), make("xm430")(8))
    found = servos_in(handloop(responder, "read", "present_position", "--json"))
    assert [s["id"] for s in found] == [3, 8]


def test_an_unknown_servo_is_left_out(bench, make, handloop) -> None:
    responder = bench.plug(make("xm430")(3), make("xm430")(8, number=4711))
    result = handloop(responder, "read", "present_position", "--json")
    assert [s["id"] for s in servos_in(result)] == [3]
    assert "servo 8 is left out: unknown model 4711, see --servos" in result.stderr


def test_write_takes_si_raw_and_modes(bench, make, handloop) -> None:
    responder = bench.plug(make("xm430")(1))
    result = handloop(responder, "write", "goal_current", "-0.269", "--ids", "1", "--json")
    assert result.exit_code == 0, result.stderr
    assert servos_in(result)[0]["registers"]["goal_current"]["raw"] == -100
    assert handloop(responder, "write", "led", "1", "--raw", "--ids", "1").exit_code == 0
    assert responder[1].word(65, "B") == 1
    assert handloop(responder, "write", "operating_mode", "current", "--ids", "1").exit_code == 0
    assert responder[1].word(11, "B") == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("write", "present_position", "1", "--ids", "1"), "present_position is read-only"),
        (("write", "goal_curent", "1", "--ids", "1"), "did you mean 'goal_current'"),
        (("write", "led", "on", "--raw", "--ids", "1"), "--raw: 'on' is no whole number"),
        (("read", "led", "--ids", "one"), "write them as 1-3,7"),
        (("read", "led", "--ids", "7"), "no servo 7 on"),
        (("read", "led", "--ids", "1", "--servos", "none.toml"), "none.toml: cannot be read"),
        (("set-id", "1", "300"), "no id 300"),
        (("set-baud", "123", "--ids", "1"), "no baud rate 123"),
        (("restore", "none.toml"), "none.toml: cannot be read"),
    ],
)
def test_what_cannot_be_done_is_one_line(bench, make, handloop, words, message) -> None:
    result = handloop(bench.plug(make("xm430")(1)), *words)
    assert result.exit_code == 1
    assert message in result.stderr
    assert result.stdout == ""


def test_a_port_has_to_be_named_where_there_is_no_choice() -> None:
    result = CliRunner().invoke(app, ["bus", "scan", "--port", "/dev/ttyUSB99"])
    assert result.exit_code == 1
    assert "no port at /dev/ttyUSB99" in result.stderr


def test_ids_and_rates_are_changed(bench, make, handloop) -> None:
    responder = bench.plug(make("xm430")(1))
    result = handloop(responder, "set-id", "1", "9")
    assert result.stdout == "servo 9 (XM430-W350) answers at 57600 baud\n"
    result = handloop(responder, "set-baud", "1000000", "--ids", "9", "--json")
    assert json.loads(result.stdout)["baud"] == 1_000_000
    assert responder[9].baud == 1_000_000


def test_reboot_says_what_came_back(bench, make, handloop) -> None:
    responder = bench.plug(make("xm430")(1))
    responder[1].put(84, "H", 640)
    (servo,) = servos_in(handloop(responder, "reboot", "--ids", "1", "--json"))
    assert servo == {"id": 1, "restored": ["position_p_gain"]}
    assert responder[1].word(84, "H") == 640


def test_watch_prints_one_line_a_reading(bench, make, handloop) -> None:
    responder = bench.plug(make("xm430")(1))
    common = ("watch", "present_position", "--ids", "1", "--count", "2", "--rate", "50")
    lines = handloop(responder, *common, "--json").stdout.splitlines()
    assert [json.loads(line)["servos"][0]["id"] for line in lines] == [1, 1]
    assert "3.14159 rad" in handloop(responder, *common).stdout


def test_setup_gives_id_rate_and_no_delay(bench, make, handloop) -> None:
    responder = bench.plug(make("xm430")(1))
    result = handloop(responder, "setup", "4", "--json", answers="\n")
    assert result.exit_code == 0, result.stderr
    (servo,) = servos_in(result)
    assert (servo["id"], servo["baud"]) == (4, 1_000_000)
    assert (responder[4].baud, responder[4].word(9, "B")) == (1_000_000, 0)
    assert "Connect servo 4, and no other" in result.stderr


def test_a_backup_goes_and_comes_back(bench, make, handloop, tmp_path) -> None:
    responder = bench.plug(make("xm430")(1))
    file = str(tmp_path / "servos.toml")
    assert handloop(responder, "backup", file, "--ids", "1").exit_code == 0
    kept = bytes(responder[1].table)
    responder[1].put(38, "H", 500)

    refused = handloop(responder, "restore", file, answers="n\n")
    assert refused.exit_code == 1
    assert "current_limit" in refused.stdout
    assert responder[1].word(38, "H") == 500

    result = handloop(responder, "restore", file, "--yes", "--json")
    assert servos_in(result) == [
        {"id": 1, "changed": {"current_limit": {"now": 500, "backup": 1193}}}
    ]
    assert responder[1].table == kept
