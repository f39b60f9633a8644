"""Our tick against the same pipeline built of other libraries, in turn on one machine; JSON out.

    python compare.py --cpp build/peers/pinocchio_proxqp --python build/peers/venv/bin/python

All run on the same samples, three passes each, and keep the least time of every sample. Ratios are
taken within a round and told as median, low and high over the rounds. Nothing is compared before
gravity has been held against ours, and objective and torques of the peers against each other.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from export import write

from handloop import Controller, HandKinematics, HandState, _core
from handloop._core import TaskKind, TaskStep
from handloop.latency import Machine, Ratio
from handloop.sim.tasks.cup import CupScene

QUANTILES = {"p50": 0.5, "p99": 0.99, "worst": 1.0}
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

Found = dict[str, Any]


def ours(scene: CupScene, samples: Sequence[HandState]) -> Found:
    """The controller of the hand as it is configured, safety and all, sharing out forces too."""
    controller = Controller(scene.bound.hand_model, scene.hand.controller_config())
    controller.set_plan([TaskStep(0.0, TaskKind.OBJECT)])
    times = _core.best_times(controller, samples, 3)
    return {name: float(np.quantile(times, q)) for name, q in QUANTILES.items()}


def peer(*command: str | Path) -> Found:
    """One that is a program of its own."""
    run = subprocess.run(
        command, capture_output=True, text=True, check=True, env=os.environ | ONE_THREAD
    )
    found: Found = json.loads(run.stdout)
    return found


def check(found: dict[str, Found], scene: CupScene, sample: HandState) -> None:
    """Stops when the peers do not compute what we compute, or not the same as each other."""
    hand = HandKinematics(scene.bound.hand_model)
    hand.update_position(sample.q)
    cpp, python = found["pinocchio + ProxQP"], found["numpy + quadprog"]
    for one in (cpp, python):
        np.testing.assert_allclose(one["gravity"], hand.gravity_torque(), atol=1e-9)
        assert one["violation"] < 1e-3, one["violation"]
    # ProxQP stops at 1e-4: forces that hardly matter are still some hundredths of a newton off.
    np.testing.assert_allclose(cpp["objective"], python["objective"], atol=1e-3)
    np.testing.assert_allclose(cpp["torque"], python["torque"], atol=1e-2)


def main() -> None:
    """Runs all of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cpp", type=Path, required=True)
    parser.add_argument("--python", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    problem = options.cpp.with_name("problem.txt")
    scene, samples = write(problem)
    numpy_peer = Path(__file__).with_name("numpy_quadprog.py")
    runs: dict[str, Callable[[], Found]] = {
        "handloop": lambda: ours(scene, samples),
        "pinocchio + ProxQP": lambda: peer(options.cpp, problem),
        "numpy + quadprog": lambda: peer(options.python, numpy_peer, problem),
    }
    rounds = [{name: run() for name, run in runs.items()} for _ in range(options.rounds)]
    check(rounds[0], scene, samples[0])
    print(json.dumps(summary(rounds, len(samples)), indent=2))


def summary(rounds: Sequence[dict[str, Found]], samples: int) -> Found:
    """Medians of the times [µs], ratios to ours, and where they were taken."""
    out: Found = {"samples": samples, "rounds": len(rounds), "machine": vars(Machine.here())}
    out["times_us"] = {
        name: {q: float(np.median([r[name][q] for r in rounds])) for q in QUANTILES}
        for name in rounds[0]
    }
    out["over_handloop"] = {
        name: {
            q: vars(Ratio.of([r[name][q] / r["handloop"][q] for r in rounds])) for q in QUANTILES
        }
        for name in list(rounds[0])[1:]
    }
    return out


if __name__ == "__main__":
    main()
