"""What a sheet says, beside what a servo does by its own equations."""

from collections.abc import Mapping

import numpy as np
import pytest

from handloop.sim.actuators.identify.confidence import Confidence
from handloop.sim.actuators.identify.data_sheet import DataSheet, compare, excess, objections
from handloop.sim.actuators.identify.identification import Identification
from handloop.sim.actuators.identify.identify import IdentifyConfig, ModelFit
from handloop.sim.actuators.identify.search import Found

from .rigs import synthetic_log

DRY = {"torque_constant": 0.4, "resistance": 4.0, "inertia": 0.0015, "coulomb": 0.02, "viscous": 0}
VOLTAGE = 5.0
MOTOR = 0.4 * VOLTAGE / 4.0  # [N m], at stall
SPEED = (VOLTAGE - 4.0 * 0.02 / 0.4) / 0.4  # [rad/s], where dry friction takes 0.05 A


def deviations(values: Mapping[str, float], sheet: DataSheet) -> dict[str, float]:
    return {compared.name: compared.deviation for compared in compare(values, sheet)}


def test_a_servo_without_load_takes_what_its_friction_takes() -> None:
    exact = DataSheet("x", VOLTAGE, MOTOR, SPEED, 1.25, 0.05)
    names = ["stall torque", "no-load speed", "stall current", "no-load current"]
    assert deviations(DRY, exact) == pytest.approx(dict.fromkeys(names, 0.0), abs=1e-9)
    silent = DataSheet("x", VOLTAGE, MOTOR, SPEED)
    assert list(deviations(DRY, silent)) == names[:2]


@pytest.mark.parametrize(("stated", "wrong"), [(0.032, 0.0625), (0.034, 0.0), (0.104, 0.019)])
def test_a_current_without_load_may_be_half_off(stated: float, wrong: float) -> None:
    sheet = DataSheet("x", VOLTAGE, MOTOR, SPEED, None, stated)
    assert excess(DRY, sheet) == pytest.approx(wrong, abs=1e-3)
    said = list(objections(DRY, sheet))
    assert len(said) == (1 if wrong else 0)
    assert all("no-load current 0.05 A, by the data sheet" in one for one in said)


def test_what_is_lifted_is_the_motors_torque_less_friction() -> None:
    """Of M3, with a friction of a tenth of either torque: 1.1 load = 0.9 motor - 0.02 N m."""
    loaded = {**DRY, "load": 0.1}
    lifted = (0.9 * MOTOR - 0.02) / 1.1
    assert deviations(loaded, DataSheet("x", VOLTAGE, MOTOR, SPEED))["stall torque"] == (
        pytest.approx(0.0, abs=1e-9)
    )
    sheet = DataSheet("x", VOLTAGE, lifted, SPEED, stall="lifted")
    assert deviations(loaded, sheet)["stall torque"] == pytest.approx(0.0, abs=1e-9)


def fit_of(values: Mapping[str, float]) -> ModelFit:
    found = Found(np.empty(0), 0.0, (0.0, 0.0), True, 0)
    sure = Confidence((), np.empty((0, 0)))
    return ModelFit("m6", values, found, 0.01, {}, sure, [], [])


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, None),
        ({"load_motor": 0.4}, None),
        ({"load_motor": 0.5}, "lifts 0.23 and holds 0.77 N m where its motor makes 0.5"),
        ({"load_external": 0.4}, None),
        ({"load_external": 0.5}, "lifts 0.32 and holds 1 N m where"),
        ({"load_external": 1.0}, "lifts 0.24 and holds inf N m where"),
        ({"quadratic_motor": 1.9}, None),
        ({"quadratic_motor": 2.0}, "lifts 0.48 and holds 1 N m where"),
    ],
)
def test_friction_that_takes_over_at_stall_is_doubted(
    more: Mapping[str, float], said: str | None
) -> None:
    logs = [
        synthetic_log({**DRY, "gain": 0.004}, mass, gain, "drop", 3.0, True)
        for mass, gain in ((0.1, 100.0), (0.2, 200.0))
    ]
    sheet = DataSheet("x", VOLTAGE, MOTOR, SPEED)
    fit = fit_of({**DRY, **more})
    doubts = Identification(logs, IdentifyConfig(), sheet, [fit]).doubts()
    assert len(doubts) == (1 if said else 0), doubts
    assert not said or (doubts[0].startswith(f"m6 {said}"))
