"""Field in the gap of a cylindrical motor with a permanent-magnet rotor.

The fundamental of the radial field by the scalar potential between an infinitely permeable rotor
core and stator bore, which for slotless motors, whose gap is as wide as their magnet is thick, is
what the one-dimensional magnetic circuit is too coarse for (Zhu, Howe, Bolte & Ackermann 1993, IEEE
Trans. Magn. 29(1)). Two poles are one diametrally magnetised ring; more are radially magnetised arcs
that touch.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .materials import MagnetGrade

Array = NDArray[np.float64]


def gap_field(
    radius: Array, bore: Array, magnet: Array, core: Array, pole_pairs: Array, grade: MagnetGrade
) -> Array:
    """Peak of the fundamental of the radial field [T]; arguments broadcast.

    Args:
        radius: Where [m], from `magnet` to `bore`.
        bore: Inner radius of the stator's iron [m].
        magnet: Outer radius of the magnet [m].
        core: Its inner radius [m], where the rotor's iron begins.
        pole_pairs: 1: diametral; more: radial arcs.
        grade: Of the magnet.
    """
    diametral = _diametral(radius, bore, magnet, core, grade)
    pairs = np.maximum(pole_pairs, 2.0)  # the other branch is singular at one pair
    return np.asarray(
        np.where(pole_pairs < 2.0, diametral, _radial(radius, bore, magnet, core, pairs, grade))
    )


def _diametral(r: Array, bore: Array, magnet: Array, core: Array, grade: MagnetGrade) -> Array:
    """Potential A (r - bore^2 / r) in the gap and a (r - core^2 / r) in the magnet."""
    inside = (magnet**2 - bore**2) / (magnet**2 - core**2)  # a / A: the potential is continuous
    slope = grade.permeability * inside * (1.0 + (core / magnet) ** 2) - (
        1.0 + (bore / magnet) ** 2
    )
    return np.asarray(-grade.remanence / slope * (1.0 + (bore / r) ** 2))


def _radial(
    r: Array, bore: Array, magnet: Array, core: Array, p: Array, grade: MagnetGrade
) -> Array:
    """Zhu et al. 1993, inner rotor, the first harmonic of arcs that span their whole pole."""
    mu, inner, outer = grade.permeability, core / magnet, magnet / bore
    source = (p - 1.0) + 2.0 * inner ** (p + 1.0) - (p + 1.0) * inner ** (2.0 * p)
    yields = (mu + 1.0) / mu * (1.0 - (core / bore) ** (2.0 * p)) - (mu - 1.0) / mu * (
        outer ** (2.0 * p) - inner ** (2.0 * p)
    )
    shape = (r / bore) ** (p - 1.0) * outer ** (p + 1.0) + (magnet / r) ** (p + 1.0)
    first = 4.0 / np.pi * grade.remanence / mu
    return np.asarray(first * p / (p**2 - 1.0) * source / yields * shape)
