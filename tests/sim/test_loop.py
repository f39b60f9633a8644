"""The loop: on the wall clock without the GIL, in lockstep to the bit, and how it ends."""

import gc
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import mujoco
import numpy as np
import pytest

from handloop import _core
from handloop._core import Fault, SafetyState
from handloop.controller import Hand

LoadHand = Callable[[str], Hand]
PATIENCE = 30.0  # [s] after which a test gives up; nothing is measured by it


class Rig:
    """A hand in simulation and a loop around it."""

    def __init__(
        self, hand: Hand, noise: float = 0.0, config: _core.ControllerConfig | None = None
    ) -> None:
        bound = hand.bind(hand.model)
        self.data = mujoco.MjData(hand.model)
        self.data.qpos[:] = hand.model.key("rest").qpos
        config = config or hand.controller_config()
        sensors = _core.SensorModel()
        sensors.seed, sensors.delay, sensors.position_noise = 1, 2, noise
        self.controller = _core.Controller(bound.hand_model, config)
        self.controller.set_trajectory(
            [0.0, 0.3], [hand.model.key(key).qpos[bound.qpos] for key in ("rest", "fist")]
        )
        self.plant = _core.SimPlant(hand.model, bound.plant_ids(), sensors, config.period)
        self.plant.start(self.data)
        self.loop = _core.Loop(self.plant, self.controller)


@pytest.fixture
def rig(load_hand: LoadHand) -> Iterator[Rig]:
    rig = Rig(load_hand("hand22_right"))
    yield rig
    rig.loop.stop()


def wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.001)


@contextmanager
def python_never_yields() -> Iterator[None]:
    """No other thread gets the GIL as long as this one does nothing that waits."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e3)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)


# -- on the wall clock ---------------------------------------------------------------------------


def test_it_ticks_while_python_holds_the_gil(rig: Rig) -> None:
    rig.loop.start()
    wait(lambda: rig.loop.status.ticks > 0)
    with python_never_yields():
        before = rig.loop.status.ticks
        sum(i * i for i in range(2_000_000))
        after = rig.loop.status.ticks
    assert after > before + 10


def test_its_status_can_be_read_at_any_time(rig: Rig) -> None:
    rig.loop.start()
    seen = []
    while not seen or seen[-1].ticks < 150:
        seen.append(rig.loop.status)
    rig.loop.stop()
    seen = [status for status in seen if status.ticks > 0]
    limit = rig.data.qpos.shape[0]
    for status in seen:
        assert len(status.q) == len(status.torque) == limit
        # One tick's values belong together: tick n is at (n - 1) ms of the plant.
        assert status.time == pytest.approx(1e-3 * (status.ticks - 1), abs=1e-9)
        assert status.safety == SafetyState.OK
    ticks = [status.ticks for status in seen]
    assert ticks == sorted(ticks)


def test_stop_leaves_no_torque(rig: Rig) -> None:
    rig.loop.start()
    wait(lambda: rig.loop.status.ticks > 50)
    assert rig.loop.running
    assert np.abs(rig.loop.status.torque).max() > 0.0
    rig.loop.stop()
    assert not rig.loop.running
    status = rig.loop.status
    assert (status.safety, status.fault) == (SafetyState.STOPPED, Fault.STOP_REQUESTED)
    assert status.torque == [0.0] * len(status.torque)
    assert not rig.data.ctrl.any()
    ticks = status.ticks
    rig.loop.stop()  # again
    assert rig.loop.status.ticks == ticks


def test_a_stopped_loop_stays_limp_until_a_reset(rig: Rig) -> None:
    rig.loop.start()
    rig.loop.stop()
    rig.loop.start()
    wait(lambda: rig.loop.status.ticks > 5)
    assert rig.loop.status.safety == SafetyState.STOPPED
    assert not np.any(rig.loop.status.torque)
    rig.loop.stop()
    rig.controller.reset()
    rig.loop.start()
    wait(lambda: rig.loop.status.ticks > 5)
    assert rig.loop.status.safety == SafetyState.OK
    assert np.any(rig.loop.status.torque)


def test_it_ends_after_as_many_ticks_as_asked(rig: Rig) -> None:
    rig.loop.start(max_ticks=40)
    wait(lambda: not rig.loop.running)
    assert rig.loop.status.ticks == 40
    assert rig.loop.status.safety == SafetyState.STOPPED
    assert not rig.data.ctrl.any()
    assert rig.data.time == pytest.approx(0.040)
    for times in (rig.loop.lateness, rig.loop.duration):
        assert times["count"] == 40
        assert 0.0 <= times["p50"] <= times["p99"] <= times["p99.9"]
        assert times["p99.9"] <= 1.01 * times["max"]


def test_it_ends_when_the_simulation_does(rig: Rig, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)  # where MuJoCo puts its log
    rig.data.qvel[:] = 1e11
    rig.loop.start()
    wait(lambda: not rig.loop.running)
    assert rig.loop.status.ticks == 1


def test_it_says_what_the_system_did_not_grant(rig: Rig) -> None:
    assert rig.loop.realtime_message == "real-time scheduling not asked for"
    rig.loop.start(max_ticks=20, realtime=True)
    memory, scheduling = rig.loop.realtime_message.split(", ")
    assert memory == "memory locked" or memory.startswith("memory not locked (")
    assert scheduling == "SCHED_FIFO 80" or scheduling.startswith("SCHED_FIFO refused (")
    wait(lambda: not rig.loop.running)
    assert rig.loop.status.ticks == 20
    rig.loop.stop()
    rig.loop.start(max_ticks=1)
    assert rig.loop.realtime_message == "real-time scheduling not asked for"


def test_it_keeps_alive_what_it_works_with(load_hand: LoadHand) -> None:
    def started() -> _core.Loop:
        # A model of its own, so that the loop is the last to know of it.
        hand = load_hand("hand22_right")
        model = hand.spec().compile()
        bound = hand.bind(model)
        config = hand.controller_config()
        plant = _core.SimPlant(model, bound.plant_ids(), _core.SensorModel(), config.period)
        plant.start(mujoco.MjData(model))
        loop = _core.Loop(plant, _core.Controller(bound.hand_model, config))
        loop.start()
        return loop

    loops = [started()]
    gc.collect()
    garbage = [np.full(100_000, np.nan) for _ in range(50)]  # over what would have been freed
    before = loops[0].status.ticks
    wait(lambda: loops[0].status.ticks > before + 100)
    assert len(garbage) == 50
    assert np.isfinite(loops[0].status.q).all()
    assert np.isfinite(loops[0].status.torque).all()
    loops.clear()  # while it runs: stops it
    gc.collect()


# -- whose plant and controller they are ---------------------------------------------------------


def changes(rig: Rig) -> dict[str, Callable[[], object]]:
    """Everything that would change what the loop works with, or copy it meanwhile."""
    sample, rest = rig.plant.read(), [0.0] * 22
    return {
        "tick": lambda: rig.controller.tick(sample, 0.0),
        "set_trajectory": lambda: rig.controller.set_trajectory([0.0], [rest]),
        "reset": rig.controller.reset,
        "request_stop": rig.controller.request_stop,
        "time_ticks": lambda: _core.time_ticks(rig.controller, [sample], 1),
        "start": lambda: rig.plant.start(rig.data),
        "command": lambda: rig.controller.command,
        "safety_state": lambda: rig.controller.safety_state,
        "object_position": lambda: rig.controller.object_position,
        "now": lambda: rig.plant.now,
        "read": rig.plant.read,
        "write": lambda: rig.plant.write(rest),
        "advance": rig.plant.advance,
        "loop.start": rig.loop.start,
        "loop.run": lambda: rig.loop.run(1),
        "other.start": lambda: _core.Loop(rig.plant, rig.controller).start(),
        "other.run": lambda: _core.Loop(rig.plant, rig.controller).run(1),
    }


def test_nobody_else_touches_what_a_loop_drives(rig: Rig) -> None:
    taken = r"is driven by a running loop; stop\(\) the loop first"
    every = changes(rig)
    rig.loop.start()
    for change in every.values():
        with pytest.raises(RuntimeError, match=taken):
            change()
    assert rig.loop.running
    assert rig.loop.status.safety == SafetyState.OK
    rig.loop.stop()
    for change in every.values():
        change()
        rig.loop.stop()


def test_a_loop_that_goes_away_lets_other_threads_work(load_hand: LoadHand) -> None:
    config = load_hand("hand22_right").controller_config(0.5)  # so long it may wait for its thread
    going, seen, done = [False], threading.Event(), threading.Event()

    def watch() -> None:
        while not done.is_set():
            if going[0]:
                seen.set()
            time.sleep(0.001)

    rig = Rig(load_hand("hand22_right"), config=config)
    watcher = threading.Thread(target=watch)
    watcher.start()
    rig.loop.start()
    wait(lambda: rig.loop.status.ticks > 0)
    with python_never_yields():
        going[0] = True
        del rig.loop
        going[0] = False
    done.set()
    watcher.join()
    assert seen.is_set()


def test_a_plant_keeps_the_data_of_its_present_run_only(load_hand: LoadHand) -> None:
    rig = Rig(load_hand("hand22_right"))
    before = sys.getrefcount(rig.data)
    rig.plant.start(mujoco.MjData(load_hand("hand22_right").model))
    after = sys.getrefcount(rig.data)
    assert after == before - 1
    gc.collect()
    assert rig.plant.read().q.shape == (22,)  # nobody else holds the new data


def test_a_loop_that_ended_has_to_be_stopped_too(rig: Rig) -> None:
    rig.loop.start(max_ticks=3)
    wait(lambda: not rig.loop.running)
    with pytest.raises(RuntimeError, match=r"^the controller is driven .* stop\(\) the loop first"):
        rig.controller.reset()
    rig.loop.start(max_ticks=3)  # joins the thread that has ended
    rig.loop.stop()
    rig.controller.reset()
    assert rig.controller.safety_state == SafetyState.OK


def test_several_threads_may_stop_it(rig: Rig) -> None:
    for _ in range(10):
        rig.loop.start()
        threads = [threading.Thread(target=rig.loop.stop) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not rig.loop.running
    rig.controller.reset()


# -- in lockstep ---------------------------------------------------------------------------------


def test_lockstep_gives_the_same_bits_every_time(load_hand: LoadHand) -> None:
    ends = set()
    for _ in range(2):
        rig = Rig(load_hand("hand22_right"), noise=1e-3)
        assert rig.loop.run(300) == 300
        assert rig.loop.run(100) == 100
        ends.add((rig.data.qpos.tobytes(), rig.data.qvel.tobytes(), tuple(rig.loop.status.torque)))
    assert len(ends) == 1


def test_the_wall_clock_changes_nothing_in_the_simulation(load_hand: LoadHand) -> None:
    lockstep, real = (Rig(load_hand("hand22_right"), noise=1e-3) for _ in range(2))
    lockstep.loop.run(150)
    real.loop.start(max_ticks=150)
    wait(lambda: not real.loop.running)
    assert real.data.qpos.tobytes() == lockstep.data.qpos.tobytes()
    assert real.data.qvel.tobytes() == lockstep.data.qvel.tobytes()


def test_lockstep_ends_when_the_simulation_does(rig: Rig, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    rig.data.qvel[:] = 1e11
    assert rig.loop.run(10) == 0


# -- what it refuses -----------------------------------------------------------------------------


def test_a_plant_and_a_controller_that_do_not_fit(rig: Rig, load_hand: LoadHand) -> None:
    hand = load_hand("hand27_right")
    bound = hand.bind(hand.model)
    other = _core.Controller(bound.hand_model, hand.controller_config())
    with pytest.raises(
        ValueError, match="the plant has 22 joints and 5 fingers, the controller 27 joints"
    ):
        _core.Loop(rig.plant, other)
    plant = _core.SimPlant(hand.model, bound.plant_ids(), _core.SensorModel(), 0.002)
    with pytest.raises(RuntimeError, match=r"no data; call start\(data\) first"):
        _core.Loop(plant, other)
    plant.start(mujoco.MjData(hand.model))
    with pytest.raises(
        ValueError, match=r"control period is 0\.002000 s, the controller's 0\.001000 s"
    ):
        _core.Loop(plant, other)
