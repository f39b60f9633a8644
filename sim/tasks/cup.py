"""The cup: hold a thin cup while it is filled, hit and shaken; neither crush it nor drop it.

The cup stands on a coaster, the hand closes, the coaster sinks away, 0.45 kg are poured in 5 s, a
0.1 kg lump falls in from 2 cm, and the wrist is shaken sideways with 2 m/s2 at 3 Hz. Friction, the
cup's strength, masses and sensor errors are drawn per seed (`cup_trial.py`); the controller is told
none of them.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from ... import _core
from ...controller import Hand
from ...controller.preshape import Preshape
from ..episode_log import Log
from ..scene import (
    CARRIAGE_MASS,
    PREFIX,
    carriage_control,
    check_touch,
    good_sensors,
    hand_on_carriage,
)
from .cup_object import EMPTY, FILLING, LUMP, add_cup, contact_time
from .cup_preshape import cup_preshape, effective_mass, thumb_azimuth, tip_mobility
from .cup_trial import DROP_IN, LANDING, SHAKE, CupTrial, landing_force
from .rig import Rig

Array = NDArray[np.float64]

CLOSED: Final = 0.5  # [s], when the fingers have closed
SINK: Final = (1.0, 1.6)  # [s], the coaster goes
SHAKEN: Final = (8.0, 10.0)  # [s]
SHAKE_RATE: Final = 3.0  # [Hz]
END: Final = 10.0  # [s]
PERIOD: Final = 0.001  # [s], of control
TENDON_FRICTION: Final = (0.1, 0.003)  # of a hand's guides; [m/s] over which it turns round

_SINK_DEPTH = 0.1  # [m]
_TRACE = 1e-4  # [kg], what a mass is before it is there: MuJoCo wants more than nothing


@dataclass(frozen=True, eq=False)
class CupScene(Rig):
    """The scene, compiled once; every episode works on a copy of its model.

    Attributes:
        hand: Who holds.
        preshape: How the hand goes about it.
        share: Part of the grip level per finger, thumb 1, shape (fingers,).
    """

    hand: Hand
    preshape: Preshape
    share: Array

    @classmethod
    def build(cls, hand: Hand) -> CupScene:
        """Finds how the hand opposes its thumb around the cup and puts the cup there.

        Raises:
            ValueError: The hand cannot reach around the cup.
            HandError: The hand has no actuators, no grip or no contact sensors.
        """
        share = np.array(hand.controller_config().grip.share[: len(hand.finger_names)])
        check_touch(hand)
        spec = hand_on_carriage(hand)
        bound = hand.bind(spec.compile(), PREFIX)
        preshape = cup_preshape(hand, bound, share)
        mobility = tip_mobility(bound, preshape)
        cls.add_object(spec, preshape.cylinder.center, mobility, thumb_azimuth(bound, preshape))
        _add_sensors(spec, hand)
        model = spec.compile()
        return cls(model, hand.bind(model, PREFIX), hand, preshape, share)

    @classmethod
    def add_object(
        cls, spec: mujoco.MjSpec, center: Array, mobility: Array, azimuth: float
    ) -> None:
        """Puts the cup into a scene.

        Args:
            spec: Of the scene.
            center: Where the fingers meet [m].
            mobility: Of what presses on it, along the normal, shape (fingers,) [1/kg].
            azimuth: Of the thumb around the cup [rad].
        """
        add_cup(spec, center, contact_time(effective_mass(mobility, EMPTY + FILLING + LUMP)))

    def episode(
        self,
        trial: CupTrial,
        squeeze: float | None = None,
        *,
        config: _core.ControllerConfig | None = None,
        until_failure: bool = False,
    ) -> _core.Episode:
        """One run, ready for `_core.run_episodes`.

        Args:
            trial: What is drawn.
            squeeze: None: closed loop. A number: hold this force [N] whatever is felt.
            config: Of the controller; None: the hand's own. Left as it is.
            until_failure: Stop as soon as the cup is crushed or gone.

        Raises:
            ValueError: Both `squeeze` and `config`: a squeeze brings its own configuration.
        """
        if squeeze is not None and config is not None:
            raise ValueError(
                "squeeze and config exclude each other: a squeeze brings its own configuration; "
                "set grip.adaptive and grip.blind_level in config instead"
            )
        model = self._model_of(trial)
        config = config or self.hand.controller_config(PERIOD)
        if squeeze is not None:
            config.grip.adaptive = False
            config.grip.blind_level = squeeze
            config.law.integral_gain = [0.0] * len(self.share)
        episode = _core.Episode(
            model,
            self.bound.plant_ids(),
            good_sensors(trial.seed, PERIOD),
            self.bound.hand_model,
            config,
            self.logged_sensors,
            round(END / PERIOD),
            _tendon_friction(self.hand),
        )
        episode.set_initial_qpos(self._initial_qpos)
        self.aim(episode.controller)
        self._script(episode, model, trial)
        if until_failure:
            self._watch(episode, trial)
        return episode

    def plant(self, trial: CupTrial) -> tuple[_core.SimPlant, mujoco.MjData]:
        """The same scene, started, for a controller that is somewhere else.

        Args:
            trial: What is drawn.
        """
        model = self._model_of(trial)
        plant = _core.SimPlant(
            model, self.bound.plant_ids(), good_sensors(trial.seed, PERIOD), PERIOD
        )
        self._script(plant, model, trial)
        data = mujoco.MjData(model)
        data.qpos[:] = self._initial_qpos
        plant.start(data)
        return plant, data

    def aim(self, controller: _core.Controller) -> None:
        """Tells a controller to close the hand."""
        controller.set_trajectory([0.0, CLOSED], [self.preshape.opened, self.preshape.closed])

    @property
    def wall_sensors(self) -> list[str]:
        """Names of the sensors that see the cup give; this one does not."""
        return []

    @property
    def logged_sensors(self) -> list[int]:
        """Ids of the sensors by which a run is judged."""
        names = ["cup_position", "cup_orientation", "carriage_acceleration", *self.contact_sensors]
        names += [f"{PREFIX}{joint}_pos" for joint in self.hand.joint_names]
        names += self.wall_sensors
        return [self.model.sensor(name).id for name in names]

    @property
    def _initial_qpos(self) -> Array:
        qpos = np.array(self.model.qpos0)
        qpos[self.bound.qpos] = self.preshape.opened
        return qpos

    def _model_of(self, trial: CupTrial) -> mujoco.MjModel:
        model = copy.copy(self.model)
        self.vary(model, trial)
        return model

    def vary(self, model: mujoco.MjModel, trial: CupTrial) -> None:
        """Gives a model's cup what is drawn for a trial, its masses aside."""
        model.geom("cup").friction[0] = trial.friction

    def damage(self, trial: CupTrial, log: Log) -> Array:
        """What was done to the cup until each tick, over what it stands, shape (ticks,)."""
        normal = np.stack([log[name][:, 1] for name in self.contact_sensors], axis=1)
        return np.asarray((normal / self.crush_force(trial)).max(axis=1))

    def crush_force(self, trial: CupTrial) -> Array:
        """Normal force at which each finger crushes the cup, shape (fingers,) [N]."""
        return trial.strength * trial.least_force() * self.share

    def _script(
        self, run: _core.Episode | _core.SimPlant, model: mujoco.MjModel, trial: CupTrial
    ) -> None:
        target = _core.TrackTarget
        body = {name: model.body(name).id for name in ("cup", "filling", "lump", "coaster")}
        cup, filling, lump = trial.masses()
        run.add_track(target.BODY_MASS, body["cup"], 0, [0.0], [cup])
        run.add_track(target.BODY_MASS, body["filling"], 0, trial.pour, (_TRACE, filling))
        run.add_track(target.BODY_MASS, body["lump"], 0, [DROP_IN, DROP_IN], [_TRACE, lump])
        landing = DROP_IN + np.linspace(0.0, LANDING, 21)
        run.add_track(target.BODY_FORCE, body["cup"], 2, landing, -landing_force(lump, landing))
        sink = np.linspace(*SINK, 61)
        height = model.body_pos[body["coaster"], 2] - sink_depth(sink)
        run.add_track(target.MOCAP_POSITION, body["coaster"], 2, sink, height)
        time = np.arange(SHAKEN[0], SHAKEN[1] + 1e-9, 0.002)
        hand_mass = float(model.body_subtreemass[model.body("carriage").id]) - CARRIAGE_MASS
        control = carriage_control(
            time, shake_position(time), CARRIAGE_MASS + hand_mass + cup + filling + lump
        )
        run.add_track(target.CONTROL, model.actuator("carriage").id, 0, time, control)

    def _watch(self, episode: _core.Episode, trial: CupTrial) -> None:
        column = episode.channels
        for sensor, force in zip(self.contact_sensors, self.crush_force(trial), strict=True):
            episode.stop_outside(column[sensor][0] + 1, -np.inf, float(force))
        self.watch_height(episode)

    def watch_height(self, episode: _core.Episode) -> None:
        """Ends a run whose cup is on its way to the floor."""
        height = float(self.model.body("cup").pos[2])
        episode.stop_outside(episode.channels["cup_position"][0] + 2, height - 0.02, np.inf)


def sink_depth(time: Array) -> Array:
    """How far the coaster has sunk, shape (k,) [m]."""
    return np.asarray(_SINK_DEPTH * np.interp(time, SINK, (0.0, 1.0)) ** 2)


def shake_position(time: Array) -> Array:
    """Sideways position of the shaken wrist, shape (k,) [m]; starts and ends at rest."""
    omega = 2.0 * np.pi * SHAKE_RATE
    edge = np.minimum(time - SHAKEN[0], SHAKEN[1] - time) * SHAKE_RATE
    fade = np.sin(0.5 * np.pi * np.clip(edge, 0.0, 1.0)) ** 2  # one period in, one out
    return np.asarray(-SHAKE / omega**2 * np.sin(omega * (time - SHAKEN[0])) * fade)


def _tendon_friction(hand: Hand) -> _core.CapstanFriction:
    """What the guides of a hand with tendons take, which it does not know exactly."""
    friction = _core.CapstanFriction()
    if hand.description.transmission.kind == "tendons":
        friction.coefficient, friction.velocity = TENDON_FRICTION
    return friction


def _add_sensors(spec: mujoco.MjSpec, hand: Hand) -> None:
    kind, body = mujoco.mjtSensor, mujoco.mjtObj.mjOBJ_BODY
    spec.add_sensor(name="cup_position", type=kind.mjSENS_FRAMEPOS, objtype=body, objname="cup")
    spec.add_sensor(name="cup_orientation", type=kind.mjSENS_FRAMEQUAT, objtype=body, objname="cup")
    spec.add_sensor(
        name="carriage_acceleration", type=kind.mjSENS_FRAMELINACC, objtype=body, objname="carriage"
    )
    for joint in hand.joint_names:
        if spec.sensor(f"{PREFIX}{joint}_pos") is None:
            spec.add_sensor(
                name=f"{PREFIX}{joint}_pos",
                type=kind.mjSENS_JOINTPOS,
                objtype=mujoco.mjtObj.mjOBJ_JOINT,
                objname=PREFIX + joint,
            )
