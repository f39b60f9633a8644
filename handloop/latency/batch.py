"""How fast batches of whole episodes are, as ratios of times taken in turn."""

from __future__ import annotations

import os
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import Final

from .. import _core
from ..firmware_bridge.bench.figures import Spread
from ..sim.tasks.cup import CupScene
from ..sim.tasks.cup_trial import CupTrial
from .report import BatchReport

REPETITIONS: Final = 3  # of every batch; the median counts

_Way = Callable[[], None]
"""Runs a batch in one of the ways that are compared."""


def measure_batch(
    scene: CupScene, count: int, twin: bool, progress: Callable[[int, int], None]
) -> BatchReport:
    """Runs the same batch in all ways, back and forth, so that none always comes first.

    Args:
        scene: What is simulated.
        count: Episodes in a batch.
        twin: Whether to run them under the law in numba, too.
        progress: Told how many batches are done, and how many there are.
    """
    episodes = _episodes(scene, count)
    ways: dict[str, _Way] = {
        "closed": partial(_core.run_episodes, episodes, 1),
        "bare": partial(_core.replay_episodes, episodes, 1),
    }
    if twin:
        ways["twin"] = partial(_core.run_episodes, _twin_episodes(scene, count), 1)
    if min(len(os.sched_getaffinity(0)), count) > 1:
        ways["two"] = partial(_core.run_episodes, episodes, 2)
    seconds, cores = _in_turn(ways, progress)
    steps = sum(len(episode.log) for episode in episodes)

    def speed(way: str) -> Spread | None:
        """Over the closed loop in one thread."""
        if way not in ways:
            return None
        return Spread.of([c / t for c, t in zip(seconds["closed"], seconds[way], strict=True)])

    return BatchReport(
        count,
        REPETITIONS,
        steps / statistics.median(seconds["closed"]),
        Spread.of([b / c for b, c in zip(seconds["bare"], seconds["closed"], strict=True)]),
        speed("two"),
        statistics.median(cores["two"]) if "two" in ways else None,
        speed("twin"),
    )


def _episodes(scene: CupScene, count: int) -> list[_core.Episode]:
    return [scene.episode(CupTrial.draw(seed)) for seed in range(count)]


def _twin_episodes(scene: CupScene, count: int) -> list[_core.Episode]:
    from ..controller.twin import twin_law  # imports numba, and compiles for seconds

    law, episodes = twin_law(scene.bound.hand_model), _episodes(scene, count)
    for episode in episodes:
        episode.controller.set_law(law)
    return episodes


def _in_turn(
    ways: dict[str, _Way], progress: Callable[[int, int], None]
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Times [s] and cores got of every way, one per repetition."""
    seconds, cores = defaultdict(list), defaultdict(list)
    turns = [[*ways][:: 1 - 2 * (i % 2)] for i in range(REPETITIONS)]
    order = [way for turn in turns for way in turn]
    for done, way in enumerate(order):
        progress(done, len(order))
        worked, began = time.process_time(), time.perf_counter()
        ways[way]()
        seconds[way].append(time.perf_counter() - began)
        cores[way].append((time.process_time() - worked) / seconds[way][-1])
    progress(len(order), len(order))
    return seconds, cores
