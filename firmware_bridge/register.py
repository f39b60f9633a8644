"""Registers of a servo: what a raw number stands for, and its bytes on the bus."""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from typing import Annotated, Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import BaseModel, ConfigDict, Field

from .servo_errors import CatalogueError

Unpack = Callable[[bytes, int], tuple[int, ...]]
"""Reads one raw number from bytes, at an index, into a tuple."""

_CODES: Final = {1: "b", 2: "h", 4: "i"}  # of struct


class Register(BaseModel):
    """One entry of a servo's control table.

    A raw number is what the servo means, its sign included; `encode` and `decode` turn it into the
    bytes on the bus and back, `to_raw` and `from_raw` into SI. Positions are counted from raw 0.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    servo: str
    """The model it belongs to."""
    name: str
    address: Annotated[int, Field(ge=0)]
    size: Literal[1, 2, 4]
    """Bytes."""
    area: Literal["eeprom", "ram"]
    """EEPROM outlives the power, and is locked while torque is on or by a lock register."""
    access: Literal["r", "rw"]
    signed: bool = False
    """In two's complement, unless there is a sign bit."""
    sign_bit: int | None = None
    """Of a magnitude with a sign: the bit that says minus."""
    byte_order: Literal["little", "big"] = "little"
    unit: str = ""
    """SI, `degC`, or `duty` for a part of the supply. Empty: a plain number."""
    scale: float = 1.0
    """Units for each raw step."""
    minimum: int
    """Raw, the least that may be written."""
    maximum: int
    """Raw, the most that may be written."""
    default: int | None = None
    """Raw, as it comes from the factory. None: not stated."""
    since: int = 0
    """The firmware that brought it."""

    @property
    def span(self) -> range:
        """The addresses it takes."""
        return range(self.address, self.address + self.size)

    @property
    def representable(self) -> tuple[int, int]:
        """The least and the most raw number that its bytes can hold."""
        if self.sign_bit is not None:
            most = (1 << self.sign_bit) - 1
            return -most, most
        half = 1 << 8 * self.size - 1
        return (-half, half - 1) if self.signed else (0, 2 * half - 1)

    def to_raw(self, value: float) -> int:
        """The raw number next to a value.

        Args:
            value: in `unit`.

        Raises:
            CatalogueError: it is no number, or out of range.
        """
        return int(self.to_raws(value))

    def from_raw(self, raw: int) -> float:
        """What a raw number stands for, in `unit`.

        Raises:
            CatalogueError: the bytes of this register cannot hold it.
        """
        return float(self.from_raws(raw))

    def to_raws(self, values: ArrayLike) -> NDArray[np.int64]:
        """As `to_raw`, for an array of any shape."""
        steps = np.rint(np.asarray(values, dtype=np.float64) / self.scale)
        wrong = ~((steps >= self.minimum) & (steps <= self.maximum))
        if np.any(wrong):
            value = np.asarray(values, dtype=np.float64)[wrong].flat[0]
            raise CatalogueError(f"{self._named}: {self._text(value)} is {self._out_of_range()}")
        return steps.astype(np.int64)

    def from_raws(self, raws: ArrayLike) -> NDArray[np.float64]:
        """As `from_raw`, for an array of any shape."""
        raws = np.asarray(raws)
        least, most = self.representable
        if np.any(wrong := (raws < least) | (raws > most)):
            raise self._does_not_fit(int(raws[wrong].flat[0]))
        return np.asarray(raws * self.scale, dtype=np.float64)

    def encode(self, raw: int) -> bytes:
        """The bytes of a raw number, as they go over the bus.

        Raises:
            CatalogueError: they cannot hold it.
        """
        least, most = self.representable
        if not least <= raw <= most:
            raise self._does_not_fit(raw)
        if self.sign_bit is not None:
            raw = abs(raw) | (raw < 0) << self.sign_bit
        return (raw % (1 << 8 * self.size)).to_bytes(self.size, self.byte_order)

    def decode(self, data: bytes) -> int:
        """The raw number in bytes from the bus.

        Raises:
            CatalogueError: there are more or fewer bytes than this register has.
        """
        if len(data) != self.size:
            raise CatalogueError(
                f"{self._named}: {len(data)} bytes read; it has {self.size}, from {self.address} on"
            )
        if self.sign_bit is None:
            return int.from_bytes(data, self.byte_order, signed=self.signed)
        word = int.from_bytes(data, self.byte_order)
        magnitude = word & ((1 << self.sign_bit) - 1)
        return -magnitude if word >> self.sign_bit & 1 else magnitude

    @property
    def unpack(self) -> Unpack:
        """Made once, quicker than `decode`; it does not look whether there are too many bytes."""
        if self.sign_bit is not None:
            return lambda data, at: (self.decode(data[at : at + self.size]),)
        code = _CODES[self.size]
        order = "<" if self.byte_order == "little" else ">"
        return Struct(order + (code if self.signed else code.upper())).unpack_from

    @property
    def _named(self) -> str:
        return f"{self.servo}: {self.name}"

    def _text(self, value: float) -> str:
        return f"{value:.6g} {self.unit}".rstrip()

    def _out_of_range(self) -> str:
        low, high = self.minimum * self.scale, self.maximum * self.scale
        return f"out of range; give {low:.6g} to {self._text(high)}"

    def _does_not_fit(self, raw: int) -> CatalogueError:
        least, most = self.representable
        return CatalogueError(
            f"{self._named}: raw {raw} does not fit {self.size} bytes; it holds {least} to {most}"
        )
