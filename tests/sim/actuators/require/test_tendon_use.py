"""From joints to tendons: those of a pinch worked out by hand, and the packaged hand's."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import ArrayLike

from handloop.controller import Hand
from handloop.sim.actuators.require.demand import find_demand
from handloop.sim.actuators.require.extract import Margins
from handloop.sim.actuators.require.joint_use import Measurer
from handloop.sim.actuators.require.loads import LoadHistory
from handloop.sim.actuators.require.tendon_use import (
    Tendons,
    TendonUse,
    TendonWay,
    tendon_requirements,
)

from .pinch_hand import ARM, BEND, FRICTION, PRETENSION, TURN, loads, pinch_hand

TORQUE, SPEED = 0.2, 3.0  # [N m], [rad/s]: either tendon runs at 30 mm/s
LEFT = np.exp(-FRICTION * BEND * np.tanh(ARM * SPEED / TURN))
"""Of a tendon's tension, behind its guide while the motor reels it in: Euler and Eytelwein."""


@pytest.fixture(scope="module")
def hand(tmp_path_factory: pytest.TempPathFactory) -> Hand:
    return pinch_hand(tmp_path_factory.mktemp("tendons"), tendons=True)


def bending(torque: float, speed: float, task: str = "by hand", q: float = 0.0) -> LoadHistory:
    return loads(q=[0, q, 0], dq=[0, speed, 0], torque=[0, torque, 0], ticks=8, task=task)


def pulled(hand: Hand, way: TendonWay, *histories: LoadHistory) -> list[TendonUse]:
    trials = [Measurer(hand, 1.0).measure(history) for history in histories]
    tendons = Tendons(hand, way, trials, 1.0)
    return [tendons.measure(history) for history in histories]


def chord(q: float) -> float:
    """From guide to end, a right angle less q of their circle [m]."""
    return float(2.0 * np.sqrt(2.0) * ARM * np.sin(0.5 * (np.pi / 2.0 - q)))


@pytest.mark.parametrize(
    ("torque", "speed", "expected"),
    [
        (TORQUE, 0.0, [TORQUE / ARM + PRETENSION, PRETENSION]),
        (TORQUE, SPEED, [(TORQUE / ARM + PRETENSION / LEFT) / LEFT, PRETENSION]),
        (TORQUE, -SPEED, [(TORQUE / ARM + PRETENSION * LEFT) * LEFT, PRETENSION]),
        (-TORQUE, SPEED, [PRETENSION, (TORQUE / ARM + PRETENSION * LEFT) * LEFT]),
    ],
)
def test_pair_pulls_against_friction_with_it_and_the_other_at_pretension(
    hand: Hand, torque: float, speed: float, expected: ArrayLike
) -> None:
    (use,) = pulled(hand, TendonWay.PAIRS, bending(torque, speed))
    assert use.names == ("in", "out")
    assert use.peak_tension == pytest.approx(expected, rel=1e-5)
    assert use.mean_square == pytest.approx(np.square(expected), rel=1e-5)
    assert use.peak_speed == pytest.approx(np.full(2, ARM * abs(speed)))


@pytest.mark.parametrize(("way", "tendon"), [(1.0, "in"), (-1.0, "out")])
def test_one_tendon_pulls_against_its_spring_and_friction(
    hand: Hand, way: float, tendon: str
) -> None:
    """Turned round, the other tendon pulls the same."""
    back = 0.25 * TORQUE  # what the spring is for
    strong, weak, still = pulled(
        hand,
        TendonWay.SPRINGS,
        bending(way * TORQUE, way * SPEED),
        bending(-way * back, -way * SPEED),
        bending(0.0, 0.0),
    )
    assert strong.names == (tendon,)
    assert strong.peak_tension == pytest.approx([(TORQUE + back) / ARM / LEFT], rel=1e-5)
    assert weak.peak_tension == pytest.approx([0.0], abs=1e-5), "the spring does it alone"
    assert still.peak_tension == pytest.approx([back / ARM], rel=1e-5)
    assert strong.peak_speed == pytest.approx([ARM * SPEED])


def test_requirement_of_tendons_has_the_worst_of_each_figure(hand: Hand) -> None:
    angle = np.pi / 6.0
    uses = pulled(
        hand,
        TendonWay.PAIRS,
        bending(TORQUE, 0.0, "hold"),
        bending(0.0, SPEED, "wave"),
        bending(0.0, 0.0, "bent", angle),
    )
    pulls, yields = tendon_requirements(uses, Margins(peak=2.0, speed=3.0, continuous=4.0))
    tension = TORQUE / ARM + PRETENSION
    assert (pulls.tendon, yields.tendon) == ("in", "out")
    assert pulls.peak_tension == pytest.approx(2.0 * tension, rel=1e-5)
    assert pulls.rms_tension == pytest.approx(4.0 * tension, rel=1e-5)
    assert pulls.peak_speed == pytest.approx(3.0 * ARM * SPEED)
    assert pulls.stroke == pytest.approx(chord(0.0) - chord(angle), rel=1e-5)
    assert yields.stroke == pytest.approx(chord(-angle) - chord(0.0), rel=1e-5)
    assert pulls.set_by == {"rms_tension": "hold", "peak_tension": "hold", "peak_speed": "wave"}


def test_tensions_that_were_measured_are_taken_as_they_are(hand: Hand) -> None:
    tension = np.tile([9.0, 5.0, 4.0, 9.0], (8, 1))
    tension[4:, 1] = 7.0
    history = loads(dq=[0, SPEED, 0], torque=[0, TORQUE, 0], tension=tension, ticks=8)
    use = Tendons(hand, TendonWay.PAIRS, [], 1.0).measured(history)
    assert use.peak_tension == pytest.approx([7.0, 4.0])
    assert use.mean_square == pytest.approx([0.5 * (5.0**2 + 7.0**2), 4.0**2])
    assert use.peak_speed == pytest.approx(np.full(2, ARM * SPEED))
    assert use.length == pytest.approx(np.full((2, 2), 4.0 * ARM + chord(0.0)))


def test_packaged_tendons_pull_with_torque_over_arm() -> None:
    hand = Hand.load("hand27_right_tendon")
    q = hand.bind(hand.model).position_range.mean(axis=1)
    torque = 0.35 * (np.array(hand.joint_names) == "index_pip_flexion")
    none = np.zeros((8, 27), np.float32)
    history = LoadHistory(
        "t", "", 0, 0.002, (none + q).astype(np.float32), none, (none + torque).astype(np.float32),
        none[:, :0], none[:, :5],
    )  # fmt: skip
    use = Tendons(hand, TendonWay.PAIRS, [], 1.0).measure(history)
    peak = dict(zip(use.names, use.peak_tension, strict=True))
    pretension = hand.description.transmission.pretension
    arm = 0.35 / (peak["index_pip_flexion_agonist_motor"] - pretension)
    assert arm == pytest.approx(0.007, rel=0.05), "sim.hands.tendons: 7 mm in mid-range"
    assert peak["index_pip_flexion_antagonist_motor"] == pytest.approx(pretension, rel=1e-3)
    assert peak["little_pip_flexion_agonist_motor"] == pytest.approx(pretension, rel=1e-3)


@pytest.mark.parametrize(("way", "tendons"), [(TendonWay.PAIRS, 2), (TendonWay.SPRINGS, 1)])
def test_every_joint_but_the_forearms_has_its_tendons(
    bench_folder: Path, way: TendonWay, tendons: int
) -> None:
    demand = find_demand([bench_folder], way=way, jobs=1)
    joints = [t.tendon.rsplit("_", 2)[0] for t in demand.requirements.tendons]
    moved = set(demand.extract.hand.joint_names) - {"forearm_rotation"}
    assert sorted(joints) == sorted(tendons * list(moved))


def test_a_hand_without_tendons_beside_it_is_told(bench_folder: Path) -> None:
    with pytest.raises(ValueError, match="other joints"):
        find_demand([bench_folder], way=TendonWay.PAIRS, tendon_hand="hand22_right")
    with pytest.raises(ValueError, match="has no tendons"):
        find_demand([bench_folder], way=TendonWay.PAIRS, tendon_hand="hand27_right", jobs=1)
