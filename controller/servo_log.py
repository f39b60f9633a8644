"""A log of one servo that turns a mass on an arm: how it is written and read.

JSON: `{"format": "handloop servo log", "schema": 1, "servo": ..., "unit": ..., "trajectory": ...,
"load": {"mass": ..., "length": ..., "inertia": ...}, "supply": ..., "senses_supply": ...,
"duty_max": ..., "columns": {"time": [...], ...}}`. CSV: the same without its columns in the first
line, behind `# `, then the names of the columns, then a line for each time. All is SI.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from .errors import HandError

Array = NDArray[np.float64]

FORMAT: Final = "handloop servo log"
NEEDED: Final = ("time", "goal", "position", "gain", "driven")
MAYBE: Final = ("velocity", "current", "voltage", "duty", "temperature")


@dataclass(frozen=True)
class ArmLoad:
    """A mass on an arm, hanging at position 0."""

    mass: float
    """[kg]."""
    length: float
    """[m], from the shaft to the centre of mass."""
    inertia: float = 0.0
    """[kg m2], about the centre of mass."""


@dataclass(frozen=True, eq=False)
class ServoLog:
    """What a servo was told and what it did; all columns have shape (samples,).

    Attributes:
        name: of the log.
        servo: which model it is, as the catalogue has it.
        unit: which one of that model.
        trajectory: what it was driven through.
        load: what it turned.
        supply: [V], nominal.
        senses_supply: whether its current is that of the supply, not that of the winding.
        time: [s], rising.
        goal: [rad], of the servo's position control.
        position: [rad].
        gain: its position gain register.
        driven: 1 while torque was on, else 0.
        velocity: [rad/s], if it was logged, as all below.
        current: [A].
        voltage: [V], at the servo.
        duty: of its bridge, -1 to 1.
        temperature: [deg C].
        duty_max: to which its bridge was told to keep, 1 if the log does not say.
        digest: SHA-256 of the file; "" of a log that is no file.
    """

    name: str
    servo: str
    unit: str
    trajectory: str
    load: ArmLoad
    supply: float
    senses_supply: bool
    time: Array
    goal: Array
    position: Array
    gain: Array
    driven: Array
    velocity: Array | None = None
    current: Array | None = None
    voltage: Array | None = None
    duty: Array | None = None
    temperature: Array | None = None
    duty_max: float = 1.0
    digest: str = ""

    def __post_init__(self) -> None:
        """Refuses what no fit could use."""
        if len(self.time) < 2:
            raise HandError(f"{self.name}: has fewer than two samples")
        for column, values in self.columns.items():
            if values.shape != self.time.shape or not np.all(np.isfinite(values)):
                raise HandError(f"{self.name}: {column} needs a finite number for each time")
        if np.any(np.diff(self.time) <= 0.0):
            raise HandError(f"{self.name}: time does not rise")
        if self.load.mass < 0.0 or self.load.length < 0.0 or self.load.inertia < 0.0:
            raise HandError(f"{self.name}: its load has a negative mass, length or inertia")
        if not 0.0 < self.duty_max <= 1.0:
            raise HandError(f"{self.name}: duty_max must be > 0 and at most 1")

    @property
    def rig(self) -> str:
        """Logs of one rig have the same."""
        return f"{self.load.mass:g} kg at {self.load.length:g} m"

    @cached_property
    def columns(self) -> dict[str, Array]:
        """Those that it has."""
        found = {name: getattr(self, name) for name in (*NEEDED, *MAYBE)}
        return {name: values for name, values in found.items() if values is not None}

    @classmethod
    def read(cls, file: Path) -> Self:
        """Reads a log in the format above.

        Raises:
            HandError: It cannot be read, is another thing, or lacks something.
        """
        data = read_bytes(file)
        content = _of_csv(file, data) if file.suffix.lower() == ".csv" else json_of(file, data)
        return cls.of_content(file, content, hashlib.sha256(data).hexdigest())

    @classmethod
    def of_content(cls, file: Path, content: Mapping[str, Any], digest: str) -> Self:
        """A log from what its file holds.

        Raises:
            HandError: It is no such log, or lacks something.
        """
        if content.get("format") != FORMAT or content.get("schema") != 1:
            raise HandError(f"{file}: is no servo log of schema 1: its format must be '{FORMAT}'")
        columns = content.get("columns", {})
        for name in NEEDED:
            if name not in columns:
                raise HandError(f"{file}: lacks the column '{name}'; needed: {', '.join(NEEDED)}")
        try:
            return cls(
                name=file.stem,
                servo=content["servo"],
                unit=content["unit"],
                trajectory=content["trajectory"],
                load=ArmLoad(**content["load"]),
                supply=float(content["supply"]),
                senses_supply=bool(content["senses_supply"]),
                duty_max=float(content.get("duty_max", 1.0)),
                digest=digest,
                **{n: np.array(columns[n], float) for n in (*NEEDED, *MAYBE) if n in columns},
            )
        except (KeyError, TypeError) as error:
            raise HandError(f"{file}: lacks or misspells a key: {error}") from None

    def write(self, file: Path) -> None:
        """Writes it, as CSV or JSON, whichever the file's ending says."""
        file.parent.mkdir(parents=True, exist_ok=True)
        head = {
            "format": FORMAT,
            "schema": 1,
            **{k: getattr(self, k) for k in ("servo", "unit", "trajectory")},
            "load": asdict(self.load),
            "supply": self.supply,
            "senses_supply": self.senses_supply,
            "duty_max": self.duty_max,
        }
        columns = {name: [_short(x) for x in values] for name, values in self.columns.items()}
        if file.suffix.lower() == ".csv":
            rows = [",".join(map(str, row)) for row in zip(*columns.values(), strict=True)]
            text = "\n".join([f"# {json.dumps(head)}", ",".join(columns), *rows, ""])
        else:
            text = json.dumps({**head, "columns": columns})
        file.write_text(text, encoding="utf-8")


def read_bytes(file: Path) -> bytes:
    """What is in a file.

    Raises:
        HandError: It cannot be read.
    """
    try:
        return file.read_bytes()
    except OSError as error:
        raise HandError(f"{file}: cannot be read: {error.strerror}") from None


def json_of(file: Path, data: bytes) -> dict[str, Any]:
    """The JSON object in a file's bytes.

    Raises:
        HandError: It is none.
    """
    try:
        content = json.loads(data)
    except ValueError as error:
        raise HandError(f"{file}: is not valid JSON: {error}") from None
    if not isinstance(content, dict):
        raise HandError(f"{file}: is no log: there is no object in it")
    return content


def _of_csv(file: Path, data: bytes) -> dict[str, Any]:
    first, _, rest = data.decode("utf-8", "replace").partition("\n")
    if not first.startswith("# {"):
        raise HandError(
            f"{file}: its first line must be '# ' and JSON that tells of servo and load"
        )
    rows = list(csv.reader(io.StringIO(rest)))
    names = rows[0] if rows else []
    try:
        table = np.array(rows[1:], float).reshape(-1, len(names))
    except ValueError as error:
        raise HandError(f"{file}: has a line that is no row of numbers: {error}") from None
    columns = {name.strip(): table[:, i] for i, name in enumerate(names)}
    return {**json_of(file, first[2:].encode()), "columns": columns}


def _short(value: float) -> float:
    """Six digits are finer than any sensor here."""
    return float(f"{value:.6g}")
