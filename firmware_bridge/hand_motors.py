"""The motors of a hand on servos, from the catalogue, seen at the joints.

A servo that turns n times as far as its joint gives n times its torque for the same current, and
its back-EMF grows n times as fast with the joint's velocity.
"""

from __future__ import annotations

from .. import _core
from ..controller import Hand
from ..controller.description_bus import JointServo
from ..controller.description_motors import MotorKind, Motors
from ..controller.motors import core_motors
from .catalogue import ServoCatalogue
from .servo import ServoModel
from .servo_errors import CatalogueError


def motors_of(hand: Hand, catalogue: ServoCatalogue) -> _core.MotorConfig:
    """The motor stage of a hand on servos: its own `[motors]`, else what the catalogue says.

    Raises:
        HandError: the hand has no `[bus]`, or the catalogue does not know a motor; the message
            names the joint.
    """
    text = hand.description
    if text.motors is not None:
        return core_motors(text)
    if text.bus is None:
        raise hand.error(("bus",), "is missing; say which servo moves which joint")
    kinds = {}
    for joint in hand.joint_names:
        place = text.bus.servos[joint]
        try:
            kinds[joint] = _at_joint(place, catalogue.named(place.model))
        except CatalogueError as error:
            raise hand.error(("bus", "servos", joint, "model"), str(error)) from None
    motors = Motors(kind=hand.joint_names, kinds=kinds, rails={})
    return core_motors(text.model_copy(update={"motors": motors}))


def _at_joint(place: JointServo, model: ServoModel) -> MotorKind:
    kind, gain = model.motor_kind(), abs(place.ratio)
    # Where a servo counts the current of its supply, its limit is none of the motor's.
    own = None if model.current_sensing == "bus" else place.current_limit
    limits = [limit for limit in (kind.current_max, own) if limit is not None]
    return kind.model_copy(
        update={
            "torque_constant": gain * kind.torque_constant,
            "back_emf": gain * kind.back_emf,
            "current_max": min(limits, default=None),
        }
    )
