"""The rig for single fingers: a force plate before each pad, in a posture of thumb opposition.

The plates are discs fixed in space. Each trial puts them a little deeper or higher than the hand
expects and keeps those before the fingers that take part.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from ... import _core
from ...controller import BoundHand, Hand
from ...controller.preshape import Preshape
from ..bench.task import CannotTakePartError
from ..scene import PREFIX, check_touch, good_sensors, hand_on_carriage, thumb_of
from .cup_object import contact_time
from .cup_preshape import cup_preshape
from .rig import Rig

Array = NDArray[np.float64]

PERIOD: Final = 0.001  # [s], of control
RADIUS: Final = 0.03  # [m], of the cylinder that the plates are tangent to
DISC: Final = (0.008, 0.004)  # [m], radius and half thickness of a plate
HARD: Final = 0.5  # of the cup's contact time: 0.8 mm at 19 N
FRICTION: Final = 0.8  # rubber on emery cloth
OFF_PLACE: Final = 0.002  # [m], largest error of a plate's depth
TENDON_FRICTION: Final = (0.1, 0.003)  # of a hand's guides; [m/s] over which it turns round


@dataclass(frozen=True, eq=False)
class PlateScene(Rig):
    """Hand and plates, compiled once; every episode works on a copy of its model.

    Attributes:
        hand: Who presses.
        preshape: How the fingers come to the plates.
        thumb: Index of the finger that opposes the others.
        law: Instead of the built-in one, if any.
    """

    hand: Hand
    preshape: Preshape
    thumb: int
    law: _core.CustomLaw | None = None

    @classmethod
    def build(cls, hand: Hand, law: _core.CustomLaw | None = None) -> PlateScene:
        """Puts a plate where each pad is when the thumb opposes the fingers.

        Args:
            hand: Who presses.
            law: Instead of the built-in one, if any.

        Raises:
            HandError: The hand has no actuators, no grip or no contact sensors.
            CannotTakePartError: Its thumb cannot oppose the fingers.
        """
        check_touch(hand)
        spec = hand_on_carriage(hand)
        bare = hand.bind(spec.compile(), PREFIX)
        thumb = hand.finger_names.index(thumb_of(hand))
        preshape = _preshape(hand, bare)
        _add_plates(spec, bare, preshape)
        model = spec.compile()
        return cls(model, hand.bind(model, PREFIX), hand, preshape, thumb, law)

    @property
    def others(self) -> list[int]:
        """All fingers but the thumb."""
        return [f for f in range(len(self.hand.finger_names)) if f != self.thumb]

    @property
    def reached(self) -> Array:
        """Where closing fingers head, well under the deepest plate, shape (n,) [rad]."""
        shape = self.preshape
        return np.asarray(shape.touching + 2.5 * (shape.closed - shape.touching))

    def force_limit(self, finger: int) -> float:
        """Force [N] along a pad's normal at which the first joint is at its torque limit.

        Statics, tau = g + J^T n F, in the posture in which the pad meets its plate.
        """
        kinematics = _core.HandKinematics(self.bound.hand_model)
        kinematics.update_position(self.preshape.touching)
        lever = kinematics.tip_rotation(finger)[:, 2] @ kinematics.tip_jacobian(finger)
        weight = kinematics.gravity_torque()
        spare = self.bound.torque_max() - np.sign(lever) * weight
        loaded = np.abs(lever) > 1e-6
        return float((spare[loaded] / np.abs(lever[loaded])).min())

    def config(self, fingers: Sequence[int]) -> _core.ControllerConfig:
        """The hand's own, with the thumb and the given fingers told to press alike.

        The adaptive grip follows tangential load, of which plates have none: it is told what force
        to hold instead, and regulates that by the forces it feels.
        """
        config = self.hand.controller_config(PERIOD)
        config.grip.share = [
            float(f == self.thumb or f in fingers) for f in range(len(self.hand.finger_names))
        ]
        config.grip.adaptive = False
        config.task.settle_time = 0.1  # [s]: nothing has to settle between fixed plates
        config.task.balance_rate = 0.0
        return config

    def episode(
        self,
        seed: int,
        fingers: Sequence[int],
        config: _core.ControllerConfig,
        duration: float,
    ) -> _core.Episode:
        """One run with the plates of the thumb and the given fingers in place.

        Args:
            seed: Of the sensors and of the plates' places.
            fingers: That shall meet a plate besides the thumb; none: the thumb meets none, either.
            config: Of the controller.
            duration: [s].
        """
        model = copy.copy(self.model)
        present = {self.thumb, *fingers} if fingers else set()
        depth = np.random.default_rng(seed).uniform(-OFF_PLACE, OFF_PLACE, len(self.others) + 1)
        for finger in range(len(depth)):
            plate = model.geom(plate_of(finger))
            body = model.body(plate_of(finger))
            if finger not in present:
                plate.contype[0] = plate.conaffinity[0] = 0
            normal = np.empty(3)
            mujoco.mju_rotVecQuat(normal, np.array([0.0, 0.0, 1.0]), body.quat)
            body.pos[:] += depth[finger] * normal
        names = self.contact_sensors
        names += [tip_of(f) for f in range(len(depth))]
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
        qpos[self.bound.qpos] = self.preshape.opened
        episode.set_initial_qpos(qpos)
        if self.law is not None:
            episode.controller.set_law(self.law)
        return episode


def guides(hand: Hand) -> _core.CapstanFriction:
    """What the guides of a hand with tendons take, which it does not know exactly."""
    friction = _core.CapstanFriction()
    if hand.description.transmission.kind == "tendons":
        friction.coefficient, friction.velocity = TENDON_FRICTION
    return friction


def plate_of(finger: int) -> str:
    """Name of body and geom of a finger's plate."""
    return f"plate{finger}"


def tip_of(finger: int) -> str:
    """Name of the channel with the true place of a fingertip [m]."""
    return f"tip{finger}_position"


def _preshape(hand: Hand, bound: BoundHand) -> Preshape:
    share = np.array(hand.controller_config().grip.share[: len(hand.finger_names)])
    try:
        return cup_preshape(hand, bound, share, RADIUS)
    except ValueError as error:
        raise CannotTakePartError(str(error)) from None


def _add_plates(spec: mujoco.MjSpec, bound: BoundHand, preshape: Preshape) -> None:
    hand = _core.HandKinematics(bound.hand_model)
    hand.update_position(preshape.touching)
    radius, half = DISC
    for finger in range(hand.finger_count):
        turn, quat = hand.tip_rotation(finger), np.empty(4)
        mujoco.mju_mat2Quat(quat, turn.ravel())
        place = hand.tip_position(finger) + half * turn[:, 2]
        plate = spec.worldbody.add_body(name=plate_of(finger), mocap=True, pos=place, quat=quat)
        plate.add_geom(
            name=plate_of(finger),
            type=mujoco.mjtGeom.mjGEOM_CYLINDER,
            size=[radius, half, 0.0],
            condim=4,
            priority=1,
            friction=[FRICTION, 0.02, 1e-4],
            solref=[HARD * contact_time(_tip_mass(bound, preshape.touching, finger)), 1.0],
            solimp=[0.95, 0.99, 0.001, 0.5, 2.0],
            rgba=[0.13, 0.50, 0.58, 1.0],
        )
        spec.add_sensor(
            name=tip_of(finger),
            type=mujoco.mjtSensor.mjSENS_FRAMEPOS,
            objtype=mujoco.mjtObj.mjOBJ_SITE,
            objname=bound.model.site(int(bound.tip_ids[finger])).name,
        )


def _tip_mass(bound: BoundHand, posture: Array, finger: int) -> float:
    """What a fingertip moves with along its normal [kg]: 1 / (n J M^-1 J^T n) (Khatib 1987)."""
    hand = _core.HandKinematics(bound.hand_model)
    hand.update_position(posture)
    along = hand.tip_rotation(finger)[:, 2] @ hand.tip_jacobian(finger)
    return float(1.0 / (along @ np.linalg.solve(hand.joint_inertia(), along)))
