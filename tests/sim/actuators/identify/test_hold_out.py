"""What is left out is not seen by the fit, and the error there is that of the fit to the rest."""

from dataclasses import replace
from pathlib import Path

import pytest

from handloop.controller.servo_log import ServoLog
from handloop.sim.actuators.identify.identification import Identification
from handloop.sim.actuators.identify.identify import (
    HeldOut,
    IdentifyConfig,
    groups_of,
    hold_out,
    identify,
)
from handloop.sim.actuators.identify.parameters import servo_of
from handloop.sim.actuators.identify.report import write_report
from handloop.sim.actuators.identify.rig_fit import RigFit
from handloop.sim.actuators.identify.search import Budget

from .rigs import GAIN, synthetic_log

SERVO = {
    "torque_constant": 0.36,
    "resistance": 3.6,
    "inertia": 0.0015,
    "coulomb": 0.005,
    "viscous": 0.0025,
    "gain": GAIN,
}
STIFF = {**SERVO, "coulomb": 0.06}
TINY = Budget(restarts=1, most=1, pieces=2, generations=4, population=6, polish=4)
CONFIG = IdentifyConfig(models=("m1",), budget=TINY)


@pytest.fixture(scope="module")
def logs() -> list[ServoLog]:
    """Two of a unit whose gear is free, then one of a unit whose gear is stiff."""
    free = [synthetic_log(SERVO, 0.25, gain, "drop", 1.0, False) for gain in (100.0, 400.0)]
    stiff = synthetic_log(STIFF, 0.25, 400.0, "drop", 1.0, False)
    return [*(replace(log, unit="free") for log in free), replace(stiff, unit="stiff")]


def test_logs_are_grouped_by_what_they_have_in_common(logs: list[ServoLog]) -> None:
    one, two, three = logs
    assert groups_of(logs, "unit") == {"free": [one, two], "stiff": [three]}
    assert groups_of(logs, "gain") == {"100": [one], "400": [two, three]}
    assert groups_of(logs, "rig") == {"0.25 kg at 0.1 m": logs}


def test_the_fit_has_seen_nothing_of_what_is_left_out(logs: list[ServoLog]) -> None:
    held = {result.group: result for result in hold_out(logs, CONFIG, "unit", ["m1"])}
    groups = {"free": logs[:2], "stiff": logs[2:]}
    assert list(held) == list(groups)
    for group, out in groups.items():
        (fit,) = identify([log for log in logs if log.unit != group], CONFIG)
        error = RigFit(out).mean_error(servo_of(fit.values))
        assert held[group] == HeldOut("m1", "unit", group, error, fit.error)
        assert error > 2.0 * fit.error, "the other gear is not in the logs"


def test_the_error_of_a_model_is_the_mean_over_what_was_left_out(logs: list[ServoLog]) -> None:
    (fit,) = identify(logs[:1], CONFIG)
    errors = [("m1", 0.02), ("m1", 0.04), ("m2", 0.5)]
    held = [HeldOut(model, "unit", "x", error, 0.001) for model, error in errors]
    assert Identification(logs, CONFIG, None, [fit], held).held_out_error(fit) == (
        pytest.approx(0.03)
    )
    assert Identification(logs, CONFIG, None, [fit]).held_out_error(fit) == fit.error > 0.0


def test_what_foretells_best_is_chosen(logs: list[ServoLog]) -> None:
    """Not what fits best, nor what cannot be the servo."""
    (fit,) = identify(logs[:1], CONFIG)
    close, right = replace(fit, model="m4", error=0.01), replace(fit, model="m3", error=0.02)
    wrong = replace(fit, model="m5", error=0.001, objections=["stall torque"])
    errors = [("m3", 0.03), ("m4", 0.05), ("m5", 0.001)]
    held = [HeldOut(model, "unit", "x", error, 0.001) for model, error in errors]
    fits = [right, close, wrong]
    assert Identification(logs, CONFIG, None, fits, held).chosen is right
    assert Identification(logs, CONFIG, None, fits).chosen is close
    assert Identification(logs, CONFIG, None, [wrong]).chosen is None


def test_a_bootstrap_is_of_what_is_asked_for(logs: list[ServoLog]) -> None:
    (fit,) = identify(logs, replace(CONFIG, resamplings=3))
    for interval in fit.confidence.intervals:
        assert interval.bootstrap, interval.name
        low, high = interval.bootstrap
        assert 0.0 <= low <= high
    (alone,) = identify(logs, CONFIG)
    assert not any(interval.bootstrap for interval in alone.confidence.intervals)
    assert alone.values == fit.values


def test_what_was_given_needs_no_interval(logs: list[ServoLog], tmp_path: Path) -> None:
    config = replace(CONFIG, fixed={"resistance": 3.6})
    (fit,) = identify(logs[:1], config)
    assert fit.values["resistance"] == 3.6
    assert "resistance" not in [interval.name for interval in fit.confidence.intervals]
    assert write_report(Identification(logs[:1], config, None, [fit]), tmp_path)
