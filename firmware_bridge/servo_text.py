"""What a servo file says of one servo, and the model that it makes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from ..controller.errors import unknown
from .register import Register
from .servo import ServoFigures, ServoModel

_Key = tuple[str | int, ...]


class _Text(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class UnitText(_Text):
    """What one raw step is."""

    unit: str
    scale: Annotated[float, Field(gt=0.0, allow_inf_nan=False)]


class RegisterText(_Text):
    """One row of a control table."""

    address: Annotated[int, Field(ge=0)]
    size: Literal[1, 2, 4] = 1
    access: Literal["r", "rw"] = "r"
    signed: bool = False
    """In two's complement."""
    sign_bit: Annotated[int, Field(gt=0)] | None = None
    """Of a magnitude with a sign."""
    unit: str | None = None
    """One of `units`. None: a plain number."""
    min: int | None = None
    """Raw. None: what the bytes hold."""
    max: int | None = None
    within: str | None = None
    """The register whose most is the most of this one, in either direction."""
    default: int | None = None
    since: int = 0
    """The firmware that brought it."""


class ServoText(ServoFigures):
    """A model, everything it extends merged in."""

    units: dict[str, UnitText] = Field(default_factory=dict)
    registers: dict[str, RegisterText]
    lacks: tuple[str, ...] = ()
    """Registers of what it extends that it does not have."""

    def model(self, name: str) -> ServoModel:
        """The model of this text."""
        rows = sorted(self._present().items(), key=lambda row: row[1].address)
        figures = {key: getattr(self, key) for key in ServoFigures.model_fields}
        return ServoModel(
            name=name,
            registers={key: self._register(name, key, row) for key, row in rows},
            **figures,
        )

    def _present(self) -> dict[str, RegisterText]:
        return {key: row for key, row in self.registers.items() if key not in self.lacks}

    def _register(self, servo: str, name: str, row: RegisterText) -> Register:
        limits = row if row.within is None else self.registers[row.within]
        unit = UnitText(unit="", scale=1.0) if row.unit is None else self.units[row.unit]
        register = Register(
            servo=servo,
            name=name,
            area="eeprom" if row.address < self.eeprom_end else "ram",
            byte_order=self.byte_order,
            unit=unit.unit,
            scale=unit.scale,
            minimum=0,
            maximum=0,
            **row.model_dump(exclude={"unit", "min", "max", "within"}),
        )
        least, most = register.representable
        most = most if limits.max is None else limits.max
        least = max(least, -most) if row.within else least if row.min is None else row.min
        return register.model_copy(update={"minimum": least, "maximum": most})

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for key, message in self._misfits():
            raise PydanticCustomError("misfit", "{message}", {"key": key, "message": message})
        return self

    def _misfits(self) -> Iterator[tuple[_Key, str]]:
        for i, name in enumerate(self.lacks):
            if name not in self.registers:
                yield ("lacks", i), unknown("register", name, self.registers, "registers")
        taken: dict[int, str] = {}
        for name, row in self._present().items():
            key = ("registers", name)
            if row.unit is not None and row.unit not in self.units:
                yield (*key, "unit"), unknown("unit", row.unit, self.units, "units")
            if row.within is not None and row.within not in self.registers:
                yield (*key, "within"), unknown("register", row.within, self.registers, "registers")
            if row.sign_bit is not None and row.sign_bit >= 8 * row.size:
                yield (*key, "sign_bit"), f"{row.sign_bit} is not in {row.size} bytes; count from 0"
            for address in range(row.address, row.address + row.size):
                if other := taken.get(address):
                    yield key, f"overlaps '{other}' at {address}; put one of them in `lacks`"
                taken[address] = name
        for name, row in self._present().items():
            yield from self._misfits_of_range(("registers", name), self._register("", name, row))

    def _misfits_of_range(self, key: _Key, register: Register) -> Iterator[tuple[_Key, str]]:
        least, most = register.representable
        if not least <= register.minimum <= register.maximum <= most:
            yield (
                key,
                f"{register.minimum} to {register.maximum} does not fit; the bytes hold {least} "
                f"to {most}, the least first",
            )
        if register.default is not None and not least <= register.default <= most:
            yield (*key, "default"), f"{register.default} does not fit; {least} to {most} do"
