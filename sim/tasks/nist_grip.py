"""The whole hand around a split cylinder: how hard it grips, and what pull its grip withstands."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ... import _core
from ..bench.trial import Result, Trial
from ..episode_log import Log
from .nist_cylinder import MASS, ROUGH, CylinderScene
from .nist_plates import PERIOD, tip_of
from .nist_press import Ran, steady_force

Array = NDArray[np.float64]

PEOPLE: Final = 360.0  # [N]: grip of women, 81 lb (Crosby 1994)
_MOST: Final = 60.0  # [N], asked of each pad: more than it can
_SQUEEZE: Final = (1.0, 2.6)  # [s], in which the force asked for rises, and what comes after

LET_GO: Final = 0.8  # [s], the fixture
PULL: Final = (1.2, 3.7)  # [s]
PULL_MAX: Final = 60.0  # [N], reached at the end
PULLED: Final = 10.0  # [N]: the weight of 0.5 kg and a push of 5 N, as in `handloop grasps`
SLIPPED: Final = 0.002  # [m], of the pads over the cylinder, mean weighted by their force
REACHED: Final = PULL[0] + PULLED / PULL_MAX * (PULL[1] - PULL[0])  # [s]
FRICTION: Final = (0.3, 0.9)  # from and to, drawn
_SEEN: Final = 0.05  # [s], over which a force is measured


def grasp_strength(scene: CylinderScene, trial: Trial) -> Ran:
    """All fingers are asked for more than they can; the force across the split that lasts.

    The fixture keeps hold of the half at the palm, as who tests people steadies the dynamometer:
    what is measured is what the fingers press, not how well they balance it.
    """
    return Ran.alone(scene, trial, gripping(scene, trial), gripped)


def gripping(scene: CylinderScene, trial: Trial) -> _core.Episode:
    """The run. More is asked for than joints can: the grip of an action changes little."""
    config = scene.grasp.config()
    config.grip.adaptive = False
    config.grip.share = [1.0] * len(scene.hand.finger_names)
    config.grip.level_min = 2.0
    config.grip.blind_level = config.grip.force_max = _MOST
    config.grip.rise_rate = _MOST / _SQUEEZE[0]
    config.safety.contact_force_max = 10.0 * _MOST  # what is measured here is no fault
    return scene.episode(trial.seed, config, sum(_SQUEEZE), ROUGH)


def gripped(scene: CylinderScene, trial: Trial, episode: _core.Episode) -> Result:
    """Its figures."""
    log = Log(episode)
    if episode.diverged:
        return Result("diverged")
    force = steady_force(np.abs(log["split"][:, 2]))
    pads = sum(log[scene.contact(f)][:, 1] for f in range(len(scene.hand.finger_names)))
    metrics = {"grip_force_n": force, "pad_force_n": steady_force(np.asarray(pads))}
    return Result("held" if force >= PEOPLE else "limit", metrics)


def slip_resistance(scene: CylinderScene, trial: Trial) -> Ran:
    """Somebody pulls at the cylinder along its axis, harder and harder, until it slides."""
    return Ran.alone(scene, trial, pulling(scene, trial), pulled)


def pulling(scene: CylinderScene, trial: Trial) -> _core.Episode:
    """The run."""
    friction = float(np.random.default_rng([trial.seed, 1]).uniform(*FRICTION))
    config = scene.grasp.config(trial.condition.squeeze)
    episode = scene.episode(trial.seed, config, PULL[1], friction)
    weld, target = scene.model.equality("fixture").id, _core.TrackTarget
    episode.add_track(target.EQUALITY, weld, 0, [LET_GO, LET_GO], [1.0, 0.0])
    body = scene.model.body("object")
    weight = MASS * float(-scene.model.opt.gravity[2])
    keys = [0.0, PULL[0], PULL[1]]
    force = [weight, weight, weight + PULL_MAX]
    episode.add_track(target.BODY_FORCE, body.id, 2, keys, force)
    height = episode.channels["object_position"][0] + 2
    middle = float(scene.grasp.preshape.position[2])
    episode.stop_outside(height, middle - 0.05, middle + 0.05)
    return episode


def pulled(scene: CylinderScene, trial: Trial, episode: _core.Episode) -> Result:
    """Its figures."""
    log = Log(episode)
    slid = _slid(scene, log)
    tick = int(np.argmax(slid > SLIPPED)) if (slid > SLIPPED).any() else len(slid)
    if episode.diverged and tick == len(slid):
        return Result("diverged")
    begin, seen = round(PULL[0] / PERIOD), round(_SEEN / PERIOD)
    if tick == len(slid) < round(PULL[1] / PERIOD) or len(slid) <= begin:
        return Result("missed", note="never held")
    pull = max(PULL_MAX * (tick * PERIOD - PULL[0]) / (PULL[1] - PULL[0]), 0.0)
    across = float(np.abs(log["split"][max(tick - seen, 0) : tick, 2]).mean())
    metrics = {"pull_n": pull, "pull_over_grip": pull / max(across, 0.1)}
    return Result("held" if pull >= PULLED else "slipped", metrics)


def _slid(scene: CylinderScene, log: Log) -> Array:
    """How far the cylinder has slid along the pads since the pull began, shape (ticks,) [m]."""
    begin = min(round(PULL[0] / PERIOD), len(log) - 1)
    seen, way, weight = round(_SEEN / PERIOD), np.zeros(len(log)), 0.0
    for f in range(len(scene.hand.finger_names)):
        force = float(log[scene.contact(f)][max(begin - seen, 0) : begin + 1, 1].mean())
        apart = log["object_position"][:, 2] - log[tip_of(f)][:, 2]
        way += force * np.abs(apart - apart[begin])
        weight += force
    way[:begin] = 0.0
    return way / max(weight, 1e-9)
