"""The measures of a hand, against statics, friction and hands that were weakened on purpose."""

from collections import Counter
from functools import cache

import numpy as np
import pytest

from handloop import _core
from handloop.controller import Hand
from handloop.sim.bench.contestant import Contestant, Entry
from handloop.sim.bench.task import Options
from handloop.sim.bench.trial import CLOSED, POOL, Condition, Trial
from handloop.sim.episode_log import Log
from handloop.sim.tasks import nist_grip
from handloop.sim.tasks.nist import CASES, SQUEEZES, NistTask
from handloop.sim.tasks.nist_cylinder import CylinderScene
from handloop.sim.tasks.nist_move import REPEATABILITY, pose_repeatability
from handloop.sim.tasks.nist_plates import OFF_PLACE, PlateScene
from handloop.sim.tasks.nist_press import (
    STEADY,
    STEP,
    finger_strength,
    force_tracking,
    steady_force,
)

FIRST = Trial(CLOSED, POOL, 0)


@cache
def _plates(name: str = "hand27_right") -> PlateScene:
    return PlateScene.build(Hand.load(name))


@cache
def _cylinder() -> CylinderScene:
    return CylinderScene.build(Hand.load("hand27_right"))


def _weaker(part: float) -> PlateScene:
    """The same hand with a part of its torques."""
    hand = Hand.load("hand27_right")
    most = hand.bind(hand.model).torque_max()
    limits = hand.description.limits.model_copy(update={"torque": tuple(part * most)})
    return PlateScene.build(hand.changed(limits=limits))


def test_force_limit_is_where_the_first_joint_gives_up() -> None:
    scene = _plates()
    kinematics = _core.HandKinematics(scene.bound.hand_model)
    kinematics.update_position(scene.preshape.touching)
    for finger in range(5):
        normal = kinematics.tip_rotation(finger)[:, 2]
        push = kinematics.tip_jacobian(finger).T @ normal * scene.force_limit(finger)
        loaded = (kinematics.gravity_torque() + push) / scene.bound.torque_max()
        assert np.abs(loaded).max() == pytest.approx(1.0)


def test_fingers_press_about_as_hard_as_statics_say() -> None:
    scene = _plates()
    result = finger_strength(scene, FIRST).result
    assert result.success
    for finger, name in enumerate(scene.hand.finger_names):
        measured = result.metrics[f"finger_force_n.{name}"]
        assert 0.8 < measured / scene.force_limit(finger) < 1.2


def test_weak_hand_reaches_its_limit() -> None:
    strong, weak = (finger_strength(s, FIRST).result for s in (_plates(), _weaker(0.4)))
    assert weak.outcome == "limit"
    ratio = weak.metrics["finger_force_n"] / strong.metrics["finger_force_n"]
    assert ratio == pytest.approx(0.4, abs=0.08)


def test_steady_force_is_one_that_lasts() -> None:
    ticks = round(STEADY / 0.001)
    force = np.concatenate([np.full(ticks - 1, 9.0), np.full(ticks, 5.0), [30.0]])
    assert steady_force(force) == 5.0
    assert steady_force(force[: ticks - 1]) == 0.0


def test_force_follows_with_and_without_being_felt() -> None:
    scene = _plates()
    felt = force_tracking(scene, FIRST)
    blind = force_tracking(scene, Trial(Condition("open", STEP[1]), POOL, 0))
    assert felt.result.success
    assert felt.result.metrics["step_error"] < blind.result.metrics["step_error"]
    assert 0.9 < felt.result.metrics["sine_gain"] < 1.1
    wanted = Log(felt.episode)["wanted_force"][1000:, scene.others[0]]
    assert np.ptp(wanted) > 1.0  # [N]: there was a sine to follow


def test_plates_are_where_the_seed_puts_them() -> None:
    scene = _plates()
    depths = []
    for seed in range(3):
        ran = force_tracking(scene, Trial(CLOSED, POOL, seed * 4))
        log = Log(ran.episode)
        met = int(np.argmax(log[scene.contact(scene.others[0])][:, 1] > 0.0))
        depths.append(log[f"tip{scene.others[0]}_position"][met])
    apart = [np.linalg.norm(a - b) for a in depths for b in depths]
    assert 1e-4 < max(apart) < 3.0 * OFF_PLACE


def test_pose_repeatability_in_closed_form() -> None:
    # Distances from the middle of 1, 1, 2 and 2: mean 1.5, standard deviation 1 / sqrt(3).
    place = np.array([[1.0, 0, 0], [-1.0, 0, 0], [0, 2.0, 0], [0, -2.0, 0]])
    assert pose_repeatability(place) == pytest.approx(1.5 + 3.0 / np.sqrt(3.0))
    assert pose_repeatability(np.ones((30, 3))) == 0.0


def test_pull_grows_with_squeeze_and_friction(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = _cylinder()

    def pull(squeeze: float, friction: float) -> tuple[float, str]:
        monkeypatch.setattr(nist_grip, "FRICTION", (friction, friction))
        trial = Trial(Condition("open", squeeze), POOL, 3)
        result = nist_grip.slip_resistance(scene, trial).result
        return result.metrics.get("pull_n", 0.0), result.outcome

    low, high = pull(10.0, 0.3), pull(10.0, 0.6)
    assert high[0] / low[0] == pytest.approx(2.0, rel=0.2)  # Coulomb
    assert pull(20.0, 0.3)[0] > 1.5 * low[0]
    assert pull(6.0, 0.05)[1] in ("slipped", "missed")


def test_split_cylinder_feels_a_part_of_what_the_pads_press() -> None:
    # Only the part of the pads' forces that goes across the split is felt there.
    result = nist_grip.grasp_strength(_cylinder(), FIRST).result
    assert result.outcome == "limit"  # nobody's 360 N
    assert 20.0 < result.metrics["grip_force_n"] < result.metrics["pad_force_n"]


def test_trials() -> None:
    full = list(NistTask().trials(Options(range(100))))
    closed = Counter(t.case.name for t in full if t.condition == CLOSED)
    assert closed == {case.name: 20 for case in CASES}
    assert sum(closed.values()) >= 100
    squeezed = {t.condition.squeeze for t in full if t.condition.kind == "open"}
    assert squeezed == set(SQUEEZES)


@pytest.mark.slow
def test_quick_run_twice_is_the_same_to_the_bit() -> None:
    task, contestant = NistTask(), Contestant.load(Entry("hand27_right"))
    trials = [t for t in task.trials(Options(range(1), quick=True)) if t.condition == CLOSED]
    results = task.run(contestant, trials)
    again = task.run(contestant, [trials[-1], trials[2]])
    assert again == [results[-1], results[2]]
    for trial, result in zip(trials, results, strict=True):
        assert result.outcome == ("limit" if trial.case.name == "grasp strength" else "held")
        assert {name.partition(".")[0] for name in result.metrics} <= set(task.metrics)
    assert results[4].metrics["repeatability_mm"] < REPEATABILITY
    # Taken in steps, a measure is one of its runs; of the others there are no figures.
    for trial, result in zip(trials, results, strict=True):
        scene, episode = task.prepared(contestant, trial)
        _core.run_episodes([episode], 1)
        alone = task.judge(scene, trial, episode)
        assert alone.outcome == result.outcome
        assert alone.metrics
        if trial.case.name == "finger strength":  # the weakest of all, now of one
            assert alone.metrics["finger_force_n"] in result.metrics.values()
        elif trial.case.name != "grasp cycle time":  # which is tried faster, too
            assert alone.metrics.items() <= result.metrics.items()
