"""Which of many designs no other beats in everything, and how much a front is worth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_CHUNK = 512


def front(objectives: Array) -> NDArray[np.intp]:
    """Indices of the rows that no other row dominates, in their order; one of equal rows.

    Rows are visited by the sum of their ranks, by which whatever dominates comes first.

    Args:
        objectives: To make small, shape (n, m).
    """
    if not len(objectives):
        return np.zeros(0, dtype=np.intp)
    _, first = np.unique(objectives, axis=0, return_index=True)
    rows = objectives[first]
    ranks = np.argsort(np.argsort(rows, axis=0, kind="stable"), axis=0, kind="stable")
    order = np.argsort(ranks.sum(axis=1), kind="stable")
    kept = np.zeros(0, dtype=np.intp)
    for start in range(0, len(order), _CHUNK):
        chunk = order[start : start + _CHUNK]
        chunk = chunk[~_beaten(rows[chunk], rows[kept])]
        chunk = chunk[~_beaten(rows[chunk], rows[chunk])]
        kept = np.concatenate([kept[~_beaten(rows[kept], rows[chunk])], chunk])
    return np.sort(first[kept])


def _beaten(rows: Array, others: Array) -> NDArray[np.bool_]:
    """Of each row, whether one of the others is at least as good in all and better in one."""
    beaten = np.zeros(len(rows), dtype=bool)
    if not len(others) or not len(rows):
        return beaten
    no_worse = np.ones((len(rows), len(others)), dtype=bool)
    better = np.zeros_like(no_worse)
    for column in range(rows.shape[1]):
        own, other = rows[:, column, None], others[None, :, column]
        no_worse &= other <= own
        better |= other < own
    return np.asarray((no_worse & better).any(axis=1))


def hypervolume(objectives: Array, ideal: Array, reference: Array) -> float:
    """Volume that a front dominates, of the box from `ideal` to `reference`, 0 to 1.

    Args:
        objectives: Shape (n, m).
        ideal: Best of each objective, shape (m,).
        reference: A point worse than all of interest, shape (m,).
    """
    from pymoo.indicators.hv import HV

    scaled = (objectives - ideal) / (reference - ideal)
    inside = scaled[(scaled < 1.0).all(axis=1)]
    return float(HV(ref_point=np.ones(len(ideal)))(inside)) if len(inside) else 0.0
