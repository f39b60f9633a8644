"""What is said when a control law cannot be compiled: which line, why, what instead."""

from __future__ import annotations

import ast
import dis
import inspect
import linecache
import os.path
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

MAY_USE: Final = (
    "A law can use numbers, the arrays it asks for, tuples, loops, if, math and functions under "
    "@numba.njit."
)
_NO_MEMORY: Final = (
    "this takes memory, which a tick must not; compute element by element in a loop and keep what "
    "is needed later in memory"
)
_INTERPRETED: Final = re.compile(r"\b(print|dot|linalg)\b")
_NO_INTERPRETER: Final = (
    "print, @, np.dot and np.linalg go through the Python interpreter, which a tick must not wait "
    "for; write a loop instead"
)

# What numba says, and what it means to whoever wrote the law; the first that fits counts.
_REASONS: Final = (
    (r"return_value", "a law returns nothing; write the result to torque[i]"),
    (r"setitem\(readonly array", "this is an input, for reading only; write to torque or memory"),
    (r"NRT required|_ol_array_allocate|function empty>", _NO_MEMORY),
    (
        r"Untyped global name '(\w+)'.*<class 'function'>",
        "'{}' is a plain Python function; put @numba.njit above its definition",
    ),
    (r"Untyped global name '(\w+)'", "a law cannot use '{}', which lives in the interpreter"),
    (r"NameError: name '(\w+)' is not defined", "'{}' is neither an input nor defined before"),
    (r"Unknown attribute '(\w+)' of type", "what stands before it has no '.{}' in a law"),
    (r"function setitem>", "only a number can be stored in an element of an array"),
    (r"DictType|ListType|unicode_type", "there are no texts, lists or dictionaries in a law"),
    (
        r"Function\(<(?:built-in )?\w+ '?(\w+)[^>]*>\) found for signature",
        "'{}' does not take these values in a law",
    ),
    (r"Cannot unify", "this name stands for values of two kinds"),
    (r"IMPORT_NAME", "import at the top of the file, not in the law"),
    (r"opcode|construct|context manager", "this statement is not possible in a law"),
)


class LawError(ValueError):
    """A control law cannot be compiled. The message names the line and the mend."""


def refuse_rebinding(function: Callable[..., Any]) -> None:
    """Raises LawError for `torque = ...`, which compiles and would fill nothing."""
    in_place = False
    for step in dis.get_instructions(function):
        names = step.argval if isinstance(step.argval, tuple) else (step.argval,)
        # One instruction may do two things: STORE_FAST_LOAD_FAST of a name each.
        for what, name in zip(step.opname.split("_FAST"), names, strict=False):
            if what.endswith("STORE") and name in {"torque", "memory"} and not in_place:
                line = step.positions.lineno if step.positions else None
                reason = f"this fills nothing, it only renames; write {name}[i] = ... in a loop"
                raise law_error(function, line, reason)
        in_place = step.opname == "BINARY_OP" and step.argrepr.endswith("=")


def explain(function: Callable[..., Any], error: Exception) -> LawError:
    """What numba's page of text comes down to."""
    text = str(error)
    for pattern, reason in _REASONS:
        if found := re.search(pattern, text):
            return law_error(function, _line_of(function, error), reason.format(*found.groups()))
    first = next((line for line in text.splitlines() if line and "pipeline" not in line), text)
    return law_error(function, _line_of(function, error), f"this cannot be compiled: {first}")


def interpreter_error(function: Callable[..., Any]) -> LawError:
    """For a law that would call into the interpreter; numba compiles such a law without a word."""
    return law_error(function, next(_calls_of_interpreter(function), None), _NO_INTERPRETER)


def memory_error(function: Callable[..., Any]) -> LawError:
    """For a law that calls a function that takes memory."""
    return law_error(function, None, f"in a function that the law calls, {_NO_MEMORY}")


def law_error(function: Callable[..., Any], line: int | None, reason: str) -> LawError:
    """A message that shows the line and says why it is not possible."""
    file = function.__code__.co_filename
    where = f"control law '{function.__name__}' ({os.path.basename(file)}"
    shown = linecache.getline(file, line).strip() if line else ""
    where += f", line {line})" if line else ")"
    return LawError(f"{where}: {f'`{shown}`: ' if shown else ''}{reason}.\n{MAY_USE}")


def _line_of(function: Callable[..., Any], error: Exception) -> int | None:
    """The innermost line of the law that numba names."""
    file = re.escape(os.path.basename(function.__code__.co_filename))
    named = re.findall(rf'{file}(?:", line |" ?\(| \()(\d+)', str(error))
    lines = _lines(function)
    inside = [int(number) for number in named if int(number) in lines]
    if inside:
        return inside[-1]
    place = getattr(getattr(error, "loc", None), "line", None)
    return place if place in lines else None


def _lines(function: Callable[..., Any]) -> range:
    """Numbers of its lines; none for what was typed at a prompt."""
    try:
        text, first = inspect.getsourcelines(function)
    except OSError:
        return range(0)
    return range(first, first + len(text))


def _calls_of_interpreter(function: Callable[..., Any]) -> Iterator[int]:
    # The whole file: a law by itself need not be Python, a lambda on a line of its own for one.
    lines = _lines(function)
    try:
        tree = ast.parse("".join(linecache.getlines(function.__code__.co_filename)))
    except SyntaxError:  # a cell of a notebook may hold more than Python
        return
    for node in ast.walk(tree):
        product = isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult)
        called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
        if isinstance(node, ast.expr) and (product or _INTERPRETED.search(called)):
            if node.lineno in lines:
                yield node.lineno
