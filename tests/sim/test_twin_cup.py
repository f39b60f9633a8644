"""The twin of the control law in closed loop: whole cup episodes against the built-in law.

Rounding is all that tells the two apart, and a hand that holds a cup lets it fade rather than grow:
no contact chaos was met in 21 runs of ten seconds (six hands, three to six seeds). 20 of them agree
to 1e-10 N m throughout; the worst parts by 9e-9 N m while the coaster goes and the cup slides.
"""

from collections.abc import Callable

import numpy as np
import pytest

from handloop import _core
from handloop.controller.twin import twin_law
from handloop.sim.tasks import cup
from handloop.sim.tasks.cup import CupScene
from handloop.sim.tasks.cup_result import CupResult, judge
from handloop.sim.tasks.cup_trial import CupTrial

UNTIL_LOADED = 1e-9  # [N m]; reach, impact of the fingers and settling, until the coaster goes
AFTERWARDS = 1e-6  # [N m]


def torque(episode: _core.Episode) -> np.ndarray:
    begin, width = episode.channels["torque"]
    return episode.log[:, begin : begin + width]


def grade(result: CupResult) -> tuple[object, ...]:
    return result.outcome, result.reactions


@pytest.mark.parametrize(("name", "seed"), [("hand27_right", 1), ("hand22_right", 2)])
def test_episodes_agree(name: str, seed: int, cup_scene: Callable[[str], CupScene]) -> None:
    scene, trial = cup_scene(name), CupTrial.draw(seed)
    built_in, twin = scene.episode(trial), scene.episode(trial)
    twin.controller.set_law(twin_law(scene.bound.hand_model))
    _core.run_episodes([built_in, twin])
    assert twin.log.shape == built_in.log.shape == (round(cup.END / cup.PERIOD), len(twin.log[0]))
    error = np.abs(torque(twin) - torque(built_in)).max(axis=1)
    loaded = round(cup.SINK[0] / cup.PERIOD)
    assert error[:loaded].max() <= UNTIL_LOADED
    assert error.max() <= AFTERWARDS
    assert error.max() > 0.0  # it was the twin that drove
    assert built_in.controller.slip_count > 0  # contacts opened and closed, and slid
    results = judge(scene, trial, built_in), judge(scene, trial, twin)
    assert grade(results[0]) == grade(results[1])
    assert results[1].slip == pytest.approx(results[0].slip, rel=1e-3)
    assert results[1].peak_force == pytest.approx(results[0].peak_force, rel=1e-3)


def test_threads_do_not_matter(
    cup_scene: Callable[[str], CupScene], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cup, "END", 0.6)
    scene = cup_scene("hand27_right")
    law, logs = twin_law(scene.bound.hand_model), []
    for threads in (1, 2):
        episodes = [scene.episode(CupTrial.draw(seed)) for seed in range(3)]
        for episode in episodes:
            episode.controller.set_law(law)
        _core.run_episodes(episodes, threads)
        logs.append([episode.log.tobytes() for episode in episodes])
    assert logs[0] == logs[1]
    assert len(set(logs[0])) == 3
