"""Parameters that the search leaves at the edge of where it looks, and what is said of them."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from handloop.controller.errors import HandError
from handloop.controller.servo_log import ServoLog
from handloop.sim.actuators.identify.confidence import Confidence, confidence
from handloop.sim.actuators.identify.identification import Identification
from handloop.sim.actuators.identify.identify import (
    IdentifyConfig,
    ModelFit,
    identify,
    objective_of,
)
from handloop.sim.actuators.identify.parameters import PARAMETERS
from handloop.sim.actuators.identify.rig_fit import RigFit
from handloop.sim.actuators.identify.search import Found

from .rigs import GAIN, SERVO, synthetic_logs


@pytest.fixture(scope="module")
def logs() -> list[ServoLog]:
    drive = ["sin_time_square"]
    return synthetic_logs(SERVO, gains=[400.0], trajectories=drive, seconds=1.0, currents=False)


def sure_of(logs: list[ServoLog], places: Mapping[str, float]) -> Confidence:
    objective = objective_of(RigFit(logs), "m1", {"gain": GAIN}, IdentifyConfig(), None)
    point = objective.space.point(SERVO)
    for name, place in places.items():
        point[objective.space.names.index(name)] = place
    return confidence(objective, point)


def test_who_nearly_touches_a_bound_is_at_it(logs: list[ServoLog]) -> None:
    near = {"resistance": 1.0 - 5e-4, "inertia": 5e-4, "coulomb": 5e-4, "viscous": 0.01}
    sure = sure_of(logs, near)
    found = {i.name: i.at_bound for i in sure.intervals if i.at_bound}
    assert found == {"resistance": "upper", "inertia": "lower", "coulomb": "zero"}
    assert sure.correlation_of("inertia", "torque_constant") == 0.0
    assert sure.correlation_of("viscous", "torque_constant") != 0.0


def test_what_stops_at_a_bound_is_doubted_unless_it_is_zero(logs: list[ServoLog]) -> None:
    sure = sure_of(logs, {"resistance": 1.0, "inertia": 0.0, "coulomb": 0.0})
    found = Found(np.zeros(5), 0.0, (0.0, 0.0), True, 1)
    fits = [ModelFit(m, SERVO, found, 0.0, {}, sure, [], []) for m in ("m1", "m3")]
    said = [d for d in Identification(logs, IdentifyConfig(), None, fits).doubts() if "bound" in d]
    assert len(said) == 1
    assert "resistance (upper) of m1 and m3, inertia (lower) of m1 and m3;" in said[0]
    assert "coulomb" not in said[0]
    within = [replace(fit, confidence=sure_of(logs, {"coulomb": 0.0})) for fit in fits]
    doubts = Identification(logs, IdentifyConfig(), None, within).doubts()
    assert not any("bound" in doubt for doubt in doubts)


def test_an_actuator_says_which_fitted_numbers_it_lacks(logs: list[ServoLog]) -> None:
    found, sure = Found(np.zeros(5), 0.0, (0.0, 0.0), True, 1), sure_of(logs, {})
    whole = Identification(logs, IdentifyConfig(), None, [])
    fit = ModelFit("m1", SERVO, found, 0.0, {}, sure, [], [])
    assert "braking" not in whole.actuator(fit).source
    braking = replace(fit, values={**SERVO, "braking": 0.85, "off_braking": 0.1})
    assert "braking 0.85 and off_braking 0.1, which" in whole.actuator(braking).source


def test_a_gain_of_a_feetech_is_within_bounds() -> None:
    assert 0.1 < PARAMETERS["gain"].place(0.326) < 0.95
    assert PARAMETERS["gain"].value(PARAMETERS["gain"].place(0.326)) == pytest.approx(0.326)


def test_a_duty_that_runs_backwards_is_refused_with_the_gain_it_tells(
    logs: list[ServoLog],
) -> None:
    backwards = [replace(log, duty=-log.duty) for log in logs if log.duty is not None]
    assert len(backwards) == len(logs)
    with pytest.raises(HandError, match=r"wrong sign.*--fix gain=0\.00[34]"):
        identify(backwards, IdentifyConfig(models=("m1",)))
