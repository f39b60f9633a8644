"""The twins of force feedback, posture task and grip reflex, on what a cup episode really felt."""

from collections.abc import Callable

import numpy as np
import pytest

from handloop import _core, control_law
from handloop.controller.twin_path import TwinPath
from handloop.sim.tasks.cup import CLOSED, PERIOD, CupScene
from handloop.sim.tasks.cup_trial import CupTrial

AGREE = 1e-9  # [rad], [N], [m/s]


@control_law
def spy_posture(reference, torque):
    for i in range(len(torque)):
        torque[i] = reference[i]


@control_law
def spy_fingers(touching, gripping, normal_force, slip_speed, torque):
    for f in range(len(touching)):
        torque[4 * f] = 1.0 if touching[f] else 0.0
        torque[4 * f + 1] = 1.0 if gripping[f] else 0.0
        torque[4 * f + 2] = normal_force[f]
        torque[4 * f + 3] = slip_speed[f]


def trajectory(scene: CupScene, time: float) -> np.ndarray:
    """Minimum jerk from opened to closed (Flash and Hogan 1985), shape (joints,)."""
    s = min(time / CLOSED, 1.0)
    blend = 10.0 * s**3 - 15.0 * s**4 + 6.0 * s**5
    start, end = np.array(scene.preshape.opened), np.array(scene.preshape.closed)
    return start + blend * (end - start)


@pytest.mark.parametrize(
    ("name", "seed"), [("hand27_right", 1), ("hand22_right", 2), ("hand27_right_real", 100)]
)
def test_agrees_through_a_whole_episode(
    name: str, seed: int, cup_scene: Callable[[str], CupScene]
) -> None:
    scene = cup_scene(name)
    episode = scene.episode(CupTrial.draw(seed))
    samples = episode.record_samples()
    config = scene.hand.controller_config(PERIOD)
    path = TwinPath(scene.bound.hand_model, config)
    config.safety.torque_max = [1e6] * len(scene.preshape.opened)  # the spies speak in torques
    spies = []
    for law in (spy_posture, spy_fingers):
        spies.append(_core.Controller(scene.bound.hand_model, config))
        spies[-1].set_trajectory([0.0, CLOSED], [scene.preshape.opened, scene.preshape.closed])
        spies[-1].set_law(law)
    worst = 0.0
    for i, sample in enumerate(samples):
        now = PERIOD * i
        posture, seen = (spy.tick(sample, now) for spy in spies)
        path.tick(sample, trajectory(scene, now))
        fingers = path.fingers
        felt = [fingers["touching"], path.task.gripping, fingers["normal"], fingers["slip_speed"]]
        worst = max(
            worst,
            np.abs(path.reference - posture).max(),
            np.abs(np.array(felt, dtype=float).T.ravel() - seen[:20]).max(),
            np.abs(path.wanted_force - spies[0].wanted_force).max(),
            abs(path.grip.level - spies[0].grip_level),
            abs(path.grip.friction - spies[0].friction),
        )
    assert worst <= AGREE
    assert path.grip.slip_count == spies[0].slip_count > 0
    assert spies[0].safety_state == _core.SafetyState.OK
    assert path.grip.level > 2.0 * config.grip.level_min  # it has gripped
