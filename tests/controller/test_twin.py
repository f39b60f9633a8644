"""The twin of the control law against the built-in one: tick by tick, and in whole episodes."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from handloop import _core
from handloop._core import SafetyState
from handloop.controller import BoundHand, Hand, packaged_hands
from handloop.controller.twin import twin_law
from handloop.controller.twin_model import flat_tree

LoadHand = Callable[[str], Hand]
PERIOD = 0.001
AGREE = 1e-9  # [N m]


def config_for(bound: BoundHand) -> _core.ControllerConfig:
    """The hand's own, or, for one without motors, one that will do."""
    if bound.hand.can_be_driven:
        config = bound.hand.controller_config(PERIOD)
    else:
        config, n = _core.ControllerConfig(), len(bound.joint_ids)
        config.period = PERIOD
        config.law.stiffness, config.law.damping = [3.0] * n, [0.1] * n
        config.law.integral_gain = [0.0, 10.0, 20.0, 30.0, 40.0]
        config.grip.share = [1.0, 0.25, 0.25, 0.25, 0.25]
        low, high = bound.position_range.T
        config.safety.position_min, config.safety.position_max = low, high
    config.observer.force_source = _core.ForceSource.SENSORS  # contacts are made up here
    config.safety.torque_max = [1e6] * len(bound.joint_ids)  # nothing is hidden by the limit
    config.safety.velocity_max = 1e6
    return config


class Pair:
    """Two controllers of one hand that are given the same: the built-in law, and its twin."""

    def __init__(self, bound: BoundHand) -> None:
        config = config_for(bound)
        self.low, self.high = bound.position_range.T
        self.built_in, self.twin = (
            _core.Controller(bound.hand_model, config),
            _core.Controller(bound.hand_model, config),
        )
        self.twin.set_law(twin_law(bound.hand_model))
        for controller in (self.built_in, self.twin):
            controller.set_trajectory([0.0, 1.0], [self.low, self.high])
        self.state = _core.HandState(len(self.low))

    def tick(self) -> tuple[np.ndarray, float]:
        """The built-in torque, and the largest difference."""
        self.state.time += PERIOD
        wanted = self.built_in.tick(self.state, self.state.time)
        torque = self.twin.tick(self.state, self.state.time)
        assert self.twin.safety_state == self.built_in.safety_state
        return wanted, float(np.abs(torque - wanted).max())


def shake(pair: Pair, rng: np.random.Generator) -> None:
    """Anything that a hand may meet: any posture, contacts that come and go, a bad sample."""
    state, n = pair.state, len(pair.low)
    state.q, state.dq = rng.uniform(pair.low, pair.high), rng.normal(scale=3.0, size=n)
    if rng.random() < 0.02:
        state.q = np.full(n, np.nan)
    for finger in range(5):
        contact = state.contact(finger)
        contact.touching = bool(rng.random() < 0.97)
        contact.force = rng.normal([3.0, 0.5, 0.2])
        normal = rng.normal(size=3)
        contact.normal = normal / np.linalg.norm(normal)
        contact.position = 0.01 * rng.normal(size=3)
        contact.slip_speed = abs(rng.normal(scale=0.002))


@pytest.mark.parametrize("name", sorted(packaged_hands()))
def test_agrees_on_random_states(name: str, load_hand: LoadHand) -> None:
    hand = load_hand(name)
    pair, rng = Pair(hand.bind(hand.model)), np.random.default_rng(1)
    pressed = 0
    for _ in range(2000):
        shake(pair, rng)
        torque, error = pair.tick()
        assert error <= AGREE * (1.0 + np.abs(torque).max())
        pressed += min(pair.built_in.wanted_force) > 0.0
    assert pair.built_in.safety_state in {SafetyState.OK, SafetyState.DEGRADED}
    assert pressed > 1000


@pytest.fixture(scope="module")
def pair(load_hand: LoadHand) -> Pair:
    hand = load_hand("hand27_right")
    return Pair(hand.bind(hand.model))


UNIT = st.floats(0.0, 1.0)


@settings(max_examples=200, deadline=None)
@given(
    part=hnp.arrays(np.float64, 27, elements=UNIT),
    dq=hnp.arrays(np.float64, 27, elements=st.floats(-50.0, 50.0)),
    force=hnp.arrays(np.float64, (5, 3), elements=st.floats(-30.0, 30.0)),
    touching=hnp.arrays(np.bool_, 5),
    ticks=st.integers(1, 5),
)
def test_agrees_on_whatever_comes(
    pair: Pair,
    part: np.ndarray,
    dq: np.ndarray,
    force: np.ndarray,
    touching: np.ndarray,
    ticks: int,
) -> None:
    pair.state.q = pair.low + part * (pair.high - pair.low)
    pair.state.dq = dq
    for finger in range(5):
        contact = pair.state.contact(finger)
        contact.touching, contact.force = bool(touching[finger]), force[finger]
    for _ in range(ticks):
        torque, error = pair.tick()
        assert error <= AGREE * (1.0 + np.abs(torque).max())


def test_the_agreement_is_worth_something(load_hand: LoadHand) -> None:
    # Gravity and J^T are the twin's own: with links a thousandth heavier it no longer agrees.
    hand = load_hand("hand27_right")
    bound = hand.bind(hand.model)
    pair = Pair(bound)
    flat = flat_tree(bound.hand_model)
    flat[21 * 28 : 22 * 28] *= 1.001
    pair.twin.set_law(twin_law(bound.hand_model), flat)
    pair.state.q = pair.low
    assert pair.tick()[1] > 1e4 * AGREE
