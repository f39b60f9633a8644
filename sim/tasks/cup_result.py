"""What a run with the cup was worth: crushed or dropped, slip, safety margin, reaction time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from ..episode_log import Log, Recorded
from .cup import PERIOD, SINK, CupScene
from .cup_reaction import Reactions
from .cup_trial import DROPPED, GRAVITY, CupTrial

Array = NDArray[np.float64]

BLOW_UP: Final = 0.05  # [s] before a simulation diverges, in which no failure is the hand's
LET_GO: Final = 0.02  # [m] below where it was held: the cup is on its way to the floor


@dataclass(frozen=True)
class CupResult:
    """One run, judged on what really happened, without sensor noise or delay.

    Attributes:
        seed: Of the trial.
        outcome: `held`, `crushed`, `dropped` or `diverged`.
        slip: Largest sliding of the cup against either side of the grasp [m].
        peak_force: Largest normal force of any finger [N].
        peak_ratio: Largest normal force over the force that crushes, of any finger; of a cup that
            dents, the deepest dent over what is allowed.
        safety_margin: Mean of (F - F_slip) / F while the cup hangs in the hand, NaN if never.
        reactions: To the slips of the cup.
    """

    seed: int
    outcome: Literal["held", "crushed", "dropped", "diverged"]
    slip: float
    peak_force: float
    peak_ratio: float
    safety_margin: float
    reactions: Reactions

    @property
    def success(self) -> bool:
        """Neither crushed nor dropped."""
        return self.outcome == "held"


@dataclass(frozen=True)
class Contacts:
    """The true contacts of one run, each of shape (ticks, fingers)."""

    normal: Array  # [N]
    tangential: Array  # [N]
    velocity: Array  # [m/s], of the cup over the skin, world axes, shape (ticks, fingers, 3)

    @classmethod
    def read(cls, scene: CupScene, log: Log) -> Contacts:
        """From the contact sensors `found force pos normal tangent linvel`."""
        raw = np.stack([log[name] for name in scene.contact_sensors], axis=1)
        first, second = raw[:, :, 10:13], np.cross(raw[:, :, 7:10], raw[:, :, 10:13])
        velocity = raw[:, :, 14:15] * first + raw[:, :, 15:16] * second
        return cls(raw[:, :, 1], np.hypot(raw[:, :, 2], raw[:, :, 3]), velocity)


def sides(values: Array, weight: Array) -> tuple[Array, Array]:
    """Thumb's and fingers' mean of `values` (ticks, fingers, ...), weighted by their share."""
    thumb = int(np.argmax(weight))
    others = np.delete(np.arange(len(weight)), thumb)
    fingers = np.tensordot(values[:, others], weight[others] / weight[others].sum(), (1, 0))
    return values[:, thumb], fingers


def judge(scene: CupScene, trial: CupTrial, run: Recorded, creep: float = 0.0) -> CupResult:
    """Judges a run.

    Args:
        scene: Where it took place.
        trial: What was drawn for it.
        run: It, after `_core.run_episodes` for instance.
        creep: Sliding of a rigid pinch that holds the same load [m], subtracted from the slip.
    """
    log = Log(run)
    time = log["time"]
    contacts = Contacts.read(scene, log)
    hanging = time >= SINK[1]
    slip = np.maximum(slip_distance(contacts, scene.share, time) - creep, 0.0)
    damage = scene.damage(trial, log)
    low = log["cup_position"][:, 2] < scene.model.body("cup").pos[2] - LET_GO
    crushed = first_tick(damage > 1.0)
    dropped = first_tick(low | (slip > DROPPED))
    failed = min(crushed, dropped)
    outcome: Literal["held", "crushed", "dropped", "diverged"]
    if run.diverged and failed > len(log) - round(BLOW_UP / PERIOD):
        outcome = "diverged"
    elif failed == len(log):
        outcome = "held"
    else:
        outcome = "crushed" if crushed == failed else "dropped"
    before = slice(0, dropped)
    margin = _safety_margin(contacts, scene.share, trial, log)[before][hanging[before]]
    return CupResult(
        seed=trial.seed,
        outcome=outcome,
        slip=float(slip.max(initial=0.0)),
        peak_force=float(contacts.normal.max(initial=0.0)),
        peak_ratio=float(damage.max(initial=0.0)),
        safety_margin=float(margin.mean()) if len(margin) else float("nan"),
        reactions=_reactions(scene, contacts, log, dropped),
    )


def first_tick(happens: NDArray[np.bool_]) -> int:
    """Tick at which something first happens, the number of ticks if it never does."""
    return int(np.argmax(happens)) if happens.any() else len(happens)


def slip_distance(contacts: Contacts, share: Array, time: Array) -> Array:
    """How far the cup slid over the thumb or the fingers, the further one, shape (ticks,) [m]."""
    hanging = time[:, None] >= SINK[0]
    ways = [np.cumsum(side * hanging, axis=0) * PERIOD for side in sides(contacts.velocity, share)]
    return np.asarray(np.max([np.linalg.norm(way, axis=1) for way in ways], axis=0))


def grip_force(contacts: Contacts, share: Array) -> Array:
    """Mean of the normal forces of the two sides, shape (ticks,) [N]."""
    thumb = int(np.argmax(share))
    others = np.delete(contacts.normal, thumb, axis=1).sum(axis=1)
    return np.asarray((contacts.normal[:, thumb] + others) / 2.0)


def slip_force(trial: CupTrial, log: Log) -> Array:
    """Normal force per side below which the cup would slip, shape (ticks,) [N]."""
    acceleration = log["carriage_acceleration"][:, :2]
    load = trial.mass(log["time"]) * np.hypot(GRAVITY, np.linalg.norm(acceleration, axis=1))
    return np.asarray(load / (2.0 * trial.friction))


def _safety_margin(contacts: Contacts, share: Array, trial: CupTrial, log: Log) -> Array:
    grip = np.maximum(grip_force(contacts, share), 1e-6)
    return np.asarray((grip - slip_force(trial, log)) / grip)


def _reactions(scene: CupScene, contacts: Contacts, log: Log, dropped: int) -> Reactions:
    """To the slips of a whole side that begin while the cup hangs in the hand."""
    hanging = slice(int(np.searchsorted(log["time"], SINK[0])), dropped)
    moving = [np.linalg.norm(side, axis=1) for side in sides(contacts.velocity, scene.share)]
    return Reactions.read(
        np.max(moving, axis=0)[hanging],
        grip_force(contacts, scene.share)[hanging],
        log["grip_level"][hanging],
        scene.hand.controller_config(PERIOD).grip.slip_speed,
        PERIOD,
    )
