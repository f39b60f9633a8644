"""How fast episodes run with the numba twin of the control law, over the built-in one."""

from __future__ import annotations

import time

from .. import _core
from .tasks.cup import CupScene, CupTrial


def twin_over_builtin(scene: CupScene, episodes: int = 2, repetitions: int = 3) -> list[float]:
    """Steps per second with the twin's law over those with the built-in one, one per repetition.

    Both run the same trials in turn, on one thread. Compiles the law before, which takes seconds.

    Args:
        scene: What is simulated.
        episodes: In a batch.
        repetitions: Of either batch.
    """
    from ..controller.twin import twin_law  # imports numba

    trials = [CupTrial.draw(seed) for seed in range(episodes)]
    built_in, twin = ([scene.episode(trial) for trial in trials] for _ in range(2))
    law = twin_law(scene.bound.hand_model)
    for episode in twin:
        episode.controller.set_law(law)
    return [_speed(twin) / _speed(built_in) for _ in range(repetitions)]


def _speed(episodes: list[_core.Episode]) -> float:
    """[1/s], steps of all episodes."""
    began = time.perf_counter()
    _core.run_episodes(episodes, 1)
    return sum(len(episode.log) for episode in episodes) / (time.perf_counter() - began)
