"""One description gives plant, controller and MuJoCo's own motor the same physics."""

import math

import mujoco
import numpy as np
import pytest

from handloop import _core
from handloop.controller.actuator import Actuator, packaged_actuators
from handloop.controller.actuator_core import core_actuator, core_friction
from handloop.controller.description_motors import MotorKind
from handloop.sim.actuators.dcmotor import dcmotor_xml, joint_attributes, set_to_dcmotor

from .plant_rig import STEP, PlantRig

NAMES = sorted(packaged_actuators())
SHEET = {  # N m and rad/s at nominal voltage
    "xc330-m288": (0.93, 81.0),
    "xc330-m181": (0.60, 129.0),
    "xm430-w350": (4.1, 46.0),
    "xm430-w210": (3.0, 77.0),
    "xm540-w270": (10.6, 30.0),
    "sts3215": (2.942, 45.0),
}


@pytest.fixture(params=NAMES)
def actuator(request: pytest.FixtureRequest) -> Actuator:
    return Actuator.read(request.param)


def volts(actuator: Actuator, **options: float) -> PlantRig:
    return PlantRig(actuator, _core.ActuatorCommand.VOLTAGE, **options)


@pytest.mark.parametrize("name", [n for n in NAMES if n in SHEET])
def test_the_description_is_its_data_sheet(name: str) -> None:
    stall, rpm = SHEET[name]
    actuator = Actuator.read(name)
    assert actuator.stall_torque == pytest.approx(stall, rel=0.01)
    assert actuator.no_load_speed == pytest.approx(rpm * math.tau / 60.0, rel=0.01)


def test_without_a_load_the_plant_turns_as_the_description_says(actuator: Actuator) -> None:
    rig = volts(actuator.model_copy(update={"thermal": None}))
    rig.run(1.0, actuator.motor.voltage)
    assert rig.speed == pytest.approx(actuator.no_load_speed, rel=1e-3)
    assert rig.current == pytest.approx(actuator.no_load_current, rel=2e-3)


def test_the_plant_lifts_its_stall_torque_and_no_more(actuator: Actuator) -> None:
    for part, lifts in ((0.99, True), (1.01, False)):
        rig, load = volts(actuator.model_copy(update={"thermal": None})), actuator.stall_torque
        rig.load(-part * load)
        rig.run(0.2, load * actuator.motor.resistance / actuator.motor.torque_constant)  # holds
        rig.run(0.6, actuator.motor.voltage)
        assert (rig.speed > 1e-4) == lifts, (part, rig.speed)


def test_the_controllers_motor_stage_believes_the_same(actuator: Actuator) -> None:
    """Without load its duty is whole, and at stall its torque that of the description."""
    kind = MotorKind.model_validate({"actuator": str(packaged_actuators()[_key(actuator)])})
    friction, supply = core_friction(kind.friction), actuator.motor.voltage

    def duty(torque: float, speed: float) -> tuple[float, float]:
        lost = friction.dry_delivering(speed, torque, 1.0) + friction.viscous * speed
        current = (torque + lost) / kind.torque_constant
        return (kind.resistance * current + kind.back_emf * speed) / supply, current

    whole, current = duty(0.0, actuator.no_load_speed)
    assert whole == pytest.approx(1.0, rel=1e-6)
    assert current == pytest.approx(actuator.no_load_current, rel=1e-6)
    _, current = duty(actuator.stall_torque, 0.0)
    assert kind.torque_constant * current == pytest.approx(actuator.stall_motor_torque, rel=1e-6)


PARTS = ((0.3, 0.2), (0.3, -0.2), (-0.2, 0.4), (0.02, -0.3), (0.0, 0.5))


@pytest.mark.parametrize(("part", "pace"), PARTS)
def test_what_the_motor_stage_makes_up_for_is_what_the_plant_loses(
    part: float, pace: float, actuator: Actuator
) -> None:
    """Under a load, driving it or braking it, the speed stands."""
    effort, speed = part * actuator.stall_torque, pace * actuator.no_load_speed
    friction = core_friction(actuator.friction)
    way = math.copysign(1.0, speed)
    lost = way * friction.dry_delivering(speed, effort, way) + friction.viscous * speed
    gear = actuator.gear.model_copy(update={"backlash": 0.0})
    tight = actuator.model_copy(update={"gear": gear, "thermal": None})
    rig = PlantRig(tight, _core.ActuatorCommand.TORQUE, disc=5.0 * gear.inertia)
    rig.data.qvel[0] = speed
    rig.load(-effort)
    rig.run(0.05, effort + lost)
    assert rig.speed == pytest.approx(speed, rel=0.01)


def _key(actuator: Actuator) -> str:
    return next(n for n in NAMES if Actuator.read(n).name == actuator.name)


def electric_only(actuator: Actuator) -> Actuator:
    """What a dcmotor can have of it."""
    friction = type(actuator.friction)()
    gear = actuator.gear.model_copy(update={"backlash": 0.0})
    return actuator.model_copy(update={"friction": friction, "gear": gear, "thermal": None})


def test_where_both_apply_the_plant_moves_as_mujocos_dcmotor(actuator: Actuator) -> None:
    plain = electric_only(actuator)
    disc = 2.0 * actuator.gear.inertia
    rig = volts(plain, disc=disc)
    model = mujoco.MjModel.from_xml_string(
        f"""<mujoco><option timestep="{STEP}" integrator="implicitfast" gravity="0 0 0"/>
        <worldbody><body><joint name="j" axis="0 0 1" armature="{plain.gear.inertia}"/>
        <inertial pos="0 0 0" mass="1" diaginertia="{disc} {disc} {disc}"/></body></worldbody>
        <actuator>{dcmotor_xml(plain, "m", "j", "voltage")}</actuator></mujoco>"""
    )
    data = mujoco.MjData(model)
    supply, difference, fastest = actuator.motor.voltage, 0.0, 0.0
    for i in range(600):
        data.ctrl[0] = supply if i < 300 else -0.5 * supply
        mujoco.mj_step(model, data)
        rig.run(STEP, data.ctrl[0])
        difference = max(difference, abs(rig.speed - data.qvel[0]))
        fastest = max(fastest, abs(data.qvel[0]))
    assert difference < 1e-3 * fastest


def test_a_specification_gets_the_same_dcmotor_as_a_line_of_mjcf(actuator: Actuator) -> None:
    for command in ("ff", "voltage"):
        spec = mujoco.MjSpec()
        body = spec.worldbody.add_body()
        body.add_joint(name="j")
        body.add_geom(size=[0.01, 0, 0], mass=0.1)
        motor = spec.add_actuator(name="m", target="j", trntype=mujoco.mjtTrn.mjTRN_JOINT)
        set_to_dcmotor(motor, actuator, command)
        made = spec.compile()
        line = mujoco.MjModel.from_xml_string(
            "<mujoco><worldbody><body><joint name='j'/><geom size='.01' mass='.1'/></body>"
            f"</worldbody><actuator>{dcmotor_xml(actuator, 'm', 'j', command)}</actuator></mujoco>"
        )
        for name in ("gainprm", "biasprm", "dynprm", "forcerange", "ctrlrange", "ctrlspec"):
            ours, theirs = getattr(made, f"actuator_{name}"), getattr(line, f"actuator_{name}")
            np.testing.assert_allclose(ours, theirs, rtol=1e-7, err_msg=name)
    assert set(joint_attributes(actuator)) == {"armature", "frictionloss", "damping"}


def test_a_further_gear_is_seen_through(actuator: Actuator) -> None:
    geared = actuator.geared(1.8)
    assert geared.stall_torque == pytest.approx(1.8 * actuator.stall_torque)
    assert geared.no_load_speed == pytest.approx(actuator.no_load_speed / 1.8)
    assert geared.no_load_current == pytest.approx(actuator.no_load_current)
    assert geared.gear.backlash == pytest.approx(actuator.gear.backlash / 1.8)
    if actuator.firmware:  # one turn of the output is 1.8 of what the servo's own encoder sees
        assert geared.firmware
        assert geared.firmware.gain == pytest.approx(1.8 * actuator.firmware.gain)


def test_a_figure_that_cannot_be_is_refused_by_name() -> None:
    figures = core_actuator(Actuator.read("xm430-w350"))
    figures.friction.stribeck_speed = 0.0
    with pytest.raises(ValueError, match=r"actuators\[1\]\.friction\.stribeck_speed must be > 0"):
        _core.HandFigures([None, figures])
    with pytest.raises(ValueError, match="at most 4 rails"):
        _core.HandFigures([], [_core.Rail()] * 5)
