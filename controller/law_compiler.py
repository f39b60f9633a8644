"""From a Python function to a C pointer, by numba; imported with the first law, for numba is slow.

The function is compiled for the types of what it asks for, without numba's heap: a line that takes
memory does not compile. Around it goes a small function, generated from the fields of the C struct,
that unpacks the struct and turns an exception into a torque that is no number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numba
from numba import types
from numba.core.errors import NumbaError, UnsupportedBytecodeError
from numba.extending import intrinsic

from .law_errors import explain, interpreter_error, memory_error, refuse_rebinding

if TYPE_CHECKING:
    from .law import Input

_numba: Any = numba  # whose own types tell only a part of it

# Not "numpy": what would raise in Python ends in LIMP, and does not go on as 0 or infinity.
_CHECKED = {"error_model": "python", "_nrt": False}
# Without what numba puts around a function for callers in Python: that does need the interpreter.
_BARE = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def _pointer_to(item: types.Type) -> Any:
    """A function for compiled code that takes the words of the struct for what they are."""

    @intrinsic
    def pointer(context: Any, address: Any) -> Any:
        def cast(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.inttoptr(args[0], context.get_value_type(signature.return_type))

        return _numba.types.CPointer(item)(types.int64), cast

    return pointer


_WRAPPER_GLOBALS = {
    "carray": _numba.carray,
    "words": _pointer_to(types.int64),
    "numbers": _pointer_to(types.float64),
    "flags": _pointer_to(types.boolean),
}


def compile_law(
    function: Callable[..., None], fields: Sequence[Input], names: Sequence[str]
) -> Any:
    """Compiles a law to what numba calls a cfunc; it has an `address`.

    Args:
        function: The law.
        fields: Of the C struct, in its order, eight bytes each.
        names: What the law asks for.

    Raises:
        LawError: Naming the line and the mend.
    """
    refuse_rebinding(function)
    by_name = {field.name: field for field in fields}
    signature = types.void(*(_type_of(by_name[name]) for name in names))
    try:
        with _every_index_checked():
            law = _numba.njit(signature, **_CHECKED, **_BARE)(function)
    except (NumbaError, UnsupportedBytecodeError) as error:
        raise explain(function, error) from None
    _check_calls(function, law)
    text = _wrapper(fields, names)
    scope: dict[str, Any] = _WRAPPER_GLOBALS | {"law": law, "nan": math.nan}
    exec(compile(text, f"<call of {function.__name__}>", "exec"), scope)
    # An address goes where C++ passes a pointer: both travel in the same register.
    return numba.cfunc(types.void(types.intp))(scope["call"])


@contextmanager
def _every_index_checked() -> Iterator[None]:
    """For the functions, too, that the law calls: they do not inherit `boundscheck`."""
    before = _numba.config.BOUNDSCHECK
    _numba.config.BOUNDSCHECK = 1
    try:
        yield
    finally:
        _numba.config.BOUNDSCHECK = before


def _check_calls(function: Callable[..., None], law: Any) -> None:
    """Refuses what compiles but would take memory or the interpreter's lock in a tick."""
    calls = set(re.findall(r"call [^@\n]*@(\w+)", "".join(law.inspect_llvm().values())))
    if any(call.startswith(("numba_gil", "PyGILState")) for call in calls):
        raise interpreter_error(function)
    if any(call.startswith(("NRT_Allocate", "NRT_MemInfo_alloc")) for call in calls):
        raise memory_error(function)


def _type_of(field: Input) -> types.Type:
    if field.name == "fresh":
        return types.boolean
    item = types.boolean if "bool" in field.c_type else types.float64
    if not field.shape:
        return item
    return types.Array(item, len(field.shape), "C", readonly=not field.writable)


def _wrapper(fields: Sequence[Input], names: Sequence[str]) -> str:
    """Python text of the function that C++ calls."""
    place = {field.name: i for i, field in enumerate(fields)}
    count = {"n": "joint_count", "F": "finger_count", "P": "parameter_count", "M": "memory_count"}

    def expression(field: Input) -> str:
        if field.name == "fresh":
            return f"word[{place[field.name]}] != 0"
        if not field.shape:
            return f"number[{place[field.name]}]"
        sizes = "".join(
            f"word[{place[count[s]]}], " if s in count else f"{s}, " for s in field.shape
        )
        cast = "flags" if "bool" in field.c_type else "numbers"
        return f"carray({cast}(word[{place[field.name]}]), ({sizes}))"

    by_name = {field.name: field for field in fields}
    arguments = ", ".join(
        "torque" if name == "torque" else expression(by_name[name]) for name in names
    )
    return f"""
def call(address):
    word = carray(words(address), ({len(fields)},))
    number = carray(numbers(address), ({len(fields)},))
    torque = {expression(by_name["torque"])}
    try:
        law({arguments})
    except Exception:
        for i in range(len(torque)):
            torque[i] = nan
"""
