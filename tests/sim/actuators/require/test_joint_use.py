"""What is read off a trial and what is required for it, of loads that can be worked out by hand."""

import dataclasses

import numpy as np
import pytest

from handloop.controller import Hand
from handloop.sim.actuators.require import rules
from handloop.sim.actuators.require.extract import CONTROLLER, OWN, Extract, Margins, extract
from handloop.sim.actuators.require.joint_use import Measurer, TrialUse
from handloop.sim.actuators.require.loads import LoadHistory

from .pinch_hand import JOINTS, LEVERS, MASS, ROTOR, in_joint, loads, pinch_hand

PIP = JOINTS.index("pip")
TICKS = np.arange(1000)
TIME = 0.001 * TICKS  # [s]


@pytest.fixture(scope="module")
def hand(tmp_path_factory: pytest.TempPathFactory) -> Hand:
    return pinch_hand(tmp_path_factory.mktemp("pinch"))


def steps(*parts: tuple[int, float]) -> np.ndarray:
    """So many ticks of each value, shape (n,)."""
    return np.concatenate([np.full(*part) for part in parts])


def press_and_swing(task: str = "by hand") -> LoadHistory:
    """A tenth of the time 0.4 N m at 3 rad/s, three tenths -0.1 N m at -5 rad/s, else at rest."""
    return loads(
        q=in_joint("pip", np.linspace(-0.3, 0.7, 1000)),
        dq=in_joint("pip", steps((100, 3.0), (300, -5.0), (600, 0.0))),
        torque=in_joint("pip", steps((100, 0.4), (300, -0.1), (600, 0.0))),
        task=task,
    )


def measured(hand: Hand, *histories: LoadHistory) -> list[TrialUse]:
    measurer = Measurer(hand, 1.0)
    return [measurer.measure(history) for history in histories]


def required(hand: Hand, *histories: LoadHistory, **margins: float) -> Extract:
    return extract(hand, measured(hand, *histories), Margins(**margins))


def test_torque_speed_travel_and_heat_of_known_steps(hand: Hand) -> None:
    use = measured(hand, press_and_swing())[0]
    assert use.peak_torque == pytest.approx([0.0, 0.4, 0.0])
    assert use.peak_speed == pytest.approx([0.0, 5.0, 0.0])
    assert use.torque_range[PIP] == pytest.approx([-0.1, 0.4])
    assert use.travel[PIP] == pytest.approx([-0.3, 0.7])
    assert use.mean_square[PIP] == pytest.approx(0.1 * 0.4**2 + 0.3 * 0.1**2)
    assert sorted(map(tuple, use.clouds[PIP])) == [
        pytest.approx(point) for point in ((-0.1, -5.0), (0.0, 0.0), (0.4, 3.0))
    ]
    limited = loads(torque=in_joint("pip", steps((250, -1.0), (750, 0.9))))
    assert measured(hand, limited)[0].limited == pytest.approx([0.0, 0.25, 0.0])


def test_peaks_are_those_of_the_time_that_is_covered(hand: Hand) -> None:
    most, part = (Measurer(hand, part).measure(press_and_swing()) for part in (0.95, 0.85))
    assert most.peak_torque[PIP] == pytest.approx(0.4), "for a tenth of the time"
    assert part.peak_torque[PIP] == pytest.approx(0.1)
    assert part.torque_range[PIP] == pytest.approx([-0.1, 0.1])
    points = sorted(map(tuple, part.clouds[PIP]))
    assert points == [pytest.approx((-0.1, -5.0)), pytest.approx((0.0, 0.0))]


def test_requirement_names_figures_margins_and_tasks(hand: Hand) -> None:
    lifts = loads(torque=[0.0, 0.3, 0.0], dq=[0.0, 7.0, 0.0], task="lift")
    needs = required(hand, press_and_swing("press"), lifts, peak=2.0, speed=3.0, continuous=1.5)
    joint = needs.joints[PIP]
    assert joint.peak_torque == pytest.approx(2.0 * 0.4)
    assert joint.peak_speed == pytest.approx(3.0 * 7.0)
    assert joint.duty == 1.0, "0.3 is over half of 0.4 N m all of the time"
    assert joint.mean_square == pytest.approx(1.5**2 * 0.3**2)
    assert joint.rms_torque == pytest.approx(1.5 * np.sqrt((0.019 + 0.3**2) / 2.0))
    assert joint.travel == pytest.approx((-0.3, 0.7))
    assert sorted(map(tuple, joint.cloud)) == [
        pytest.approx(p) for p in ((-0.2, -15.0), (0.0, 0.0), (0.6, 21.0), (0.8, 9.0))
    ]
    said = {figure: joint.set_by[figure] for figure in ("peak_torque", "peak_speed", "duty")}
    assert said == {"peak_torque": "press", "peak_speed": "lift", "duty": "lift"}
    assert joint.set_by["mean_square"] == "lift"


def test_duty_is_the_time_above_half_of_the_peak(hand: Hand) -> None:
    task = required(hand, press_and_swing()).tasks[0]
    assert task.duty[PIP] == pytest.approx(0.1, abs=0.005), "of 201 quantiles"


def test_bandwidth_is_that_of_the_torque_where_it_is_more_than_the_loop(hand: Hand) -> None:
    def shaken(frequency: float, size: float) -> LoadHistory:
        time = 0.001 * np.arange(8000)
        torque = in_joint("pip", size * np.sin(2.0 * np.pi * frequency * time))
        return loads(torque=torque, ticks=8000, task="shake")

    needs = required(hand, shaken(10.0, 0.1), shaken(40.0, 0.2), bandwidth=2.0)
    mean = (1.0 * 10.0 + 4.0 * 40.0) / 5.0  # weighted by the squares of the sizes
    assert needs.tasks[0].bandwidth[PIP] == pytest.approx(mean, abs=0.5)  # [Hz], of the spectrum
    assert needs.joints[PIP].bandwidth == pytest.approx(2.0 * needs.tasks[0].bandwidth[PIP])
    assert needs.joints[PIP].set_by["bandwidth"] == "shake"
    slow = required(hand, shaken(0.5, 0.1)).joints[PIP]
    assert slow.set_by["bandwidth"] == CONTROLLER
    assert slow.bandwidth == pytest.approx(needs.loop[PIP])


def touch(dq: np.ndarray) -> LoadHistory:
    """The finger, straight, meets something after half a second and holds it with 4 N."""
    force = np.zeros((1000, 2))
    force[500:800, 0] = 4.0
    return loads(dq=dq, force=force, torque=[0.01, 0.01, 0.0])


def test_one_touch_of_known_force_and_speed(hand: Hand) -> None:
    dq = np.broadcast_to([1.0, 2.0, 8.0], (1000, 3)).copy()
    dq[500:] = [6.0, 9.0, 9.0]  # thrown about by the impact
    use = measured(hand, touch(dq))[0]
    assert use.lever[0] == pytest.approx([*LEVERS, 0.0])
    assert use.grip == pytest.approx([4.0, np.nan], nan_ok=True)
    assert use.touch_rate[0] == pytest.approx([1.0, 2.0, 8.0])
    assert use.touch_rate[1].tolist() == [0.0, 0.0, 0.0], "the thumb touches nothing"
    tip_speed = LEVERS[0] * 1.0 + LEVERS[1] * 2.0
    assert use.touch_energy == pytest.approx([0.5 * MASS * tip_speed**2, 0.0], rel=1e-5)


def test_resolution_and_rotor_of_that_touch(hand: Hand) -> None:
    needs = required(hand, touch(np.array([1.0, 2.0, 0.0])), resolution=2.0, inertia=4.0)
    task, stiffness = needs.tasks[0], rules.CONTACT_STIFFNESS
    count = 0.1 * 0.25 * 4.0 / stiffness / np.array(LEVERS)  # a tenth of a quarter of the grip
    assert task.resolution[:2] == pytest.approx(count)
    left = 4.0**2 / (2.0 * stiffness) - 0.5 * MASS * (LEVERS[0] * 1.0 + LEVERS[1] * 2.0) ** 2
    rotors = left / np.array([1.0, 2.0]) ** 2  # two rotors with half of it each: M w^2 / 2
    assert task.inertia[:2] == pytest.approx(rotors, rel=1e-5)
    for joint, resolution, inertia in zip(needs.joints, count, rotors, strict=False):
        assert joint.resolution == pytest.approx(resolution / 2.0)
        assert joint.inertia_max == pytest.approx(inertia / 4.0, rel=1e-5)
        assert joint.set_by["resolution"] == joint.set_by["inertia_max"] == "by hand"


def test_rotor_of_a_known_acceleration(hand: Hand) -> None:
    ramp = loads(dq=in_joint("pip", 30.0 * TIME), torque=[0.0, 0.2, 0.0])
    use = measured(hand, ramp)[0]
    assert use.peak_acceleration == pytest.approx([0.0, 30.0, 0.0], rel=1e-4)
    task = required(hand, ramp).tasks[0]
    assert task.inertia[PIP] == pytest.approx(rules.OWN_PART * 0.2 / 30.0, rel=1e-4)


def test_no_lighter_rotor_nor_finer_count_than_the_hands_own(hand: Hand) -> None:
    ramp = loads(dq=in_joint("pip", 30.0 * TIME), torque=[0.0, 1e-4, 0.0])
    (use,) = measured(hand, ramp)
    joint = extract(hand, [dataclasses.replace(use, lever=25.0 * use.lever)]).joints[PIP]
    assert (joint.inertia_max, joint.set_by["inertia_max"]) == (pytest.approx(ROTOR), OWN)
    assert (joint.resolution, joint.set_by["resolution"]) == (pytest.approx(rules.NOISE), OWN)


def test_two_trials_of_a_task_count_by_their_time(hand: Hand) -> None:
    short = measured(hand, loads(torque=[0.0, 0.4, 0.0], dq=[0.0, 2.0, 0.0]))[0]
    long = measured(hand, loads(torque=[0.0, 0.1, 0.0], dq=[0.0, 3.0, 0.0], ticks=3000))[0]
    task = extract(hand, [short, long]).tasks[0]
    assert (task.trials, task.duration) == (2, pytest.approx(4.0))
    assert task.mean_square[PIP] == pytest.approx((1.0 * 0.4**2 + 3.0 * 0.1**2) / 4.0)
    assert task.duty[PIP] == pytest.approx(0.25)
    assert task.peak_torque[PIP] == pytest.approx(0.4)
    assert task.peak_speed[PIP] == pytest.approx(3.0)
    faint = dataclasses.replace(long, task="faint", mean_square=0.0 * long.mean_square)
    joint = extract(hand, [short, faint]).joints[PIP]
    assert joint.rms_torque == pytest.approx(np.sqrt(0.4**2 / 2.0)), "tasks count alike"
