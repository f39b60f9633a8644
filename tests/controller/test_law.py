"""Control laws in Python: what they are given, what they do, in a loop and when it goes wrong."""

import ctypes
import gc
import math
import time
import weakref
from collections.abc import Callable

import numba
import numpy as np
import pytest

from handloop import ControlLaw, _core, control_law
from handloop._core import Fault, SafetyState
from handloop.controller import BoundHand, Hand
from handloop.controller.law import _FIELDS, INPUTS

LoadHand = Callable[[str], Hand]
PERIOD = 0.001


@pytest.fixture(scope="module")
def bound(load_hand: LoadHand) -> BoundHand:
    hand = load_hand("hand27_right")
    return hand.bind(hand.model)


class Bench:
    """A controller at rest in the middle of its range, with a reference a bit off."""

    def __init__(
        self, bound: BoundHand, law: ControlLaw | None = None, friction: float = 0.0
    ) -> None:
        config = bound.hand.controller_config()
        config.law.friction_rate = 5.0 if friction else 0.0
        config.law.dry_friction = [friction] * len(bound.joint_ids)
        config.safety.frozen_after = 1e9  # the samples below never change
        self.controller = _core.Controller(bound.hand_model, config)
        self.state = _core.HandState(len(bound.joint_ids))
        self.state.q = bound.position_range.mean(axis=1)
        self.controller.set_trajectory([0.0], [self.state.q + 0.05])
        self.controller.set_law(law)

    def tick(self) -> np.ndarray:
        self.state.time += PERIOD
        return self.controller.tick(self.state, self.state.time)

    @property
    def verdict(self) -> tuple[SafetyState, Fault]:
        return self.controller.safety_state, self.controller.fault


LIMP = (SafetyState.LIMP, Fault.TORQUE_NOT_A_NUMBER)


@control_law
def impedance(q, dq, reference, gravity, stiffness, damping, torque):
    for i in range(len(q)):
        torque[i] = gravity[i] + stiffness[i] * (reference[i] - q[i]) - damping[i] * dq[i]


@control_law(parameters=[0.1, 0.2])
def scaled(parameters, torque):
    torque[0] = parameters[0]
    torque[1] = parameters[1]


@control_law
def counting(memory, torque):
    memory[63] += 1.0
    torque[0] = 0.001 * memory[63]


# -- what a law does -----------------------------------------------------------------------------


def test_takes_the_place_of_the_built_in_law(bound: BoundHand) -> None:
    built_in, custom = Bench(bound), Bench(bound, impedance)
    np.testing.assert_allclose(custom.tick(), built_in.tick(), rtol=0.0, atol=1e-12)
    custom.controller.set_law(scaled)
    assert custom.tick()[:3].tolist() == [0.1, 0.2, 0.0]
    custom.controller.set_law(None)
    assert custom.tick().tobytes() == built_in.tick().tobytes()


@control_law(parameters=[0.0, 0.0])
def looking(
    time, period, fresh, integral_max, force_max, friction_rate, q, dq, reference, gravity, bias,
    stiffness, damping, torque_max, dry_friction, integral_gain, touching, gripping, normal_force,
    wanted_force, slip_speed, contact_force, contact_point, contact_normal, tip_position,
    tip_jacobian, parameters, memory, torque,
):  # fmt: skip
    which, value = parameters[0], 0.0
    if which == 0:
        value = time
    elif which == 1:
        value = period
    elif which == 2:
        value = 1.0 if fresh else 0.0
    elif which == 3:
        value = integral_max
    elif which == 4:
        value = force_max
    elif which == 5:
        value = friction_rate
    elif which == 6:
        value = q[len(q) - 1]
    elif which == 7:
        value = dq[len(q) - 1]
    elif which == 8:
        value = reference[len(q) - 1]
    elif which == 9:
        value = gravity[len(q) - 1]
    elif which == 10:
        value = bias[len(q) - 1]
    elif which == 11:
        value = stiffness[len(q) - 1]
    elif which == 12:
        value = damping[len(q) - 1]
    elif which == 13:
        value = torque_max[len(q) - 1]
    elif which == 14:
        value = dry_friction[len(q) - 1]
    elif which == 15:
        value = integral_gain[4]
    elif which == 16:
        value = 1.0 if touching[4] and not touching[0] else 0.0
    elif which == 17:
        value = 1.0 if gripping[4] and not gripping[0] else 0.0
    elif which == 18:
        value = normal_force[4]
    elif which == 19:
        value = wanted_force[4]
    elif which == 20:
        value = slip_speed[4]
    elif which == 21:
        value = contact_force[4, 0]
    elif which == 22:
        value = contact_point[4, 1]
    elif which == 23:
        value = contact_normal[4, 2]
    elif which == 24:
        value = tip_position[4, 0]
    elif which == 25:
        value = tip_jacobian[4, 2, len(q) - 1]
    elif which == 26:
        value = parameters[1]
    elif which == 27:
        value = float(len(memory)) + memory[63]
    torque[0] = 0.01 * value


def test_every_input_is_what_its_name_says(bound: BoundHand) -> None:
    bench, config = Bench(bound, friction=0.3), bound.hand.controller_config()
    state, kinematics = bench.state, _core.HandKinematics(bound.hand_model)
    state.dq = np.linspace(-0.1, 0.1, len(bound.joint_ids))
    for finger in range(1, 5):
        contact = state.contact(finger)
        contact.touching, contact.force, contact.slip_speed = True, [2.0, 0.5, 0.0], 0.02
    for _ in range(100):
        bench.tick()
    kinematics.update_position(state.q)
    force = kinematics.tip_rotation(4) @ [0.5, 0.0, 2.0]  # the normal is z, the tangent x
    expected = {
        "time": state.time + PERIOD,
        "period": PERIOD,
        "fresh": 1.0,
        "integral_max": config.law.integral_max,
        "force_max": config.grip.force_max,
        "friction_rate": 5.0,
        "q": state.q[-1],
        "dq": state.dq[-1],
        "reference": state.q[-1],  # it touches, and keeps the posture in which it met the object
        "gravity": kinematics.gravity_torque()[-1],
        "bias": kinematics.bias_torque(state.dq)[-1],
        "stiffness": config.law.stiffness[-1],
        "damping": config.law.damping[-1],
        "torque_max": config.safety.torque_max[-1],
        "dry_friction": 0.3,
        "integral_gain": config.law.integral_gain[4],
        "touching": 1.0,
        "gripping": 1.0,
        "normal_force": 2.0,
        "wanted_force": bench.controller.wanted_force[4],
        "slip_speed": 0.02,
        "contact_force": force[0],
        "contact_point": kinematics.tip_position(4)[1],
        "contact_normal": kinematics.tip_rotation(4)[2, 2],
        "tip_position": kinematics.tip_position(4)[0],
        "tip_jacobian": kinematics.tip_jacobian(4)[2, -1],
        "parameters": 7.0,
        "memory": 64.0,
    }
    assert [*expected, "torque"] == list(looking.inputs) == list(INPUTS)
    seen = {}
    for which, name in enumerate(expected):
        bench.controller.set_law(looking, [which, 7.0])
        seen[name] = 100.0 * bench.tick()[0]
        state.time, state.sequence = state.time - PERIOD, state.sequence + 1
    assert seen == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_parameters_change_without_compiling(bound: BoundHand) -> None:
    bench, gains = Bench(bound), np.array([0.3, 0.4])
    bench.controller.set_law(scaled, gains)
    gains[:] = 9.0  # copied when set
    assert bench.tick()[:2].tolist() == [0.3, 0.4]
    bench.controller.set_law(scaled.with_parameters([0.5, 0.6]))
    assert bench.tick()[:2].tolist() == [0.5, 0.6]
    assert scaled.with_parameters([0.5, 0.6]).address == scaled.address
    with pytest.raises(ValueError, match="the law takes 2 parameters, not 3"):
        bench.controller.set_law(scaled, [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="the built-in law takes no parameters"):
        bench.controller.set_law(None, [1.0])
    with pytest.raises(ValueError, match="finite numbers"):
        scaled.with_parameters([math.nan, 1.0])


def test_what_is_no_law_yet_is_refused_with_the_mend(bound: BoundHand) -> None:
    controller = Bench(bound).controller
    with pytest.raises(TypeError, match="put @control_law above it"):
        controller.set_law(lambda q, torque: None)
    with pytest.raises(ValueError, match="must be finite"):
        controller.set_law(scaled, [1.0, math.nan])


def test_each_controller_has_its_own_memory_until_it_is_reset(bound: BoundHand) -> None:
    one, other = Bench(bound, counting), Bench(bound, counting)
    assert [one.tick()[0] for _ in range(3)] == pytest.approx([0.001, 0.002, 0.003])
    assert other.tick()[0] == pytest.approx(0.001)
    one.controller.reset()
    assert one.tick()[0] == pytest.approx(0.001)


def test_what_is_added_in_place(bound: BoundHand) -> None:
    @control_law
    def in_place(reference, q, torque):
        torque += reference
        torque -= q

    bench = Bench(bound, in_place)
    np.testing.assert_allclose(bench.tick(), 0.05, rtol=1e-9)


def test_memory_of_another_size(bound: BoundHand) -> None:
    @control_law(memory=200)
    def long(memory, torque):
        torque[0] = 0.001 * len(memory)

    assert Bench(bound, long).tick()[0] == pytest.approx(0.2)
    with pytest.raises(ValueError, match="memory must be a whole number >= 0"):
        control_law(memory=-1)


def test_a_law_lives_as_long_as_a_controller_uses_it(bound: BoundHand) -> None:
    def brief(torque):
        torque[0] = 0.25

    bench, law = Bench(bound), control_law(brief)
    bench.controller.set_law(law)
    code = weakref.ref(law._code)
    del law
    gc.collect()
    assert code() is not None
    assert bench.tick()[0] == 0.25
    bench.controller.set_law(None)
    gc.collect()
    assert code() is None


# -- when it goes wrong --------------------------------------------------------------------------


def beyond_the_end(q, torque):
    torque[len(q)] = 1.0


def before_the_start(q, torque):
    torque[0] = q[-len(q) - 1]


def float_division(q, torque):
    torque[0] = 1.0 / (q[0] - q[0])


def integer_division(q, torque):
    torque[0] = len(q) // (len(q) - len(q))


def remainder(q, torque):
    torque[0] = len(q) % (len(q) - len(q))


def no_number(q, torque):
    torque[0] = math.sqrt(-1.0 - q[0] * q[0])


def raising(q, torque):
    if len(q) > 3:
        raise ValueError("too many joints")
    torque[0] = 0.1


@numba.njit
def helper(values, i):
    return values[i]


def beyond_the_end_in_a_helper(q, torque):
    torque[0] = helper(q, len(q))


@pytest.mark.parametrize(
    "law",
    [
        beyond_the_end,
        before_the_start,
        float_division,
        integer_division,
        remainder,
        no_number,
        raising,
        beyond_the_end_in_a_helper,
    ],
    ids=lambda law: law.__name__,
)
def test_what_would_raise_ends_limp(
    law: Callable[..., None], bound: BoundHand, capfd: pytest.CaptureFixture[str]
) -> None:
    bench = Bench(bound, control_law(law))
    assert not bench.tick().any()
    assert bench.verdict == LIMP
    assert capfd.readouterr() == ("", "")  # numba would print, and take the interpreter's lock


def test_torque_stays_within_the_limits(bound: BoundHand) -> None:
    @control_law
    def strong(torque):
        for i in range(len(torque)):
            torque[i] = 1e9 * (i - 10.0)

    bench, limit = Bench(bound, strong), bound.hand.controller_config().safety.torque_max
    np.testing.assert_array_equal(bench.tick(), limit * np.sign(np.arange(len(limit)) - 10.0))


def test_in_hold_the_built_in_law_holds(bound: BoundHand) -> None:
    benches = Bench(bound, counting), Bench(bound)
    for bench in benches:
        bench.tick()
        bench.state.dq = np.full(len(bound.joint_ids), 100.0)
        bench.tick()
        bench.state.dq = np.zeros(len(bound.joint_ids))
        bench.state.q = bench.state.q + 0.01
    custom, built_in = (bench.tick() for bench in benches)
    assert benches[0].verdict == (SafetyState.HOLD, Fault.OVER_SPEED)
    assert custom.tobytes() == built_in.tobytes()
    assert np.abs(custom).max() > 0.01


# -- loops ---------------------------------------------------------------------------------------


def simulation(bound: BoundHand, law: ControlLaw | None) -> tuple[_core.Loop, _core.Controller]:
    import mujoco

    data = mujoco.MjData(bound.model)
    data.qpos[:] = bound.model.key("rest").qpos
    plant = _core.SimPlant(bound.model, bound.plant_ids(), _core.SensorModel(), PERIOD)
    plant.start(data)
    controller = _core.Controller(bound.hand_model, bound.hand.controller_config())
    controller.set_law(law)
    return _core.Loop(plant, controller), controller


def test_lockstep_with_a_law(bound: BoundHand) -> None:
    (built_in, _), (custom, controller) = simulation(bound, None), simulation(bound, impedance)
    assert built_in.run(300) == custom.run(300) == 300
    assert controller.safety_state == SafetyState.OK
    np.testing.assert_allclose(custom.status.q, built_in.status.q, rtol=0.0, atol=1e-9)


@control_law
def failing_later(time, torque):
    if time > 0.02:
        raise ValueError("too late")
    torque[0] = 0.0


def test_neither_a_tick_nor_its_failure_waits_for_the_interpreter(bound: BoundHand) -> None:
    loop, controller = simulation(bound, failing_later)
    loop.start()
    ctypes.PyDLL(None).usleep(500_000)  # a PyDLL keeps the interpreter's lock meanwhile
    status = loop.status
    loop.stop()
    assert status.time > 0.03
    assert (controller.safety_state, controller.fault) == (SafetyState.STOPPED, LIMP[1])


def test_a_loop_that_runs_keeps_its_law(bound: BoundHand) -> None:
    loop, controller = simulation(bound, impedance)
    loop.start()
    try:
        with pytest.raises(RuntimeError, match=r"stop\(\) the loop first"):
            controller.set_law(None)
        for _ in range(200):
            if loop.status.ticks > 20:
                break
            time.sleep(0.01)
        assert loop.status.safety == SafetyState.OK
    finally:
        loop.stop()
    controller.set_law(None)


# -- the struct ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spoil",
    [
        "core.law_input_layout = lambda: layout[:-1]",
        "core.law_input_layout = lambda: [*layout[:-2], layout[-1], layout[-2]]",
        "core.LAW_INPUT_SIZE += 8",
    ],
)
def test_another_struct_is_refused_at_import(spoil: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from handloop.controller import law

    monkeypatch.setattr(_core, "law_input_layout", _core.law_input_layout)
    monkeypatch.setattr(_core, "LAW_INPUT_SIZE", _core.LAW_INPUT_SIZE)
    law._check_layout()
    exec(spoil, {"core": _core, "layout": _core.law_input_layout()})
    with pytest.raises(ImportError, match="another struct than handloop expects"):
        law._check_layout()


def test_fields_without_a_meaning_are_counts() -> None:
    assert {f.name for f in _FIELDS if not f.meaning} == {
        f"{name}_count" for name in ("joint", "finger", "parameter", "memory")
    }
