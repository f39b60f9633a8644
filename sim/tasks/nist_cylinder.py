"""The rig for the whole hand: a cylinder split lengthwise that feels how hard it is held.

The halves are one body; a sensor between them gives the force across the split, which stands
square to the line along which most of the pads press.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from ... import _core
from ...controller import BoundHand, Hand
from ..scene import PREFIX, good_sensors, hand_on_carriage
from .cup_object import contact_time
from .grasp import CLOSED, GraspScene
from .grasp_object import CENTER, GraspObject
from .grasp_preshape import GraspPreshape
from .held_object import add_fixture
from .nist_plates import PERIOD, guides, tip_of
from .rig import Rig

Array = NDArray[np.float64]

CYLINDER: Final = GraspObject("cylinder", 0.05, 0.12)
MASS: Final = 0.3  # [kg]
ROUGH: Final = 0.8  # friction where strength is measured
DEEPER: Final = 2.0  # than a hand heads for that lets the object come to it
POSITION_ERROR: Final = 0.003  # [m], largest of its place across the axis
_PAD_MASS: Final = 0.02  # [kg], about what a fingertip moves with
_CORNERS: Final = 12  # of half a circle


@dataclass(frozen=True, eq=False)
class CylinderScene(Rig):
    """Hand and split cylinder, compiled once; every episode works on a copy of its model.

    Attributes:
        grasp: The same grasp of a whole cylinder, whose controller is used.
        law: Instead of the built-in one, if any.
    """

    grasp: GraspScene
    law: _core.CustomLaw | None = None

    @classmethod
    def build(cls, hand: Hand, law: _core.CustomLaw | None = None) -> CylinderScene:
        """Finds how the hand takes the cylinder into the palm and puts it there.

        Args:
            hand: Who holds.
            law: Instead of the built-in one, if any.

        Raises:
            HandError: The hand has no actuators, no grip or no contact sensors.
        """
        grasp = GraspScene.build(hand, CYLINDER, "power")
        spec = hand_on_carriage(hand)
        _add_cylinder(spec, grasp)
        model = spec.compile()
        return cls(model, hand.bind(model, PREFIX), grasp, law)

    @property
    def hand(self) -> Hand:
        """Who holds."""
        return self.grasp.hand

    def episode(
        self, seed: int, config: _core.ControllerConfig, duration: float, friction: float
    ) -> _core.Episode:
        """One run in which the hand closes around the cylinder, which a fixture holds.

        Args:
            seed: Of the sensors and of the cylinder's place.
            config: Of the controller.
            duration: [s].
            friction: Coefficient between hand and cylinder.
        """
        model = copy.copy(self.model)
        for name in ("front", "back"):
            model.geom(name).friction[0] = friction
        shape = self.grasp.preshape
        place = _place(shape, np.random.default_rng(seed))
        fixture = model.body("fixture")
        fixture.pos[:], fixture.quat[:] = place[:3], place[3:]
        names = ["object_position", "split"]
        names += self.contact_sensors + [tip_of(f) for f in range(len(self.hand.finger_names))]
        episode = _core.Episode(
            model,
            self.bound.plant_ids(),
            good_sensors(seed, PERIOD),
            self.bound.hand_model,
            config,
            [model.sensor(name).id for name in names],
            round(duration / PERIOD),
            guides(self.hand),
        )
        qpos = np.array(model.qpos0)
        qpos[self.bound.qpos] = shape.opened
        qpos[-7:] = place
        episode.set_initial_qpos(qpos)
        further = shape.touching + DEEPER * (shape.closed - shape.touching)
        episode.controller.set_trajectory([0.0, CLOSED], [shape.opened, further])
        if self.law is not None:
            episode.controller.set_law(self.law)
        return episode


def _place(shape: GraspPreshape, rng: np.random.Generator) -> Array:
    """Of the cylinder: where the hand expects it, but for a shift across its axis; qpos (7,)."""
    half = shape.yaw / 2.0
    shift = np.append(rng.uniform(-POSITION_ERROR, POSITION_ERROR, 2), 0.0)
    return np.array([*(shape.position + shift), np.cos(half), 0.0, 0.0, np.sin(half)])


def _add_cylinder(spec: mujoco.MjSpec, grasp: GraspScene) -> None:
    """Half of it is the free body, the other half hangs on it by the sensor."""
    bound = grasp.bound
    heading = _pressed_along(bound, grasp.preshape.touching) - grasp.preshape.yaw
    body = spec.worldbody.add_body(name="object", pos=CENTER)
    body.add_freejoint()
    away = body.add_body(name="front", pos=[0.0, 0.0, 0.0])
    time = contact_time(_PAD_MASS)
    for name, parent, turn in (("back", body, heading + np.pi), ("front", away, heading)):
        corners = _half(CYLINDER.width / 2.0, CYLINDER.height / 2.0, turn)
        spec.add_mesh(name=name, uservert=corners.ravel())
        parent.add_geom(
            name=name,
            type=mujoco.mjtGeom.mjGEOM_MESH,
            meshname=name,
            mass=MASS / 2.0,
            rgba=[0.13, 0.50, 0.58, 1.0] if name == "front" else [0.88, 0.36, 0.05, 1.0],
            condim=4,
            priority=1,
            friction=[ROUGH, 0.02, 1e-4],
            solref=[time, 1.0],
            solimp=[0.95, 0.99, 0.001, 0.5, 2.0],
        )
    add_fixture(spec, "object", CENTER, lever=0.1)
    quat, normal = np.empty(4), np.array([np.cos(heading), np.sin(heading), 0.0])
    mujoco.mju_quatZ2Vec(quat, normal)
    away.add_site(name="split", quat=quat)
    kind, object_ = mujoco.mjtSensor, mujoco.mjtObj
    spec.add_sensor(
        name="split", type=kind.mjSENS_FORCE, objtype=object_.mjOBJ_SITE, objname="split"
    )
    spec.add_sensor(
        name="object_position",
        type=kind.mjSENS_FRAMEPOS,
        objtype=object_.mjOBJ_XBODY,
        objname="object",
    )
    for finger, tip in enumerate(bound.tip_ids):
        spec.add_sensor(
            name=tip_of(finger),
            type=kind.mjSENS_FRAMEPOS,
            objtype=object_.mjOBJ_SITE,
            objname=bound.model.site(int(tip)).name,
        )


def _pressed_along(bound: BoundHand, posture: Array) -> float:
    """Heading [rad] of the horizontal line nearest to the normals of all pads."""
    hand = _core.HandKinematics(bound.hand_model)
    hand.update_position(posture)
    normals = np.array([hand.tip_rotation(f)[:2, 2] for f in range(hand.finger_count)])
    along = np.linalg.eigh(normals.T @ normals)[1][:, -1]
    along = along * np.sign(along @ normals.sum(axis=0))
    return float(np.arctan2(along[1], along[0]))


def _half(radius: float, tall: float, heading: float) -> Array:
    """Corners of half a cylinder whose round side looks to a heading [rad], shape (k, 3) [m]."""
    angle = heading + np.linspace(-0.5 * np.pi, 0.5 * np.pi, _CORNERS)
    rim = radius * np.column_stack([np.cos(angle), np.sin(angle)])
    low = np.column_stack([rim, np.full(len(rim), -tall)])
    return np.vstack([low, low * [1.0, 1.0, -1.0]])
