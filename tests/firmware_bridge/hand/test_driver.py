"""A hand of virtual servos under the native loop."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import numpy as np
import pytest

from handloop import _core
from handloop._core import Role, VirtualBus
from handloop.controller import HandError
from handloop.firmware_bridge import BusError, PortError
from handloop.firmware_bridge.driver import HandDriver, controller_config, plant_config
from handloop.firmware_bridge.preflight_settings import configure

PERIOD = 0.02  # [s], which a machine that does other things keeps, too
TIMES_OUT = 30.0  # [s]; nothing is measured by it
SLOW = f"[bus]\nperiod = {PERIOD}\nramp = 0.0\nwatchdog = 0.5\n"
MODES = {
    "thumb": 'id = 1, model = "XL330-M288"',
    "index": 'id = 2, model = "XL330-M288", sign = -1, mode = "current_position"',
}
HOLDING = MODES | {"thumb": MODES["thumb"] + ', mode = "current_position"'}


def bus_of(pincer) -> VirtualBus:
    return pincer.bus(pincer.servo(1, position=0.4), pincer.servo(2, position=-0.4))


@contextmanager
def driven(
    pincer, bus: VirtualBus, more: str = SLOW, modes: Mapping[str, str] = MODES
) -> Iterator[HandDriver]:
    """A late answer is no fault of these tests'."""
    with pincer.on(bus, modes, more=more) as servos:
        configure(servos)
        drives = servos.drives()
        controller, plant = controller_config(servos, drives), plant_config(servos, drives)
        patient(controller, plant)
        with HandDriver(servos, controller=controller, plant=plant) as driver:
            yield driver


def patient(controller: _core.ControllerConfig, plant: _core.BusPlantConfig) -> None:
    safety = controller.safety
    safety.stale_after, safety.hold_after, safety.limp_after = 5.0, 4.0, 6.0
    safety.frozen_after = 60.0
    plant.blind_after = 1.0


def wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TIMES_OUT
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def near(q: list[float], goal: list[float]) -> bool:
    """As near as friction lets such weak springs come."""
    return bool(q) and np.abs(np.subtract(q, goal)).max() < 0.15


def torques(bus: VirtualBus) -> list[int]:
    return [bus.register(i, Role.TORQUE_ENABLE) for i in (0, 1)]


def test_a_trajectory_is_followed_and_the_hand_is_limp_afterwards(pincer) -> None:
    bus = bus_of(pincer)
    with driven(pincer, bus) as driver:
        assert torques(bus) == [1, 1]
        assert [bus.register(i, Role.BUS_WATCHDOG) for i in (0, 1)] == [25, 25]  # of 20 ms
        driver.controller.set_trajectory([0.0, 0.5], [[0.4, 0.4], [0.8, 0.7]])
        driver.start()
        wait(lambda: near(driver.loop.status.q, [0.8, 0.7]))
        assert driver.loop.status.safety <= _core.SafetyState.DEGRADED
    assert torques(bus) == [0, 0]
    assert driver.unreleased == []
    assert not driver.loop.running


def test_at_first_it_stays_where_it_is(pincer) -> None:
    with driven(pincer, bus_of(pincer)) as driver:
        driver.start()
        wait(lambda: driver.loop.status.ticks > 20)
        assert driver.loop.status.q == pytest.approx([0.4, 0.4], abs=0.05)


def test_velocities_are_the_joints_own(pincer) -> None:
    bus = bus_of(pincer)
    with driven(pincer, bus) as driver:
        driver.plant.release()  # they can be turned by hand
        for servo in (0, 1):
            bus.load(servo, 0.05)
        wait(lambda: min(bus.velocity(0), bus.velocity(1)) > 2.0)
        thumb, index = driver.plant.read().dq
    assert thumb > 1.0
    assert index < -1.0  # its servo turns the other way


def test_an_error_leaves_the_hand_limp(pincer) -> None:
    bus = bus_of(pincer)
    with pytest.raises(ZeroDivisionError):
        with driven(pincer, bus) as driver:
            driver.start()
            raise ZeroDivisionError
    assert torques(bus) == [0, 0]


def test_a_posture_is_held_where_hand_toml_says_so(pincer) -> None:
    bus = bus_of(pincer)
    with driven(pincer, bus, SLOW + 'at_end = "hold"\n') as driver:
        driver.start()
        wait(lambda: driver.loop.status.ticks > 5)
    assert torques(bus) == [0, 1]  # only that with a position of its own


def test_a_loop_that_never_ran_holds_nothing(pincer) -> None:
    bus = bus_of(pincer)
    with driven(pincer, bus, SLOW + 'at_end = "hold"\n', modes=HOLDING):
        assert torques(bus) == [1, 1]
    assert torques(bus) == [0, 0]


def test_who_does_not_confirm_the_end_is_named(pincer) -> None:
    bus = bus_of(pincer)
    with driven(pincer, bus) as driver:
        driver.start()
        bus.kill(1, True)
    assert driver.unreleased == [driver.servos["index"].name]
    assert torques(bus)[0] == 0


def test_a_servo_with_an_error_keeps_torque_off(pincer) -> None:
    bus = bus_of(pincer)
    with pincer.on(bus, MODES, more=SLOW) as servos:
        configure(servos)
        driver = HandDriver(servos)
        bus.heat(1, 90.0)
        wait(lambda: bus.register(1, Role.HARDWARE_ERROR) != 0)
        with pytest.raises(BusError, match=r"torque stays off.*index: servo 2"):
            with driver:
                raise AssertionError("it must not get here")
        assert torques(bus) == [0, 0]


def test_numbers_come_from_the_description(pincer) -> None:
    calibrated = {**MODES, "thumb": MODES["thumb"] + ", range = [-0.1, 1.0], current_limit = 0.6"}
    with pincer.on(bus_of(pincer), calibrated, more=SLOW) as servos:
        servos["index"].servo.write("current_limit", 1.1)
        drives = servos.drives()
        config, plant = controller_config(servos, drives), plant_config(servos, drives)
    assert config.safety.position_min == pytest.approx([-0.1, -0.2])
    assert config.safety.position_max == pytest.approx([1.0, 1.2])
    # These servos count the current of their supply: R i^2 = V s.
    winding = np.sqrt(np.array([0.6, 1.1]) * 5.0 / (5.0 / 1.47))
    assert [motor.current_max for motor in config.motors.motors] == pytest.approx(winding, rel=1e-3)
    assert config.motors.motors[0].torque_constant == pytest.approx(0.52 / 1.47)
    assert (config.period, plant.period, plant.ramp) == (PERIOD, PERIOD, 0.0)
    assert PERIOD < plant.rewake_after < 0.5


def test_a_watchdog_that_ticks_do_not_feed_is_refused(pincer) -> None:
    short = SLOW.replace("0.5", "0.04")
    with pincer.on(bus_of(pincer), MODES, more=short) as servos:
        with pytest.raises(HandError, match=r"bus\.watchdog: 0\.04 s .* give at least 0\.06"):
            plant_config(servos, servos.drives())


def test_nobody_else_may_use_the_bus_meanwhile(pincer) -> None:
    with pincer.on(bus_of(pincer), MODES, more=SLOW) as servos:
        configure(servos)
        with HandDriver(servos):
            with pytest.raises(PortError, match=r"a control loop drives .*; end it first"):
                servos["thumb"].servo.write("led", 1)
            with pytest.raises(PortError, match="end it first"):
                servos.locate()
        servos["thumb"].servo.write("return_delay_time", raw=1)  # torque is off
