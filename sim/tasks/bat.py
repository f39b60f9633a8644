"""The bat: how fast a swing a power grasp holds, and how hard a blow of the ball.

The swing speeds up steadily until the bat slips 5 mm or turns 5 degrees in the hand. The hand is
carried along its path, its wrist braced: what is measured is the grip. With the wrist left to its
motors another case tells what gives way first. At 10 m/s of the tip the ball strikes, again and
again and a quarter harder each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from ... import _core
from ..bench.contestant import Contestant
from ..bench.task import Metric, Options, Reference
from ..bench.trial import CLOSED, Case, Result, Trial
from .bat_scene import CENTER, GRIPPED, MASS, TIP, furnish, inertial_forces
from .handle import LOADED, HandleScene
from .handle_build import build_scene
from .handle_load import Hold, Ladder
from .handle_task import HANDLE_METRICS, HandleTask

Array = NDArray[np.float64]

FASTER: Final = 4.0  # [rad/s2], of the swing
FASTEST: Final = 45.0  # [m/s], of the tip
STRUCK: Final = 10.0  # [m/s], of the tip when the ball comes
GRIP_OF_MEN: Final = 609.0  # [N], the strongest, Crosby 1994
SHARES: Final = ("index", "middle", "ring", "little")

_EASE: Final = 0.1  # [s], over which the acceleration comes
_KEYS: Final = 0.02  # [s], between keys of a swing
_BLOW: Final = 0.004  # [s], half sine of a blow: long over before the hand has moved
_AGAIN: Final = 0.25  # [s], from one blow to the next
_BLOWS: Final[Array] = 0.1 * 1.25 ** np.arange(18, dtype=np.float64)  # [N s]

SWING: Final = Case("swing")
LOOSE: Final = Case("swing, wrist on its motors", headline=False)
BLOWS: Final = Case("blows of the ball", headline=False)
IN_THE_PALM: Final = np.linspace(-0.033, -0.012, 8)
"""[m], places of the handle in front of the knuckles: so far back that the knob meets the palm."""
_AIMS: Final = [
    [0.0, 0.0, 300.0, 0.0, 0.0, 0.0],
    [0.0, 0.0, 0.0, 0.0, 3.0, 0.0],
    [0.0, 0.0, 0.0, 0.0, -3.0, 0.0],
]


class BatTask(HandleTask):
    """Hold a bat that is swung faster and faster, and struck."""

    name: ClassVar = "bat"
    question: ClassVar = (
        "How fast may a 0.9 kg bat be swung before it slips 5 mm or turns 5 degrees in the hand? "
        "Held: 30 m/s of its tip, the upper end of the protocol's 20 to 30 m/s; of blows: 1 N s."
    )
    metrics: ClassVar = {
        "tip_speed_m_s": Metric("speed of the tip that was held", "m/s"),
        "angular_rate_rad_s": Metric("angular rate then", "rad/s"),
        "pull_n": Metric("pull along the handle then, m w^2 r", "N"),
        "pull_over_grip_of_men": Metric("that pull over the strongest grip of men, 609 N", "1"),
        "across_n": Metric("force across the handle, m r dw/dt", "N", "neither"),
        "impulse_n_s": Metric("hardest blow that was held", "N s"),
        **{
            f"share_{f}_1": Metric(f"part of the squeeze, {f} finger", "1", "neither")
            for f in SHARES
        },
        **HANDLE_METRICS,
    }
    references: ClassVar = (
        Reference(
            "people",
            "fingers share a power grip 32.2 / 32.6 / 23.5 / 11.7 %",
            "Li 2002",
            {
                "share_index_1": 0.322,
                "share_middle_1": 0.326,
                "share_ring_1": 0.235,
                "share_little_1": 0.117,
            },
        ),
        Reference("people", "strongest grip 609 N (men), 360 N (women)", "Crosby 1994", {}),
    )
    gate: ClassVar = 30.0  # [m/s]
    blow_gate: ClassVar = 1.0  # [N s]

    def cases(self, options: Options) -> Sequence[Case]:
        """The swing is the task; the others are told beside it."""
        return [SWING, LOOSE, BLOWS]

    def trials(self, options: Options) -> list[Trial]:
        """Every seed swings; the other cases take a tenth of them, once in a quick run."""
        every = list(self.trials_of(SWING, options.seeds, options.quick))
        for case in (LOOSE, BLOWS):
            if options.quick:
                every.append(Trial(CLOSED, case, options.seeds[0]))
            else:
                every += self.trials_of(case, options.seeds[::10], quick=False)
        return every

    def build(self, contestant: Contestant, case: Case) -> HandleScene:
        """The bat in the hand, on its shoulder."""
        return build_scene(contestant.hand, GRIPPED, _AIMS, furnish, IN_THE_PALM)

    def ladder(self, trial: Trial) -> Ladder:
        """Speeds of the tip [m/s], or blows [N s]."""
        if trial.case == BLOWS:
            ends = _blow_times() + _AGAIN
            return Ladder(ends, _BLOWS, ends, _BLOWS)
        speeds = np.arange(1.0, FASTEST + 0.5)
        reached = LOADED + _EASE / 2.0 + speeds / TIP / FASTER
        return Ladder(reached, speeds, reached, speeds)

    def episode(self, scene: HandleScene, trial: Trial) -> _core.Episode:
        """The closed hand, swung."""
        end = self.ladder(trial).end
        episode, model = scene.episode(trial.seed, trial.condition, end)
        braces = [i for i in range(model.neq) if model.equality(i).name.startswith("brace")]
        model.eq_active0[braces] = trial.case != LOOSE
        _swing(episode, scene, (STRUCK if trial.case == BLOWS else FASTEST) / TIP, end)
        if trial.case == BLOWS:
            _strike(episode, model)
        return episode

    def gate_of(self, trial: Trial) -> float:
        """Speed of the tip [m/s], or blow [N s]."""
        return self.blow_gate if trial.case == BLOWS else self.gate

    def judge(self, scene: HandleScene, trial: Trial, episode: _core.Episode) -> Result:
        """By the speed that was held, or by the blow."""
        hold = Hold.read(scene, episode)
        worth = self.ladder(trial).borne(hold.until)
        shares = _shares(scene, hold)
        if trial.case == BLOWS:
            return hold.result(worth, self.gate_of(trial), {"impulse_n_s": worth, **shares})
        rate = worth / TIP
        pull = MASS * rate**2 * CENTER
        return hold.result(
            worth,
            self.gate,
            {
                "tip_speed_m_s": worth,
                "angular_rate_rad_s": rate,
                "pull_n": pull,
                "pull_over_grip_of_men": pull / GRIP_OF_MEN,
                "across_n": MASS * CENTER * FASTER,
                **shares,
            },
        )


def swing(time: Array, top: float) -> tuple[Array, Array]:
    """Rate [rad/s] of a swing and its change [rad/s2], each of shape (k,).

    Args:
        time: Shape (k,) [s].
        top: Rate at which it gets no faster [rad/s].
    """
    begun = time - LOADED
    ease = np.clip(begun / _EASE, 0.0, 1.0)
    rate = FASTER * (np.maximum(begun, 0.0) - _EASE * (ease - 0.5 * ease**2))
    going = rate < top
    return np.asarray(np.minimum(rate, top)), np.asarray(FASTER * ease * going)


def _swing(episode: _core.Episode, scene: HandleScene, top: float, end: float) -> None:
    """Swings hand and bat up to a rate [rad/s], until a time [s]."""
    time = np.arange(LOADED, end + _KEYS, _KEYS)
    for body, wrench in inertial_forces(scene, *swing(time, top)).items():
        for component in np.flatnonzero(wrench.any(axis=0)):
            target = _core.TrackTarget.BODY_FORCE
            episode.add_track(target, body, int(component), time, wrench[:, component])


def _blow_times() -> Array:
    begin = LOADED + STRUCK / TIP / FASTER + 3.0 * _EASE
    return np.asarray(begin + _AGAIN * np.arange(len(_BLOWS)))


def _strike(episode: _core.Episode, model: mujoco.MjModel) -> None:
    """Blows against the swing at the sweet spot."""
    spot, target = model.body("sweet spot").id, _core.TrackTarget.BODY_FORCE
    phase = np.linspace(0.0, 1.0, 9)
    time = (_blow_times()[:, None] + _BLOW * phase).ravel()
    force = np.outer(_BLOWS, np.pi / (2.0 * _BLOW) * np.sin(np.pi * phase)).ravel()
    episode.add_track(target, spot, 0, time, -force)


def _shares(scene: HandleScene, hold: Hold) -> dict[str, float]:
    """Of the fingers in the squeeze before the swing, where they have the names of people's."""
    names = list(scene.hand.finger_names)
    if not all(finger in names for finger in SHARES):
        return {}
    force = hold.squeeze[[names.index(finger) for finger in SHARES]]
    return {
        f"share_{finger}_1": float(part)
        for finger, part in zip(SHARES, force / max(float(force.sum()), 1e-9), strict=True)
    }
