"""The STS3215 against what Robonine measured of it (TheRobotStudio/SO-ARM100 issue 134).

Its thermal figures are estimates from geometry and tables, see models/actuators/sts3215.toml; none
of these measurements went into them. With so much friction in the gear the current of a hold is not
given by the load: any motor torque within what friction holds will do. What a gear without losses
would take lies in between, and is what is compared.
"""

import numpy as np
import pytest

from handloop import _core
from handloop.controller.actuator import Actuator
from handloop.sim.motor_heat import MotorHeat

from .plant_rig import STEP, PlantRig

ACTUATOR = Actuator.read("sts3215")
TIGHT = ACTUATOR.model_copy(
    update={"gear": ACTUATOR.gear.model_copy(update={"backlash": 0.0}), "thermal": None}
)
LOAD = 1.5  # [N m], 1 kg at 15 cm
TEN_MINUTES, AN_HOUR = 600.0, 3600.0  # [s]


def housing_after(torque: float, time: float) -> float:
    """[deg C], in a room of 25 deg C, at a motor torque [N m] that stands."""
    assert ACTUATOR.thermal is not None
    core = _core.Motor()
    core.resistance = ACTUATOR.motor.resistance
    for name, value in ACTUATOR.thermal:
        setattr(core.thermal, name, value)
    current = torque / ACTUATOR.motor.torque_constant
    return MotorHeat(core).after(current**2, time).housing


def band() -> tuple[float, float]:
    """The least and the most motor torque [N m] with which friction holds the load."""
    f = ACTUATOR.friction
    least = (LOAD * (1.0 - f.load_external) - f.coulomb) / (1.0 + f.load_motor)
    most = (LOAD * (1.0 + f.load_external) + f.coulomb) / (1.0 - f.load_motor)
    return least, most


def test_the_plant_holds_the_load_with_any_torque_of_that_band_and_no_other() -> None:
    least, most = band()
    for told, holds in ((1.02 * least, 1), (0.98 * most, 1), (0.97 * least, 0), (1.03 * most, 0)):
        rig = PlantRig(TIGHT, _core.ActuatorCommand.TORQUE)
        rig.load(-LOAD)
        rig.run(0.3, told)
        assert (abs(rig.speed) < 1e-6) == bool(holds), (told, rig.speed)


def test_the_plant_warms_as_the_closed_form_does() -> None:
    rig = PlantRig(ACTUATOR, _core.ActuatorCommand.TORQUE)
    rig.load(-LOAD)
    rig.run(60.0, LOAD)
    assert rig.housing == pytest.approx(housing_after(LOAD, 60.0), abs=0.02)


def test_the_measured_hold_lies_between_the_least_and_the_most_it_can_take() -> None:
    coolest, hottest = (housing_after(torque, TEN_MINUTES) for torque in band())
    assert coolest < 48.0 < hottest, f"{coolest:.1f} to {hottest:.1f} deg C"


def test_ten_minutes_under_the_load_warm_it_by_what_was_measured() -> None:
    """`+15 degrees after 10 min`, lifting 1.5 kg at 10 cm: a difference, free of the room."""
    rise = housing_after(LOAD, TEN_MINUTES) - 25.0
    assert rise == pytest.approx(15.0, abs=4.0), f"{rise:.1f} K"


def test_the_hold_settles_where_the_measured_one_did() -> None:
    """`Remained stable for >1 h` at 48: where it ends hangs on no heat capacity."""
    assert housing_after(LOAD, AN_HOUR) == pytest.approx(48.0, abs=4.0)


@pytest.mark.parametrize("room", [25.0, 33.0])
def test_ten_minutes_of_holding_end_at_48_degrees_where_they_began_warm(room: float) -> None:
    """As they did, if holding and lifting 1.5 N m warm it alike: 48 less those 15 are 33 deg C.

    Robonine's load test of the STS3250 began warm, too, at 40.
    """
    figures = ACTUATOR.thermal
    assert figures is not None
    left = np.exp(-TEN_MINUTES / (figures.housing_resistance * figures.housing_capacity))
    rise = housing_after(LOAD, TEN_MINUTES) - 25.0
    assert room + rise + (33.0 - room) * left == pytest.approx(48.0, abs=4.0)


@pytest.mark.xfail(
    strict=True,
    reason="41.8 deg C after a cold start in a room of 25 deg C; where the measured hold began is "
    "not told, and within ten minutes no housing of 38 J/K with this skin settles as it did",
)
def test_ten_minutes_of_holding_end_at_48_degrees_from_a_cold_start() -> None:
    assert housing_after(LOAD, TEN_MINUTES) == pytest.approx(48.0, abs=4.0)


def oscillation_power(load: float, amplitude: float = np.pi / 2.0) -> tuple[float, float]:
    """Copper and friction [W], mean over a cycle of 4 s to +-90 degrees with a weight."""
    rig = PlantRig(TIGHT, _core.ActuatorCommand.VOLTAGE, disc=1e-6 + load / 9.81 * 0.15)
    supply, rate = ACTUATOR.motor.voltage, 2.0 * np.pi / 4.0
    copper, drawn = [], []
    for k in range(round(8.0 / STEP)):
        goal = amplitude * np.sin(rate * k * STEP)
        rig.load(-load * np.cos(rig.data.qpos[0]))
        told = float(np.clip(20.0 * supply * (goal - rig.data.qpos[0]), -supply, supply))
        rig.run(STEP, told)
        if k * STEP >= 4.0:
            current = rig.current
            copper.append(current**2 * ACTUATOR.motor.resistance)
            drawn.append(told * current - load * np.cos(rig.data.qpos[0]) * rig.speed)
    return float(np.mean(copper)), float(np.mean(drawn) - np.mean(copper))


def test_oscillating_for_50_minutes_warms_it_to_what_some_load_would() -> None:
    """From 48 deg C to 60: neither load nor rate are told. No load and the hold's bracket it.

    The further rise to 71 after 110 min is beyond a model whose housing has settled by then.
    """
    figures = ACTUATOR.thermal
    assert figures is not None
    ends = []
    for load in (0.0, LOAD):
        copper, friction = oscillation_power(load)
        steady = 25.0 + figures.housing_resistance * (copper + friction)
        settled = np.exp(-3000.0 / (figures.housing_resistance * figures.housing_capacity))
        ends.append(steady + (48.0 - steady) * settled)
    assert ends[0] < 60.0 < ends[1], f"after 50 min {ends[0]:.0f} to {ends[1]:.0f} deg C"
