"""The tendons of `hand27_*_tendon`: strong enough, well placed, and the same on both sides."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from handloop import _core
from handloop.controller import Hand
from handloop.sim.hands.tendons import PRETENSION, tendons, torque_limit

Array = NDArray[np.float64]
LoadHand = Callable[[str], Hand]
POSTURES = 200

# Per joint between these in every posture [m]; human figures, see `sim/hands/tendons.py`.
ARMS = {
    "wrist": (0.006, 0.023),
    "thumb": (0.005, 0.012),
    "cmc": (0.008, 0.010),
    "mcp_flexion": (0.0055, 0.012),
    "mcp_abduction": (0.0045, 0.0065),
    "pip": (0.0045, 0.0085),
    "dip": (0.003, 0.0055),
}


class Bench:
    """A hand's transmission in random postures."""

    def __init__(self, hand: Hand) -> None:
        self.bound = hand.bind(hand.model)
        self.names = list(hand.joint_names)
        self.transmission = _core.Transmission(self.bound.hand_model, self.bound.transmission())
        self.rng = np.random.default_rng(0)

    def pose(self) -> Array:
        """Moment arms in the next posture, shape (motors, joints) [m]."""
        self.transmission.update(self.rng.uniform(*self.bound.position_range.T))
        return self.transmission.moment_arms()


@pytest.fixture
def bench(load_hand: LoadHand) -> Bench:
    return Bench(load_hand("hand27_right_tendon"))


def arms_of(joint: str) -> tuple[float, float]:
    return next(arms for key, arms in ARMS.items() if key in joint)


def test_two_tendons_on_every_joint_keep_their_side_and_their_lever(bench: Bench) -> None:
    for _ in range(POSTURES):
        arms = bench.pose()
        for motor, tendon in enumerate(tendons(), start=1):
            joint = tendon.joint.name
            lever = arms[motor, bench.names.index(joint)] * (-1.0 if tendon.agonist else 1.0)
            low, high = arms_of(joint)
            assert low < lever < high, tendon.name


def test_other_joints_are_passed_close_to_their_axes(bench: Bench) -> None:
    for _ in range(POSTURES):
        arms = np.abs(bench.pose())
        for motor, tendon in enumerate(tendons(), start=1):
            arms[motor, bench.names.index(tendon.joint.name)] = 0.0
        assert arms.max() < 0.0045


def test_every_joint_reaches_its_limit_both_ways_in_every_posture(bench: Bench) -> None:
    limits = bench.bound.torque_max()
    for _ in range(POSTURES // 4):
        bench.pose()
        for joint, limit in enumerate(limits):
            for torque in (limit, -limit):
                wanted = np.zeros(27)
                wanted[joint] = torque
                bench.transmission.efforts(wanted, np.zeros(27))
                assert not bench.transmission.saturated, (bench.names[joint], torque)


def test_no_torque_is_much_dearer_than_another(bench: Bench) -> None:
    """In units of what each joint's own pair can do, tensions give torques well conditioned."""
    own = np.array([bench.names.index(t.joint.name) for t in tendons()[::2]])
    for _ in range(POSTURES):
        pull = -bench.pose()[1:][:, own].T
        scaled = pull / np.abs(np.diag(pull[:, ::2]))[:, None]
        assert np.linalg.cond(scaled) < 6.0


def test_a_hand_at_rest_is_held_by_little_more_than_the_pretension(bench: Bench) -> None:
    bench.pose()
    effort = bench.transmission.efforts(np.zeros(27), np.zeros(27))[1:]
    assert (effort >= PRETENSION).all()
    assert effort.mean() < 1.5 * PRETENSION


def test_limits_in_the_file_are_those_of_the_table(bench: Bench) -> None:
    wanted = {tendon.joint.name: torque_limit(tendon.joint) for tendon in tendons()}
    limits = dict(zip(bench.names, bench.bound.torque_max(), strict=True))
    assert {name: limits[name] for name in wanted} == wanted


def test_both_hands_have_the_same_moment_arms(load_hand: LoadHand) -> None:
    right, left = (Bench(load_hand(f"hand27_{side}_tendon")) for side in ("right", "left"))
    for _ in range(20):
        np.testing.assert_allclose(left.pose(), right.pose(), atol=1e-8)
