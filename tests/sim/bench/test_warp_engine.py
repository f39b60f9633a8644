"""The engine on mujoco-warp: what it lacks is said, what it runs is the same controller's doing."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

import mujoco
import numpy as np
import pytest

from handloop import _core
from handloop.sim.bench import engine, warp_engine, warp_worlds
from handloop.sim.bench.contestant import Entry
from handloop.sim.bench.engine import Chunk, load_contestant, run_chunk
from handloop.sim.bench.trial import CLOSED, POOL, Case, Result, Trial
from handloop.sim.bench.warp_engine import WarpEngine, run_worlds
from handloop.sim.bench.warp_worlds import Worlds, differences, unsupported
from handloop.sim.tasks import cup
from handloop.sim.tasks.cup import CupScene
from handloop.sim.tasks.cup_task import CupTask
from handloop.sim.tasks.cup_trial import CupTrial

ENTRY = Entry("hand27_right")
LENGTH = 0.1  # [s]: the fingers are on their way

needs_warp = pytest.mark.skipif(
    not find_spec("mujoco_warp"), reason="pip install 'handloop[warp]' to test the engine on it"
)


@pytest.fixture
def scene(cup_scene: Callable[[str], CupScene], monkeypatch: pytest.MonkeyPatch) -> CupScene:
    monkeypatch.setattr(cup, "END", LENGTH)
    return cup_scene("hand27_right")


def chunk(*seeds: int, case: Case = POOL, task: str = "cup") -> Chunk:
    return Chunk(task, ENTRY, tuple(Trial(CLOSED, case, seed) for seed in seeds))


def test_without_mujoco_warp_one_error_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['mujoco_warp'] = None\n"
        "from handloop.sim.bench.warp_engine import WarpEngine; WarpEngine()"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.stderr.splitlines()[-1] == (
        "ImportError: --engine warp needs mujoco-warp, which is not installed; "
        "pip install 'handloop[warp]'"
    )


# -- what mujoco-warp lacks ------------------------------------------------------------------------


@needs_warp
@pytest.mark.parametrize("hand", ["hand27_right", "hand22_right_servo", "hand27_right_tendon"])
def test_the_cup_lacks_nothing(hand: str, cup_scene: Callable[[str], CupScene]) -> None:
    model = cup_scene(hand).model
    assert unsupported(model) == []
    said = differences(model)
    assert "tolerance 1e-06 instead of 1e-08" in said
    assert not [line for line in said if "noslip" in line or "integrator" in line]


@needs_warp
def test_every_feature_that_is_lacking_is_named() -> None:
    model = mujoco.MjModel.from_xml_string(
        """<mujoco>
          <option solver="PGS"/>
          <worldbody>
            <body name="a"><joint name="a"/><geom size="0.1" mass="1"/></body>
          </worldbody>
          <actuator><motor joint="a"/></actuator>
        </mujoco>"""
    )
    model.actuator_dyntype[0] = mujoco.mjtDyn.mjDYN_PID
    assert unsupported(model) == ["actuator_dyntype mjDYN_PID", "option solver mjSOL_PGS"]
    model.actuator_dyntype[0] = mujoco.mjtDyn.mjDYN_NONE
    model.opt.solver = mujoco.mjtSolver.mjSOL_NEWTON
    model.opt.disableflags = mujoco.mjtDisableBit.mjDSBL_MIDPHASE
    assert unsupported(model) == ["mjDSBL_MIDPHASE is unsupported."]


@needs_warp
def test_what_it_cannot_run_runs_on_mujoco_and_says_so(
    scene: CupScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warp_engine, "unsupported", lambda model: ["sensor_type mjSENS_X"])
    warp = WarpEngine()
    (done,) = warp.run([chunk(0, 1)])
    results = done.results
    reason = "mujoco-warp lacks sensor_type mjSENS_X"
    expected = [replace(r, note=f"run on MuJoCo, not mujoco-warp: {reason}") for r in plain(0, 1)]
    assert repr(results) == repr(expected)  # a NaN is not itself
    assert warp.remarks == {"cup": [f"run on MuJoCo instead: {reason}"]}


def plain(*seeds: int) -> list[Result]:
    return run_chunk(chunk(*seeds)).results


class Climb(CupTask):
    """More than an episode each."""

    name = "climb"

    def plays(self, trial: Trial) -> bool:
        return False

    def run(self, contestant: Any, trials: Any) -> list[Result]:
        return [Result("held") for _ in trials]


@needs_warp
def test_a_task_of_something_else_than_episodes_runs_on_mujoco(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (engine, warp_engine):
        monkeypatch.setattr(module, "task" if module is engine else "task_of", lambda _: Climb())
    warp = WarpEngine()
    (done,) = warp.run([chunk(0, task="climb")])
    (result,) = done.results
    assert result.outcome == "held"
    assert result.note.endswith("it is not one episode")


@needs_warp
def test_results_come_in_the_order_of_the_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    together: list[list[int]] = []

    def run(self: WarpEngine, chunks: list[Chunk]) -> list[Result]:
        trials = [trial for chunk in chunks for trial in chunk.trials]
        together.append([trial.seed for trial in trials])
        return [Result("held", {"seed": trial.seed}) for trial in trials]

    monkeypatch.setattr(WarpEngine, "_run", run)
    chunks = [chunk(0, 1), chunk(2, 3), chunk(4), chunk(5, case=Case("other")), chunk(6, 7, 8)]
    results = [done.results for done in WarpEngine(worlds=3).run(chunks)]
    assert [[r.metrics["seed"] for r in each] for each in results] == [
        [0, 1], [2, 3], [4], [5], [6, 7, 8],
    ]  # fmt: skip
    assert together == [[0, 1, 2, 3], [4], [5], [6, 7, 8]]
    with pytest.raises(ValueError, match="at least one world, not 0"):
        WarpEngine(worlds=0)


# -- what it runs ----------------------------------------------------------------------------------


@needs_warp
@pytest.mark.slow
def test_the_closed_loop_of_several_worlds_is_nearly_mujocos(scene: CupScene) -> None:
    ours = [scene.episode(CupTrial.draw(seed)) for seed in range(2)]
    theirs = [scene.episode(CupTrial.draw(seed)) for seed in range(2)]
    heavy = ours[1].model.body("cup").mass[0]
    assert run_worlds(ours, "cpu") == ["", ""]
    _core.run_episodes(theirs)
    assert ours[1].model.body("cup").mass[0] != heavy  # a track drove it
    for a, b in zip(ours, theirs, strict=True):
        assert len(a.log) == len(b.log) == round(LENGTH / cup.PERIOD)
        for name, close in (("q", 1e-4), ("dq", 0.05), ("cup_position", 1e-4)):
            begin, width = a.channels[name]
            columns = slice(begin, begin + width)
            np.testing.assert_allclose(a.log[:, columns], b.log[:, columns], atol=close)
        assert not np.array_equal(a.log, b.log)  # float32
    again = scene.episode(CupTrial.draw(1))
    run_worlds([again], "cpu")
    assert again.log.tobytes() == ours[1].log.tobytes()  # whatever the other world does


@needs_warp
@pytest.mark.slow
def test_an_engine_judges_what_ran_on_warp(scene: CupScene) -> None:
    warp = WarpEngine(device="cpu")
    (done,) = warp.run([chunk(0, 1)])
    assert str(done.physics["simulator"]).startswith("mujoco-warp")
    for ours, theirs in zip(done.results, plain(0, 1), strict=True):
        assert (ours.outcome, ours.note) == (theirs.outcome, theirs.note)
    assert "float32 instead of float64" in warp.remarks["cup"]


@needs_warp
@pytest.mark.slow
def test_a_world_without_room_for_its_contacts_counts_as_diverged(
    scene: CupScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warp_worlds, "CONTACTS", 1)
    (done,) = WarpEngine(device="cpu").run([chunk(0)])
    (result,) = done.results
    assert result.outcome == "diverged"
    assert re.match("mujoco-warp had no room for all of .*PHASE.*: the physics was", result.note)


@needs_warp
@pytest.mark.slow
def test_worlds_that_differ_in_what_is_shared_are_refused(scene: CupScene) -> None:
    contestant = load_contestant(ENTRY)
    task = CupTask()
    episodes = [task.prepared(contestant, Trial(CLOSED, POOL, seed))[1] for seed in range(2)]
    episodes[1].model.geom("cup").condim[0] = 3
    with pytest.raises(ValueError, match="differ in geom_condim, which mujoco-warp shares"):
        Worlds(episodes, "cpu")
