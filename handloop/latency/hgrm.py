"""Percentiles as HdrHistogram prints them, which its plotters read (.hgrm)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

HALVINGS = 5  # lines from one percentile to the one half as far from 100 %


def percentile_text(buckets: NDArray[np.float64]) -> str:
    """The percentile distribution of a histogram.

    Args:
        buckets: Values [µs] and how often each, shape (k, 2), ascending, at least one.
    """
    values, counts = buckets.T
    total = counts.sum()
    below = np.cumsum(counts)
    lines = [f"{'Value':>12} {'Percentile':>14} {'TotalCount':>10} {'1/(1-Percentile)':>14}", ""]
    for fraction in _levels(total):
        at = int(np.searchsorted(below, fraction * total - 1e-9))
        row = f"{values[at]:12.3f} {fraction:2.12f} {int(below[at]):10d}"
        lines.append(row if fraction >= 1.0 else f"{row} {1.0 / (1.0 - fraction):14.2f}")
    mean = float(values @ counts / total)
    deviation = float(np.sqrt((values - mean) ** 2 @ counts / total))
    lines += [
        f"#[Mean    = {mean:12.3f}, StdDeviation   = {deviation:12.3f}]",
        f"#[Max     = {values[-1]:12.3f}, Total count    = {int(total):12d}]",
        f"#[Buckets = {len(values):12d}, SubBuckets     = {64:12d}]",
    ]
    return "\n".join(lines) + "\n"


def _levels(total: float) -> list[float]:
    """Fractions that come closer to 1 by halves, until one value stands alone."""
    levels, left = [], 1.0
    while left * total > 1.0:
        levels += [1.0 - left * (1.0 - 0.5 * k / HALVINGS) for k in range(HALVINGS)]
        left /= 2.0
    return [*levels, 1.0]
