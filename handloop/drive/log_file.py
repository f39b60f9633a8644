"""What a loop remembers of its last seconds, as a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LOG_SUFFIXES = (".mcap", ".npz")


def write_black_box(
    file: Path, channels: Mapping[str, tuple[int, int]], rows: NDArray[np.float64]
) -> None:
    """Writes the channels as MCAP, or as one array each.

    Args:
        file: .mcap or .npz.
        channels: columns of `rows` by name, as (first, width).
        rows: shape (ticks, columns).

    Raises:
        OSError: it cannot be written.
    """
    from ..controller.log import write_log

    if file.suffix.lower() == ".mcap":
        write_log(file, channels, rows)
        return
    columns = {
        name: rows[:, first] if width == 1 else rows[:, first : first + width]
        for name, (first, width) in channels.items()
    }
    np.savez_compressed(file, allow_pickle=False, **columns)
