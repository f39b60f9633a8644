"""Faults injected into a running loop: what the hand does, why it says so, what the log keeps."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from handloop import _core, control_law
from handloop._core import Fault, SafetyState, SensorFaultKind
from handloop.controller import Hand
from handloop.controller.log import LogError, read_log, write_log

from .test_loop import Rig, wait

LoadHand = Callable[[str], Hand]
TICKS = 500
ONSET = 0.15  # [s], half way through the closing of the fist
JOINT, FINGER = 11, 1  # the PIP of the middle finger bends by 1.1 rad


class Drill:
    """A hand that closes its fist while something fails."""

    def __init__(self, hand: Hand, config: _core.ControllerConfig | None = None) -> None:
        self.rig = Rig(hand, config=config)
        self.limit = hand.bind(hand.model).torque_max()

    def inject(self, kind: SensorFaultKind, index: int = 0, value: float = 0.0) -> None:
        self.rig.plant.inject(kind, index, begin=ONSET, value=value)

    def run(self) -> dict[str, np.ndarray]:
        """The log, after checking that no torque was ever beyond its limit."""
        self.rig.loop.run(TICKS)
        return self.log()

    def log(self) -> dict[str, np.ndarray]:
        channels, rows = self.rig.loop.black_box
        log = {name: rows[:, begin : begin + width] for name, (begin, width) in channels.items()}
        assert (np.abs(log["torque"]) <= self.limit).all()
        assert (log["effort"] == log["torque"]).all()
        limp = log["safety"][:, 0] >= SafetyState.LIMP
        assert (log["torque"][limp] == 0.0).all()
        assert (
            np.diff(log["safety"][:, 0][log["safety"][:, 0] != SafetyState.DEGRADED]) >= 0
        ).all()
        return log

    def expect(self, state: SafetyState, fault: Fault, index: int = -1) -> None:
        controller = self.rig.controller
        assert (controller.safety_state, controller.fault) == (state, fault)
        assert controller.fault_index == index


@pytest.fixture
def drill(load_hand: LoadHand) -> Drill:
    return Drill(load_hand("hand22_right"))


def onset_of(log: dict[str, np.ndarray], state: SafetyState) -> float:
    """Seconds from the injection to the first tick in a state or a worse one."""
    return float(log["time"][log["safety"] >= state][0] - ONSET)


def test_nothing_fails(drill: Drill) -> None:
    log = drill.run()
    drill.expect(SafetyState.OK, Fault.NONE)
    assert len(log["time"]) == TICKS
    assert np.abs(log["torque"]).max() > 0.1


def test_a_reading_that_is_no_number(drill: Drill) -> None:
    drill.inject(SensorFaultKind.NOT_A_NUMBER, JOINT)
    log = drill.run()
    drill.expect(SafetyState.LIMP, Fault.NOT_A_NUMBER)
    assert onset_of(log, SafetyState.HOLD) == pytest.approx(0.005, abs=0.0015)
    assert onset_of(log, SafetyState.LIMP) == pytest.approx(0.1, abs=0.0015)


def test_a_frozen_joint_sensor(drill: Drill) -> None:
    drill.inject(SensorFaultKind.FROZEN_JOINT, JOINT)
    log = drill.run()
    drill.expect(SafetyState.HOLD, Fault.FROZEN_SENSOR, JOINT)
    assert 0.05 <= onset_of(log, SafetyState.HOLD) <= 0.1


def test_samples_that_are_too_old(drill: Drill) -> None:
    drill.inject(SensorFaultKind.STALE, value=0.03)
    drill.run()
    drill.expect(SafetyState.LIMP, Fault.STALE)


def test_a_joint_that_jumps(drill: Drill) -> None:
    drill.inject(SensorFaultKind.POSITION, JOINT, value=0.3)
    drill.run()
    drill.expect(SafetyState.LIMP, Fault.POSITION_JUMP, JOINT)


def test_a_joint_that_really_leaves_its_range(load_hand: LoadHand) -> None:
    hand = load_hand("hand22_right")
    config = hand.controller_config()
    high = config.safety.position_max
    high[JOINT] = 1.0
    config.safety.position_max = high
    drill = Drill(hand, config)
    log = drill.run()
    drill.expect(SafetyState.HOLD, Fault.JOINT_LIMIT, JOINT)
    held = log["q"][log["safety"][:, 0] == SafetyState.HOLD][-100:, JOINT]
    assert np.ptp(held) < 0.02


def test_a_joint_that_is_too_fast(drill: Drill) -> None:
    drill.inject(SensorFaultKind.VELOCITY, JOINT, value=-100.0)
    drill.run()
    drill.expect(SafetyState.LIMP, Fault.OVER_SPEED, JOINT)


def test_a_finger_that_crushes(drill: Drill) -> None:
    drill.inject(SensorFaultKind.FORCE, FINGER, value=100.0)
    log = drill.run()
    drill.expect(SafetyState.LIMP, Fault.OVER_FORCE, FINGER)
    assert onset_of(log, SafetyState.HOLD) == pytest.approx(0.005, abs=0.0015)


@pytest.mark.parametrize(
    ("temperature", "state"), [(80.0, SafetyState.HOLD), (90.0, SafetyState.LIMP)]
)
def test_a_motor_that_is_too_hot(drill: Drill, temperature: float, state: SafetyState) -> None:
    drill.inject(SensorFaultKind.TEMPERATURE, JOINT, value=temperature)
    drill.run()
    drill.expect(state, Fault.OVER_TEMPERATURE, JOINT)


def test_the_emergency_button(drill: Drill) -> None:
    drill.inject(SensorFaultKind.EMERGENCY_STOP)
    log = drill.run()
    drill.expect(SafetyState.STOPPED, Fault.EMERGENCY_STOP)
    assert onset_of(log, SafetyState.STOPPED) == pytest.approx(0.0, abs=0.0015)


def test_an_emergency_stop_by_another_thread(drill: Drill) -> None:
    drill.rig.loop.start()
    wait(lambda: drill.rig.loop.status.ticks > 20)
    drill.rig.loop.emergency_stop()
    wait(lambda: drill.rig.loop.status.safety == SafetyState.STOPPED)
    drill.rig.loop.stop()
    assert (drill.log()["torque"][-1] == 0.0).all()
    drill.expect(SafetyState.STOPPED, Fault.EMERGENCY_STOP)


def test_one_lost_sample_is_bridged(drill: Drill) -> None:
    drill.rig.plant.inject(SensorFaultKind.NOT_A_NUMBER, JOINT, ONSET, ONSET + 0.002)
    log = drill.run()
    drill.expect(SafetyState.OK, Fault.NONE)
    assert (log["safety"] == SafetyState.DEGRADED).sum() in (2, 3)


def test_a_fault_of_a_joint_that_is_not_there(drill: Drill) -> None:
    with pytest.raises(ValueError, match="no joint 99"):
        drill.inject(SensorFaultKind.POSITION, 99)


@control_law
def loses_its_mind(time, q, torque):
    for i in range(len(q)):
        torque[i] = 0.0 if time < ONSET else np.nan


@control_law
def dawdles(q, torque):
    slow = 0.0
    for i in range(3_000_000):  # some milliseconds on any machine
        slow += np.sqrt(float(i))
    for i in range(len(q)):
        torque[i] = 1e-12 * slow - 1e-12 * slow


def test_a_law_that_returns_no_number(drill: Drill) -> None:
    drill.rig.controller.set_law(loses_its_mind)
    log = drill.run()
    drill.expect(SafetyState.LIMP, Fault.TORQUE_NOT_A_NUMBER)
    assert onset_of(log, SafetyState.LIMP) == pytest.approx(0.0, abs=0.0015)


def test_a_law_that_takes_too_long(drill: Drill) -> None:
    """Noticed where there is a clock; the built-in law then holds, in time."""
    drill.rig.controller.set_law(dawdles)
    drill.rig.loop.start()
    wait(lambda: drill.rig.loop.status.safety >= SafetyState.HOLD)
    before = drill.rig.loop.status.ticks
    wait(lambda: drill.rig.loop.status.ticks > before + 100)
    assert drill.rig.loop.status.safety == SafetyState.HOLD
    drill.rig.loop.stop()
    assert drill.rig.controller.fault == Fault.LAW_TOO_LONG
    drill.log()


# -- the log -------------------------------------------------------------------------------------


def test_the_last_five_seconds_before_a_stop_are_in_the_log(drill: Drill, tmp_path: Path) -> None:
    drill.rig.plant.inject(SensorFaultKind.EMERGENCY_STOP, begin=6.0)
    drill.rig.loop.run(13000)
    file = tmp_path / "run.mcap"
    write_log(file, *drill.rig.loop.black_box)
    log = read_log(file)
    stopped = np.argmax(log["fault"] == Fault.EMERGENCY_STOP)
    assert log["time"][stopped] == pytest.approx(6.0, abs=0.0015)
    before = log["time"][:stopped]
    assert before[0] <= 1.0 + 1e-9
    np.testing.assert_allclose(np.diff(before), 0.001, atol=1e-9)
    assert log["q"].shape == (len(log["time"]), 22)
    assert np.isfinite(log["q"]).all()


def test_the_black_box_is_closed_while_the_loop_runs(drill: Drill) -> None:
    drill.rig.loop.start()
    with pytest.raises(RuntimeError, match="stop"):
        _ = drill.rig.loop.black_box
    drill.rig.loop.stop()
    assert len(drill.rig.loop.black_box[1]) > 0


def test_a_file_that_is_no_log(tmp_path: Path) -> None:
    file = tmp_path / "noise.mcap"
    file.write_bytes(b"\x00" * 100)
    with pytest.raises(LogError, match=r"noise\.mcap"):
        read_log(file)
    with pytest.raises(LogError, match=r"missing\.mcap"):
        read_log(tmp_path / "missing.mcap")


def test_numbers_survive_the_file_to_the_bit(tmp_path: Path) -> None:
    rows = np.array([[0.001, 0.1, np.pi], [0.002, np.nan, -1e-300]])
    write_log(tmp_path / "log.mcap", {"time": (0, 1), "q": (1, 2)}, rows)
    log = read_log(tmp_path / "log.mcap")
    np.testing.assert_array_equal(log["time"], rows[:, 0])
    np.testing.assert_array_equal(log["q"], rows[:, 1:])
