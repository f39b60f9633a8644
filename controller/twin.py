"""The twin of the built-in control law: what `force_law.hpp` does, in numba, to be read.

    tau = g(q) + K (q_ref - q) - D dq + sum_f J_f^T n_f (f_wanted + integral of the force error)

and, against dry friction, a bounded integral of the spring. What `posture_hold.hpp` adds is not in
it.
It computes gravity and J^T by itself from the table of links, so that it is a reference for
`hand_model.hpp`, too. The two are held together by tests: whoever changes one changes the other.
"""

from __future__ import annotations

from functools import cache

from .. import _core
from .jit import njit
from .law import ControlLaw, control_law
from .twin_model import (
    POSE_WIDTH,
    Array,
    add_point_force,
    flat_tree,
    gravity_torques,
    place_links,
    pose_in,
    scaled,
    tree_of,
)

MAX_JOINTS = 32
FINGERS = 5  # numbers at the start of `memory`: the integral of each finger [N],
BEGUN = FINGERS + MAX_JOINTS  # and then of each joint [N m]


def twin_law(hand: _core.HandModel) -> ControlLaw:
    """The built-in law once more, as a law in Python for this hand.

    Args:
        hand: Whose links and tips it computes with.
    """
    return _compiled().with_parameters(flat_tree(hand))


@cache
def _compiled() -> ControlLaw:
    rows = 1 + MAX_JOINTS
    return control_law(parameters=[0.0], memory=BEGUN + POSE_WIDTH * rows)(_law)


def _law(
    period: float, fresh: bool, q: Array, dq: Array, reference: Array, stiffness: Array,
    damping: Array, integral_gain: Array, integral_max: float, force_max: float,
    friction_rate: float, dry_friction: Array,
    gripping: Array, normal_force: Array, wanted_force: Array,
    contact_point: Array, contact_normal: Array, parameters: Array, memory: Array, torque: Array,
) -> None:  # fmt: skip
    tree, pose = tree_of(parameters), pose_in(memory[BEGUN:])
    integral = memory[:FINGERS]
    place_links(tree, q, pose)
    gravity_torques(tree, pose, torque)
    hold_posture(reference, q, dq, stiffness, damping, torque)
    push = memory[FINGERS:BEGUN]
    for i in range(len(torque)):
        f = int(tree.finger[i + 1])
        if fresh and not (f >= 0 and gripping[f]):  # a finger that grips is pushed by its force
            push[i] += friction_rate * period * stiffness[i] * (reference[i] - q[i])
        push[i] = clamp(push[i], -dry_friction[i], dry_friction[i])
        torque[i] += push[i]
    for f in range(len(gripping)):
        if not gripping[f] or wanted_force[f] <= 0.0:
            integral[f] = 0.0
            continue
        if fresh:  # an old reading says nothing about the error
            integral[f] += integral_gain[f] * period * (wanted_force[f] - normal_force[f])
        integral[f] = clamp(integral[f], -integral_max, integral_max)
        force = clamp(wanted_force[f] + integral[f], 0.0, force_max)
        add_point_force(tree, pose, f, contact_point[f], scaled(force, contact_normal[f]), torque)


@njit
def hold_posture(
    reference: Array, q: Array, dq: Array, stiffness: Array, damping: Array, torque: Array
) -> None:
    """Adds the joint impedance (Hogan 1985) to `torque`, shape (joints,) [N m]."""
    for i in range(len(torque)):
        torque[i] += stiffness[i] * (reference[i] - q[i]) - damping[i] * dq[i]


@njit
def clamp(value: float, low: float, high: float) -> float:
    """The number in [low, high] next to `value`."""
    return min(max(value, low), high)
