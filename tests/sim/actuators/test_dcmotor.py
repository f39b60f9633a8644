"""What MuJoCo's dcmotor has of an actuator's file, against the simulated plant."""

import math
from collections.abc import Callable

import mujoco
import pytest
from typer.testing import CliRunner

from handloop import _core
from handloop.commands.actuators import actuators
from handloop.controller.actuator import Actuator
from handloop.controller.description_thermal import Thermal
from handloop.sim.actuators.dcmotor import joint_attributes, left_out, mjcf_lines

from .plant_rig import STEP, PlantRig

STATED = Actuator.read("xm430-w350")
LATE = 0.026  # [H], 5 ms
FULL = STATED.motor.voltage


def changed(actuator: Actuator, table: str, **figures: object) -> Actuator:
    part = getattr(actuator, table)
    return actuator.model_copy(update={table: part.model_copy(update=figures)})


def plain(**motor: float | None) -> Actuator:
    """Neither play, heat nor a limit, nor friction that its joint cannot have."""
    bare = STATED.model_copy(update={"friction": type(STATED.friction)(), "thermal": None})
    return changed(changed(bare, "gear", backlash=0.0), "motor", current_max=None, **motor)


def model_of(lines: str, disc: float) -> mujoco.MjModel:
    comment, joint, motor = lines.splitlines()
    return mujoco.MjModel.from_xml_string(
        f"""<mujoco>{comment}<option timestep="{STEP}" integrator="implicitfast" gravity="0 0 0"/>
        <worldbody><body>{joint.replace("<joint", '<joint axis="0 0 1"')}
        <inertial pos="0 0 0" mass="1" diaginertia="{disc} {disc} {disc}"/></body></worldbody>
        <actuator>{motor}</actuator></mujoco>"""
    )


def to_and_fro(step: int) -> float:
    return FULL if step < 300 else -0.5 * FULL


def swaying(step: int) -> float:
    return 3.0 * math.sin(0.01 * step)


def difference(
    actuator: Actuator, told: Callable[[int], float] = to_and_fro, command: str = "voltage"
) -> float:
    """Largest of the speeds, in parts of the fastest."""
    kind = _core.ActuatorCommand.VOLTAGE if command == "voltage" else _core.ActuatorCommand.TORQUE
    rig = PlantRig(actuator, kind, disc=0.02)
    model = model_of(mjcf_lines(actuator, "m", "j", command), 0.02)
    data, largest, fastest = mujoco.MjData(model), 0.0, 0.0
    for step in range(600):
        data.ctrl[0] = told(step)
        mujoco.mj_step(model, data)
        rig.run(STEP, told(step))
        largest = max(largest, abs(rig.speed - data.qvel[0]))
        fastest = max(fastest, abs(data.qvel[0]))
    return largest / fastest


@pytest.mark.parametrize(
    "actuator",
    [
        plain(),
        plain(torque_constant=1.9),
        plain(torque_constant=1.9, inductance=LATE),
        changed(plain(), "motor", current_max=1.0),
    ],
)
def test_where_both_apply_they_move_alike(actuator: Actuator) -> None:
    assert difference(actuator) < 1e-8  # the digits of the XML
    assert difference(actuator, swaying, "ff") < 1e-8


def test_inductance_and_limit_together_differ_by_half_a_percent() -> None:
    both = changed(plain(inductance=LATE), "motor", current_max=1.0)
    assert 1e-3 < difference(both) < 6e-3
    assert left_out(both) == [*left_out(plain()), "how inductance and current limit act together"]


def test_a_supply_that_sags_counts_where_a_torque_is_told() -> None:
    """At full duty, where the voltage ends; the plant averages it over two steps."""
    sags = changed(plain(), "supply", resistance=0.5)
    assert difference(sags, swaying, "ff") < 2e-3
    assert "the supply's resistance" in left_out(sags, "voltage")
    assert "the supply's resistance" not in left_out(sags)
    assert (
        mjcf_lines(sags, "m", "j", "voltage").splitlines()[1:]
        == (mjcf_lines(plain(), "m", "j", "voltage").splitlines()[1:])
    )


@pytest.mark.parametrize("torque_constant", [STATED.motor.torque_constant, 1.9])
def test_a_winding_of_one_node_warms_alike(torque_constant: float) -> None:
    """Housing and winding next to each other; the current of a dcmotor is not the true one."""
    figures = dict.fromkeys(("winding_capacity", "housing_capacity"), 2.0)
    heat = Thermal(winding_resistance=1e-3, housing_resistance=8.0, winding_max=200.0, **figures)
    actuator = plain(torque_constant=torque_constant).model_copy(update={"thermal": heat})
    rig = PlantRig(actuator, _core.ActuatorCommand.VOLTAGE, disc=50.0)
    model = model_of(mjcf_lines(actuator, "m", "j", "voltage"), 50.0)
    data = mujoco.MjData(model)
    data.ctrl[0] = FULL
    mujoco.mj_step(model, data, 8000)
    rig.run(8.0, FULL)
    assert rig.housing > 60.0
    assert data.act[0] == pytest.approx(rig.housing - 25.0, rel=1e-3)
    assert rig.speed == pytest.approx(data.qvel[0], rel=1e-3)


def test_a_cables_heat_is_not_the_windings() -> None:
    """Told a torque, a motor warms the same behind a cable."""
    rises = []
    for ohms in (0.0, 2.0):
        actuator = changed(STATED, "supply", resistance=ohms)
        model = model_of(mjcf_lines(actuator, "m", "j"), 1e3)
        data = mujoco.MjData(model)
        data.ctrl[0] = 1.0
        mujoco.mj_step(model, data, 8000)
        rises.append(data.act[0])
    assert rises[0] > 0.01
    assert rises[1] == pytest.approx(rises[0], rel=1e-3)


def test_the_command_prints_what_a_model_takes_and_what_is_left_out() -> None:
    words = ["mjcf", "xm430-w350", "--joint", "elbow", "--name", "servo", "--input", "voltage"]
    said = CliRunner().invoke(actuators, words)
    assert said.exit_code == 0
    comment = said.output.splitlines()[0]
    for missing in ("grows with the load", "play", "counts", "warms faster"):
        assert missing in comment
    assert "inductance" not in comment
    model = model_of(said.output, 0.01)
    joint = model.joint("elbow")
    for name, value in joint_attributes(STATED).items():
        assert getattr(joint, name)[0] == pytest.approx(value)
    data = mujoco.MjData(model)
    data.ctrl[0] = FULL
    mujoco.mj_step(model, data, 1000)
    assert data.qvel[0] == pytest.approx(STATED.no_load_speed, rel=0.02)


def test_the_command_says_what_is_wrong() -> None:
    said = CliRunner().invoke(actuators, ["mjcf", "xm430"])
    assert said.exit_code == 1
    assert "did you mean 'xm430-w" in said.stderr
