"""`make latency-compare BASE=<revision>`: this tree against another, on this machine, in turn.

Both are built with the same flags and run in turn, so that what the machine does hits both. Times
are told in multiples of a reference kernel timed in the same process. Instructions are counted,
too: that comparison is exact, whatever the compiler.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from callgrind import configurations, count_instructions

from handloop.latency.budget import TOLERANCE, difference, growth

TIME_TOLERANCE = 0.25  # growth of p50 or p99 that is let pass: what noise alone can do
BENCH = "handloop_tick_bench"

Timing = dict[str, Any]
"""What `handloop_tick_bench time` prints."""


def time_of(executable: Path, configuration: str) -> Timing:
    """One run of the corpus, three passes."""
    run = subprocess.run(
        [executable, "time", configuration], capture_output=True, text=True, check=False
    )
    if run.returncode:
        raise SystemExit(f"{executable} {configuration}: wrong torques or none\n{run.stdout}")
    timing: Timing = json.loads(run.stdout)
    return timing


def in_turn(runs: Sequence[Callable[[], Timing]], rounds: int) -> list[list[Timing]]:
    """Runs each once per round, in alternating order; the results of each."""
    results: list[list[Timing]] = [[] for _ in runs]
    for i in range(rounds):
        order = range(len(runs)) if i % 2 == 0 else reversed(range(len(runs)))
        for k in order:
            results[k].append(runs[k]())
    return results


def relative(timings: Sequence[Timing], quantile: str) -> float:
    """A quantile in multiples of the reference kernel, median over the runs."""
    return statistics.median(t[quantile] / t["reference"] for t in timings)


def time_growth(base: Sequence[Timing], head: Sequence[Timing]) -> dict[str, float]:
    """Of p50 and p99: 0.25 is a quarter slower."""
    return {q: relative(head, q) / relative(base, q) - 1.0 for q in ("p50", "p99")}


@contextmanager
def worktree(revision: str) -> Iterator[Path]:
    """A checkout of another revision, for as long as it is needed."""
    commit = f"{revision}^{{commit}}"
    known = ["git", "rev-parse", "--verify", "--quiet", commit]
    if subprocess.run(known, stdout=subprocess.DEVNULL, check=False).returncode:
        raise SystemExit(f"BASE={revision}: git knows no such revision")
    folder = Path(tempfile.mkdtemp(prefix="handloop-base-"))
    try:
        subprocess.run(
            ["git", "worktree", "add", "--quiet", "--detach", str(folder / "tree"), revision],
            check=True,
        )
        yield folder / "tree"
    finally:
        subprocess.run(["git", "worktree", "remove", "--force", folder / "tree"], check=False)
        shutil.rmtree(folder, ignore_errors=True)


def build(tree: Path) -> Path:
    """Builds the bench of a tree."""
    if not (tree / "cpp/bench/tick_bench.cpp").is_file():
        raise SystemExit("BASE has no cpp/bench to compare with; name a later revision")
    tools = Path(sys.executable).parent
    out = tree / "build/cpp"
    configure = [tools / "cmake", "-S", tree, "-B", out, "-G", "Ninja", "--log-level=WARNING"]
    options = {
        "HANDLOOP_CPP_TESTS": "ON",
        "CMAKE_MAKE_PROGRAM": tools / "ninja",
        "Python_EXECUTABLE": sys.executable,
    }
    subprocess.run(
        [*configure, *(f"-D{k}={v}" for k, v in options.items())],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    subprocess.run([tools / "cmake", "--build", out, "--target", BENCH], check=True)
    return out / "cpp/bench" / BENCH


def compare(base: Path, head: Path, rounds: int) -> dict[str, Any]:
    """Times, and counts where valgrind is, of all configurations that both have."""
    both = [name for name in configurations(head) if name in configurations(base)]
    result = {}
    for name in both:
        timings = in_turn([partial(time_of, bench, name) for bench in (base, head)], rounds)
        result[name] = {"time": time_growth(*timings), "base": timings[0], "head": timings[1]}
        if shutil.which("valgrind"):
            with tempfile.TemporaryDirectory() as out:
                costs = [count_instructions(e, name, Path(out, "c")).cost for e in (base, head)]
            result[name]["instructions"] = growth(*costs)
            result[name]["difference"] = difference(*costs)
    return result


def verdicts(result: dict[str, Any]) -> Iterator[str]:
    """What has grown more than it may."""
    for name, found in result.items():
        for quantile, more in found["time"].items():
            if more > TIME_TOLERANCE:
                yield f"{name}: {quantile} {100 * more:+.0f} %"
        if found.get("instructions", 0.0) > TOLERANCE:
            yield f"{name}: {found['difference']}"


def main() -> None:
    """Prints ratios, fails on growth."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("base", help="git revision to compare with")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    os.environ.setdefault("CXX", "c++")
    with worktree(options.base) as base:
        result = compare(build(base), build(Path.cwd()), options.rounds)
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n")
    for name, found in result.items():
        times = ", ".join(f"{q} {100 * more:+.1f} %" for q, more in found["time"].items())
        worst = statistics.median(t["worst"] / t["p50"] for t in found["head"])
        counted = found.get("difference", "instructions not counted")
        print(f"{name:<16} {times}, worst case {worst:.1f} p50; {counted}")
    if bad := list(verdicts(result)):
        raise SystemExit("slower than BASE:\n  " + "\n  ".join(bad))


if __name__ == "__main__":
    main()
