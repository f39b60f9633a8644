"""Grasps over and over: a cylinder is gripped, held free of its fixture, given back and let go."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from ... import _core
from ...controller import Hand
from ..motor_heat import CATALOGUE, COPPER
from ..scene import good_sensors
from ..wear import GUIDE_FRICTION
from .endurance_age import SQUEEZE, Age, GraspDraw
from .grasp import PERIOD, GraspScene
from .grasp_object import GraspObject
from .nist_plates import guides
from .rig import Rig

Array = NDArray[np.float64]

CYLINDER: Final = GraspObject("cylinder", 0.05, 0.12)
CYCLE: Final = 1.5  # [s]
CLOSED: Final = 0.3  # [s] in a cycle, from which on the hand is closed
HELD: Final = (0.6, 1.05)  # [s] in a cycle, without the fixture
OPENED: Final = 1.25  # [s] in a cycle, from which on the hand is open
RUN: Final = 5  # cycles in one run, as many as a plan of the controller has room for

_APART: Final = 4.0  # times as far from the cylinder as closed fingers would be in it: 12 mm
_PULL: Final = 1000.0  # [N/m], of the fingertips while they open
_FURTHER: Final = 1.4  # than the opened posture, for tips that have sunk in
_FADE: Final = 0.02  # [s], from posture to fingertips
_LOST: Final = 0.05  # [m] from its place the cylinder is lost


@dataclass(frozen=True, eq=False)
class EnduranceScene(Rig):
    """A hand before the cylinder.

    Attributes:
        grasp: Hand, cylinder and how the one goes about the other.
        law: Instead of the built-in one, if any.
    """

    grasp: GraspScene
    law: _core.CustomLaw | None = None

    @classmethod
    def build(cls, hand: Hand, law: _core.CustomLaw | None = None) -> EnduranceScene:
        """Finds a grasp between fingertips.

        Args:
            hand: Who grasps.
            law: Instead of the built-in one, if any.

        Raises:
            HandError: The hand has no actuators, no grip or no contact sensors.
        """
        grasp = GraspScene.build(hand, CYLINDER, "precision")
        model = copy.copy(grasp.model)
        model.eq_solref[:, 0] = 0.05  # [s]: it does not tear it from the opening hand
        return cls(model, grasp.bound, grasp, law)

    @property
    def hand(self) -> Hand:
        """Who grasps."""
        return self.grasp.hand

    @property
    def opened(self) -> Array:
        """Posture clear of the cylinder, on the way on which the fingers close, shape (n,) [rad].

        Not that of the pre-shape, in which a finger may lean on its neighbour.
        """
        shape = self.grasp.preshape
        away = shape.touching - _APART * (shape.closed - shape.touching)
        return np.clip(away, *self.bound.position_range.T)

    @property
    def thumb(self) -> int:
        """Index of the finger that opposes the others."""
        return int(np.argmax(self.grasp.share))

    def config(self, age: Age, squeeze: float = SQUEEZE) -> _core.ControllerConfig:
        """The hand's own, firm, and believing about its motors what their heat has made of them.

        A warm motor is told in temperatures over its own, so that it starts at the room's: its
        limit is as much nearer as it is warmer, its winding's resistance grown.
        """
        config = self.grasp.config()
        # A force to hold, regulated by what is felt: the reflex takes the pull of the opening
        # fingers for a load, and holds on.
        config.grip.adaptive = False
        config.grip.level_min = config.grip.blind_level = squeeze
        config.grip.force_max = max(config.grip.force_max, 1.5 * squeeze)
        config.safety.contact_force_max = max(config.safety.contact_force_max, 5.0 * squeeze)
        config.task.settle_time = 0.15
        config.fingertips.stiffness = _PULL
        config.fade_time = _FADE
        if age.heat:
            motors = config.motors.motors
            for motor, heat in zip(motors, age.heat, strict=True):
                motor.resistance *= 1.0 + COPPER * (heat.winding - CATALOGUE)
                thermal = motor.thermal
                thermal.winding_max -= heat.winding - config.motors.ambient
                motor.thermal = thermal
            config.motors.motors = motors
            config.motors.housing_time = 1e-3  # [s]: what is injected is so
        return config

    def episode(self, draw: GraspDraw, age: Age, part: int) -> _core.Episode:
        """`RUN` grasps.

        Args:
            draw: What is drawn.
            age: Of the hand.
            part: Number of this run, which makes its sensor noise another.
        """
        model = self._model(draw, age)
        friction = guides(self.hand)
        if age.worn_guides:
            friction.coefficient *= GUIDE_FRICTION
        names = ["object_position"]
        names += self.contact_sensors
        bound = self.bound
        episode = _core.Episode(
            model,
            bound.plant_ids(),
            good_sensors(1000 * draw.seed + part, PERIOD),
            bound.hand_model,
            self.config(age, draw.squeeze),
            [model.sensor(name).id for name in names],
            round(RUN * CYCLE / PERIOD),
            friction,
        )
        qpos = self.grasp.expected_qpos(self.opened)
        qpos[-7:-5] += draw.shift
        episode.set_initial_qpos(qpos)
        fixture = model.body("fixture")
        fixture.pos[:], fixture.quat[:] = qpos[-7:-4], qpos[-4:]
        if self.law is not None:
            episode.controller.set_law(self.law)
        self._script(episode)
        self._grow_old(episode, age)
        first = episode.channels["object_position"][0]
        place = self._place_in_palm(qpos[-7:-4])
        for i in range(3):
            episode.stop_outside(first + i, place[i] - _LOST, place[i] + _LOST)
        return episode

    def _model(self, draw: GraspDraw, age: Age) -> mujoco.MjModel:
        model = copy.copy(self.model)
        model.geom("object").friction[0] = draw.friction
        body = model.body("object")
        scale = draw.mass / float(body.mass[0])
        body.mass[:] *= scale
        body.inertia[:] *= scale
        model.dof_frictionloss[self.bound.dof] += age.friction
        mujoco.mj_setConst(model, mujoco.MjData(model))
        return model

    def _place_in_palm(self, position: Array) -> Array:
        data = mujoco.MjData(self.model)
        mujoco.mj_kinematics(self.model, data)
        palm = self.bound.palm_id
        offset = position - data.xpos[palm]
        return np.asarray(data.xmat[palm].reshape(3, 3).T @ offset)

    def _script(self, episode: _core.Episode) -> None:
        """The fixture, the postures, and tips that pull themselves off: fingers that grip stay."""
        shape, kind = self.grasp.preshape, _core.TaskKind
        away = _FURTHER * (self._tips(self.opened) - self._tips(shape.touching))
        times, postures, steps = [], [], []
        weld_time, weld_on = [0.0], [1.0]
        for begin in CYCLE * np.arange(RUN):
            for s in np.linspace(0.0, 1.0, 16):
                smooth = s**3 * (10.0 - 15.0 * s + 6.0 * s**2)
                times.append(begin + s * CLOSED)
                postures.append(self.opened + smooth * (shape.closed - self.opened))
            times += [begin + HELD[1], begin + OPENED]
            postures += [shape.closed, self.opened]
            steps += [
                _core.TaskStep(begin + 1e-6, kind.POSTURE),
                _core.TaskStep(begin + HELD[1], kind.FINGERTIPS),
                _core.TaskStep(begin + OPENED, kind.FINGERTIPS, tip_offset=list(away)),
            ]
            weld_time += [begin + t for t in (HELD[0], HELD[0], HELD[1], HELD[1])]
            weld_on += [1.0, 0.0, 0.0, 1.0]
        episode.controller.set_recording(times, np.array(postures))
        episode.controller.set_plan(steps)
        weld = self.model.equality("fixture").id
        episode.add_track(_core.TrackTarget.EQUALITY, weld, 0, weld_time, weld_on)

    def _tips(self, posture: Array) -> Array:
        hand = _core.HandKinematics(self.bound.hand_model)
        hand.update_position(posture)
        return np.array([hand.tip_position(f) for f in range(hand.finger_count)])

    def _grow_old(self, episode: _core.Episode, age: Age) -> None:
        """Joints behind gears with play, and motors that are warm."""
        kind = _core.SensorFaultKind
        for joint, offset in enumerate(age.offset):
            if offset:
                episode.plant.inject(kind.POSITION, joint, value=float(offset))
        ambient = self.config(Age.new(self.hand)).motors.ambient
        for motor, heat in enumerate(age.heat):
            cooler = heat.housing - heat.winding
            episode.plant.inject(kind.TEMPERATURE, motor, value=ambient + cooler)
