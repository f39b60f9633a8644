"""The controller as a user of Python meets it: what it refuses, how it fails, what it holds."""

import math
from collections.abc import Callable, Iterator
from functools import partial

import mujoco
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from handloop import _core
from handloop._core import Fault, SafetyState
from handloop.controller import BoundHand, Hand

LoadHand = Callable[[str], Hand]
PERIOD = 0.001


@pytest.fixture(scope="module")
def bound(load_hand: LoadHand) -> BoundHand:
    hand = load_hand("hand27_right")
    return hand.bind(hand.model)


class Bench:
    """A controller fed by hand, one sample per period."""

    def __init__(self, bound: BoundHand) -> None:
        self.config = bound.hand.controller_config()
        self.config.safety.position_jump = 10.0  # joints are put where a test wants them
        self.limit = self.config.safety.torque_max
        self.middle = bound.position_range.mean(axis=1)
        self.high = bound.position_range[:, 1]
        self.controller = _core.Controller(bound.hand_model, self.config)
        self.controller.set_trajectory([0.0], [self.middle + 0.1])
        self.time = 0.0
        self.torque = np.zeros(0)

    def sample(self) -> _core.HandState:
        state = _core.HandState(len(self.middle))
        state.time = self.time
        state.q = self.middle
        return state

    def tick(self, state: _core.HandState | None = None, ticks: int = 1) -> None:
        for _ in range(ticks):
            sample = self.sample() if state is None else state
            self.torque = self.controller.tick(sample, self.time)
            assert np.isfinite(self.torque).all()
            assert (np.abs(self.torque) <= self.limit).all()
            self.time += PERIOD

    @property
    def verdict(self) -> tuple[SafetyState, Fault]:
        return self.controller.safety_state, self.controller.fault


@pytest.fixture
def bench(bound: BoundHand) -> Bench:
    return Bench(bound)


# -- at construction -----------------------------------------------------------------------------


def set_at(config: _core.ControllerConfig, path: str, value: object) -> None:
    *parts, name = path.split(".")
    part: object = config
    for p in parts:
        part = getattr(part, p)
    setattr(part, name, value)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("law.stiffness", [1.0] * 3, "stiffness has 3 entries; this hand needs 27"),
        ("law.stiffness", [math.inf] * 27, "stiffness .* all finite"),
        ("law.damping", [math.nan] * 27, "damping .* all finite"),
        ("law.damping", [], "damping has 0 entries; this hand needs 27"),
        ("safety.position_min", [0.0] * 26, "position_min has 26 entries"),
        ("safety.position_max", [math.nan] * 27, "position_max .* all finite"),
        ("safety.torque_max", [0.0] * 27, "torque_max must be > 0 for every joint"),
        ("safety.torque_max", [1.0] * 28, "torque_max has 28 entries"),
        ("period", 0.0, "period must be > 0 s"),
        ("period", math.nan, "period must be > 0 s"),
        ("task.thumb", 5, "thumb names finger 5 of a hand with 5"),
        ("task.thumb", -1, "thumb names finger -1"),
        ("period", math.inf, "period must be > 0 s and finite, not inf"),
        ("grip.margin", 1.0, r"margin must be in \[0, 1\), not 1\.0"),
        ("grip.margin", math.nan, r"margin must be in \[0, 1\)"),
        ("grip.share", [1.0, 1.5], r"grip\.share\[1\] must be in \[0, 1\], not 1\.5"),
        ("grip.share", [1.0, math.nan], r"grip\.share\[1\] must be in \[0, 1\]"),
        ("grip.force_max", -1.0, "force_max must be >= 0 and finite"),
        ("grip.level_min", 0.0, r"level_min must be > 0 and at most grip\.force_max"),
        ("grip.level_min", 1e3, r"level_min must be > 0 and at most grip\.force_max"),
        ("grip.blind_level", 1e3, r"blind_level must be >= 0 and at most grip\.force_max"),
        ("grip.friction_min", 0.0, r"friction_min must be > 0 and at most grip\.friction_initial"),
        ("grip.friction_min", 9.0, r"friction_min must be > 0 and at most grip\.friction_initial"),
        ("grip.friction_initial", math.inf, "friction_initial must be > 0 and finite"),
        ("grip.friction_gain", 1.5, r"friction_gain must be in \[0, 1\]"),
        ("grip.release_time", 0.0, "release_time must be > 0 and finite"),
        ("law.stiffness", [1.0] * 26 + [-1.0], r"law\.stiffness\[26\] must be >= 0"),
        ("law.damping", [-1.0] + [1.0] * 26, r"law\.damping\[0\] must be >= 0"),
        ("law.integral_gain", [0.0, -1.0], r"law\.integral_gain\[1\] must be >= 0"),
        ("hold.begin", math.nan, r"hold\.begin must be >= 0, infinite for never"),
        ("hold.rate", -1.0, r"hold\.rate must be >= 0"),
        ("hold.part", 1.5, r"hold\.part must be in \[0, 1\]"),
        ("safety.position_min", [9.0] * 27, r"position_min\[0\] must be below .*position_max"),
        ("safety.hold_after", 0.1, r"hold_after must be below safety\.limp_after, .*not 0\.1"),
        ("safety.over_current_hold", 0.5, r"over_current_hold must be below .*over_current_limp"),
        ("safety.current_max", [1.0] * 26, "current_max must be empty, or > 0 for every motor"),
        ("safety.current_max", [0.0] * 27, "current_max must be empty, or > 0 for every motor"),
        ("observer.bandwidth", math.inf, r"observer\.bandwidth must be > 0 and finite, not inf"),
        ("force_feedback.touch_off", 1e3, "touch_off must be >= 0 and at most .*touch_on"),
    ],
)
def test_bad_configuration(path: str, value: object, message: str, bound: BoundHand) -> None:
    config = bound.hand.controller_config()
    set_at(config, path, value)
    with pytest.raises(ValueError, match=message):
        _core.Controller(bound.hand_model, config)


NOT_NEGATIVE = (
    *(f"force_feedback.{name}" for name in ("time_constant", "slip_time_constant", "touch_on")),
    *(f"task.{name}" for name in ("settle_time", "yield_time", "balance_rate")),
    "task.balance_deadband",
    *(f"grip.{name}" for name in ("slip_speed", "ratio_time_constant", "reflex_rate")),
    *(f"grip.{name}" for name in ("reflex_gain", "reflex_time", "rise_rate")),
    "grip.load_time_constant",
    "law.integral_max",
    *(f"safety.{name}" for name in ("position_margin", "hold_after", "over_current_hold")),
)
POSITIVE = tuple(f"safety.{name}" for name in ("velocity_max", "stale_after", "limp_after"))


@pytest.mark.parametrize("path", [*NOT_NEGATIVE, *POSITIVE])
def test_numbers_out_of_range(path: str, bound: BoundHand) -> None:
    bad = [-0.001, math.nan, math.inf] + [0.0] * (path in POSITIVE)
    for value in bad:
        config = bound.hand.controller_config()
        set_at(config, path, value)
        with pytest.raises(ValueError, match=rf"^{path} must be >=? 0 and finite, not {value}$"):
            _core.Controller(bound.hand_model, config)


def test_more_than_any_hand_has(bound: BoundHand) -> None:
    config = bound.hand.controller_config()
    with pytest.raises(ValueError, match="stiffness has 33 entries; a hand has at most 32 joints"):
        config.law.stiffness = [1.0] * 33
    with pytest.raises(ValueError, match="share has 6 entries; a hand has at most 5 fingers"):
        config.grip.share = [0.2] * 6
    for count in (0, 33):
        with pytest.raises(ValueError, match="joint_count must be 1 to 32"):
            _core.HandState(count)
    with pytest.raises(IndexError, match="no such finger"):
        _core.HandState(3).contact(5)


def test_state_of_another_hand(bench: Bench) -> None:
    with pytest.raises(ValueError, match="the state has 3 joints, the hand 27"):
        bench.controller.tick(_core.HandState(3), 0.0)


@pytest.mark.parametrize(
    ("times", "points", "message"),
    [
        ([], 0, "at least one"),
        ([0.0, 1.0], 1, "one posture per time"),
        ([1.0, 1.0], 2, "times must increase"),
        (list(range(33)), 33, "at most 32 waypoints"),
    ],
)
def test_bad_trajectory(times: list[float], points: int, message: str, bench: Bench) -> None:
    with pytest.raises(ValueError, match=message):
        bench.controller.set_trajectory(times, [bench.middle] * points)
    with pytest.raises(ValueError, match="posture has 2 entries, the hand 27 joints"):
        bench.controller.set_trajectory([0.0], [[0.0, 0.0]])


# -- faults --------------------------------------------------------------------------------------


def spoil_q(state: _core.HandState) -> None:
    q = state.q
    q[5] = math.nan
    state.q = q


def spoil_dq(state: _core.HandState) -> None:
    dq = state.dq
    dq[0] = math.inf
    state.dq = dq


def spoil_contact(state: _core.HandState, name: str) -> None:
    state.contact(2).touching = True
    setattr(state.contact(2), name, [0.0, math.nan, 0.0])


def spoil_time(state: _core.HandState) -> None:
    state.time = math.nan


SPOILERS: dict[str, Callable[[_core.HandState], None]] = {
    "q": spoil_q,
    "dq": spoil_dq,
    "time": spoil_time,
    **{
        name: partial(spoil_contact, name=name)
        for name in ("force", "position", "normal", "tangent")
    },
}


def test_a_recording_is_followed_on_straight_lines(bound: BoundHand) -> None:
    recorded, still = Bench(bound), Bench(bound)
    way = np.array([recorded.middle, recorded.middle + 0.1])
    recorded.controller.set_recording([0.0, 1.0], way)
    still.controller.set_trajectory([0.0], [still.middle + 0.025])
    recorded.time = still.time = 0.25
    recorded.tick()
    still.tick()
    assert recorded.torque == pytest.approx(still.torque, abs=1e-12)


@pytest.mark.parametrize(
    ("times", "shape", "message"),
    [
        ([0.0, 1.0], (2, 3), r"shape \(times, 27\)"),
        ([0.0], (27,), r"shape \(times, 27\)"),
        ([0.0, 1.0], (3, 27), "one posture per time"),
        ([1.0, 1.0], (2, 27), "must increase"),
        ([0.0, math.nan], (2, 27), "must be finite"),
    ],
)
def test_bad_recording(times: list[float], shape, message: str, bench: Bench) -> None:
    with pytest.raises(ValueError, match=message):
        bench.controller.set_recording(times, np.zeros(shape))


def test_a_stream_is_followed(bound: BoundHand) -> None:
    streamed, still = Bench(bound), Bench(bound)
    stream = _core.PostureStream(len(streamed.middle))
    streamed.controller.set_stream(stream)
    streamed.tick()
    stream.set(streamed.middle + 0.1, 5 * PERIOD)
    streamed.tick(ticks=6)
    still.tick(ticks=7)
    assert streamed.torque == pytest.approx(still.torque, abs=1e-12)


def test_bad_stream(bench: Bench) -> None:
    stream = _core.PostureStream(3)
    with pytest.raises(ValueError, match="the stream is for 3 joints, the hand has 27"):
        bench.controller.set_stream(stream)
    for posture, within in (([0.0], 1.0), ([0.0, 0.0, math.inf], 1.0), ([0.0] * 3, 0.0)):
        with pytest.raises(ValueError):
            stream.set(posture, within)


@pytest.mark.parametrize("spoil", SPOILERS.values(), ids=SPOILERS.keys())
def test_not_a_number(spoil: Callable[[_core.HandState], None], bench: Bench) -> None:
    def bad() -> _core.HandState:
        state = bench.sample()
        spoil(state)
        return state

    bench.tick(ticks=10)
    assert bench.verdict == (SafetyState.OK, Fault.NONE)
    before = bench.torque

    bench.tick(bad())
    assert bench.verdict == (SafetyState.DEGRADED, Fault.NOT_A_NUMBER)
    assert bench.torque == pytest.approx(before)  # goes on with the last good sample

    bench.tick()
    assert bench.verdict == (SafetyState.OK, Fault.NONE)  # a short gap is forgiven

    bench.tick(bad(), ticks=10)
    assert bench.verdict == (SafetyState.HOLD, Fault.NOT_A_NUMBER)
    assert np.abs(bench.torque).max() > 0.0

    bench.tick(bad(), ticks=100)
    assert bench.verdict == (SafetyState.LIMP, Fault.NOT_A_NUMBER)
    assert not bench.torque.any()

    bench.tick(ticks=100)
    assert bench.verdict == (SafetyState.LIMP, Fault.NOT_A_NUMBER)  # the reason stays

    bench.controller.reset()
    bench.tick()
    assert bench.verdict == (SafetyState.OK, Fault.NONE)
    assert bench.torque == pytest.approx(before)


def test_nothing_good_from_the_start(bench: Bench) -> None:
    state = bench.sample()
    spoil_q(state)
    bench.tick(state)
    assert bench.verdict == (SafetyState.LIMP, Fault.NOT_A_NUMBER)
    assert not bench.torque.any()


def test_stale_sample(bench: Bench) -> None:
    bench.tick(ticks=10)
    old = bench.sample()
    seen: list[SafetyState] = []
    for _ in range(200):
        bench.tick(old)
        if not seen or seen[-1] != bench.controller.safety_state:
            seen.append(bench.controller.safety_state)
    assert seen == [SafetyState.OK, SafetyState.DEGRADED, SafetyState.HOLD, SafetyState.LIMP]
    assert bench.controller.fault == Fault.STALE


def test_stale_times(bench: Bench) -> None:
    bench.tick()
    old, safety = bench.sample(), bench.config.safety
    reached: dict[SafetyState, float] = {}
    for _ in range(200):
        bench.tick(old)
        reached.setdefault(bench.controller.safety_state, bench.time - PERIOD - old.time)
    stale = safety.stale_after
    late = safety.hold_after  # from here on a velocity is too old to damp
    assert reached[SafetyState.DEGRADED] == pytest.approx(late, abs=1.1 * PERIOD)
    assert reached[SafetyState.HOLD] == pytest.approx(stale + safety.hold_after, abs=1.1 * PERIOD)
    assert reached[SafetyState.LIMP] == pytest.approx(stale + safety.limp_after, abs=1.1 * PERIOD)


def beyond_limit(bench: Bench) -> _core.HandState:
    state = bench.sample()
    q = state.q
    q[9] = bench.high[9] + bench.config.safety.position_margin + 0.01
    state.q = q
    return state


def over_speed(bench: Bench) -> _core.HandState:
    state = bench.sample()
    dq = state.dq
    dq[9] = -bench.config.safety.velocity_max - 1.0
    state.dq = dq
    return state


@pytest.mark.parametrize(
    ("bad", "fault"), [(beyond_limit, Fault.JOINT_LIMIT), (over_speed, Fault.OVER_SPEED)]
)
def test_limits_of_a_joint(
    bad: Callable[[Bench], _core.HandState], fault: Fault, bench: Bench
) -> None:
    bench.tick(ticks=10)
    bench.tick(bad(bench))
    assert bench.verdict == (SafetyState.HOLD, fault)
    assert bench.controller.fault_index == 9
    bench.tick(ticks=500)
    assert bench.verdict == (SafetyState.HOLD, fault)  # a good sample does not undo it
    assert bench.controller.fault_index == 9
    bench.controller.reset()
    assert bench.verdict == (SafetyState.OK, Fault.NONE)
    assert bench.controller.fault_index == -1


def test_within_the_margin_is_no_fault(bench: Bench) -> None:
    state = bench.sample()
    state.q = bench.high + 0.99 * bench.config.safety.position_margin
    bench.tick(state)
    assert bench.verdict == (SafetyState.OK, Fault.NONE)


def test_the_first_reason_stays(bench: Bench) -> None:
    bench.tick(ticks=10)
    bench.tick(beyond_limit(bench))
    state = bench.sample()
    spoil_q(state)
    bench.tick(state, ticks=200)
    assert bench.verdict == (SafetyState.LIMP, Fault.JOINT_LIMIT)
    assert bench.controller.fault_index == 9


def test_hold_stays_where_it_is(bench: Bench) -> None:
    bench.tick(ticks=10)
    bench.tick(over_speed(bench))
    bench.controller.set_trajectory([0.0], [bench.middle - 0.1])
    bench.tick()
    held = bench.torque
    bench.tick(ticks=100)
    assert bench.torque == pytest.approx(held)


def test_torque_that_is_no_number(bound: BoundHand) -> None:
    config = bound.hand.controller_config()
    config.law.stiffness = [1e308] * 27  # finite, so it is accepted; its product is not
    controller = _core.Controller(bound.hand_model, config)
    state = _core.HandState(27)
    state.q = bound.position_range.mean(axis=1)
    controller.set_trajectory([0.0], [state.q + 1e10])
    torque = controller.tick(state, 0.0)
    assert not torque.any()
    assert controller.safety_state == SafetyState.LIMP
    assert controller.fault == Fault.TORQUE_NOT_A_NUMBER


def test_stop(bench: Bench) -> None:
    bench.tick(ticks=10)
    bench.controller.request_stop()
    bench.tick(ticks=10)
    assert bench.verdict == (SafetyState.STOPPED, Fault.STOP_REQUESTED)
    assert not bench.torque.any()


def test_stop_keeps_an_earlier_reason(bench: Bench) -> None:
    bench.tick(over_speed(bench))
    bench.controller.request_stop()
    assert bench.verdict == (SafetyState.STOPPED, Fault.OVER_SPEED)


# -- whatever comes in ---------------------------------------------------------------------------

SMALL = st.floats(-3.0, 3.0)
ANYTHING = st.one_of(SMALL, st.floats(), st.sampled_from([math.nan, math.inf, -math.inf, 1e308]))
VECTOR = hnp.arrays(np.float64, 3, elements=ANYTHING)
# Mostly sound, because one bad number already decides what happens to a sample.
JOINTS = st.one_of(
    hnp.arrays(np.float64, 27, elements=SMALL),
    hnp.arrays(np.float64, 27, elements=ANYTHING, fill=st.just(0.1)),
)


@st.composite
def states(draw: st.DrawFn) -> _core.HandState:
    state = _core.HandState(27)
    state.time = draw(st.one_of(st.floats(-0.05, 0.0), ANYTHING))  # of the sample, seen from now
    state.q, state.dq = draw(JOINTS), draw(JOINTS)
    for finger in draw(st.sets(st.integers(0, 4))):
        contact = state.contact(finger)
        contact.touching = draw(st.booleans())
        contact.force, contact.position = draw(VECTOR), draw(VECTOR)
        contact.normal, contact.tangent = draw(VECTOR), draw(VECTOR)
        contact.slip_speed = draw(ANYTHING)
    return state


@settings(max_examples=150, deadline=None)
@given(samples=st.lists(states(), min_size=1, max_size=5), data=st.data())
def test_torque_is_always_finite_and_limited(
    samples: list[_core.HandState], data: st.DataObject, bound: BoundHand
) -> None:
    bench, twin = Bench(bound), Bench(bound)
    worst = SafetyState.OK
    for sample in samples:
        gap = data.draw(st.sampled_from([0.0, PERIOD, 0.01, 0.3]))
        for b in (bench, twin):
            b.time += gap
        sample.time += bench.time
        for b in (bench, twin):
            b.tick(sample)
        state = bench.controller.safety_state
        assert state >= worst or worst == SafetyState.DEGRADED
        worst = state
        assert (state == SafetyState.OK) == (bench.controller.fault == Fault.NONE)
        if state >= SafetyState.LIMP:
            assert not bench.torque.any()
        assert all(0.0 <= f <= bench.config.grip.force_max for f in bench.controller.wanted_force)
        # Same input, same bits.
        assert bench.torque.tobytes() == twin.torque.tobytes()
        assert bench.verdict == twin.verdict


# -- in simulation -------------------------------------------------------------------------------

HELD = 0.0005  # [rad]
TILT = [0.8, 0.48, 0.36, 0.0]  # so that gravity pulls at every joint
DRIVEN = [f"{hand}_{side}" for hand in ("hand27", "hand22") for side in ("right", "left")]
DRIVEN += ["hand27_right_servo", "hand22_right_servo", "hand27_right_tendon"]


class Simulation:
    """A tilted hand alone in the world, in lockstep with its controller."""

    def __init__(self, hand: Hand, sensors: _core.SensorModel | None = None) -> None:
        spec = hand.spec()
        for body in spec.worldbody.bodies:
            body.quat = TILT
        self.bound = hand.bind(spec.compile())
        self.model = self.bound.model
        self.data = mujoco.MjData(self.model)
        self.start = self.data.qpos[:] = self.model.key("rest").qpos
        config = hand.controller_config()
        self.controller = _core.Controller(self.bound.hand_model, config)
        self.plant = _core.SimPlant(
            self.model, self.bound.plant_ids(), sensors or _core.SensorModel(), config.period
        )
        self.plant.start(self.data)
        self.loop = _core.Loop(self.plant, self.controller)

    @property
    def q(self) -> np.ndarray:
        return np.array(self.data.qpos[self.bound.qpos])


@pytest.fixture(params=DRIVEN)
def driven(request: pytest.FixtureRequest, load_hand: LoadHand) -> Iterator[Hand]:
    yield load_hand(request.param)


def test_holds_a_posture_against_gravity(driven: Hand) -> None:
    simulation = Simulation(driven)
    assert simulation.loop.run(1000) == 1000
    assert simulation.controller.safety_state == SafetyState.OK
    assert np.abs(simulation.q - simulation.start).max() < HELD
    assert np.abs(simulation.data.qvel).max() < 0.01
    status = simulation.loop.status
    assert (status.ticks, status.safety, status.fault) == (1000, SafetyState.OK, Fault.NONE)
    assert status.time == pytest.approx(0.999)
    assert len(status.q) == len(status.torque) == len(driven.joint_names)


def test_without_gravity_compensation_it_would_sag(load_hand: LoadHand) -> None:
    # The test above is worth something: the springs alone give way.
    simulation = Simulation(load_hand("hand27_right"))
    simulation.model.opt.gravity[:] *= 2.0  # half of which the controller does not know
    simulation.loop.run(1000)
    assert np.abs(simulation.q - simulation.start).max() > 5.0 * HELD


def test_reaches_a_posture(driven: Hand) -> None:
    simulation = Simulation(driven)
    goal = simulation.start + 0.1 * (
        simulation.bound.position_range.mean(axis=1) - simulation.start
    )
    simulation.controller.set_trajectory([0.0, 0.5], [simulation.start, goal])
    simulation.loop.run(1000)
    assert np.abs(simulation.q - goal).max() < 0.001


def test_late_and_noisy_sensors_leave_it_calm(driven: Hand) -> None:
    sensors = _core.SensorModel()
    sensors.seed, sensors.delay = 1, 2
    sensors.position_noise, sensors.velocity_noise = 0.0005, 0.02
    simulation = Simulation(driven, sensors)
    simulation.loop.run(1000)
    assert simulation.controller.safety_state == SafetyState.OK
    assert np.abs(simulation.q - simulation.start).max() < 0.005
    assert np.abs(simulation.data.qvel).max() < 0.5


def test_lockstep_is_the_same_as_ticking_by_hand(load_hand: LoadHand) -> None:
    hand = load_hand("hand22_right")
    by_loop, by_hand = Simulation(hand), Simulation(hand)
    by_loop.loop.run(200)
    for _ in range(200):
        sample = by_hand.plant.read()
        by_hand.plant.write(by_hand.controller.tick(sample, by_hand.data.time))
        by_hand.plant.advance()
    assert by_loop.data.qpos.tobytes() == by_hand.data.qpos.tobytes()
    assert by_loop.data.qvel.tobytes() == by_hand.data.qvel.tobytes()


def test_a_hand_that_is_thrown_ends_held(load_hand: LoadHand) -> None:
    simulation = Simulation(load_hand("hand22_right"))
    simulation.data.qvel[:] = 100.0
    simulation.loop.run(5)
    assert simulation.controller.safety_state >= SafetyState.HOLD
    assert simulation.controller.fault == Fault.OVER_SPEED


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"period": 0.0015}, "not a whole number of simulation steps"),
        ({"period": 0.0}, "control period must be > 0"),
        ({"delay": 64}, "delay must be 0 to 63"),
        ({"delay": -1}, "delay must be 0 to 63"),
        ({"actuators": 0}, "needs 1 to 64 actuators"),
        ({"contacts": 2}, "either every finger"),
        ({"tip": 999}, "the model has no site 999"),
        ({"tactile": -1}, "the model has no sensor -1"),
        ({"tactile": 0}, "sensor 0 is not a tactile sensor"),
    ],
)
def test_bad_plant(change: dict[str, float], message: str, bound: BoundHand) -> None:
    sensors = _core.SensorModel()
    sensors.delay = int(change.get("delay", 0))
    ids = _core.SimPlantIds(
        bound.joint_ids.tolist(),
        bound.actuator_ids.tolist()[: int(change.get("actuators", 27))],
        [int(change.get("tip", bound.tip_ids[0])), *bound.tip_ids[1:].tolist()],
        bound.contact_ids.tolist()[: int(change.get("contacts", 5))],
        [int(change.get("tactile", bound.tactile_ids[0])), *bound.tactile_ids[1:].tolist()],
    )
    with pytest.raises(ValueError, match=message):
        _core.SimPlant(bound.model, ids, sensors, change.get("period", PERIOD))
