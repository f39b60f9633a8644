"""Torque-speed clouds: thinned out where points lie close, whole along their hull."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import ConvexHull, QhullError

Array = NDArray[np.float64]

CELLS: Final = 10
"""Along either axis; of each cell the point that asks for most is kept."""


def hull(points: ArrayLike) -> Array:
    """The corners of the convex hull in order, shape (k, 2); all points where there is no area."""
    every = np.unique(np.asarray(points, dtype=float).reshape(-1, 2), axis=0)
    size = np.ptp(every, axis=0) if len(every) else np.zeros(2)
    if len(every) < 3 or not size.all():
        return every
    try:
        return np.asarray(every[ConvexHull(every / size).vertices])
    except QhullError:  # all on a line
        return every


def thinned(points: ArrayLike, cells: int = CELLS) -> Array:
    """The hull, and of each cell of a grid the point furthest out, shape (k, 2)."""
    every = np.asarray(points, dtype=float).reshape(-1, 2)
    if not len(every):
        return every
    size = np.maximum(np.abs(every).max(axis=0), 1e-12)
    grid = np.floor(0.5 * (every / size + 1.0) * cells).clip(0, cells - 1).astype(int)
    out = np.hypot(*(every / size).T)
    order = np.lexsort((-out, grid[:, 1], grid[:, 0]))
    first = np.unique(grid[order], axis=0, return_index=True)[1]
    return np.unique(np.vstack([hull(every), every[order[first]]]), axis=0)
