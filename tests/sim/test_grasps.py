"""Grasps: what is done to an object, what counts as held, and that friction is what holds."""

import dataclasses
import io
import json
import math
from collections import Counter
from pathlib import Path

import mujoco
import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

from handloop.cli import app
from handloop.commands.grasps import QUICK, _trials
from handloop.controller import Hand, HandError
from handloop.sim.grasps import Condition, GraspRunner, GraspsResult, draw
from handloop.sim.grasps_report import lines, percent, tables
from handloop.sim.tasks.cup import CupScene
from handloop.sim.tasks.grasp import GraspScene
from handloop.sim.tasks.grasp_object import OBJECTS, GraspObject
from handloop.sim.tasks.grasp_preshape import CLEARANCE, Grip
from handloop.sim.tasks.grasp_result import LOOSE, STRICT, Gate, GraspResult, motion
from handloop.sim.tasks.grasp_trial import (
    GRAVITY,
    LEVER,
    LOADED,
    PUSHED,
    GraspTrial,
    external_wrench,
    pool,
)
from handloop.sim.tasks.hand_parts import HandParts

CAN = GraspObject("cylinder", 0.05, 0.12)
BALL = GraspObject("sphere", 0.06, 0.06)
BAR = GraspObject("box", 0.045, 0.11)


def trial(thing: GraspObject = CAN, grip: Grip = "precision", **changes: object) -> GraspTrial:
    base = GraspTrial(thing, grip, 0.5, 0.6, 5.0, "force", 2, -1, seed=0)
    return dataclasses.replace(base, **changes)


@pytest.fixture(autouse=True)
def log_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # MuJoCo puts its log where it is run


@pytest.fixture(scope="module")
def runner() -> GraspRunner:
    return GraspRunner(Hand.load("hand27_right"))


# -- what is done ----------------------------------------------------------------------------------


def test_the_pool_pushes_every_grasp_both_ways_along_and_about_every_axis() -> None:
    trials = pool()
    cells = Counter((t.thing, t.grip, t.mass, t.friction, t.push) for t in trials)
    assert len(trials) == 3456 and len(cells) == 12 * 2 * 2 * 2 * 3
    assert set(cells.values()) == {12}
    ways = {(t.kind, t.axis, t.sign) for t in trials[:12]}
    assert ways == {(k, a, s) for k in ("force", "torque") for a in range(3) for s in (1, -1)}
    assert len({t.seed for t in trials}) == len(trials)


def test_a_draw_is_always_the_same_part_of_the_pool() -> None:
    trials = pool()
    some = draw(trials, 50)
    assert some == draw(trials, 50) and len(set(some)) == 50
    assert [t.seed for t in some] == sorted(t.seed for t in some)
    assert draw(trials[:5], 50) == trials[:5]


def test_the_weight_is_carried_until_it_comes_in() -> None:
    time, wrench = external_wrench(trial(push=0.0))
    carried = np.interp([0.0, sum(LOADED) / 2.0, LOADED[1], 9.0], time, wrench[:, 2])
    weight = 0.5 * GRAVITY
    assert carried == pytest.approx([weight, weight / 2.0, 0.0, 0.0])


@pytest.mark.parametrize(("kind", "component", "size"), [("force", 1, 5.0), ("torque", 4, 0.1)])
def test_a_push_grows_and_stays(kind: str, component: int, size: float) -> None:
    time, wrench = external_wrench(trial(kind=kind, axis=1, sign=-1))
    assert 5.0 * LEVER == pytest.approx(0.1)
    push = wrench[time >= PUSHED[0]]
    assert push[0] == pytest.approx(0.0) and np.all(np.diff(push[:, component]) <= 0.0)
    assert push[-1] == pytest.approx(-size * np.eye(6)[component])


# -- what counts as held ---------------------------------------------------------------------------


def test_motion_is_measured_from_the_first_pose() -> None:
    angle = np.radians([0.0, 3.0, 40.0])
    turned = np.column_stack([np.cos(angle / 2), 0 * angle, np.sin(angle / 2), 0 * angle])
    turned[2] *= -1.0  # the same rotation
    shift, turn = motion(np.array([[1.0, 1, 1], [1, 1.003, 1.004], [2, 1, 1]]), turned)
    assert shift == pytest.approx([0.0, 0.005, 1.0])
    assert np.degrees(turn) == pytest.approx([0.0, 3.0, 40.0], abs=1e-6)


@pytest.mark.parametrize("gate", [LOOSE, STRICT])
@pytest.mark.parametrize(
    ("shift", "turn", "changes", "held"),
    [
        (0.99, 0.99, {}, True),
        (1.01, 0.5, {}, False),
        (0.5, 1.01, {}, False),
        (math.nan, 0.5, {}, False),
        (0.5, 0.5, {"lifted": False}, False),
        (0.5, 0.5, {"diverged": True}, False),
    ],
)
def test_a_gate_lets_through_what_moved_and_turned_less(
    gate: Gate, shift: float, turn: float, changes: dict[str, bool], held: bool
) -> None:
    result = GraspResult(trial(), shift * gate.shift, turn * gate.turn, True, 9.0, 9.0, 0.0, False)
    assert dataclasses.replace(result, **changes).passes(gate) is held


def test_the_gates_are_those_stated() -> None:
    assert (LOOSE.shift, math.degrees(LOOSE.turn)) == pytest.approx((0.05, 15.0))
    assert (STRICT.shift, math.degrees(STRICT.turn)) == pytest.approx((0.01, 5.0))


def test_percent_comes_with_its_wilson_interval() -> None:
    assert percent(8, 10) == "80 (49–94)"  # by hand: (0.8 + 0.192 ± 0.314) / 1.384
    assert percent(0, 0) == "–"


# -- the hand holds, and for the right reason ------------------------------------------------------


@pytest.mark.parametrize("grip", ["precision", "power"])
@pytest.mark.parametrize("thing", [BALL, BAR, CAN], ids=lambda thing: thing.shape)
def test_a_hand_opens_clear_of_what_it_then_touches(
    runner: GraspRunner, thing: GraspObject, grip: Grip
) -> None:
    scene = runner.scene(thing, grip)
    model, data, pads = scene.model, mujoco.MjData(scene.model), HandParts(scene.bound).pad

    def gaps(posture: np.ndarray) -> list[float]:
        data.qpos[:] = scene.expected_qpos(posture)
        mujoco.mj_kinematics(model, data)
        held = model.geom("object").id
        return [mujoco.mj_geomDistance(model, data, pad, held, 1.0, None) for pad in pads]

    assert gaps(scene.preshape.touching) == pytest.approx([0.0] * 5, abs=1e-3)
    assert min(gaps(scene.preshape.opened)) > 0.5 * CLEARANCE


@pytest.mark.parametrize("grip", ["precision", "power"])
def test_a_firm_grasp_holds_against_a_push_and_a_twist(runner: GraspRunner, grip: Grip) -> None:
    pushes = [trial(CAN, grip), trial(CAN, grip, kind="torque", sign=1, seed=1)]
    for result in runner.run(pushes):
        assert result.passes(STRICT), result


def test_without_friction_nothing_hangs_between_fingertips(runner: GraspRunner) -> None:
    slippery = [trial(CAN, friction=1e-3, push=0.0), trial(BALL, friction=1e-3, push=0.0)]
    assert not any(result.passes(LOOSE) for result in runner.run(slippery))


def test_a_push_beyond_all_friction_pulls_the_object_out(runner: GraspRunner) -> None:
    (result,) = runner.run([trial(push=60.0)])  # friction of 20 N on both sides carries 24 N
    assert not result.passes(LOOSE)


def test_what_nobody_pushes_does_not_creep(runner: GraspRunner) -> None:
    for result in runner.run([trial(push=0.0), trial(grip="power", push=0.0)]):
        assert result.lifted and result.shift < 5e-4, result


def test_half_the_time_step_changes_no_verdict(runner: GraspRunner) -> None:
    pushes = [trial(), trial(friction=1e-3)]
    whole, half = runner.run(pushes), runner.run(pushes, timestep=0.0005)
    assert [r.passes(STRICT) for r in whole] == [r.passes(STRICT) for r in half] == [True, False]


def test_results_do_not_depend_on_the_number_of_threads(runner: GraspRunner) -> None:
    pushes = [trial(axis=axis) for axis in range(3)]
    assert GraspRunner(runner.hand, threads=3).run(pushes) == runner.run(pushes)


# -- the command -----------------------------------------------------------------------------------


def test_the_command_prints_tables_and_writes_every_trial(tmp_path: Path) -> None:
    out = tmp_path / "grasps.json"
    done = CliRunner().invoke(app, ["grasps", "--quick", "--trials", "1", "--json", str(out)])
    assert done.exit_code == 0, done.output
    assert "strict" in done.output and "loose" in done.output and "µ 0.6" in done.output
    written = json.loads(out.read_text())
    for name in ("closed_loop", "open_loop"):
        assert len(written["conditions"][name]["trials"]) == written["conditions"][name]["n"] == 1
    assert written["physics"]["noslip_iterations"] == 2


def test_quick_and_seeds_exclude_each_other() -> None:
    done = CliRunner().invoke(app, ["grasps", "--quick", "--seeds", "2"])
    assert done.exit_code == 1
    assert "leave out --quick or --seeds" in done.stderr


def test_more_trials_than_there_are_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(_trials(quick=True, count=300, seeds=1)) == 288
    assert "the pool has 288 trials, not 300" in capsys.readouterr().err
    assert len(_trials(quick=True, count=0, seeds=1)) == QUICK
    assert not capsys.readouterr().err


def result_of(closed: list[GraspResult], opened: list[GraspResult]) -> GraspsResult:
    conditions = [Condition(20.0, 0.001, tuple(results)) for results in (closed, opened)]
    return GraspsResult("hand", *conditions, None, (), {}, 1.0)


def report_of(closed: list[GraspResult], opened: list[GraspResult]) -> list[str]:
    return [*lines(result_of(closed, opened))]


def test_tables_are_whole_in_80_columns() -> None:
    results = [GraspResult(t, 0.0, 0.0, True, 9.0, 9.0, 0.0, False) for t in pool()]
    console = Console(width=80, record=True, file=io.StringIO())
    for table in tables(result_of(results, results)):
        console.print(table)
    printed = console.export_text()
    assert "blind 20 N" in printed and "100 (100–100)" in printed
    assert "…" not in printed


@pytest.mark.filterwarnings("error")
def test_a_report_of_nothing_lifted_has_no_numbers_to_show() -> None:
    lost = GraspResult(trial(), 1.0, 1.0, False, 9.0, 9.0, 0.0, False)
    printed = report_of([lost], [lost])
    assert "fingertips  – N in all closed loop, – N blind (mean of 0 that both lifted)" in printed
    assert any(line.startswith("penetration – mm") for line in printed)


def test_forces_are_compared_where_both_lifted() -> None:
    def result(lifted: bool, grip: float) -> GraspResult:
        return GraspResult(trial(), 0.0, 0.0, lifted, grip, grip, 0.0, False)

    closed = [result(True, 10.0), result(True, 99.0), result(False, 99.0)]
    opened = [result(True, 20.0), result(False, 99.0), result(True, 99.0)]
    printed = report_of(closed, opened)
    forces = "10.0 N in all closed loop, 20.0 N blind (mean of 1 that both lifted)"
    assert f"fingertips  {forces}" in printed
    assert any("3 share 1 pre-shapes" in line for line in printed)


def test_half_the_step_needs_no_other_preshape(runner: GraspRunner) -> None:
    scene = runner.scene(CAN, "precision")
    half = scene.at_step(0.0005)
    assert half.preshape is scene.preshape
    assert (half.model.opt.timestep, scene.model.opt.timestep) == (0.0005, 0.001)


def without_contacts(hand: Hand) -> Hand:
    fingers = [finger.model_copy(update={"contact": None}) for finger in hand.description.fingers]
    return Hand(hand.description.model_copy(update={"fingers": tuple(fingers)}), hand._source)


def test_a_hand_that_feels_nothing_is_refused_with_the_mend(runner: GraspRunner) -> None:
    numb = without_contacts(runner.hand)
    for build in (CupScene.build, lambda hand: GraspScene.build(hand, CAN, "precision")):
        with pytest.raises(HandError, match=r"fingers: .* no contact sensors.*give every finger"):
            build(numb)


def test_pads_are_where_the_fingertips_are(runner: GraspRunner) -> None:
    bound = without_contacts(runner.hand).bind(runner.hand.model)
    names = [bound.model.geom(pad).name for pad in HandParts(bound).pad]
    assert names == [f"{finger}_pad" for finger in runner.hand.finger_names]


def test_objects_are_told_apart_by_name() -> None:
    assert len({thing.name for thing in OBJECTS}) == len(OBJECTS) == 12
