"""A hand of two virtual servos behind a pseudo-terminal, driven by the native loop."""

import gc
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import mujoco
import numpy as np
import pytest

from handloop import _core
from handloop._core import (
    AtEnd,
    BusPlant,
    BusPlantConfig,
    Fault,
    LineConfig,
    Loop,
    PtyServer,
    RawEncoding,
    RawField,
    Role,
    SafetyState,
    ServoDrive,
    ServoLine,
    ServoMode,
    ServoOutcome,
    ServoProtocol,
    VirtualBus,
    VirtualServoConfig,
    VirtualServoModel,
    Wire,
)
from handloop.firmware_bridge.ports import ServoPort

BAUD = 1_000_000
IDS = (1, 2)
PERIOD = 0.02  # [s], which a machine that does other things keeps, too
PATIENCE = 30.0  # [s] after which a test gives up; nothing is measured by it
TICK = 2.0 * np.pi / 4096  # [rad]
OPERATING_MODE, TORQUE, WATCHDOG = 11, 64, 98
CURRENT, CURRENT_POSITION = 0, 5


def drive(id: int, mode: ServoMode = ServoMode.CURRENT_POSITION, **changes: object) -> ServoDrive:
    """An X330: current, velocity and position are read, goal current to goal position written."""
    given = {
        "read": (126, 10),
        "current": RawField(0, 2),
        "velocity": RawField(2, 4),
        "position": RawField(6, 4),
        "write": (102, bytes(18)),
        "goal_current": RawField(0, 2),
        "goal_position": RawField(14, 4),
        "position_unit": TICK,
        "velocity_unit": 0.02398,
        "current_unit": 1e-3,
        "current_limit": 0.5,
        "zero": np.pi,
        "torque": TORQUE,
        "watchdog": (WATCHDOG, 25),
        "health": (144, 3),
        "health_voltage": RawField(0, 2, RawEncoding.UNSIGNED),
        "health_temperature": RawField(2, 1, RawEncoding.UNSIGNED),
    }
    return ServoDrive(id=id, mode=mode, **(given | changes))


FINGER = """
<mujoco>
  <option gravity="0 0 0"/>
  <worldbody>
    <body>
      <joint name="base" axis="0 1 0"/>
      <geom size=".01" mass=".02" pos="0 0 .03"/>
      <body pos="0 0 .05">
        <joint name="tip" axis="0 1 0"/>
        <geom size=".01" mass=".01" pos="0 0 .03"/>
        <site name="tip" pos="0 0 .05"/>
      </body>
    </body>
  </worldbody>
</mujoco>
"""


def controller(
    ideal: bool = False, period: float = PERIOD, stale_after: float = 5.0
) -> _core.Controller:
    """Draws the finger to half a radian with 0.3 N m/rad; a delay is no fault of this test's."""
    model = mujoco.MjModel.from_xml_string(FINGER)
    hand = _core.HandModel(model, [0, 1], [0])
    config = _core.ControllerConfig()
    config.period = period
    config.law.stiffness = [0.3, 0.3]
    config.law.damping = [0.02, 0.02]
    config.safety.position_min = [-3.0, -3.0]
    config.safety.position_max = [3.0, 3.0]
    config.safety.torque_max = [0.1, 0.1]
    config.safety.stale_after = config.safety.hold_after = stale_after
    config.safety.limp_after = stale_after + 1.0
    config.safety.frozen_after = 60.0
    if not ideal:
        motor = _core.Motor()
        motor.torque_constant = 0.35
        config.motors.motors = [motor, motor]
    controller = _core.Controller(hand, config)
    controller.set_trajectory([0.0], [[0.5, 0.5]])
    return controller


def wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def make_plant(wire: Wire, at_end: AtEnd = AtEnd.RELEASE) -> BusPlant:
    """Two servos on a wire, with patience for a machine that does other things."""
    config = BusPlantConfig()
    config.period = PERIOD
    config.ramp = 0.0
    config.blind_after = 1.0
    config.rewake_after = 0.4
    config.health_every = 2
    config.at_end = at_end
    return BusPlant(
        [wire],
        [ServoProtocol.DYNAMIXEL2],
        [drive(i) for i in IDS],
        config,
        lines=[LineConfig(patience=0.5)],
    )


class Rig:
    """Servos, the port to them, and the hand on it."""

    def __init__(self, at_end: AtEnd = AtEnd.RELEASE) -> None:
        model = VirtualServoModel.x330()
        self.servos = VirtualBus(
            [VirtualServoConfig(model, id=i, baud=BAUD) for i in IDS], supply_voltage=5.0
        )
        self.server = PtyServer(self.servos)
        self.port = ServoPort(self.server.path, BAUD)
        self.wire = self.port.wire()
        line = ServoLine(self.wire, ServoProtocol.DYNAMIXEL2, patience=0.5)
        for i in IDS:
            line.write(i, OPERATING_MODE, bytes([CURRENT_POSITION]))
        self.plant: BusPlant | None = make_plant(self.wire, at_end)

    def close(self) -> None:
        self.plant = None
        gc.collect()
        self.port.close()
        self.server.stop()

    def torques(self) -> list[int]:
        """Which servos have torque."""
        return [self.servos.register(i, Role.TORQUE_ENABLE) for i in range(len(IDS))]

    def silence(self) -> bool:
        """Whether no servo has torque."""
        return not any(self.torques())


@pytest.fixture
def rig() -> Iterator[Rig]:
    rig = Rig()
    yield rig
    rig.close()


@pytest.fixture
def holding() -> Iterator[Rig]:
    rig = Rig(AtEnd.HOLD)
    yield rig
    rig.close()


def test_a_loop_moves_servos_and_leaves_them_without_torque(rig: Rig) -> None:
    loop = Loop(rig.plant, controller())
    assert rig.plant.engage() == []
    assert rig.torques() == [1, 1]
    loop.start()
    wait(lambda: min(loop.status.q, default=0.0) > 0.3)
    readings = rig.plant.readings
    assert [r.outcome for r in readings] == [ServoOutcome.ANSWERED] * 2
    assert max(r.age for r in readings) < PATIENCE
    assert loop.status.safety <= SafetyState.DEGRADED
    with pytest.raises(RuntimeError, match="running loop"):
        rig.plant.release()
    loop.stop()
    wait(rig.silence)
    assert not rig.plant.engaged


def test_lockstep_keeps_the_period_of_hardware(rig: Rig) -> None:
    loop = Loop(rig.plant, controller())
    rig.plant.engage()
    assert loop.run(10) == 10
    assert rig.plant.now > 9.5 * PERIOD
    loop.stop()
    wait(rig.silence)


def test_without_engage_nothing_is_driven(rig: Rig) -> None:
    loop = Loop(rig.plant, controller())
    with pytest.raises(RuntimeError, match="engage"):
        loop.start()
    with pytest.raises(RuntimeError, match="engage"):
        rig.plant.hold()
    assert rig.torques() == [0, 0]


def test_a_plant_that_goes_away_lets_go(rig: Rig) -> None:
    rig.plant.engage()
    assert rig.torques() == [1, 1]
    rig.plant = None
    gc.collect()
    wait(rig.silence)


def test_a_loop_that_goes_away_lets_go(rig: Rig) -> None:
    loop = Loop(rig.plant, controller())
    rig.plant.engage()
    loop.start()
    time.sleep(5 * PERIOD)
    del loop
    gc.collect()
    wait(rig.silence)


def test_a_servo_that_is_not_there_is_named_and_nobody_gets_torque(rig: Rig) -> None:
    rig.servos.kill(1, True)
    assert rig.plant.engage() == [1]
    assert rig.torques()[0] == 0
    assert not rig.plant.engaged


def test_emergency_stop_is_limp_and_has_to_be_engaged_again(rig: Rig) -> None:
    hand = controller()
    loop = Loop(rig.plant, hand)
    rig.plant.engage()
    loop.start()
    wait(lambda: loop.status.ticks > 3)
    loop.emergency_stop()
    wait(rig.silence)
    loop.stop()
    hand.reset()
    with pytest.raises(RuntimeError, match="engage"):
        loop.start()
    assert rig.plant.engage() == []


def test_a_run_can_end_with_the_posture_held(holding: Rig) -> None:
    loop = Loop(holding.plant, controller())
    holding.plant.engage()
    loop.start()
    wait(lambda: min(loop.status.q, default=0.0) > 0.3)
    loop.stop()
    assert holding.torques() == [1, 1]
    goals = [holding.servos.register(i, Role.GOAL_POSITION) * TICK - np.pi for i in range(2)]
    assert min(goals) > 0.2
    wait(lambda: all(abs(holding.servos.position(i) - goals[i]) < 0.02 for i in range(2)))
    assert holding.servos.register(0, Role.BUS_WATCHDOG) == 0
    assert holding.plant.release() == []
    assert holding.torques() == [0, 0]


def test_an_unplugged_port_ends_the_loop(rig: Rig) -> None:
    loop = Loop(rig.plant, controller())
    rig.plant.engage()
    loop.start()
    wait(lambda: loop.status.ticks > 3)
    rig.server.stop()
    rig.servos.advance(0.6)  # the servos' watchdogs
    wait(lambda: not loop.running)
    loop.stop()
    assert len(rig.plant.release()) == 2  # nobody can be told to let go


def test_the_health_of_servos_is_seen_while_a_loop_runs(rig: Rig) -> None:
    loop = Loop(rig.plant, controller(stale_after=0.5))
    rig.plant.engage()
    assert np.isnan(rig.plant.readings[0].temperature)
    loop.start()
    wait(lambda: all(np.isfinite(r.temperature) for r in rig.plant.readings))
    assert rig.plant.readings[0].temperature == pytest.approx(25.0, abs=2.0)
    assert rig.plant.readings[1].voltage == pytest.approx(5.0, abs=0.2)
    assert rig.plant.readings[1].allowance == 1.0
    rig.servos.heat(1, 75.0)  # its own limit is 70
    wait(lambda: rig.plant.readings[1].alarms != 0)
    wait(lambda: loop.status.safety >= SafetyState.HOLD)
    assert loop.status.fault == Fault.STALE
    loop.stop()


# A program of its own, which says so once it drives the servos.
DRIVER = """
import builtins, sys, time
sys.path.insert(0, sys.argv[1])
import test_bus_plant as t
port = t.ServoPort(sys.argv[2], t.BAUD)
plant = t.make_plant(port.wire())
loop = t.Loop(plant, t.controller())
builtins.kept = (port, plant, loop)  # which outlives the interpreter
assert plant.engage() == []
loop.start()
t.wait(lambda: loop.status.ticks > 5)
print("driving", flush=True)
if sys.argv[3] == "hang":
    time.sleep(1e6)
"""


@pytest.mark.parametrize("end", ["exit", "hang"])
def test_a_program_that_ends_or_dies_leaves_nobody_pushing(rig: Rig, end: str) -> None:
    rig.plant = None
    rig.port.close()
    here = str(Path(__file__).parent)
    command = [sys.executable, "-c", DRIVER, here, rig.server.path, end]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as driver:
        assert driver.stdout is not None
        assert driver.stdout.readline() == "driving\n"
        if end == "hang":
            driver.kill()
            wait(lambda: [rig.servos.register(i, Role.BUS_WATCHDOG) for i in range(2)] == [-1, -1])
    if end == "exit":
        wait(rig.silence)
        assert driver.returncode == 0


def test_what_does_not_fit_is_refused_by_name(rig: Rig) -> None:
    config = BusPlantConfig()
    config.period = PERIOD

    def make(*drives: ServoDrive) -> BusPlant:
        return BusPlant([rig.wire], [ServoProtocol.DYNAMIXEL2], drives, config)

    with pytest.raises(ValueError, match="servo 1: current_limit"):
        make(drive(1, current_limit=0.0))
    with pytest.raises(ValueError, match="servo 1: there is no such line"):
        make(drive(1, line=1))
    with pytest.raises(ValueError, match="protocol"):
        BusPlant([rig.wire], [], [drive(1)], config)
    with pytest.raises(ValueError, match="1 servos, the controller 2 joints"):
        Loop(make(drive(1)), controller())
    with pytest.raises(ValueError, match="period"):
        Loop(rig.plant, controller(period=0.01))
    with pytest.raises(ValueError, match="servo 1 is told currents"):
        Loop(rig.plant, controller(ideal=True))
