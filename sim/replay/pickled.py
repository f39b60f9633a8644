"""Pickled arrays and dictionaries in `.npy` files, read without executing anything.

`pickle` calls whatever a file names. Here a file's opcodes are taken one by one, and whatever it
names is looked up in a closed list of words; each word stands for a constructor below, which makes
arrays, numbers and strings of checked bytes, and nothing else. No module is imported and no object
of Python's own machinery is touched.
"""

from __future__ import annotations

import io
import pickletools
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np

from .pickled_array import Dtype, PendingArray, PickleError, Word, filled, make, ordered

LARGEST: Final = 64 * 2**20  # [bytes] of a file that is read
_NAMES: Final[dict[str, str]] = {
    "numpy.core.multiarray _reconstruct": "array",
    "numpy._core.multiarray _reconstruct": "array",
    "numpy.core.multiarray scalar": "scalar",
    "numpy._core.multiarray scalar": "scalar",
    "numpy ndarray": "ndarray",
    "numpy dtype": "dtype",
    "_codecs encode": "encode",  # how Python 3 writes bytes for Python 2
}


def read_npy(path: Path) -> Any:
    """Reads an array, or what is pickled in an array of objects.

    Args:
        path: A `.npy` file.

    Returns:
        An array; for pickled objects what they are made of: dictionaries, lists and tuples of
        arrays, numbers, strings and bytes.

    Raises:
        PickleError: It is no such file, or holds anything else.
    """
    size = path.stat().st_size
    if size > LARGEST:
        raise PickleError(f"{path}: {size} bytes; more than {LARGEST} are not read")
    with path.open("rb") as file:
        try:
            version = np.lib.format.read_magic(file)
            header = {
                (1, 0): np.lib.format.read_array_header_1_0,
                (2, 0): np.lib.format.read_array_header_2_0,
            }[version]
            dtype = header(file)[2]
            if not dtype.hasobject:
                file.seek(0)
                return np.load(file, allow_pickle=False)
            if dtype != np.dtype(object):
                raise PickleError("an array of records that hold objects")
            return read_pickle(file.read())
        except (ValueError, KeyError, OSError, MemoryError) as error:
            raise PickleError(f"{path}: {error}") from None


def read_pickle(data: bytes) -> Any:
    """Reads a pickle.

    Args:
        data: All of it.

    Raises:
        PickleError: It holds something else than arrays, numbers and strings.
    """
    try:
        return _Machine().run(data)
    except PickleError:
        raise
    except (ValueError, IndexError, KeyError, TypeError, OverflowError, AttributeError) as error:
        raise PickleError(f"a damaged pickle: {str(error)[:120]}") from None


class _Machine:
    """The part of the pickle machine that data needs; its objects are those of this module."""

    def __init__(self) -> None:
        self._stack: list[Any] = []
        self._marks: list[int] = []
        self._memo: dict[int, Any] = {}

    def run(self, data: bytes) -> Any:
        for opcode, argument, _ in pickletools.genops(io.BytesIO(data)):
            name = opcode.name
            if name == "STOP":
                return _data(self.pops(1))[0]
            if name in _LITERALS:
                self._stack.append(argument)
            elif step := _STEPS.get(name):
                step(self, argument)
            else:
                raise PickleError(f"the opcode {name}, which no array needs")
        raise PickleError("a pickle without an end")

    def mark(self, _: Any) -> None:
        self._marks.append(len(self._stack))

    def since_mark(self) -> list[Any]:
        begin = self._marks.pop()
        items = self._stack[begin:]
        del self._stack[begin:]
        return items

    def pops(self, count: int) -> list[Any]:
        if count > len(self._stack):
            raise ValueError("the stack is empty")
        items = self._stack[len(self._stack) - count :]
        del self._stack[len(self._stack) - count :]
        return items

    def tuple_of(self, count: int) -> None:
        self._stack.append(tuple(self.pops(count)))

    def word(self, name: str) -> None:
        if name not in _NAMES:
            raise PickleError(f"it names {name!r}, which is none of what makes arrays")
        self._stack.append(Word(_NAMES[name]))

    def stack_global(self, _: Any) -> None:
        module, name = self.pops(2)
        self.word(f"{module} {name}" if isinstance(module, str) and isinstance(name, str) else "?")

    def put(self, key: int) -> None:
        self._memo[key] = self._stack[-1]
        if isinstance(self._stack[-1], PendingArray):
            self._stack[-1].keys.append(key)

    def append_to_list(self, items: list[Any]) -> None:
        if type(self._stack[-1]) is not list:
            raise ValueError("an item for what is no list")
        self._stack[-1].extend(_data(items))

    def set_items(self, items: list[Any]) -> None:
        target = self._stack[-1]
        if type(target) is not dict or len(items) % 2:
            raise ValueError("items for what is no dictionary")
        for key, value in zip(items[::2], _data(items[1::2]), strict=True):
            if type(key) not in {str, int}:
                raise ValueError("a key that is neither string nor number")
            target[key] = value

    def reduce(self, _: Any) -> None:
        word, arguments = self.pops(2)
        if not isinstance(word, Word) or type(arguments) is not tuple:
            raise PickleError("it calls what is none of what makes arrays")
        self._stack.append(make(word.meaning, arguments))

    def build(self, _: Any) -> None:
        target, state = self.pops(2)
        if type(state) is not tuple:
            raise ValueError("a state that is none of an array")
        if isinstance(target, PendingArray):
            array = filled(*state)
            self._memo.update(dict.fromkeys(target.keys, array))
            self._stack.append(array)
        elif isinstance(target, Dtype):
            self._stack.append(ordered(target, state))
        else:
            raise PickleError("it sets the state of what is no array")


_LITERALS: Final = frozenset(
    {
        *("NONE", "BININT", "BININT1", "BININT2", "LONG1", "LONG4", "BINFLOAT"),
        *("BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
        *("BINBYTES", "SHORT_BINBYTES", "BINBYTES8"),
    }
)
"""Whose argument is pushed as it is."""

_Step = Callable[[_Machine, Any], None]
_STEPS: Final[dict[str, _Step]] = {
    "PROTO": lambda m, a: None,
    "FRAME": lambda m, a: None,
    "NEWTRUE": lambda m, a: m._stack.append(True),
    "NEWFALSE": lambda m, a: m._stack.append(False),
    "MARK": _Machine.mark,
    "GLOBAL": _Machine.word,
    "STACK_GLOBAL": _Machine.stack_global,
    "PUT": lambda m, a: m.put(int(a)),
    "BINPUT": _Machine.put,
    "LONG_BINPUT": _Machine.put,
    "MEMOIZE": lambda m, a: m.put(len(m._memo)),
    "GET": lambda m, a: m._stack.append(m._memo[int(a)]),
    "BINGET": lambda m, a: m._stack.append(m._memo[a]),
    "LONG_BINGET": lambda m, a: m._stack.append(m._memo[a]),
    "TUPLE": lambda m, a: m._stack.append(tuple(m.since_mark())),
    "TUPLE1": lambda m, a: m.tuple_of(1),
    "TUPLE2": lambda m, a: m.tuple_of(2),
    "TUPLE3": lambda m, a: m.tuple_of(3),
    "EMPTY_TUPLE": lambda m, a: m._stack.append(()),
    "EMPTY_LIST": lambda m, a: m._stack.append([]),
    "EMPTY_DICT": lambda m, a: m._stack.append({}),
    "APPEND": lambda m, a: m.append_to_list(m.pops(1)),
    "APPENDS": lambda m, a: m.append_to_list(m.since_mark()),
    "SETITEM": lambda m, a: m.set_items(m.pops(2)),
    "SETITEMS": lambda m, a: m.set_items(m.since_mark()),
    "REDUCE": _Machine.reduce,
    "BUILD": _Machine.build,
}


def _data(items: list[Any]) -> list[Any]:
    """Refuses what is no data, on its way into a container."""
    for item in items:
        parts = item if type(item) is tuple else (item,)
        if any(isinstance(part, Word | Dtype | PendingArray) for part in parts):
            raise PickleError("it holds a bare type, or an array without contents")
    return items
