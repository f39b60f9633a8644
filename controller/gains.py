"""Joint impedance by rule, for a hand whose `hand.toml` gives none."""

from __future__ import annotations

from typing import Final

import numpy as np

from .. import _core
from .bound_hand import BoundHand
from .description import Gains

STIFFNESS: Final = 5.0  # [1/rad], of the torque limit: full torque at a fifth of a radian
CARRIER: Final = 2.0  # times that, of joints that move several fingers: they carry all they hold
DAMPING_RATIO: Final = 0.8


def gains_by_rule(bound: BoundHand) -> Gains:
    """Stiffness in proportion to the torque limits.

    Damping: 2 zeta sqrt(k M) minus the joint's own, with M the diagonal of the joint inertia in the
    middle of all ranges; none where the joint has more than enough.

    Args:
        bound: The hand in a model of its own.
    """
    hand = _core.HandKinematics(bound.hand_model)
    hand.update_position(bound.position_range.mean(axis=1))
    text = bound.hand.description
    of_one = {joint for finger in text.fingers for joint in finger.joints}
    share = [1.0 if joint in of_one else CARRIER for joint in text.joints.names]
    stiffness = STIFFNESS * np.array(share) * bound.torque_max()
    critical = 2.0 * np.sqrt(stiffness * np.diag(hand.joint_inertia()))
    damping = np.maximum(DAMPING_RATIO * critical - bound.model.dof_damping[bound.dof], 0.0)
    return Gains(stiffness=tuple(stiffness.tolist()), damping=tuple(damping.tolist()))
