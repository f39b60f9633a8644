"""The twin of the built-in control law: what `force_law.hpp` does, in numba, to be read.

    tau = g(q) + K (q_ref - q) - D dq + sum_f J_f^T n_f (f_wanted + integral of the force error)

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
FINGERS = 5  # numbers at the start of `memory`: the integral of each finger [N]


def twin_law(hand: _core.HandModel) -> ControlLaw:
    """The built-in law once more, as a law in Python for this hand.

    Args:
        hand: Whose links and tips it computes with.
    """
    return _compiled().with_parameters(flat_tree(hand))


@cache
def _compiled() -> ControlLaw:
    rows = 1 + MAX_JOINTS
    return control_law(parameters=[0.0], memory=FINGERS + POSE_WIDTH * rows)(_law)


def _law(
    period: float, fresh: bool, q: Array, dq: Array, reference: Array, stiffness: Array,
    damping: Array, integral_gain: Array, integral_max: float, force_max: float,
    gripping: Array, touching: Array, normal_force: Array, wanted_force: Array,
    contact_point: Array, contact_normal: Array, parameters: Array, memory: Array, torque: Array,
) -> None:  # fmt: skip
    tree, pose = tree_of(parameters), pose_in(memory[FINGERS:])
    integral = memory[:FINGERS]
    place_links(tree, q, pose)
    gravity_torques(tree, pose, torque)
    hold_posture(reference, q, dq, stiffness, damping, torque)
    for f in range(len(gripping)):
        if not (gripping[f] and touching[f]):
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
