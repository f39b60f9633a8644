"""Motors and gearheads as makers' sheets have them, in TOML files.

A file has `[motors]`, `[gearheads]` or both, by name. Figures that a sheet leaves open are left out
and assumed where they are needed, by name (see pairing.py); none is invented in a file.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError

from ....controller.description_table import Fraction, Name, NotNegative, Positive, Table
from ....controller.errors import HandError, key_text

_FOLDER = Path(__file__).parent
_Stages = Annotated[int, Field(gt=0)]


class PartPrice(Table):
    """What one piece cost."""

    amount: Positive
    currency: Literal["EUR", "USD"]
    seen: str
    """When."""


class Electrical(Table):
    """At the nominal voltage and 25 deg C."""

    voltage: Positive
    """[V]."""
    resistance: Positive
    """[ohm], from terminal to terminal."""
    torque_constant: Positive
    """[N m/A]."""
    inductance: NotNegative = 0.0
    """[H]."""
    no_load_rpm: Positive
    """[rev/min], as sheets print it."""
    no_load_current: Positive
    """[A]."""
    nominal_current: Positive
    """[A], for good."""
    nominal_torque: Positive | None = None
    """[N m], for good. None: not stated."""
    stall_torque: Positive | None = None
    """[N m]. None: not stated."""
    stall_current: Positive | None = None
    """[A]. None: not stated."""


class Heat(Table):
    """How it gets warm."""

    winding_housing: Positive
    """[K/W]."""
    housing_ambient: Positive
    """[K/W]."""
    winding_time: Positive | None = None
    """[s], time constant. None: not stated."""
    housing_time: Positive | None = None
    """[s], time constant of the whole motor. None: not stated."""
    winding_max: Positive | None = None
    """[deg C]. None: not stated."""


class MotorBody(Table):
    """What it is like from outside."""

    diameter: Positive
    """[m]."""
    length: Positive | None = None
    """[m], without shaft. None: not stated."""
    mass: Positive
    """[kg]."""
    rotor_inertia: Positive
    """[kg m2]."""
    rpm_max: Positive | None = None
    """[rev/min]. None: not stated."""


class MotorPart(Table):
    """A motor."""

    maker: Name
    part: str | None = None
    """The maker's number. None: it is put together on order."""
    source: str
    """Where the figures are from."""
    kind: Literal["brushed", "brushless", "flat"]
    """Slotless with or without brushes, or brushless with a short wide rotor."""
    magnet: Literal["rare-earth", "alnico"]
    pole_pairs: Annotated[int, Field(gt=0)] = 1
    electrical: Electrical
    heat: Heat | None = None
    """None: not stated."""
    body: MotorBody
    price: PartPrice | None = None
    """None: not known."""
    notes: tuple[str, ...] = ()

    @property
    def motor_constant(self) -> float:
        """[N m/sqrt(W)]."""
        return self.electrical.torque_constant / float(self.electrical.resistance**0.5)


class GearLoad(Table):
    """What it bears."""

    torque_continuous: Positive
    """[N m], at the output."""
    torque_intermittent: Positive
    """[N m]."""
    efficiency: Annotated[Fraction, Field(gt=0.0)]
    """At full load."""
    rpm_continuous: Positive | None = None
    """[rev/min], at the input. None: not stated."""
    rpm_intermittent: Positive | None = None
    """[rev/min], at the input. None: not stated."""


class GearBody(Table):
    """What it is like from outside."""

    diameter: Positive
    """[m]."""
    length: Positive | None = None
    """[m]. None: not stated."""
    mass: Positive
    """[kg]."""
    inertia: NotNegative | None = None
    """[kg m2], at the input. None: not stated."""
    backlash_degrees: NotNegative | None = None
    """[deg], without load, as sheets print it. None: not stated."""


class Gearhead(Table):
    """A planetary gearhead; ratios that differ in nothing else are one row."""

    maker: Name
    source: str
    """Where the figures are from."""
    stages: _Stages
    ratios: Annotated[tuple[Annotated[Positive, Field(gt=1.0)], ...], Field(min_length=1)]
    """Turns of the motor for one of the output."""
    load: GearLoad
    body: GearBody
    price: PartPrice | None = None
    """None: not known."""
    notes: tuple[str, ...] = ()


class _PartsFile(Table):
    schema_: Annotated[Literal[1], Field(alias="schema")]
    motors: dict[str, MotorPart] = {}
    gearheads: dict[str, Gearhead] = {}


@dataclass(frozen=True)
class Parts:
    """Motors and gearheads by name."""

    motors: Mapping[str, MotorPart]
    gearheads: Mapping[str, Gearhead]

    @classmethod
    @functools.cache
    def packaged(cls) -> Self:
        """Those that come with handloop, read once."""
        return cls({}, {}).with_file(_FOLDER / "motors.toml").with_file(_FOLDER / "gearheads.toml")

    def with_file(self, file: Path | str) -> Self:
        """These and those of a file.

        Raises:
            HandError: It is missing or is not TOML, a key in it is wrong, or a name is taken.
        """
        path = Path(file)
        content = _validated(path)
        taken = [*(content.motors.keys() & self.motors), *(content.gearheads.keys() & self.gearheads)]
        if taken:
            raise HandError(f"{path}: '{taken[0]}' is in the catalogue; give it another name")
        return type(self)(
            {**self.motors, **content.motors}, {**self.gearheads, **content.gearheads}
        )


def _validated(path: Path) -> _PartsFile:
    try:
        content: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise HandError(f"{path}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise HandError(f"{path}: is not valid TOML: {error}") from None
    try:
        return _PartsFile.model_validate(content)
    except ValidationError as error:
        lines = (f"{path}: {key_text(e['loc'])}: {e['msg']}" for e in error.errors())
        raise HandError("\n".join(lines)) from None
