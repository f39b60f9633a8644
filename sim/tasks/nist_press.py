"""Fingers against force plates: how hard they press, and how well they follow a wanted force."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from ... import _core
from ..bench.trial import Result, Trial
from ..episode_log import Log
from .nist_plates import PERIOD, PlateScene, plate_of
from .step_response import StepResponse, sine_gain

Array = NDArray[np.float64]

CLOSE: Final = 0.3  # [s], in which the fingers come to the plates
STEADY: Final = 0.25  # [s] that a force must last

STRENGTH: Final = 10.0  # [N], of each finger, as the DexHand 021 (arXiv 2511.03481) claims
_PRESSED: Final = (1.0, 2.2)  # [s], the force rises for the first and is over after the second
_ASKED: Final = 1.5  # times what statics allow: more than a finger can

STEP: Final = (2.0, 6.0)  # [N]
RISE_TIME: Final = 0.1  # [s], 3.5 Hz: people follow a force on a screen up to some hertz
OVERSHOOT: Final = 0.25
ERROR: Final = 0.1
_STEP_END: Final = 1.5  # [s]

SINE: Final = 2.0  # [Hz]
_SHAKE: Final = 0.002  # [m], of the plates along the pads
_SINE: Final = (0.8, 1.0, 3.0)  # [s], the plates begin to move, are judged from, and until


@dataclass(frozen=True)
class Ran:
    """A test that was run.

    Attributes:
        result: Its worth.
        model: In which it ran.
        episode: The last run of it.
    """

    result: Result
    model: mujoco.MjModel
    episode: _core.Episode

    @classmethod
    def alone(
        cls, scene: Any, trial: Trial, episode: _core.Episode, judge: Callable[..., Result]
    ) -> Ran:
        """Runs a test that is a single episode."""
        _core.run_episodes([episode], 1)
        return cls(judge(scene, trial, episode), scene.model, episode)


def finger_strength(scene: PlateScene, trial: Trial) -> Ran:
    """Every finger in turn, against the thumb: the largest force that lasts `STEADY`."""
    force: dict[str, float] = {}
    part: list[float] = []
    thumb: list[float] = []
    for finger in scene.others:
        episode = _press_hard(scene, trial.seed, finger)
        _core.run_episodes([episode], 1)
        steady = _lasting(scene, episode, finger)
        force[scene.hand.finger_names[finger]] = steady
        part.append(steady / scene.force_limit(finger))
        thumb.append(_lasting(scene, episode, scene.thumb))
        if episode.diverged:
            return Ran(Result("diverged"), scene.model, episode)
    force[scene.hand.finger_names[scene.thumb]] = max(thumb)
    part.append(max(thumb) / scene.force_limit(scene.thumb))
    weakest = min(force.values())
    metrics = {
        "finger_force_n": weakest,
        "of_statics": float(np.mean(part)),
        **{f"finger_force_n.{name}": value for name, value in force.items()},
    }
    return Ran(Result("held" if weakest >= STRENGTH else "limit", metrics), scene.model, episode)


def pressing(scene: PlateScene, trial: Trial) -> _core.Episode:
    """The run of one finger, which the seed chooses; more is asked of it than it can."""
    return _press_hard(scene, trial.seed, _finger(scene, trial))


def pressed(scene: PlateScene, trial: Trial, episode: _core.Episode) -> Result:
    """The largest force of that finger that lasts."""
    finger = _finger(scene, trial)
    steady = _lasting(scene, episode, finger)
    if episode.diverged:
        return Result("diverged")
    metrics = {"finger_force_n": steady, "of_statics": steady / scene.force_limit(finger)}
    return Result("held" if steady >= STRENGTH else "limit", metrics)


def _finger(scene: PlateScene, trial: Trial) -> int:
    return scene.others[trial.seed % len(scene.others)]


def _lasting(scene: PlateScene, episode: _core.Episode, finger: int) -> float:
    return steady_force(Log(episode)[scene.contact(finger)][:, 1])


def steady_force(force: Array) -> float:
    """Largest force [N] that is nowhere undercut for `STEADY`."""
    window = round(STEADY / PERIOD)
    if len(force) < window:
        return 0.0
    return float(np.lib.stride_tricks.sliding_window_view(force, window).min(axis=1).max())


def _press_hard(scene: PlateScene, seed: int, finger: int) -> _core.Episode:
    config = scene.config([finger])
    most = _ASKED * max(scene.force_limit(finger), scene.force_limit(scene.thumb))
    grip = config.grip
    grip.blind_level = grip.force_max = most
    grip.rise_rate = most / _PRESSED[0]
    config.safety.contact_force_max = 4.0 * most  # what is measured here is no fault
    episode = scene.episode(seed, [finger], config, CLOSE + sum(_PRESSED))
    _approach(scene, episode)
    return episode


def force_tracking(scene: PlateScene, trial: Trial) -> Ran:
    """A step and a sine of the wanted force of one finger, which the seed chooses."""
    step = Ran.alone(scene, trial, stepping(scene, trial), stepped)
    if not step.result.metrics:
        return step
    finger = _finger(scene, trial)
    sine = _sine(scene, trial.seed, finger, trial.condition.kind != "open")
    gain, rms = _followed(scene, sine, finger)
    metrics = step.result.metrics | {
        "sine_gain": abs(gain),
        "sine_lag_deg": -float(np.degrees(np.angle(gain))),
        "sine_error": rms,
    }
    return Ran(replace(step.result, metrics=metrics), scene.model, sine)


def stepping(scene: PlateScene, trial: Trial) -> _core.Episode:
    """The run of the step. A grip below 0 never asks for all of it."""
    finger = _finger(scene, trial)
    config = scene.config([finger])
    config.grip.level_min, config.grip.blind_level = STEP
    config.grip.rise_rate = 1e6
    if trial.condition.kind == "open":
        config.law.integral_gain = [0.0] * len(scene.hand.finger_names)
    episode = scene.episode(trial.seed, [finger], config, _STEP_END)
    _approach(scene, episode)
    return episode


def stepped(scene: PlateScene, trial: Trial, episode: _core.Episode) -> Result:
    """How the force followed; without figures where no step was asked for."""
    finger, log = _finger(scene, trial), Log(episode)
    wanted, force = log["wanted_force"][:, finger], log[scene.contact(finger)][:, 1]
    begun = np.flatnonzero(wanted >= STEP[1])
    if episode.diverged or not len(begun):
        return Result("diverged" if episode.diverged else "missed")
    found = StepResponse.read(force[begun[0] :], *STEP, PERIOD)
    good = found.rise_time <= RISE_TIME and found.overshoot <= OVERSHOOT and found.error <= ERROR
    metrics = {
        "rise_time_s": found.rise_time,
        "overshoot": found.overshoot,
        "step_error": found.error,
        "bandwidth_hz": found.bandwidth,
    }
    return Result("held" if good else "limit", metrics)


def _sine(scene: PlateScene, seed: int, finger: int, feels: bool) -> _core.Episode:
    """Plates that move along the pads load the fingers, and the grip asks for what that needs.

    So the wanted force is a sine that nobody but the controller itself commands.
    """
    config = scene.config([finger])
    config.grip.adaptive = True
    config.grip.level_min = 0.5
    config.grip.friction_initial = 0.4  # a load of 1 N asks for 2.5 N
    config.grip.slip_speed = 1.0  # [m/s]: reflexes are another test
    config.grip.rise_rate = 1e4
    config.grip.load_time_constant = 0.01
    config.grip.release_time = 0.01
    if not feels:
        config.law.integral_gain = [0.0] * len(scene.hand.finger_names)
    episode = scene.episode(seed, [finger], config, _SINE[2])
    _approach(scene, episode)
    time = np.arange(_SINE[0], _SINE[2], 0.005)
    grown = np.clip((time - _SINE[0]) / (_SINE[1] - _SINE[0]), 0.0, 1.0)
    way = _SHAKE * grown * (1.2 - np.cos(2.0 * np.pi * SINE * (time - _SINE[0])))
    for f in (finger, scene.thumb):
        body = scene.model.body(plate_of(f))
        target = _core.TrackTarget.MOCAP_POSITION
        episode.add_track(target, body.id, 2, time, body.pos[2] + way)
    _core.run_episodes([episode], 1)
    return episode


def _followed(scene: PlateScene, episode: _core.Episode, finger: int) -> tuple[complex, float]:
    """Gain at the sine's frequency, and the error's part of the command's deviation."""
    log = Log(episode)
    judged = slice(round(_SINE[1] / PERIOD), None)
    wanted = log["wanted_force"][judged, finger]
    force = log[scene.contact(finger)][judged, 1]
    swing = float(wanted.std())
    if len(wanted) < 1.0 / PERIOD or swing < 0.1:
        return complex("nan"), float("nan")
    error = float(np.sqrt(np.mean((force - wanted) ** 2)))
    return sine_gain(wanted, force, SINE, PERIOD), error / swing


def _approach(scene: PlateScene, episode: _core.Episode) -> None:
    episode.controller.set_trajectory([0.0, CLOSE], [scene.preshape.opened, scene.reached])
