"""The taxonomy: 33 types, pre-shapes that touch where they shall, wrenches held for a reason."""

import copy
import dataclasses
import math
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from handloop import _core
from handloop.controller import Hand
from handloop.sim.bench.contestant import Contestant, Entry
from handloop.sim.bench.task import CannotTakePartError, Options
from handloop.sim.bench.trial import CLOSED, HALF_STEP, Case, Trial
from handloop.sim.tasks import taxonomy_scene
from handloop.sim.tasks.box_least_squares import solve
from handloop.sim.tasks.grasp_trial import GRAVITY, LEVER, LOADED
from handloop.sim.tasks.taxonomy import QUICK, TaxonomyTask
from handloop.sim.tasks.taxonomy_hand import TaxonomyHand
from handloop.sim.tasks.taxonomy_result import Direction, judge, outcome_of
from handloop.sim.tasks.taxonomy_scene import TaxonomyScene
from handloop.sim.tasks.taxonomy_trial import (
    DIRECTIONS,
    FORCES,
    MASSES,
    PUSHED,
    RUNG,
    Ladder,
    TaxonomyTrial,
)
from handloop.sim.tasks.taxonomy_types import TYPES, GraspType, Patch

TRIPOD, LATERAL, WRAP, CIGARETTE = (TYPES[n - 1] for n in (14, 16, 3, 23))
DOWN = 5
SHORT = Ladder(0.1, below=0, above=0, directions=(DOWN,))


@cache
def scene(kind: GraspType) -> TaxonomyScene:
    return TaxonomyScene.build(Hand.load("hand27_right"), kind)


def run(kind: GraspType, ladder: Ladder = SHORT, **changes: float) -> Direction:
    held = scene(kind)
    if "friction" in changes:
        model = copy.copy(held.model)
        model.geom("object").friction[0] = changes["friction"]
        held = dataclasses.replace(held, model=model)
    direction = ladder.directions[0]
    episode = held.episode(TaxonomyTrial(kind, ladder, 0), direction)
    _core.run_episodes([episode], 1)
    return judge(ladder, direction, episode)


@pytest.fixture(autouse=True)
def log_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # MuJoCo puts its log where it is run


# -- the table and the ladder ----------------------------------------------------------------------


def test_the_table_has_the_types_of_feix_et_al() -> None:
    assert [kind.number for kind in TYPES] == list(range(1, 34))
    assert len({kind.name for kind in TYPES}) == 33
    thumb = Counter(kind.thumb for kind in TYPES)
    assert thumb["adducted"] == 10 and thumb["abducted"] == 23
    assert {kind.opposition for kind in TYPES} == {"palm", "pad", "side"}


def test_patches_are_read_from_their_names() -> None:
    first, second, third = TYPES[19].patches
    assert first == (Patch(1, "pad"), Patch(2, "pad"))
    assert second == (Patch(3, "edge"),) and third == (Patch(2, "proximal"),)
    broken = dataclasses.replace(TRIPOD, first="6")
    with pytest.raises(ValueError, match="'6' is no part of a hand"):
        _ = broken.patches


def test_a_ladder_climbs_by_1_4_over_its_gate_from_a_quarter_newton() -> None:
    for mass in MASSES:
        ladder = Ladder.full(mass)
        rungs = ladder.rungs
        assert rungs[0] == pytest.approx(0.25, rel=0.05)
        assert rungs[1:] / rungs[:-1] == pytest.approx(1.4)
        assert rungs[ladder.below] == pytest.approx(10.0 * mass)


def test_directions_are_faces_and_corners_of_a_cube() -> None:
    assert len(DIRECTIONS) == 28 and FORCES == 14
    forces, torques = np.array(DIRECTIONS[:14]), np.array(DIRECTIONS[14:])
    assert np.linalg.norm(forces[:, :3], axis=1) == pytest.approx(1.0)
    assert torques[:, 3:] == pytest.approx(LEVER * forces[:, :3])
    assert not forces[:, 3:].any() and not torques[:, :3].any()
    assert forces.sum(axis=0) == pytest.approx(0.0)


def test_the_fixture_lets_go_before_the_weight_and_the_weight_before_the_ladder() -> None:
    ladder = Ladder(0.5, below=2, above=0)
    time, wrench = ladder.wrench(DOWN)
    assert np.all(np.diff(time) >= 0.0)
    at = [0.0, LOADED[1], PUSHED + 0.5 * RUNG, PUSHED + 1.5 * RUNG, PUSHED + 2.5 * RUNG]
    pull = np.interp(at, time, wrench[:, 2])
    assert pull == pytest.approx([0.5 * GRAVITY, 0.0, -5.0 / 1.4**2, -5.0 / 1.4, -5.0])


# -- pre-shapes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [TRIPOD, LATERAL, WRAP], ids=lambda kind: kind.name)
def test_patches_touch_and_face_the_object_and_the_opened_hand_is_clear(kind: GraspType) -> None:
    built = scene(kind)
    hand, found = TaxonomyHand(built.bound), built.preshape
    hand.place(found.position, found.quat)
    hand.move(found.touching)
    first, second, _ = ([hand.touch(p) for p in hand.present(v)] for v in kind.patches)
    assert [t.distance for t in first + second] == pytest.approx(
        [0.0] * len(first + second), abs=1e-3
    )
    assert all(t.normal @ t.inward > 0.6 for t in first + second)
    opposed = np.mean([t.inward for t in first], axis=0) @ np.mean(
        [t.inward for t in second], axis=0
    )
    assert opposed < -0.5 if kind is not WRAP else opposed < 0.0
    hand.move(found.opened)
    pads = [p for v in kind.patches[:2] for p in v if p.part != "palm"]
    assert min(hand.touch(p).distance for p in pads) > 0.008


def test_least_squares_stay_within_bounds() -> None:
    matrix, aim = np.array([[2.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), np.array([4.0, 5.0, 6.0])
    bounds = np.array([-1.0, -1.0]), np.array([1.0, 9.0])
    x, cost = solve(lambda x: matrix @ x - aim, lambda x: matrix, np.zeros(2), *bounds)
    assert x == pytest.approx([1.0, 5.0])  # free it would be (2, 4.5); then 2 y = 5 + 6 - 1
    assert cost == pytest.approx(0.5 * (4.0 + 0.0 + 0.0))


def test_a_hand_without_the_fingers_is_refused_with_the_reason() -> None:
    hand = Hand.load("leap_right")
    little = dataclasses.replace(TRIPOD, second="5")
    with pytest.raises(CannotTakePartError, match="leap_right has too few fingers for tripod"):
        TaxonomyScene.build(hand, little)


# -- held, and for the right reason ----------------------------------------------------------------


@pytest.mark.parametrize("kind", [TRIPOD, LATERAL, WRAP], ids=lambda kind: kind.name)
def test_a_tenth_of_a_kilogram_is_held_against_a_newton(kind: GraspType) -> None:
    found = run(kind)
    assert found.lifted and found.rungs == (1, 1), found


def test_springs_hold_where_nothing_feels() -> None:
    found = run(CIGARETTE)
    assert found.rungs == (1, 1) and found.force == 0.0  # no fingertip ever touches


def test_a_hand_that_holds_its_posture_lets_a_twist_turn_less_than_springs_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    twist = Ladder(0.5, below=1, above=0, directions=(27,))
    held = run(TRIPOD, twist)
    monkeypatch.setattr(taxonomy_scene, "TAKEN", math.inf)
    assert held.rungs == (2, 2)
    assert held.turn < 0.5 * run(TRIPOD, twist).turn


def test_without_friction_a_ball_drops() -> None:
    found = run(TRIPOD, friction=0.05)
    assert found.rungs == (0, 0)


def test_a_pull_beyond_all_friction_slips() -> None:
    # Thumb and fingers press with 20 N at most: friction 0.6 on two sides bears 24 N.
    beyond = dataclasses.replace(SHORT, mass=4.0)
    assert run(TRIPOD, beyond).rungs == (0, 0)


def test_a_trial_is_worth_its_worst_direction() -> None:
    ladder = Ladder(0.1, below=1, above=1, directions=(0, 1, 14))
    good = Direction(0, True, (3, 3), 0.0, 0.0, 9.0, False, False)
    lost = dataclasses.replace(good, index=1, rungs=(1, 2))
    twist = dataclasses.replace(good, index=14)
    held = outcome_of(ladder, [good, twist])
    assert held.outcome == "held" and held.metrics["worst_force_n"] == pytest.approx(1.4)
    assert held.metrics["worst_torque_nm"] == pytest.approx(1.4 * LEVER)
    found = outcome_of(ladder, [good, lost, twist])
    assert found.outcome == "slipped" and found.metrics["worst_force_n"] == pytest.approx(1.0 / 1.4)
    assert (found.metrics["directions"], found.metrics["loose_directions"]) == (2.0, 3.0)
    for change, outcome in (("stopped", "limit"), ("diverged", "diverged")):
        broken = dataclasses.replace(lost, **{change: True})
        assert outcome_of(ladder, [good, broken, twist]).outcome == outcome
    dropped = dataclasses.replace(lost, lifted=False, rungs=(0, 0))
    assert outcome_of(ladder, [good, dropped, twist]).outcome == "missed"


# -- the task --------------------------------------------------------------------------------------


def test_all_types_are_tried_at_both_masses_and_seeds_are_dealt_out() -> None:
    trials = list(TaxonomyTask().trials(Options(range(100))))
    closed = [t for t in trials if t.condition == CLOSED]
    assert len(closed) == 132 and len({t.case.name for t in closed}) == 66
    assert {t.condition.kind for t in trials} == {"closed", "open", "half_step", "rigid"}
    quick = list(TaxonomyTask().trials(Options(range(3), quick=True)))
    assert len(quick) == len(QUICK) and {t.condition for t in quick} == {CLOSED}


@pytest.mark.slow
def test_a_quick_trial_holds_twice_the_same_and_at_half_the_step() -> None:
    entry = Entry("hand27_right")
    contestant, task = Contestant.load(entry), TaxonomyTask()
    trial = Trial(CLOSED, Case("7 prismatic 3 finger, 0.1 kg, quick"), 0)
    one, two = task.run(contestant, [trial, trial])
    assert one == two and one.success and one.metrics["directions"] == 3.0
    (half,) = task.run(contestant, [dataclasses.replace(trial, condition=HALF_STEP)])
    assert half.success and half != one
    assert task.physics(contestant)["noslip_iterations"] == 2
    # Taken in steps, it is one direction, which the seed chooses: here down and a twist.
    measured = []
    for seed in (0, 2):
        trial = dataclasses.replace(trial, seed=seed)
        scene, episode = task.prepared(contestant, trial)
        _core.run_episodes([episode], 1)
        alone = task.judge(scene, trial, episode)
        assert alone.success and alone.metrics["directions"] == 1.0
        measured.append("worst_force_n" in alone.metrics)
        assert ("worst_torque_nm" in alone.metrics) != measured[-1]
    assert measured == [True, False]
