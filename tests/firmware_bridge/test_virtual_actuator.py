"""A virtual servo with an actuator's physics moves, draws and warms as the simulated plant does."""

import pytest

from handloop import _core
from handloop._core import VirtualBus, VirtualServoConfig, VirtualServoModel
from handloop.controller.actuator import Actuator
from handloop.firmware_bridge import ServoCatalogue, virtual_model
from handloop.firmware_bridge.virtual_actuator import set_actuator

from ..sim.actuators.plant_rig import STEP, PlantRig
from .virtual_host import Host

MODEL = ServoCatalogue.packaged().named("XM430-W350")
FULL = 885  # of goal_pwm
STATED = Actuator.read("xm430-w350")
FASTER = {"winding_capacity": 0.3, "housing_capacity": 3.0}  # [J/K], to warm in seconds


def changed(table: str, **figures: object) -> Actuator:
    part = getattr(STATED, table)
    return STATED.model_copy(update={table: part.model_copy(update=figures)})


def virtual_of(actuator: Actuator) -> VirtualServoModel:
    virtual = virtual_model(MODEL)
    set_actuator(virtual, actuator)
    return virtual


def virtual_servo(actuator: Actuator = STATED, disc: float | None = None) -> Host:
    """In PWM mode."""
    host = Host(MODEL)
    servo = VirtualServoConfig(virtual_of(actuator), baud=1_000_000)
    host.bus = VirtualBus([servo], host_baud=1_000_000, supply_resistance=0.0)
    if disc is not None:
        host.bus.hang(0, disc, 0.0)
    host.set_mode("pwm")
    return host


def plant(actuator: Actuator, disc: float = 1e-6, balanced: bool = True) -> PlantRig:
    return PlantRig(actuator, _core.ActuatorCommand.VOLTAGE, disc=disc, balanced=balanced)


def test_it_turns_as_fast_and_draws_as_much() -> None:
    cold = STATED.model_copy(update={"thermal": None})
    host = virtual_servo(cold)
    assert host.write("goal_pwm", FULL) == 0
    host.bus.advance(1.0)
    assert host.bus.velocity(0) == pytest.approx(cold.no_load_speed, rel=2e-3)
    assert host.bus.current(0) == pytest.approx(cold.no_load_current, rel=5e-3)


def test_it_lifts_its_stall_torque_and_no_more() -> None:
    cold = STATED.model_copy(update={"thermal": None})
    for part, lifts in ((0.98, True), (1.02, False)):
        host = virtual_servo(cold)
        host.write("goal_pwm", FULL)
        host.bus.advance(0.05)
        host.bus.load(0, -part * cold.stall_torque)
        host.bus.advance(0.5)
        assert (host.bus.velocity(0) > 1e-4) == lifts


@pytest.mark.parametrize("balanced", [True, False])
@pytest.mark.parametrize("backlash", [0.0, STATED.gear.backlash, 0.05])
@pytest.mark.parametrize("disc", [0.02, 0.1])
def test_it_moves_as_the_plant_does(disc: float, backlash: float, balanced: bool) -> None:
    """Once both turn, under loads that brake, drive it across its play, and brake again."""
    actuator = changed("gear", backlash=backlash)
    host, rig = virtual_servo(actuator, disc), plant(actuator, disc, balanced)
    host.write("goal_pwm", FULL)
    host.bus.advance(1.0)
    rig.run(1.0, actuator.motor.voltage)
    begin, turned, errors = host.bus.position(0) - rig.position, rig.position, []
    for load in (-1.5, 2.0, -1.5):
        host.bus.load(0, load)
        rig.load(load)
        for _ in range(200):
            rig.run(STEP, actuator.motor.voltage)
            host.bus.advance(STEP)
            errors.append(abs(host.bus.position(0) - rig.position - begin))
    assert rig.position - turned > 2.0
    assert max(errors) < 0.001 * (rig.position - turned), f"{max(errors)} rad"


@pytest.mark.parametrize("load", [0.0, -2.0])
@pytest.mark.parametrize("disc", [None, 0.02])
def test_it_warms_as_the_plant_does(load: float, disc: float | None) -> None:
    """Its friction, too, with an arm and without one: without a load that is the most of it."""
    assert STATED.thermal is not None
    actuator = changed("thermal", **FASTER)
    host, rig = virtual_servo(actuator, disc), plant(actuator, disc or 1e-6)
    host.write("goal_pwm", FULL)
    host.bus.load(0, load)
    rig.load(load)
    host.bus.advance(20.0)
    rig.run(20.0, actuator.motor.voltage)
    assert rig.housing > 27.0
    assert host.bus.temperature(0) - 25.0 == pytest.approx(rig.housing - 25.0, rel=0.01)


@pytest.mark.parametrize("duty", [FULL, FULL // 2])
def test_its_supply_sags_as_the_plants_does(duty: int) -> None:
    actuator = changed("supply", resistance=1.0).model_copy(update={"thermal": None})
    host, rig = virtual_servo(actuator), plant(actuator)
    host.write("goal_pwm", duty)
    host.bus.load(0, -1.0)
    rig.load(-1.0)
    host.bus.advance(1.0)
    rig.run(1.0, actuator.motor.voltage * duty / FULL)
    assert host.bus.velocity(0) == pytest.approx(rig.speed, rel=2e-3)
    assert host.bus.current(0) == pytest.approx(rig.current, rel=5e-3)


def test_its_duty_ends_where_its_firmware_lets_it() -> None:
    firmware = {"gain": 0.01, "duty_max": 0.5}
    half = Actuator.model_validate({**STATED.model_dump(by_alias=True), "firmware": firmware})
    host = virtual_servo(half)
    host.write("goal_pwm", FULL)
    host.bus.advance(0.5)
    assert host.read("present_pwm") == pytest.approx(0.5 * FULL, abs=1)


def seconds_until_it_moves(actuator: Actuator, counts: int) -> float:
    """From a goal until its register tells that it has turned."""
    host = virtual_servo(actuator)
    host.write("goal_pwm", 0)
    host.bus.advance(1.0)
    stood = told(host)
    host.write("goal_pwm", FULL)
    begin = host.bus.time
    while told(host) - stood < counts:
        host.bus.advance(STEP)
    return host.bus.time - begin


def told(host: Host) -> int:
    """[counts], from the middle."""
    return host.bus.register(0, _core.Role.PRESENT_POSITION) - 2048


def test_it_is_late_as_stated() -> None:
    usual = seconds_until_it_moves(STATED, 20)
    for delay in ({"command": 0.02}, {"sensing": 0.02}):
        late = seconds_until_it_moves(changed("delay", **delay), 20)
        assert late - usual == pytest.approx(0.02, abs=1.5e-3), delay


def test_a_goal_in_position_control_is_late_too() -> None:
    places = []
    for delay in (0.0, 0.02):
        host = Host(MODEL)
        servo = VirtualServoConfig(virtual_of(changed("delay", command=delay)), baud=1_000_000)
        host.bus = VirtualBus([servo], host_baud=1_000_000, supply_resistance=0.0)
        host.write("torque_enable", 1)
        host.write("goal_position", 2600)
        host.bus.advance(0.05 + delay)
        places.append(host.bus.position(0))
    assert places[0] > 0.1
    assert places[1] == pytest.approx(places[0], rel=0.02)


def test_its_encoder_is_as_coarse_as_stated_and_where_it_is_stated() -> None:
    coarse = virtual_of(changed("encoder", resolution=16.0 * STATED.encoder.resolution))
    host = Host(MODEL)
    host.bus = VirtualBus([VirtualServoConfig(coarse, baud=1_000_000, position=0.13)])
    host.bus.advance(0.01)
    assert told(host) % 16 == 0
    assert 0 <= 0.13 / STATED.encoder.resolution - told(host) < 16

    wide = changed("gear", backlash=0.2)
    ahead = {}
    for side in ("output", "motor"):
        encoder = wide.encoder.model_copy(update={"side": side})
        host = virtual_servo(wide.model_copy(update={"encoder": encoder}))
        host.write("goal_pwm", FULL)
        host.bus.advance(0.3)
        ahead[side] = told(host) * STATED.encoder.resolution - host.bus.position(0)
    assert ahead["output"] == pytest.approx(0.0, abs=0.01)
    assert ahead["motor"] == pytest.approx(0.1, abs=0.01)


def test_a_delay_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match=r"0 to 0\.063"):
        VirtualBus([VirtualServoConfig(virtual_of(changed("delay", command=0.1)))])


def test_without_an_actuator_it_is_what_it_was() -> None:
    virtual = virtual_model(MODEL)
    assert virtual.gear.friction is None
    assert (virtual.position_gain, virtual.command_delay, virtual.resolution) == (0.0, 0.0, 0.0)
