"""Recorded trajectories of a hand: files of time and one column for each joint.

The three formats hold the same: a column `time` [s] that increases, and a column for each joint
[rad] by its name. Joints that a file leaves out stay where they are.

* `.csv`: the names in the first line, then numbers.
* `.jsonl`: one object per line, `{"time": 0.0, "index_mcp_flexion": 0.2}`; every line has the same
  names.
* `.npz`: one array per name, each of shape (rows,).

A file may come from anybody: nothing in it is run, and all of it is checked before it is used.
"""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .errors import unknown

Array = NDArray[np.float64]
Columns = Mapping[str, Array]

ROWS_MAX: Final = 1_000_000
_BYTES_MAX: Final = 1 << 28  # also of what an archive unpacks to
_TOO_LARGE: Final = f"is larger than {_BYTES_MAX >> 20} MiB; cut it"
_AT_RANGE: Final = 1e-3  # [rad], what rounding may add


class RecordingError(ValueError):
    """A recording that cannot be followed; says which, where and why."""


_DAMAGED: Final = (
    ValueError,
    KeyError,
    EOFError,
    MemoryError,
    OverflowError,
    RecursionError,
    csv.Error,
    zipfile.BadZipFile,
)


@dataclass(frozen=True, eq=False)
class Recording:
    """What was read.

    Attributes:
        joints: those that the file has, in the order of the hand.
        times: [s], from 0 on, increasing, shape (rows,).
        postures: [rad], shape (rows, joints of the file).
    """

    joints: tuple[str, ...]
    times: Array
    postures: Array


def read_recording(file: Path, joints: Sequence[str], ranges: Array) -> Recording:
    """Reads a trajectory and checks it against a hand.

    Args:
        file: .csv, .jsonl or .npz.
        joints: names of the hand's.
        ranges: [rad], lowest and highest of each, shape (joints, 2).

    Raises:
        RecordingError: it cannot be read or followed; the message names the file, the row and the
            joint.
        OSError: it is not there.
    """
    read = _READERS.get(file.suffix.lower())
    if read is None:
        raise RecordingError(f"{file}: a trajectory ends in {', '.join(_READERS)}")
    if file.stat().st_size > _BYTES_MAX:
        raise RecordingError(f"{file}: {_TOO_LARGE}")
    try:
        columns = read(file)
    except _DAMAGED as error:
        raise RecordingError(f"{file}: {error}") from None
    _check_names(file, columns, joints)
    chosen = tuple(name for name in joints if name in columns)
    times = columns["time"]
    _check_times(file, times)
    postures = np.column_stack([columns[name] for name in chosen])
    _check_postures(file, chosen, postures, ranges[[joints.index(name) for name in chosen]])
    return Recording(chosen, times - times[0], postures)


def _check_names(file: Path, columns: Columns, joints: Sequence[str]) -> None:
    if "time" not in columns:
        raise RecordingError(f"{file}: has no column 'time'")
    for name in columns:
        if name != "time" and name not in joints:
            raise RecordingError(f"{file}: {unknown('joint', name, joints, 'the hand')}")
    if len(columns) < 2:
        raise RecordingError(f"{file}: has no joint; it has to have one at least")


def _check_times(file: Path, times: Array) -> None:
    if not 1 <= len(times) <= ROWS_MAX:
        raise RecordingError(f"{file}: has {len(times)} rows; 1 to {ROWS_MAX} can be followed")
    if not np.isfinite(times).all():
        raise RecordingError(f"{file}: row {_first(~np.isfinite(times))}: time is no finite number")
    if (late := np.diff(times) <= 0.0).any():
        raise RecordingError(f"{file}: row {_first(late) + 1}: time does not increase")


def _check_postures(file: Path, names: Sequence[str], postures: Array, ranges: Array) -> None:
    for name, column, (low, high) in zip(names, postures.T, ranges, strict=True):
        if not (finite := np.isfinite(column)).all():
            raise RecordingError(f"{file}: row {_first(~finite)}: {name} is no finite number")
        outside = (column < low - _AT_RANGE) | (column > high + _AT_RANGE)
        if outside.any():
            row = _first(outside)
            raise RecordingError(
                f"{file}: row {row}: {name} = {column[row - 1]:.4g} rad is out of its range of "
                f"{low:.4g} to {high:.4g} rad"
            )


def _first(wrong: NDArray[np.bool_]) -> int:
    """Number of the first row that is wrong, counted from 1."""
    return int(np.argmax(wrong)) + 1


def _read_csv(file: Path) -> Columns:
    with file.open(newline="", encoding="utf-8-sig") as stream:
        rows = csv.reader(stream)
        names = [name.strip() for name in next(rows, [])]
        if len(set(names)) < len(names):
            raise ValueError("two columns have the same name")
        numbers = [_numbers(row, i, names) for i, row in enumerate(rows, 1) if row]
    return dict(zip(names, _table(numbers, names), strict=True))


def _read_lines(file: Path) -> Columns:
    names: list[str] = []
    numbers = []
    with file.open(encoding="utf-8") as stream:
        for i, line in enumerate(filter(str.strip, stream), 1):
            row = json.loads(line)
            if not isinstance(row, dict):
                raise ValueError(f'row {i}: is no object; write {{"time": 0.0, ...}}')
            names = names or list(row)
            if set(row) != set(names):
                raise ValueError(f"row {i}: has other names than the first")
            numbers.append(_numbers([row[name] for name in names], i, names))
    return dict(zip(names, _table(numbers, names), strict=True))


def _table(rows: Sequence[Sequence[float]], names: Sequence[str]) -> Array:
    """Column by column, shape (names, rows)."""
    return np.array(rows, dtype=float).reshape(len(rows), len(names)).T


def _numbers(row: Sequence[Any], i: int, names: Sequence[str]) -> list[float]:
    if len(row) != len(names):
        raise ValueError(f"row {i}: has {len(row)} numbers, wanted {len(names)}")
    try:
        return [float(x) for x in row]
    except (TypeError, ValueError) as error:
        raise ValueError(f"row {i}: {error}") from None


def _read_npz(file: Path) -> Columns:
    with zipfile.ZipFile(file) as archive:
        if sum(part.file_size for part in archive.infolist()) > _BYTES_MAX:
            raise ValueError(_TOO_LARGE)
    # Without pickles, an array is numbers and nothing that could be run.
    with np.load(file, allow_pickle=False) as arrays:
        columns = {name: _column(name, arrays[name]) for name in arrays.files}
    if len({len(column) for column in columns.values()}) > 1:
        raise ValueError("its arrays differ in length")
    return columns


def _column(name: str, array: object) -> Array:
    if not isinstance(array, np.ndarray):
        raise ValueError(f"'{name}' is no array")
    if array.ndim != 1 or array.dtype.kind not in "fiu":
        raise ValueError(f"'{name}' is no row of numbers, but {array.dtype} {array.shape}")
    return array.astype(np.float64)


_READERS: Final[Mapping[str, Callable[[Path], Columns]]] = {
    ".csv": _read_csv,
    ".jsonl": _read_lines,
    ".npz": _read_npz,
}
