"""What stands for arrays while a pickle is read, and the arrays that come of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

_MOST_AXES: Final = 8

_DTYPES: Final = frozenset(
    {"b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "O8"}
)


class PickleError(ValueError):
    """A file holds something else than arrays, numbers and strings; the message names it."""


@dataclass(frozen=True)
class Word:
    """What stands for a name of the closed list."""

    meaning: str


@dataclass
class Dtype:
    """Of an array, until its byte order has come."""

    code: str
    order: Literal["<", ">", "|", "="] = "|"
    size: int = 0  # [bytes], of strings

    def numpy(self) -> np.dtype[Any]:
        """As numpy has it."""
        if self.code[0] in "US":
            wide = 4 if self.code[0] == "U" else 1
            return np.dtype(f"{self.order}{self.code[0]}{self.size // wide}")
        return np.dtype(f"{self.order}{self.code}")


@dataclass
class PendingArray:
    """An array, until its contents have come."""

    keys: list[int]
    """Under which it is remembered."""


def make(meaning: str, arguments: tuple[Any, ...]) -> Any:
    """What a word makes of arguments."""
    match meaning, arguments:
        case "array", (Word("ndarray"), _, _):
            return PendingArray([])
        case "dtype", (str(code), *_):
            return Dtype(_known(code), size=int(code[1:] or 0) * (4 if code[0] == "U" else 1))
        case "scalar", (Dtype() as dtype, bytes(data)):
            return filled(1, (), dtype, False, data)[()]
        case "encode", (str(text), "latin1"):
            return text.encode("latin1")
    raise PickleError(f"no {meaning} can be made of what it gives")


def _known(code: str) -> str:
    if code in _DTYPES or (code[:1] in {"U", "S"} and code[1:].isdecimal() and len(code) < 8):
        return code
    raise PickleError(f"arrays of {code[:20]!r}, which are neither numbers nor strings")


def ordered(dtype: Dtype, state: tuple[Any, ...]) -> Dtype:
    """A type with the byte order that its state gives."""
    if len(state) < 5 or state[1] not in {"<", ">", "|", "="} or any(state[2:5]):
        raise PickleError("an array of records")
    dtype.order = state[1]
    return dtype


def filled(version: Any, shape: Any, dtype: Any, fortran: Any, data: Any, *more: Any) -> Any:
    """The array that a state describes; of objects, a list."""
    if type(shape) is not tuple or len(shape) > _MOST_AXES or more or version != 1:
        raise ValueError("a shape that is none")
    if any(type(n) is not int or n < 0 for n in shape) or not isinstance(dtype, Dtype):
        raise ValueError("a shape or type that is none")
    if dtype.code == "O8":
        if type(data) is not list or len(data) != math.prod(shape):
            raise ValueError("an array of objects without them")
        return data if shape else data[0]
    kind = dtype.numpy()
    if type(data) is not bytes or math.prod(shape) * kind.itemsize != len(data):
        raise ValueError(f"{len(data)} bytes do not fill the array")
    if not kind.itemsize:
        return np.zeros(shape, kind)
    return np.frombuffer(data, kind).reshape(shape, order="F" if fortran else "C").copy()
