"""`handloop demo`, on two cups: the numbers it writes, and what it does where it cannot go on."""

import json
import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from handloop.cli import app
from handloop.controller import packaged_hands
from handloop.sim import studio
from handloop.sim.demo import Condition, Runner, plausible_squeezes, run_demo
from handloop.sim.gallery import Gallery
from handloop.sim.render import CupPainter
from handloop.sim.report import document, table
from handloop.sim.tasks.cup import CupScene
from handloop.sim.tasks.cup_trial import CupTrial
from handloop.sim.tasks.rigid_pinch import pinch_creep
from handloop.sim.trace import run_traces

SEEDS = 2

# A machine without OpenGL: Python finds and loads everything but that.
NO_OPENGL = """
import ctypes, ctypes.util
class CDLL(ctypes.CDLL):
    def __init__(self, name=None, *args, **kwargs):
        if any(part in str(name) for part in ("EGL", "OSMesa", "libGL", "OpenGL", "glfw")):
            raise OSError(f"{name}: cannot open shared object file")
        super().__init__(name, *args, **kwargs)
ctypes.CDLL = ctypes.cdll._dlltype = CDLL
find = ctypes.util.find_library
ctypes.util.find_library = lambda name: find(name) if name in ("c", "m") else None
"""


def handloop(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], str]:
    out = tmp_path_factory.mktemp("demo")
    run = handloop(
        "demo",
        "--seeds",
        str(SEEDS),
        "--no-video",
        "--out",
        str(out),
        "--json",
        str(out / "d.json"),
    )
    assert run.exit_code == 0, run.output
    return out, json.loads((out / "d.json").read_text()), run.stdout


def test_document_has_what_was_promised(written: tuple[Path, dict[str, Any], str]) -> None:
    _, found, _ = written
    assert set(found) == {
        "hand", "seeds", "closed_loop", "open_loop", "sweep", "creep_mm", "steps_per_s", "tick_us",
        "physics", "trials",
    }  # fmt: skip
    for loop in (found["closed_loop"], found["open_loop"]):
        assert loop["n"] == SEEDS == sum(loop["outcomes"].values())
        assert loop["success"] == loop["outcomes"]["held"]
        low, high = loop["wilson_95"]
        assert 0.0 <= low <= loop["success"] / SEEDS <= high <= 1.0
        for measure in ("slip_mm", "peak_force_n", "safety_margin"):
            spread = loop[measure]
            assert spread["min"] <= spread["median"] <= spread["max"]
            assert spread["n"] == SEEDS
    assert {"p50", "p99", "p99.9", "max", "ticks"} <= set(found["tick_us"])
    assert found["steps_per_s"] > 0.0


def test_closed_loop_holds_and_reacts(written: tuple[Path, dict[str, Any], str]) -> None:
    closed = written[1]["closed_loop"]
    assert closed["success"] == SEEDS
    assert closed["safety_margin"]["mean"] <= 0.30
    reactions = closed["reaction_ms"]
    assert reactions["median"] <= 15.0
    assert closed["slips_unanswered"] == 0
    assert reactions["n"] >= SEEDS
    assert f"{reactions['median']:.1f} ({reactions['max']:.0f})" in written[2]
    assert f"{reactions['n']}/{reactions['n']}" in written[2]


@pytest.mark.slow
def test_feeling_slip_beats_the_best_blind_squeeze(load_hand: Any) -> None:
    """On the cups of `make demo`; takes 15-35 s on two cores."""
    scene = CupScene.build(load_hand("hand27_right"))
    trials = [CupTrial.draw(seed) for seed in range(20)]
    creep = pinch_creep(scene, min(trials, key=lambda trial: trial.friction))
    runner = Runner(scene, 0, creep, lambda stage, done, of: None)

    def hold(squeeze: float | None) -> Condition:
        jobs = [(trial, squeeze) for trial in trials]
        return Condition(squeeze, tuple(runner.run("", jobs, until_failure=squeeze is not None)))

    closed = hold(None)
    assert closed.successes >= 18
    assert closed.safety_margin <= 0.30
    reactions = [reaction for result in closed.results for reaction in result.reactions.times]
    assert np.median(reactions) <= 0.015
    assert max(hold(squeeze).successes for squeeze in (5.5, 6.0, 6.5)) <= closed.successes - 6


def test_a_trace_ends_where_its_run_was_judged_to(
    load_hand: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene, trial = CupScene.build(load_hand("hand27_right")), CupTrial.draw(0)
    held, dropped, crushed = run_traces(scene, trial, [None, 1.0, 20.0], 0.0)
    assert [t.result.outcome for t in (held, dropped, crushed)] == ["held", "dropped", "crushed"]
    assert held.end == len(held.time)
    assert dropped.end == dropped.lost < dropped.crushed
    assert crushed.end == crushed.crushed < crushed.lost
    for module in ("trace", "tasks.cup_result"):  # the fall alone counts too
        monkeypatch.setattr(f"handloop.sim.{module}.DROPPED", np.inf)
    (fallen,) = run_traces(scene, trial, [1.0], 0.0)
    assert dropped.lost < fallen.lost < len(fallen.time)
    assert fallen.cup[fallen.lost, 2] < fallen.cup[fallen.lost - 1, 2]


def test_opponent_is_the_best_of_the_sweep(written: tuple[Path, dict[str, Any], str]) -> None:
    found = written[1]
    squeezes = [level["squeeze_n"] for level in found["sweep"]]
    assert squeezes == sorted(set(squeezes))
    most = max(level["success"] for level in found["sweep"])
    chosen = next(s for s in found["sweep"] if s["squeeze_n"] == found["open_loop"]["squeeze_n"])
    assert chosen["success"] == most
    assert chosen["outcomes"] == found["open_loop"]["outcomes"]


def test_trials_tell_what_was_drawn(written: tuple[Path, dict[str, Any], str]) -> None:
    for row in written[1]["trials"]:
        trial = CupTrial.draw(row["seed"])
        assert row["friction"] == trial.friction
        assert row["least_force_n"] < row["crush_force_n"]
        for run in (row["closed_loop"], row["open_loop"]):
            assert (run["peak_over_crush_force"] > 1.0) >= (run["outcome"] == "crushed")


def test_plots_and_table_are_written(written: tuple[Path, dict[str, Any], str]) -> None:
    out, _, printed = written
    for plot in ("seeds.png", "run.png"):
        assert (out / plot).stat().st_size > 10_000
    assert "closed loop" in printed
    assert "open loop" in printed
    assert max(map(len, printed.split("written")[0].splitlines())) <= 80


def test_creep_of_a_rigid_pinch_is_small(load_hand: Any) -> None:
    scene = CupScene.build(load_hand("hand27_right"))
    assert 0.0 < pinch_creep(scene, CupTrial.draw(0)) < 2e-4


def test_sweep_looks_where_most_cups_can_be_held() -> None:
    trials = [CupTrial.draw(seed) for seed in range(20)]
    squeezes = plausible_squeezes(trials, 5)
    assert len(squeezes) == 5
    held = [sum(t.least_force() <= s < t.strength * t.least_force() for t in trials)
            for s in squeezes]  # fmt: skip
    assert min(held) >= 10


@pytest.mark.parametrize("gl", ["", "egl", "osmesa"])
def test_import_needs_no_opengl(tmp_path: Path, gl: str) -> None:
    (tmp_path / "sitecustomize.py").write_text(NO_OPENGL)
    environment = os.environ | {"MUJOCO_GL": gl, "PYTHONPATH": str(tmp_path)}
    subprocess.run([sys.executable, "-c", "import handloop.cli"], env=environment, check=True)


def test_says_what_to_install_where_opengl_is_missing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    load_hand: Any,
) -> None:
    (tmp_path / "sitecustomize.py").write_text(NO_OPENGL)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))  # for the processes that render
    model = load_hand("hand27_right").model
    with (
        pytest.raises(studio.NoOpenGLError, match="apt-get install"),
        studio.open_studios(partial(CupPainter, model), [studio.Format(64, 64, shadows=False)]),
    ):
        pass
    assert not capfd.readouterr().err


def test_gallery_tells_why_there_are_no_pictures() -> None:
    told = list(Gallery((Path("runs/demo/seeds.png"),), studio.MISSING).lines())
    assert told == ["written     runs/demo/: seeds.png", studio.MISSING]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--hand", "hand28_right"], 1, "did you mean 'hand27_right'"),
        (["--seeds", "0"], 2, "--seeds"),
        (["--threads", "-1"], 2, "--threads"),
        (["--out", "/dev/null/demo"], 1, "/dev/null"),
        (["--json", "/dev/null/demo.json"], 1, "/dev/null"),
    ],
)
def test_bad_input_ends_with_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    code: int,
    told: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    run = handloop("demo", *arguments)
    assert run.exit_code == code, run.output
    assert told in run.stderr
    assert "Traceback" not in run.output
    if code == 1:
        assert len(run.stderr.strip().splitlines()) == 1


def test_hand_without_actuators_is_refused(tmp_path: Path) -> None:
    text = packaged_hands()["hand22_right"].read_text()
    without = re.sub(r"(?s)actuators = \[.*?\]\n", "", text, count=1)
    mjcf = packaged_hands()["hand22_right"].with_suffix(".xml")
    (tmp_path / "limp.toml").write_text(without.replace("hand22_right.xml", str(mjcf)))
    run = handloop("demo", "--hand", str(tmp_path / "limp.toml"))
    assert run.exit_code == 1
    assert "kinematics only" in run.stderr
    assert "Traceback" not in run.output


def test_version_is_printed() -> None:
    run = handloop("--version")
    assert run.exit_code == 0
    assert run.stdout.startswith("handloop ")


def test_help_names_the_commands() -> None:
    assert "demo" in handloop("--help").stdout


def test_every_squeeze_may_fail(load_hand: Any) -> None:
    result = run_demo(load_hand("hand27_right"), seeds=1, levels=1)
    found = document(result)
    json.dumps(found, allow_nan=False)
    assert table(result).row_count == 3
