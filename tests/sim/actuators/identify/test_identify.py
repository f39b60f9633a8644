"""Servos whose parameters are known, and logs of a real one where they are at hand."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from handloop.controller.errors import HandError
from handloop.controller.servo_log import ServoLog
from handloop.sim.actuators.identify.data_sheet import DataSheet, actuator_of, excess, objections
from handloop.sim.actuators.identify.identification import Identification, check_one_servo
from handloop.sim.actuators.identify.identify import (
    IdentifyConfig,
    check,
    groups_of,
    hold_out,
    identify,
    objective_of,
)
from handloop.sim.actuators.identify.parameters import MODELS, PARAMETERS, POORER, names_of
from handloop.sim.actuators.identify.read_logs import read_log, read_logs
from handloop.sim.actuators.identify.report import write_report
from handloop.sim.actuators.identify.rig_fit import RigFit, gain_of
from handloop.sim.actuators.identify.search import Budget

from .rigs import BAM, GAIN, needs_bam, synthetic_logs

TRUE = {
    "torque_constant": 0.36,
    "back_emf": 0.42,
    "resistance": 3.6,
    "inertia": 0.0015,
    "coulomb": 0.012,
    "viscous": 0.0025,
    "load": 0.12,
    "gain": GAIN,
}
SMALL = Budget(restarts=1, most=1, pieces=20, generations=40, population=10, polish=9)
SHEET = DataSheet("XL330-M288", 5.0, 0.52, 10.79, 1.47)


@pytest.fixture(scope="module")
def logs() -> list[ServoLog]:
    return synthetic_logs(TRUE)


def test_known_parameters_are_found_within_5_percent(logs: list[ServoLog], tmp_path: Path) -> None:
    config = IdentifyConfig(models=("m3",), budget=SMALL)
    (fit,) = identify(logs, config)
    off = {name: fit.values[name] / true - 1.0 for name, true in TRUE.items()}
    assert max(map(abs, off.values())) < 0.05, f"{off}; {1e3 * fit.error:.2f} mrad"
    assert fit.error < 0.002
    found = Identification(logs, config, None, [fit])
    page, *files = write_report(found, tmp_path)
    assert "identified" in page.read_text()
    whole = json.loads((tmp_path / "identification.json").read_text())
    assert whole["models"][0]["values"] == dict(fit.values)
    assert tmp_path / "m3.toml" in files


@pytest.mark.parametrize("model", [m for m in MODELS if POORER[m]])
def test_each_model_contains_the_poorer_ones(model: str, logs: list[ServoLog]) -> None:
    fit, rng = RigFit(logs[:2]), np.random.default_rng(2)
    config = IdentifyConfig()
    rich = objective_of(fit, model, {"gain": GAIN}, config, None)
    for poorer in POORER[model]:
        poor = objective_of(fit, poorer, {"gain": GAIN}, config, None)
        point = rng.uniform(0.3, 0.7, len(poor.space.names))
        same = rich.space.point(poor.space.values(point))
        assert rich.costs(same[None])[0] == pytest.approx(poor.costs(point[None])[0], rel=1e-9)


def test_what_is_freed_begins_where_it_was(logs: list[ServoLog]) -> None:
    free = ("braking", "off_braking", "delay", "backlash", "zero", "supply_resistance")
    fit = RigFit(logs[:2])
    bound = objective_of(fit, "m3", {"gain": GAIN}, IdentifyConfig(), None)
    freed = objective_of(fit, "m3", {"gain": GAIN}, IdentifyConfig(free=free), None)
    point = bound.space.point(TRUE)
    same = freed.space.point(bound.space.values(point))
    assert freed.costs(same[None])[0] == pytest.approx(bound.costs(point[None])[0], rel=1e-9)


def test_a_richer_model_never_fits_worse(logs: list[ServoLog]) -> None:
    tiny = Budget(restarts=1, most=1, pieces=3, generations=3, population=6, polish=3)
    fits = identify(logs[:2], IdentifyConfig(models=("m1", "m2", "m4"), budget=tiny))
    costs = [fit.found.cost for fit in fits]
    assert [fit.model for fit in fits] == ["m1", "m2", "m4"]
    assert all(rich <= poor * (1.0 + 1e-9) for poor, rich in pairwise(costs)), costs


def test_runs_are_begun_anew_until_two_end_alike(logs: list[ServoLog]) -> None:
    never = Budget(restarts=1, most=3, pieces=2, generations=2, population=6, polish=3)
    (fit,) = identify(logs[:2], IdentifyConfig(models=("m1",), budget=never, seed=5))
    assert len(fit.found.ends) == 3, "the most that random starts may be"
    assert not fit.found.converged
    soon = replace(never, most=9, pieces=20, generations=80, population=10)
    (fit,) = identify(logs[:2], IdentifyConfig(models=("m1",), budget=soon))
    assert len(fit.found.ends) < 9
    assert fit.found.converged


def test_the_firmwares_gain_is_read_off_the_duty(logs: list[ServoLog]) -> None:
    assert gain_of(logs) == pytest.approx(GAIN, rel=0.01)
    assert gain_of([]) is None


def test_what_is_left_out_is_foretold_unseen(logs: list[ServoLog]) -> None:
    assert set(groups_of(logs, "rig")) == {"0.1 kg at 0.1 m", "0.25 kg at 0.1 m"}
    assert hold_out(logs, IdentifyConfig(), "unit", ["m1"]) == []
    tiny = Budget(restarts=1, most=1, pieces=6, generations=12, population=8, polish=6)
    held = hold_out(logs, IdentifyConfig(budget=tiny), "rig", ["m1"])
    assert [h.group for h in held] == ["0.1 kg at 0.1 m", "0.25 kg at 0.1 m"]
    assert all(0.0 < h.error < 0.2 for h in held)


def test_sets_that_cannot_be_are_rejected() -> None:
    fine = {**TRUE, "torque_constant": 0.36, "resistance": 3.4}
    assert list(objections(fine, None)) == []
    strong = {**fine, "torque_constant": 0.6}
    assert "more than its back-EMF" in next(objections(strong, None))
    weak = {**fine, "torque_constant": 0.2}
    assert any("stall torque" in said for said in objections(weak, SHEET))
    assert excess(weak, SHEET) > excess(fine, SHEET)
    stuck = {**fine, "load": 1.2}
    assert any("never start" in said for said in objections(stuck, None))


def test_the_sheet_can_be_held_to() -> None:
    weak = synthetic_logs({**TRUE, "resistance": 6.5}, masses=[0.1], currents=False)
    tiny = Budget(restarts=1, most=1, pieces=10, generations=25, population=10, polish=8)
    config = IdentifyConfig(models=("m1",), budget=tiny)
    (free,) = identify(weak, config, SHEET)
    held_config = IdentifyConfig(models=("m1",), budget=tiny, held_to_sheet=True)
    (held,) = identify(weak, held_config, SHEET)
    assert free.objections
    assert excess(held.values, SHEET) < 0.02
    assert held.error > free.error


def test_one_rig_is_told_to_be_one(logs: list[ServoLog]) -> None:
    config = IdentifyConfig()
    one = [log for log in logs if log.load.mass < 0.2 and log.gain[0] < 200.0]
    said = " ".join(Identification(one, config, None, []).doubts())
    assert "one rig" in said
    assert "one gain" in said
    assert Identification(logs, config, None, []).doubts() == []


def test_what_is_lifted_and_held_is_where_the_friction_budget_breaks() -> None:
    values = {**TRUE, "load_motor": 0.1, "load_external": 0.2, "stribeck_load_motor": 0.05}
    values |= {"stribeck_load_external": 0.05, "quadratic_external": 0.8, "quadratic_motor": 0.3}
    servo = actuator_of(values, "x", 5.0)
    motor = servo.stall_motor_torque

    def margin(load: float) -> float:
        from handloop.sim.actuators.identify.parameters import friction_of

        return abs(motor - load) - friction_of(values).budget(0.0, motor, -load)

    assert margin(servo.stall_torque) == pytest.approx(0.0, abs=1e-9)
    assert margin(servo.held_torque) == pytest.approx(0.0, abs=1e-9)
    assert servo.stall_torque < motor < servo.held_torque


def test_logs_are_the_same_after_writing(logs: list[ServoLog], tmp_path: Path) -> None:
    for ending in (".json", ".csv"):
        logs[0].write(tmp_path / f"log{ending}")
        back = read_log(tmp_path / f"log{ending}")
        assert back.load == logs[0].load
        assert back.digest
        for name, values in logs[0].columns.items():
            assert back.columns[name] == pytest.approx(values, rel=1e-5, abs=1e-9)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c["columns"].pop("goal"), "lacks the column 'goal'"),
        (lambda c: c.pop("load"), "'load'"),
        (lambda c: c.update(format="what"), "is no servo log"),
        (lambda c: c["columns"].update(time=[0.0] * 600), "time does not rise"),
        (lambda c: c["columns"].update(position=[0.0]), "position needs a finite number"),
    ],
)
def test_a_log_that_lacks_something_says_what(
    change: Callable[[Any], None], message: str, logs: list[ServoLog], tmp_path: Path
) -> None:
    file = tmp_path / "log.json"
    logs[0].write(file)
    content = json.loads(file.read_text())
    change(content)
    file.write_text(json.dumps(content))
    with pytest.raises(HandError, match=message):
        read_log(file)


def bam_entry(k: int, **more: float) -> Mapping[str, float]:
    return {
        "timestamp": 0.005 * k,
        "position": 0.1 * k,
        "goal_position": 0.2,
        "torque_enable": True,
        "load": 65535 - k,
        "input_volts": 7.4,
        "temp": 30,
        **more,
    }


def test_a_load_of_bam_is_a_signed_duty(tmp_path: Path) -> None:
    file = tmp_path / "one.json"
    head = {"mass": 0.5, "length": 0.1, "kp": 400, "vin": 7.4, "motor": "xl330"}
    file.write_text(json.dumps({**head, "entries": [bam_entry(k) for k in range(3)]}))
    log = read_log(file)
    assert log.servo == "XL330-M288"
    assert log.duty == pytest.approx([-1 / 885, -2 / 885, -3 / 885])
    file.write_text(json.dumps({**head, "entries": [{"timestamp": 0.0}]}))
    with pytest.raises(HandError, match="an entry lacks 'goal_position'"):
        read_log(file)


def test_what_is_not_known_is_refused(logs: list[ServoLog], tmp_path: Path) -> None:
    with pytest.raises(HandError, match="no model 'm7'"):
        identify(logs, IdentifyConfig(models=("m7",)))
    with pytest.raises(HandError, match="no parameter 'colomb'"):
        identify(logs, IdentifyConfig(free=("colomb",)))
    with pytest.raises(HandError, match="no logs"):
        read_logs([tmp_path])
    blind = [ServoLog(**{**vars_of(log), "duty": None}) for log in logs[:1]]
    with pytest.raises(HandError, match=r"the logs have no duty.* --fix gain=VALUE.* --free gain"):
        identify(blind, IdentifyConfig(models=("m1",)))
    other = ServoLog(**{**vars_of(logs[0]), "servo": "XM430-W350"})
    with pytest.raises(HandError, match="XL330-M288 and XM430-W350"):
        check_one_servo([logs[0], other])


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (IdentifyConfig(fixed={"gain": 0.0}), "gain cannot be 0: it has to be more than 0"),
        (IdentifyConfig(fixed={"resistance": -3.0}), "resistance cannot be -3: .* more than 0"),
        (IdentifyConfig(fixed={"delay": -0.1}), "delay cannot be -0.1: it has to be 0 or more"),
        (IdentifyConfig(fixed={"inertia": np.inf}), "inertia cannot be inf: .* a finite number"),
        (IdentifyConfig(fixed={"zero": np.nan}), "zero cannot be nan: .* a finite number"),
        (IdentifyConfig(("m3", "m1"), ("load",)), "load is no part of m1: .* m3 or --model m4"),
        (IdentifyConfig(("m3",), fixed={"load_motor": 0.1}), "load_motor is no part of m3: .* m6"),
        (IdentifyConfig(free=("stribeck_speed",)), "is no part of m1, m3:"),
    ],
)
def test_what_cannot_be_freed_or_fixed_is_refused(config: IdentifyConfig, message: str) -> None:
    with pytest.raises(HandError, match=message):
        check(config)


def test_what_can_be_freed_or_fixed_is_not_refused() -> None:
    check(IdentifyConfig(fixed={"delay": 0.0, "zero": -0.01, "coulomb": 0.0, "gain": 1e-3}))
    check(IdentifyConfig(("m3", "m4"), ("load", "gain")))
    check(IdentifyConfig(("m5", "m6"), fixed={"load_motor": 0.1}))


def vars_of(log: ServoLog) -> dict[str, object]:
    return {name: getattr(log, name) for name in log.__dataclass_fields__}


def test_logs_of_several_units_may_have_one_name(logs: list[ServoLog], tmp_path: Path) -> None:
    for folder, unit in (("a", "1"), ("b", "2"), ("c", "2")):
        (tmp_path / folder).mkdir()
        replace(logs[0], unit=unit).write(tmp_path / folder / "drop.json")
    read = read_logs([tmp_path / "a", tmp_path / "b"])
    assert [log.name for log in read] == ["1-drop", "2-drop"]
    with pytest.raises(HandError, match="several logs of one unit are called 2-drop;"):
        read_logs([tmp_path / "b", tmp_path / "c"])


def test_every_name_has_bounds() -> None:
    for model in MODELS:
        assert set(names_of(model)) <= set(PARAMETERS)


@needs_bam
def test_a_real_servo_is_met_as_well_as_friction_without_load_can() -> None:
    logs = read_logs([BAM])
    assert gain_of(logs) == pytest.approx(4096 / (2.0 * np.pi) / 256 / 885, rel=0.01)
    config = IdentifyConfig(
        models=("m1",),
        budget=Budget(restarts=1, most=1, pieces=10, generations=25, population=10, polish=6),
    )
    (fit,) = identify(logs, config, SHEET)
    assert 0.05 < fit.error < 0.062, f"M1 errs by {1e3 * fit.error:.1f} mrad on 12 logs"
