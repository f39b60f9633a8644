"""The cup that dents, in the scene of the cup."""

from __future__ import annotations

import math

import mujoco
import numpy as np
from numpy.typing import NDArray

from ... import _core
from ..episode_log import Log
from .cup import CupScene
from .cup_flex_object import (
    DENT,
    MOVED,
    YIELD,
    add_flex_cup,
    dents,
    set_strength,
    stave_names,
)
from .cup_object import contact_time
from .cup_preshape import effective_mass
from .cup_trial import CupTrial

Array = NDArray[np.float64]


class FlexCupScene(CupScene):
    """As the cup, but what is pressed too hard stays dented.

    `CupTrial.strength` is the force that dents the wall over the least force that holds the cup,
    each of one side.
    """

    @classmethod
    def add_object(
        cls, spec: mujoco.MjSpec, center: Array, mobility: Array, azimuth: float
    ) -> None:
        """Puts the cup into a scene, the middle of a stave before the thumb."""
        add_flex_cup(spec, center, contact_time(effective_mass(mobility, MOVED)), azimuth)

    def vary(self, model: mujoco.MjModel, trial: CupTrial) -> None:
        """Gives the cup friction and strength."""
        for name in stave_names():
            model.geom(name).friction[0] = trial.friction
        set_strength(model, trial.strength * trial.least_force())

    @property
    def wall_sensors(self) -> list[str]:
        """How far each stave is pushed in."""
        return stave_names()

    def damage(self, trial: CupTrial, log: Log) -> Array:
        """Deepest dent there would be if the cup were let go, over what counts as crushed."""
        inwards = np.column_stack([log[name] for name in stave_names()])
        return np.asarray(np.abs(dents(inwards)).max(axis=1) / DENT)

    def _watch(self, episode: _core.Episode, trial: CupTrial) -> None:
        column = episode.channels
        for name in stave_names():  # so deep that the dent is beyond doubt
            episode.stop_outside(column[name][0], -math.inf, YIELD + 2.0 * DENT)
        self.watch_height(episode)
