"""From a virtual servo through its bus to its parameters, as a user would have it."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner, Result

from handloop._core import RigServo
from handloop.commands.actuators_identify import _fits_table, identify, record
from handloop.controller import Hand
from handloop.controller.actuator import Actuator
from handloop.controller.actuator_core import core_friction
from handloop.controller.errors import HandError
from handloop.controller.servo_log import ServoLog
from handloop.firmware_bridge import ServoCatalogue
from handloop.firmware_bridge.virtual import virtual_model
from handloop.sim.actuators.identify import identify as module
from handloop.sim.actuators.identify.confidence import Confidence
from handloop.sim.actuators.identify.data_sheet import DataSheet, compare, objections
from handloop.sim.actuators.identify.identification import Identification
from handloop.sim.actuators.identify.identify import HeldOut, IdentifyConfig, ModelFit
from handloop.sim.actuators.identify.read_logs import read_logs
from handloop.sim.actuators.identify.rig_fit import RigFit, gain_of
from handloop.sim.actuators.identify.search import Found

from .rigs import GAIN, synthetic_log

Run = Callable[..., Result]

SERVO = "XL330-M288"
LOG = "logs/drop.json"
TRUE = {"torque_constant": 0.36, "resistance": 3.6, "inertia": 0.0015, "coulomb": 0.01}
TRUE |= {"viscous": 0.0025, "gain": GAIN}


def a_log() -> ServoLog:
    return synthetic_log(TRUE, 0.25, 400.0, "drop", 1.0, currents=False)


@pytest.fixture
def run() -> Run:
    app = typer.Typer()
    app.command()(identify)
    app.command()(record)
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words])


def plain(result: Result) -> str:
    return re.sub(r"\s+", " ", result.output)


def test_a_virtual_servo_is_recorded_and_identified(run: Run, tmp_path: Path) -> None:
    for mass in (0.1, 0.2):
        said = run(
            "record", "--virtual", SERVO, "--mass", mass, "--length", 0.1, "--gain", "200,400",
            "--out", tmp_path / "logs",
        )  # fmt: skip
        assert said.exit_code == 0, said.output
    assert len(list((tmp_path / "logs").iterdir())) == 20
    out = tmp_path / "report"
    said = run(
        "identify", tmp_path / "logs", "--model", "m1", "--free", "backlash", "--free", "delay",
        "--quick", "--out", out,
    )  # fmt: skip
    assert said.exit_code == 0, said.output
    assert "use m1.toml" in plain(said)
    assert (out / "report.html").is_file()
    found = json.loads((out / "identification.json").read_text())
    assert found["chosen"] == "m1"
    assert all(len(log["sha256"]) == 64 for log in found["logs"])
    servo = Actuator.read(out / "m1.toml")
    true = virtual_model(ServoCatalogue.packaged().named(SERVO))
    off = {
        "torque_constant": servo.motor.torque_constant / true.motor.torque_constant - 1.0,
        "back_emf": servo.motor.back_emf / true.motor.back_emf - 1.0,
        "resistance": servo.motor.resistance / true.motor.resistance - 1.0,
        "backlash": servo.gear.backlash / true.gear.backlash - 1.0,
        "inertia": servo.gear.inertia / true.gear.inertia - 1.0,
        "coulomb": servo.friction.coulomb / true.gear.coulomb - 1.0,
        "viscous": servo.friction.viscous / true.gear.viscous - 1.0,
    }
    assert max(map(abs, off.values())) < 0.05, off

    (tmp_path / "hand.toml").write_text(
        'schema = 1\nextends = "hand27_right_servo"\nname = "own"\n'
        '[motors.kinds."XC330-M181"]\nactuator = "report/m1.toml"\n'
    )
    kind = Hand.load(tmp_path / "hand.toml").description.motors.kinds["XC330-M181"]
    assert kind.torque_constant == servo.motor.torque_constant
    assert kind.friction == servo.friction


def rig_servo(actuator: Actuator, delay: float) -> RigServo:
    """As its file has it."""
    assert actuator.firmware
    servo, motor = RigServo(), actuator.motor
    servo.torque_constant, servo.back_emf = motor.torque_constant, motor.back_emf
    servo.resistance, servo.inertia = motor.resistance, actuator.gear.inertia
    servo.backlash, servo.resolution = actuator.gear.backlash, actuator.encoder.resolution
    servo.friction = core_friction(actuator.friction)
    servo.gain, servo.delay = actuator.firmware.gain, delay
    return servo


def test_a_virtual_servo_with_an_actuators_file_is_the_rig_that_the_file_tells_of(
    run: Run, tmp_path: Path
) -> None:
    said = run(
        "record", "--virtual", SERVO, "--actuator", "xl330-m288", "--mass", 0.5, "--length", 0.1,
        "--gain", "200", "--trajectory", "sin_time_square,lift_and_drop", "--out", tmp_path,
    )  # fmt: skip
    assert said.exit_code == 0, said.output
    logs, actuator = read_logs([tmp_path]), Actuator.read("xl330-m288")
    assert actuator.firmware
    assert gain_of(logs) == pytest.approx(actuator.firmware.gain, rel=2e-3)
    assert all(log.supply == actuator.motor.voltage for log in logs)
    fit, tick = RigFit(logs), 0.001  # [s], after which the firmware obeys
    assert fit.mean_error(rig_servo(actuator, tick)) < 0.0015  # a count of its encoder
    stiff = actuator.firmware.model_copy(update={"gain": 1.05 * actuator.firmware.gain})
    other = actuator.model_copy(update={"firmware": stiff})
    assert fit.mean_error(rig_servo(other, tick)) > 0.005


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["record", "--virtual", SERVO, "--mass", 1, "--length", 1, "--duty", 2], "a duty of 2"),
        (["record", "--virtual", SERVO, "--mass", 0, "--length", 0.1], "a mass"),
        (["record", "--virtual", SERVO], "Missing option"),
        (["record", "x", "--virtual", SERVO, "--mass", 1, "--length", 1], "not both"),
        (["record", "--virtual", "XL999", "--mass", 1, "--length", 1], "no servo 'XL999'"),
        (["record", "--virtual", SERVO, "--mass", 1, "--length", 1, "--gain", "a"], "--gain"),
        (
            ["record", "--actuator", "xl330-m288", "--mass", 1, "--length", 1],
            "name one with --virtual",
        ),
        (
            ["record", "--virtual", SERVO, "--actuator", "xl330", "--mass", 1, "--length", 1],
            "did you mean 'xl330-m288'?",
        ),
        (["identify", "."], "no logs"),
        (["identify", ".", "--fix", "gain"], "NAME=VALUE"),
        (["identify", "nowhere"], "does not exist"),
        (["identify", LOG, "--fix", "gain=0"], "gain cannot be 0: it has to be more than 0"),
        (["identify", LOG, "--model", "m1", "--free", "load"], "load is no part of m1"),
        (["identify", LOG, "--model", "m3", "--fix", "load_motor=0.1"], "is no part of m3"),
    ],
)
def test_what_is_wrong_is_said(
    words: list[object], message: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    a_log().write(tmp_path / LOG)
    said = run(*words)
    assert said.exit_code != 0
    assert message in plain(said)


def test_what_is_asked_for_reaches_the_search(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def stopped(logs: object, config: IdentifyConfig, sheet: DataSheet, show: object) -> None:
        asked.append((config, sheet))
        raise HandError("stopped")

    monkeypatch.setattr(module, "identify", stopped)
    a_log().write(tmp_path / LOG)
    said = run(
        "identify", tmp_path / LOG, "--model", "m4", "--supply", "smooth", "--stall", "lifted",
        "--hold-to-sheet", "--fix", "gain=0.004", "--free", "delay", "--bootstrap", 7, "--seed", 3,
        "--hold-out", "unit", "--hold-out", "rig",
    )  # fmt: skip
    assert "stopped" in said.output
    ((config, sheet),) = asked
    assert config == IdentifyConfig(
        ("m4",), ("delay",), {"gain": 0.004}, "smooth", True, resamplings=7, seed=3
    )
    assert (sheet.stall, sheet.stall_torque, sheet.voltage) == ("lifted", 0.52, 5.0)
    assert "--hold-out unit: all logs have one unit, synthetic: not done" in plain(said)
    assert "--hold-out rig: all logs have one rig, 0.25 kg at 0.1 m: not done" in plain(said)


def test_the_table_fits_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    """With all that a sheet may state, and all that can be wrong."""
    stated = DataSheet("x", 5.0, 5.2, 1.079, 0.147, 0.0179)
    none = Confidence((), np.empty((0, 0)))
    found = Found(np.empty(0), 0.0, (0.05,) * 8, True, 0)
    bad = {**TRUE, "back_emf": 0.2}
    wrong = list(objections(bad, stated))
    fit = ModelFit("m6", bad, found, 0.0575, {}, none, compare(bad, stated), wrong)
    whole = Identification([], IdentifyConfig(), stated, [fit], [HeldOut("m6", "gain", "1", 1, 1)])
    Console(width=80).print(_fits_table(whole))
    page = capsys.readouterr().out
    assert "\u2026" not in page, page
    for words in ("torque constant", "stall torque;", "no-load speed;", "stall current;"):
        assert words in re.sub(r"\s+", " ", page)
