"""Tables of motors, gearheads and what fits what, as public databases have them.

Folders of `*_motors.csv`, `*_gearboxes.csv` and `*_compatibility.csv` in the layout of the
Motor-Gearbox Database (Krimsky and Collins 2020, CORDS): SI units, one winding or ratio a row. The
third kind names a motor and all gearheads that fit it, whose keys may end in a star.
"""

from __future__ import annotations

import bisect
import csv
import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..parts.motor_physics import reflected_inertia
from .pairs import Array, Pairs, families


@dataclass(frozen=True)
class _Row:
    """A line of a table, by its columns; `where` names file and line."""

    cells: dict[str, str]
    where: str

    def text(self, column: str) -> str:
        try:
            return self.cells[column]
        except KeyError:
            raise ValueError(f"{self.where}: the table has no column {column!r}") from None

    def number(self, column: str) -> float:
        text = self.text(column)
        try:
            return float(text or "nan")
        except ValueError:
            raise ValueError(
                f"{self.where}: {column} is {text!r}, which is no number; leave it empty if it is "
                "not known"
            ) from None


@dataclass(frozen=True)
class _Tables:
    motors: dict[str, _Row]
    gears: dict[str, _Row]
    fits: list[list[str]]


def read_pairs(folder: Path) -> Pairs:
    """All motors of a folder with all gearheads that fit them.

    Raises:
        ValueError: It holds none, or a table lacks a column or has words for a number.
    """
    files = sorted(folder.rglob("*_*.csv"))
    tables = _Tables(
        _by_key(_of(files, "motors")),
        _by_key(_of(files, "gearboxes")),
        [row for file in _of(files, "compatibility") for row in _rows(file)],
    )
    found = sorted(set(_fitting(tables)))
    if not found:
        raise ValueError(
            f"{folder} holds no motor with a gearhead; give a folder of *_motors.csv, "
            "*_gearboxes.csv and *_compatibility.csv, as github.com/ekrimsk/MGDB has them"
        )
    return _known(_pairs(tables, found, f"{folder.resolve().name}, sha256 {_digest(files)}"))


def _of(files: Iterable[Path], kind: str) -> list[Path]:
    return [file for file in files if file.stem.endswith(f"_{kind}")]


def _by_key(files: Iterable[Path]) -> dict[str, _Row]:
    known: dict[str, _Row] = {}
    for path in files:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            rows = (_Row(cells, f"{path}, line {reader.line_num}") for cells in reader)
            known |= {row.text("key"): row for row in rows}
    return known


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.reader(file) if row]


def _fitting(tables: _Tables) -> Iterator[tuple[str, str]]:
    ordered = sorted(tables.gears)
    for motor, *gears in tables.fits:
        for gear in gears if motor in tables.motors else ():
            if gear in tables.gears:
                yield motor, gear
            elif gear.endswith("*"):
                first = bisect.bisect_left(ordered, gear[:-1])
                last = bisect.bisect_left(ordered, gear[:-1] + "\U0010ffff")
                yield from ((motor, key) for key in ordered[first:last])


def _pairs(tables: _Tables, found: list[tuple[str, str]], source: str) -> Pairs:
    motors, gears = [tables.motors[m] for m, _ in found], [tables.gears[g] for _, g in found]
    motor, gear = _columns(motors), _columns(gears)
    ratio = gear("ratio")
    gain = ratio * gear("efficiency")
    constant = motor("k_t")
    stall = constant * motor("V") / motor("R")
    return Pairs(
        source=source,
        motor_mass=motor("mass"),
        gear_mass=gear("mass"),
        speed=motor("omega_nl") / ratio,
        motor_continuous=constant * motor("I_nom") * gain,
        motor_peak=np.minimum(stall, motor("max_int_torque")) * gain,
        stall=stall * gain,
        motor_constant=constant / np.sqrt(motor("R")) * gain,
        gear_continuous=gear("max_cont_torque"),
        gear_peak=gear("max_int_torque"),
        inertia=reflected_inertia(motor("inertia"), ratio, np.nan_to_num(gear("inertia"))),
        motor_family=families(_kind(row, "mass", "inertia") for row in motors),
        gear_family=families(_kind(row, "stages", "mass", "max_cont_torque") for row in gears),
        price=np.full(len(found), np.nan),
        names=[f"{m} + {g}" for m, g in found],
        makers=np.array([row.text("manufacturer") for row in motors]),
    )


def _columns(rows: list[_Row]) -> Callable[[str], Array]:
    return lambda name: np.array([row.number(name) for row in rows])


def _kind(row: _Row, *columns: str) -> tuple[str, ...]:
    """Windings of a motor and ratios of a gearhead share these."""
    return tuple(row.text(column) for column in ("manufacturer", "type", *columns))


def _known(pairs: Pairs) -> Pairs:
    """Without those whose torque or mass nobody states."""
    return pairs.rows(np.isfinite(pairs.motor_continuous + pairs.motor_mass + pairs.gear_mass))


def _digest(files: Iterable[Path]) -> str:
    whole = hashlib.sha256()
    for file in files:
        whole.update(file.read_bytes())
    return whole.hexdigest()[:12]
