"""`handloop latency`: what it writes makes sense. How fast anything was is no matter of a test."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from handloop.cli import app

TICKS = 3000


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["latency", *arguments])


def measure(file: Path, *arguments: str) -> dict[str, Any]:
    done = run("--ticks", str(TICKS), "--json", str(file), *arguments)
    assert done.exit_code == 0, done.output
    report: dict[str, Any] = json.loads(file.read_text())
    return report | {"output": done.output}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    file = tmp_path_factory.mktemp("latency") / "new" / "latency.json"
    plot, hgrm = file.with_suffix(".png"), file.with_suffix(".hgrm")
    return measure(
        file, "--seconds", "0.2", "--episodes", "0", "--plot", str(plot), "--hgrm", str(hgrm)
    ) | {"folder": file.parent}


def check_order(times: dict[str, float]) -> None:
    assert 0.0 <= times["p50"] <= times["p99"] <= times["p99.9"] <= times["max"] < math.inf


def test_ticks(report: dict[str, Any]) -> None:
    assert report["hand"] == "hand27_right"
    assert report["ticks"] == TICKS
    assert report["p50"] > 0.0
    check_order(report)


def test_what_a_servo_at_every_joint_adds(report: dict[str, Any]) -> None:
    check_order(report["with_codec"])
    check_order(report["codec"])
    assert report["codec"]["p50"] > 0.0
    assert "tick and bus codec" in report["output"]


def test_instructions_or_the_reason_why_not(report: dict[str, Any]) -> None:
    if report["instructions"] is None:
        assert report["instructions_refusal"]
    else:
        assert report["instructions"] > 1000
        assert report["instructions_refusal"] is None


def test_machine(report: dict[str, Any]) -> None:
    machine = report["machine"]
    keys = {"processor", "cores", "kernel", "preemption", "governor", "virtual", "load"}
    assert set(machine) == keys
    assert machine["cores"] >= 1
    assert machine["kernel"]


def test_loop(report: dict[str, Any]) -> None:
    loop = report["loop"]
    assert loop["period"] == 0.001
    assert loop["ticks"] == 200
    assert "SCHED_FIFO" in loop["realtime"]
    assert "memory" in loop["realtime"]
    check_order(loop["lateness"])
    check_order(loop["tick"])
    check_order(loop["response"])
    assert loop["sensor_delay"] == 0.002


def test_cyclictest_or_the_reason_why_not(report: dict[str, Any]) -> None:
    kernel = report["cyclictest"]
    assert kernel["refusal"] or kernel["min"] <= kernel["mean"] <= kernel["max"]


def test_step_from_python(report: dict[str, Any]) -> None:
    step = report["step"]
    assert step["native"] > 0.0
    assert step["overhead"] == step["python"] - step["native"]


def test_worst_case_is_a_time(report: dict[str, Any]) -> None:
    assert 0.0 < report["worst"] < math.inf


@pytest.mark.slow
def test_batch(tmp_path: Path) -> None:
    report = measure(tmp_path / "latency.json", "--seconds", "0", "--episodes", "2", "--twin")
    assert report["loop"] is None
    batch = report["batch"]
    assert (batch["episodes"], batch["repetitions"]) == (2, 3)
    assert batch["steps_per_s"] > 0.0
    assert "wanted 0.85" in report["output"]
    assert "law in numba over the built-in one" in report["output"]
    ratios = [batch["closed_over_bare"], batch["twin_over_builtin"]]
    if report["machine"]["cores"] > 1:
        ratios.append(batch["two_threads_over_one"])
        assert batch["cores_got"] > 0.0
        assert "wanted 1.7" in report["output"]
    else:
        assert batch["two_threads_over_one"] is None
    for ratio in ratios:
        assert 0.0 < ratio["low"] <= ratio["median"] <= ratio["high"]


def test_files(report: dict[str, Any]) -> None:
    names = {file.name for file in report["folder"].iterdir()}
    series = ("tick", "tick-codec", "loop-tick", "response", "lateness")
    kinds = {f"latency-{kind}.hgrm" for kind in series}
    assert names == {"latency.json", "latency.png", *kinds}
    head = (report["folder"] / "latency-tick.hgrm").read_text().splitlines()[0]
    assert head.split() == ["Value", "Percentile", "TotalCount", "1/(1-Percentile)"]


def test_what_is_printed(report: dict[str, Any]) -> None:
    for word in ("hand27_right", "p99.9", "instructions", "lateness", "machine", "from Python"):
        assert word in report["output"]
    assert report["batch"] is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--hand", "hand99"], "hand99"),
        (["--ticks", "0"], "--ticks"),
        (["--seconds", "-1"], "--seconds"),
        (["--seconds", "1e300"], "--seconds"),
        (["--json", "/proc/no/such.json"], "/proc/no"),
        (["--json", "."], ". is a folder"),
        (["--plot", "latency.jpeg2000"], "must end in .png, .svg or .pdf"),
        (["--plot", "latency"], "must end in .png, .svg or .pdf"),
    ],
)
def test_bad_input(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(*arguments)
    assert done.exit_code != 0
    assert message in done.output
    assert "Traceback" not in done.output
    assert not [*tmp_path.iterdir()]


def test_a_run_that_fails_leaves_no_file_and_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the controller went to LIMP")

    monkeypatch.setattr("handloop.latency.measure", fail)
    done = run("--json", str(tmp_path / "latency.json"))
    assert done.exit_code == 1
    assert done.stderr.strip() == "error: the controller went to LIMP"
    assert not [*tmp_path.iterdir()]
