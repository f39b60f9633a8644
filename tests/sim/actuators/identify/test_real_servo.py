"""What was found on twelve logs of a real XL330-M288 is still what these logs say.

No search: the sets that one ended with are put into the rig again.
"""

import tomllib
from pathlib import Path

import numpy as np
import pytest

from handloop.controller.actuator import Actuator
from handloop.controller.servo_log import ServoLog
from handloop.sim.actuators.identify.data_sheet import DataSheet, actuator_of, compare, objections
from handloop.sim.actuators.identify.identify import IdentifyConfig, objective_of
from handloop.sim.actuators.identify.objective import Objective
from handloop.sim.actuators.identify.parameters import MODELS, POORER, servo_of
from handloop.sim.actuators.identify.read_logs import read_logs
from handloop.sim.actuators.identify.rig_fit import STEP, RigFit

from .rigs import BAM, NO_BAM, needs_bam

SETS = tomllib.loads(Path(__file__).with_name("xl330_m288_sets.toml").read_text("utf-8"))
SHEET = DataSheet("XL330-M288", 5.0, 0.52, 10.79, 1.47)
ERRORS = {"m1": 57.5, "m2": 56.4, "m3": 44.9, "m4": 32.7, "m5": 31.7, "m6": 23.5}  # [mrad]
HELD = "m4_held_to_sheet"


@pytest.fixture(scope="module")
def fit() -> RigFit:
    if not BAM.is_dir():
        pytest.skip(NO_BAM)
    return RigFit(read_logs([BAM]))


def objective(fit: RigFit, model: str) -> Objective:
    return objective_of(fit, model, {"gain": SETS[model]["gain"]}, IdentifyConfig(), None)


def cost(fit: RigFit, model: str) -> float:
    """[mrad], in fine steps."""
    found = objective(fit, model)
    return 1e3 * float(found.costs(found.space.point(SETS[model])[None], STEP)[0])


def error(fit: RigFit, name: str) -> float:
    """[mrad]."""
    return 1e3 * fit.mean_error(servo_of(SETS[name]))


@pytest.mark.parametrize("model", MODELS)
def test_each_set_errs_as_it_did(fit: RigFit, model: str) -> None:
    assert error(fit, model) == pytest.approx(ERRORS[model], abs=0.1)


def test_a_richer_model_fits_no_worse(fit: RigFit) -> None:
    costs = {model: cost(fit, model) for model in MODELS}
    for rich in MODELS:
        assert all(costs[rich] < costs[poor] for poor in POORER[rich]), costs


def test_load_friction_is_what_brings_the_error_below_35_mrad(fit: RigFit) -> None:
    below = [model for model in MODELS if error(fit, model) <= 35.0]
    assert below == ["m4", "m5", "m6"]


def test_m5_and_m6_alone_are_the_motor_of_the_sheet() -> None:
    can_be = [model for model in MODELS if not list(objections(SETS[model], SHEET))]
    assert can_be == ["m5", "m6"]


def test_m6_lifts_and_holds_what_the_documents_say() -> None:
    servo = actuator_of(SETS["m6"], "XL330-M288", 5.0)
    found = servo.stall_torque, servo.held_torque, servo.stall_motor_torque
    assert found == pytest.approx((0.26, 1.67, 0.55), abs=0.005)


def test_m4_held_to_the_sheet_loses_little(fit: RigFit) -> None:
    assert error(fit, HELD) == pytest.approx(33.1, abs=0.1)
    stall, speed, *_ = compare(SETS[HELD], SHEET)
    assert abs(stall.deviation) <= 0.1
    assert abs(speed.deviation) <= 0.1
    assert not list(objections(SETS[HELD], SHEET))


@pytest.mark.parametrize("model", MODELS)
def test_nothing_beside_a_set_is_better(fit: RigFit, model: str) -> None:
    found = objective(fit, model)
    beside = [
        found.space.point({**SETS[model], name: factor * SETS[model][name]})
        for name in found.space.names
        for factor in (0.98, 1.02)
    ]
    costs = 1e3 * found.costs(np.array(beside), STEP)
    assert costs.min() > 0.999 * cost(fit, model), f"{costs.argmin()} of {found.space.names}"
    assert costs.max() > 1.003 * cost(fit, model), "the look went nowhere"


def test_the_packaged_servo_is_m6(fit: RigFit) -> None:
    servo = Actuator.read("xl330-m288")
    friction = servo.friction.model_dump(exclude={"model"}, exclude_none=True)
    values = {
        "torque_constant": servo.motor.torque_constant,
        "back_emf": servo.motor.back_emf,
        "resistance": servo.motor.resistance,
        "inertia": servo.gear.inertia,
        "backlash": servo.gear.backlash,
        **friction,
    }
    assert servo.firmware
    assert 1e3 * fit.mean_error(servo_of({**values, "gain": servo.firmware.gain})) == (
        pytest.approx(ERRORS["m6"], abs=0.1)
    )
    assert servo.stall_torque == pytest.approx(0.26, abs=0.005)
    assert servo.stall_motor_torque == pytest.approx(1.06 * 0.52, rel=0.01)
    assert "23.5 mrad" in servo.source


def stopped(log: ServoLog) -> tuple[float, float]:
    """The load [N m] and the median voltage [V] where full duty no longer moves a load up."""
    load = log.load.mass * 9.81 * log.load.length * np.sin(log.position)
    slow = np.abs(np.gradient(log.position, log.time)) < 0.1
    there = slow & (log.driven > 0.5) & (log.duty * np.sign(load) > 0.98)
    return float(np.median(np.abs(load[there]))), float(np.mean(log.voltage[there]))


@needs_bam
@pytest.mark.parametrize(
    ("name", "load", "voltage"), [("up_and_down", 0.37, 7.1), ("lift_and_drop", 0.39, 7.0)]
)
def test_slow_lifts_stop_below_the_sheets_stall(name: str, load: float, voltage: float) -> None:
    """What the description and the documents say of the logs alone."""
    found = stopped(read_logs([BAM / f"{name}-kp800.json"])[0])
    assert found == (pytest.approx(load, abs=0.005), pytest.approx(voltage, abs=0.05))
