"""Fingers that come and go: what touch they feel, how fast they grasp, how well they return."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ... import _core
from ..bench.trial import Result, Trial
from ..episode_log import Log
from .nist_plates import PERIOD, PlateScene, tip_of
from .nist_press import Ran

Array = NDArray[np.float64]

SLOW: Final = 0.0025  # [m/s], of the fastest fingertip: what a late report adds is small
FAST: Final = 0.1  # [m/s]
TOUCH: Final = 0.5  # [N]: the weight of the empty cup of this benchmark
HIT: Final = 12.0  # [N]: what crushes a paper cup
_WAIT: Final = 0.1  # [s], before the fingers set out
_AFTER: Final = 0.1  # [s], in which an impact is over
_PATIENCE: Final = 0.4  # [s], after the last finger should have arrived
_MISSED: Final = Result("missed", note="a finger met nothing")

FORCE: Final = 5.0  # [N], of the thumb, in every grasp of a cycle
CYCLES: Final = (0.06, 0.08, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.6, 1.0)  # [s], as planned
CYCLE: Final = 0.4  # [s]: a Shadow hand closes in 0.2 s (its technical specification, C5)
PULL: Final = 1000.0  # [N/m], of the fingertips while they open
_SQUEEZED: Final = 0.2  # part of a cycle
_FURTHER: Final = 1.4  # than the opened posture, for tips that have sunk into a soft pad
_CLEAR: Final = 0.75  # of the way back, from which a finger counts as gone

RETURNS: Final = 30
REPEATABILITY: Final = 0.15  # [mm]: the play of a 0.15 mm thread in a 0.3 mm hole
_SWING: Final = 0.2  # [rad], largest way of a joint
_LEG: Final = 0.25  # [s]: out, back, and standing still
_SEEN: Final = 0.05  # [s] over which a place is measured


def touch_sensitivity(scene: PlateScene, trial: Trial) -> Ran:
    """All fingers come slowly, then fast: true force when one says that it touches, and after."""
    slow = _come(scene, trial.seed, SLOW)
    _core.run_episodes([slow], 1)
    fast = Ran.alone(scene, trial, hitting(scene, trial), hit)
    if slow.diverged:
        return replace(fast, result=Result("diverged"))
    if not fast.result.metrics:
        return fast
    felt = _touches(scene, slow)
    if not felt:
        return replace(fast, result=_MISSED)
    force = max(touch[0] for touch in felt)
    good = force <= TOUCH and fast.result.success
    metrics = {"touch_force_n": force} | fast.result.metrics
    return replace(fast, result=Result("held" if good else "limit", metrics))


def hitting(scene: PlateScene, trial: Trial) -> _core.Episode:
    """The run in which all fingers come fast."""
    return _come(scene, trial.seed, FAST)


def hit(scene: PlateScene, trial: Trial, episode: _core.Episode) -> Result:
    """How late they said so, and how hard they were hit; without figures if one met nothing."""
    touches = _touches(scene, episode)
    if episode.diverged:
        return Result("diverged")
    if not touches:
        return _MISSED
    impact = max(touch[2] for touch in touches)
    metrics = {"touch_delay_ms": 1e3 * max(touch[1] for touch in touches), "impact_n": impact}
    return Result("held" if impact <= HIT else "limit", metrics)


def _come(scene: PlateScene, seed: int, speed: float) -> _core.Episode:
    config = scene.config(scene.others)
    config.grip.level_min = config.grip.blind_level = 0.1  # [N]: what is felt, not what is pressed
    way = max(
        float(np.linalg.norm(np.subtract(*ends)))
        for ends in zip(*_tips(scene, scene.preshape.opened, scene.reached), strict=True)
    )
    arrival = _WAIT + way / speed
    episode = scene.episode(seed, scene.others, config, arrival + _PATIENCE)
    postures = [scene.preshape.opened, scene.preshape.opened, scene.reached]
    episode.controller.set_recording([0.0, _WAIT, arrival], np.array(postures))
    return episode


def _tips(scene: PlateScene, *postures: Array) -> list[list[Array]]:
    """Places of the fingertips in postures [m]."""
    hand = _core.HandKinematics(scene.bound.hand_model)
    places = []
    for posture in postures:
        hand.update_position(posture)
        places.append([hand.tip_position(f) for f in range(hand.finger_count)])
    return places


def _touches(scene: PlateScene, episode: _core.Episode) -> list[tuple[float, float, float]]:
    """The first of each finger; none at all if one met nothing."""
    found = [_first_touch(scene, episode, f) for f in range(len(scene.hand.finger_names))]
    touches = [touch for touch in found if touch is not None]
    return touches if len(touches) == len(found) else []


def _first_touch(
    scene: PlateScene, episode: _core.Episode, finger: int
) -> tuple[float, float, float] | None:
    """Largest true force [N] until the hand says so, delay [s], and impact [N]; None if never.

    The delay counts from the first true contact, the impact is the largest force in `_AFTER`.
    """
    log = Log(episode)
    force, says = log[scene.contact(finger)][:, 1], log["gripping"][:, finger] > 0.5
    if not (says.any() and (force > 0.0).any()):
        return None
    met, told = int(np.argmax(force > 0.0)), int(np.argmax(says))
    impact = force[met : met + round(_AFTER / PERIOD)].max()
    return float(force[met : told + 1].max(initial=0.0)), (told - met) * PERIOD, float(impact)


def cycle_time(scene: PlateScene, trial: Trial) -> Ran:
    """The shortest cycle in which the thumb presses as it shall and all fingers get away."""
    for planned in CYCLES:
        ran = Ran.alone(scene, trial, _cycle(scene, trial.seed, planned), cycled)
        if "cycle_time_s" in ran.result.metrics:
            break
    return ran


def cycling(scene: PlateScene, trial: Trial) -> _core.Episode:
    """The cycle that is planned to take as long as it may."""
    return _cycle(scene, trial.seed, CYCLE)


def cycled(scene: PlateScene, trial: Trial, episode: _core.Episode) -> Result:
    """How long a cycle took; never if the thumb did not press or a finger did not get away."""
    took, force = _took(scene, episode)
    metrics = {"grasp_force_n": force}
    if took is not None:
        metrics["cycle_time_s"] = took
    if episode.diverged:
        return Result("diverged", metrics)
    return Result("held" if took is not None and took <= CYCLE else "timed_out", metrics)


def _cycle(scene: PlateScene, seed: int, planned: float) -> _core.Episode:
    """Close, squeeze, open. A finger that grips is pulled off by its tip: it follows no posture."""
    config = scene.config(scene.others)
    config.grip.share = scene.hand.controller_config(PERIOD).grip.share
    config.grip.level_min = config.grip.blind_level = 1.2 * FORCE
    config.fingertips.stiffness = PULL
    config.fade_time = 0.01
    way = 0.5 * (1.0 - _SQUEEZED) * planned
    episode = scene.episode(seed, scene.others, config, planned + 0.6)
    shape, controller = scene.preshape, episode.controller
    postures = [shape.opened, scene.reached, shape.opened]
    controller.set_trajectory([0.0, way, planned - way], postures)
    kind = _core.TaskKind.FINGERTIPS
    opened, touching = (np.array(tips) for tips in _tips(scene, shape.opened, shape.touching))
    controller.set_plan(
        [
            _core.TaskStep(planned - way, kind),
            _core.TaskStep(planned, kind, tip_offset=list(_FURTHER * (opened - touching))),
        ]
    )
    return episode


def _took(scene: PlateScene, episode: _core.Episode) -> tuple[float | None, float]:
    """Time [s] until all are away again, None if they never pressed; largest force [N]."""
    log = Log(episode)
    force = log[scene.contact(scene.thumb)][:, 1]
    pressed = int(np.argmax(force >= FORCE)) if (force >= FORCE).any() else len(force)
    away = np.ones(len(force), dtype=bool)
    opened, touching = _tips(scene, scene.preshape.opened, scene.preshape.touching)
    for f, (there, here) in enumerate(zip(opened, touching, strict=True)):
        out = (there - here) / np.sum((there - here) ** 2)
        away &= (log[tip_of(f)] - here) @ out >= _CLEAR
    gone = np.flatnonzero(away[pressed:])
    return (float((pressed + gone[0]) * PERIOD) if len(gone) else None), float(force.max())


def repeatability(scene: PlateScene, trial: Trial) -> Ran:
    """How near to each other the places are to which fingertips return from all sides.

    The pose repeatability of ISO 9283, mean distance from their centre plus three standard
    deviations, of the worst finger.
    """
    return Ran.alone(scene, trial, returning(scene, trial), returned)


def returning(scene: PlateScene, trial: Trial) -> _core.Episode:
    """The run. Fingers touch nothing, so the grip of an action does nothing."""
    times, postures = _excursions(scene, np.random.default_rng(trial.seed))
    episode = scene.episode(trial.seed, [], scene.config([]), times[-1])
    episode.controller.set_recording(times, postures)
    return episode


def returned(scene: PlateScene, trial: Trial, episode: _core.Episode) -> Result:
    """Its figures."""
    log = Log(episode)
    if episode.diverged or len(log) < RETURNS * round(3 * _LEG / PERIOD):
        return Result("diverged")
    ends = (np.arange(1, RETURNS + 1) * 3 * _LEG / PERIOD).round().astype(int)
    seen = ends[:, None] - 1 - np.arange(round(_SEEN / PERIOD))
    spread, error = [], []
    for f, wanted in enumerate(_tips(scene, scene.preshape.opened)[0]):
        place = log[tip_of(f)][seen].mean(axis=1)
        spread.append(pose_repeatability(place))
        error.append(float(np.linalg.norm(place.mean(axis=0) - wanted)))
    metrics = {"repeatability_mm": 1e3 * max(spread), "accuracy_mm": 1e3 * max(error)}
    good = metrics["repeatability_mm"] <= REPEATABILITY
    return Result("held" if good else "limit", metrics)


def pose_repeatability(place: Array) -> float:
    """RP of ISO 9283 for attained places of shape (n, 3), in their unit."""
    distance = np.linalg.norm(place - place.mean(axis=0), axis=1)
    return float(distance.mean() + 3.0 * distance.std(ddof=1))


def _excursions(scene: PlateScene, rng: np.random.Generator) -> tuple[Array, Array]:
    """Ways out to somewhere near and back, each followed by rest, along smooth steps."""
    home = scene.preshape.opened
    lower, upper = scene.bound.position_range.T + np.array([[0.02], [-0.02]])
    names = list(scene.hand.joint_names)
    fingers = [names.index(j) for f in scene.hand.description.fingers for j in f.joints]
    steps = np.linspace(0.0, 1.0, round(_LEG / 0.005) + 1)[1:]
    smooth = steps**3 * (10.0 - 15.0 * steps + 6.0 * steps**2)
    rows = [home]
    for _ in range(RETURNS):
        away = home.copy()
        away[fingers] += rng.uniform(-_SWING, _SWING, len(fingers))
        away = np.clip(away, lower, upper)
        rows += [home + s * (away - home) for s in smooth]
        rows += [away + s * (home - away) for s in smooth]
        rows += [home] * len(steps)
    return np.asarray(np.arange(len(rows)) * 0.005, dtype=float), np.array(rows)
