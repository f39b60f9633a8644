"""A virtual servo with an actuator's physics moves as the simulated plant does."""

import pytest

from handloop import _core
from handloop._core import VirtualBus, VirtualServoConfig
from handloop.controller.actuator import Actuator
from handloop.firmware_bridge import ServoCatalogue, virtual_model
from handloop.firmware_bridge.virtual_actuator import set_actuator

from ..sim.actuators.plant_rig import STEP, PlantRig
from .virtual_host import Host

MODEL = ServoCatalogue.packaged().named("XM430-W350")
FULL = 885  # of goal_pwm


def actuator() -> Actuator:
    """Cold and without backlash, because its output would lag by it."""
    read = Actuator.read("xm430-w350")
    gear = read.gear.model_copy(update={"backlash": 0.0})
    return read.model_copy(update={"thermal": None, "gear": gear})


def virtual_servo(load: float = 0.0) -> Host:
    """In PWM mode."""
    host, virtual = Host(MODEL), virtual_model(MODEL)
    set_actuator(virtual, actuator(), load)
    servo = VirtualServoConfig(virtual, baud=1_000_000)
    host.bus = VirtualBus([servo], host_baud=1_000_000, supply_resistance=0.0)
    host.set_mode("pwm")
    return host


def test_it_turns_as_fast_and_draws_as_much() -> None:
    host = virtual_servo()
    assert host.write("goal_pwm", FULL) == 0
    host.bus.advance(1.0)
    assert host.bus.velocity(0) == pytest.approx(actuator().no_load_speed, rel=2e-3)
    assert host.bus.current(0) == pytest.approx(actuator().no_load_current, rel=5e-3)


def test_it_lifts_its_stall_torque_and_no_more() -> None:
    for part, lifts in ((0.98, True), (1.02, False)):
        host = virtual_servo()
        host.write("goal_pwm", FULL)
        host.bus.advance(0.05)
        host.bus.load(0, -part * actuator().stall_torque)
        host.bus.advance(0.5)
        assert (host.bus.velocity(0) > 1e-4) == lifts


def test_it_moves_as_the_plant_does() -> None:
    """From the moment that its bus has given it full voltage, up and then against a load."""
    disc = 0.02
    host = virtual_servo(disc)
    rig = PlantRig(actuator(), _core.ActuatorCommand.VOLTAGE, disc=disc)
    host.write("goal_pwm", FULL)
    rig.data.qvel[0] = host.bus.velocity(0)
    supply, errors = actuator().motor.voltage, []
    for k in range(600):
        if k == 300:
            host.bus.load(0, -1.5)
            rig.load(-1.5)
        errors.append(abs(rig.speed - host.bus.velocity(0)))
        rig.run(STEP, supply)
        host.bus.advance(STEP)
    error = max(errors) / actuator().no_load_speed
    assert error < 0.01, f"largest difference of speeds: {error:.2%} of that without load"


def test_without_an_actuator_it_is_what_it_was() -> None:
    assert virtual_model(MODEL).gear.friction is None
