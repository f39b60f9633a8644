"""The twin of the hand's kinematics and gravity: what `hand_model.hpp` computes, to be read.

A tree of single-axis joints. Row 0 of every array is the fixed base, row i + 1 is link i, so that a
parent always has a row. World axes. Composite bodies as in Featherstone, Rigid Body Dynamics
Algorithms (2008), section 5.3; rotation about an axis after Rodrigues (1840).
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .. import _core
from .jit import njit

Array: TypeAlias = NDArray[np.float64]
Vector: TypeAlias = Any  # three numbers, as an array or a tuple: numba takes both


class Tree(NamedTuple):
    """The hand at rest: of each link the frame in its parent's, and the body that moves with it.

    Attributes:
        parent: Row of the link before, shape (rows,).
        hinge: 1 for a hinge, 0 for a slide, shape (rows,).
        offset: Origin in the parent's frame [m], shape (rows, 3).
        turn: Rotation into the parent's frame, shape (rows, 3, 3).
        anchor: A point on the axis [m], shape (rows, 3).
        axis: Unit, shape (rows, 3).
        reference: Position at which the joint does nothing [rad], shape (rows,).
        mass: [kg], shape (rows,).
        com: Centre of mass [m], shape (rows, 3).
        gravity: [m/s²], shape (3,).
        finger: That the joint moves, -1 for one that moves several or none, shape (rows,).
        tip: Row of the link that carries each fingertip, shape (5,).
    """

    parent: Array
    hinge: Array
    offset: Array
    turn: Array
    anchor: Array
    axis: Array
    reference: Array
    mass: Array
    com: Array
    finger: Array
    gravity: Array
    tip: Array


class Pose(NamedTuple):
    """The hand where it is, in world axes.

    Attributes:
        rotation: Of the links, shape (rows, 3, 3).
        position: Of their origins [m], shape (rows, 3).
        anchor: A point on the axis of the joint [m], shape (rows, 3).
        axis: Unit, shape (rows, 3).
        mass: Of the link and all that hangs on it [kg], shape (rows,).
        moment: That mass times its centre [kg m], shape (rows, 3).
    """

    rotation: Array
    position: Array
    anchor: Array
    axis: Array
    mass: Array
    moment: Array


TREE_WIDTH = 26  # numbers per row
POSE_WIDTH = 22
REST = 8  # numbers besides the rows: gravity and tips


def flat_tree(hand: _core.HandModel) -> Array:
    """A hand as one vector, to be the parameters of a law; `tree_of` reads it."""
    links, n = hand.links, hand.joint_count
    tip = np.zeros(5)
    tip[: hand.finger_count] = [tip.link + 1 for tip in hand.tips]
    columns: list[list[Any]] = [
        [0.0, *(link.parent + 1 for link in links)],
        [0.0, *(link.is_hinge for link in links)],
        [np.zeros(3), *(link.parent_from_link_position for link in links)],
        [np.eye(3), *(link.parent_from_link_rotation for link in links)],
        [hand.base_position, *(link.anchor for link in links)],
        [np.zeros(3), *(link.axis for link in links)],
        [0.0, *(link.reference for link in links)],
        [0.0, *(link.mass for link in links)],
        [np.zeros(3), *(link.com for link in links)],
        [-1.0, *finger_of_joint(hand)],
    ]
    columns[2][0], columns[3][0] = hand.base_position, hand.base_rotation
    columns[4][0] = np.zeros(3)
    flat = [np.asarray(column, dtype=np.float64).ravel() for column in columns]
    assert sum(map(len, flat)) == TREE_WIDTH * (n + 1)
    return np.concatenate([*flat, hand.gravity, tip])


def finger_of_joint(hand: _core.HandModel) -> NDArray[np.int64]:
    """The finger that a joint moves, shape (joints,); -1 for one that moves several or none."""
    users: list[list[int]] = [[] for _ in hand.links]
    for f, tip in enumerate(hand.tips):
        link = tip.link
        while link >= 0:
            users[link].append(f)
            link = hand.links[link].parent
    return np.array([u[0] if len(u) == 1 else -1 for u in users])


@njit
def tree_of(flat: Array) -> Tree:
    """The tree in a vector made by `flat_tree`; a view, nothing is copied."""
    n = (len(flat) - REST) // TREE_WIDTH
    return Tree(
        flat[:n],
        flat[n : 2 * n],
        flat[2 * n : 5 * n].reshape(n, 3),
        flat[5 * n : 14 * n].reshape(n, 3, 3),
        flat[14 * n : 17 * n].reshape(n, 3),
        flat[17 * n : 20 * n].reshape(n, 3),
        flat[20 * n : 21 * n],
        flat[21 * n : 22 * n],
        flat[22 * n : 25 * n].reshape(n, 3),
        flat[25 * n : 26 * n],
        flat[26 * n : 26 * n + 3],
        flat[26 * n + 3 :],
    )


@njit
def pose_in(work: Array) -> Pose:
    """A pose in `work`, shape (POSE_WIDTH * rows,); a view, nothing is taken."""
    n = len(work) // POSE_WIDTH
    return Pose(
        work[: 9 * n].reshape(n, 3, 3),
        work[9 * n : 12 * n].reshape(n, 3),
        work[12 * n : 15 * n].reshape(n, 3),
        work[15 * n : 18 * n].reshape(n, 3),
        work[18 * n : 19 * n],
        work[19 * n : 22 * n].reshape(n, 3),
    )


@njit
def place_links(tree: Tree, q: Array, pose: Pose) -> None:
    """Moves the hand to joint positions `q`, shape (joints,) [rad]."""
    _copy_matrix(tree.turn[0], pose.rotation[0])
    _copy(tree.offset[0], pose.position[0])
    for i in range(1, len(q) + 1):
        parent = int(tree.parent[i])
        _multiply(pose.rotation[parent], tree.turn[i], pose.rotation[i])
        before = pose.rotation[i]
        origin = add(pose.position[parent], turned(pose.rotation[parent], tree.offset[i]))
        travel = q[i - 1] - tree.reference[i]
        _copy(turned(before, tree.axis[i]), pose.axis[i])
        _copy(add(origin, turned(before, tree.anchor[i])), pose.anchor[i])
        if tree.hinge[i]:
            _turn_about(tree.axis[i], travel, pose.rotation[i])
            lever = turned(pose.rotation[i], tree.anchor[i])
            _copy(sub(pose.anchor[i], lever), pose.position[i])
        else:
            step = scaled(travel, pose.axis[i])
            _copy(add(origin, step), pose.position[i])
            _copy(add(pose.anchor[i], step), pose.anchor[i])


@njit
def gravity_torques(tree: Tree, pose: Pose, torque: Array) -> None:
    """Torques that hold the hand still against gravity, into `torque`, shape (joints,) [N m]."""
    for i in range(1, len(torque) + 1):
        com = add(pose.position[i], turned(pose.rotation[i], tree.com[i]))
        pose.mass[i] = tree.mass[i]
        _copy(scaled(tree.mass[i], com), pose.moment[i])
    for i in range(len(torque), 0, -1):  # children come after parents: all are lumped by now
        weight = scaled(pose.mass[i], tree.gravity)
        if tree.hinge[i]:
            lever = sub(pose.moment[i], scaled(pose.mass[i], pose.anchor[i]))
            torque[i - 1] = -dot(pose.axis[i], cross(lever, tree.gravity))
        else:
            torque[i - 1] = -dot(pose.axis[i], weight)
        parent = int(tree.parent[i])
        pose.mass[parent] += pose.mass[i]
        _copy(add(pose.moment[parent], pose.moment[i]), pose.moment[parent])


@njit
def add_point_force(
    tree: Tree, pose: Pose, finger: int, point: Vector, force: Vector, torque: Array
) -> None:
    """Torque += J^T force, for a force [N] that a fingertip exerts at `point` [m]."""
    i = int(tree.tip[finger])
    while i > 0:
        arm = sub(point, pose.anchor[i])
        moment = cross(arm, force) if tree.hinge[i] else add(force, (0.0, 0.0, 0.0))
        torque[i - 1] += dot(pose.axis[i], moment)
        i = int(tree.parent[i])


# -- algebra of three numbers ----------------------------------------------------------------------


@njit
def dot(a: Vector, b: Vector) -> float:
    """Scalar product."""
    return float(a[0] * b[0] + a[1] * b[1] + a[2] * b[2])


@njit
def cross(a: Vector, b: Vector) -> Vector:
    """Vector product."""
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


@njit
def add(a: Vector, b: Vector) -> Vector:
    """A + b."""
    return a[0] + b[0], a[1] + b[1], a[2] + b[2]


@njit
def sub(a: Vector, b: Vector) -> Vector:
    """A - b."""
    return a[0] - b[0], a[1] - b[1], a[2] - b[2]


@njit
def scaled(s: float, a: Vector) -> Vector:
    """S a."""
    return s * a[0], s * a[1], s * a[2]


@njit
def turned(rotation: Array, a: Vector) -> Vector:
    """Rotation times a."""
    return dot(rotation[0], a), dot(rotation[1], a), dot(rotation[2], a)


@njit
def _copy(source: Vector, target: Array) -> None:
    for i in range(3):
        target[i] = source[i]


@njit
def _copy_matrix(source: Array, target: Array) -> None:
    for i in range(3):
        _copy(source[i], target[i])


@njit
def _multiply(a: Array, b: Array, product: Array) -> None:
    for i in range(3):
        for j in range(3):
            product[i, j] = a[i, 0] * b[0, j] + a[i, 1] * b[1, j] + a[i, 2] * b[2, j]


@njit
def _turn_about(axis: Vector, angle: float, rotation: Array) -> None:
    """Turns a rotation about an axis given in its own frame: each row r becomes R^T r."""
    c, s = math.cos(angle), math.sin(angle)
    for i in range(3):
        r = rotation[i]
        along = scaled((1.0 - c) * dot(axis, r), axis)
        _copy(add(add(scaled(c, r), scaled(s, cross(r, axis))), along), rotation[i])
