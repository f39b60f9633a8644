"""Control laws in Python: what is refused, and what is said."""

import math
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest

from handloop import LawError, control_law
from handloop.controller.law import INPUTS


def plain(x):
    return x


@numba.njit
def taking_memory(x):
    return np.full(3, x)[0]


taking_memory(1.0)  # compiled before, with memory of its own


def returning(q, torque):
    return q[0]


def whole_array(q, torque):
    torque[:] = q + 1.0


def new_array(torque):
    x = np.zeros(3)
    torque[0] = x[0]


def new_list(q, torque):
    x = []
    x.append(q[0])


def memory_of_a_helper(q, torque):
    torque[0] = taking_memory(q[0])


def writing_an_input(q, torque):
    q[0] = 1.0


def printing(q, torque):
    print(q[0])


def matrix_product(q, torque):
    torque[0] = q @ q


def plain_function(q, torque):
    torque[0] = plain(q[0])


def interpreter(q, torque):
    open("x")


def misspelt(q, torque):
    torque[0] = qq[0]  # noqa: F821


def no_attribute(q, torque):
    torque[0] = q.length


def a_word(torque):
    torque[0] = "a"


def an_array(q, torque):
    torque[0] = q


def a_dictionary(torque):
    x = {}
    torque[0] = x["a"]


def renaming(q, torque):
    torque = q  # noqa: F841


def renaming_memory(memory, torque):
    for i in range(3):
        memory = torque[i]  # noqa: F841


def two_kinds(q, torque):
    x = 1.0
    if q[0] > 0:
        x = (1.0, 2.0)
    torque[0] = x


def bad_values(torque):
    torque[0] = math.sin("a")


def opening(torque):
    with open("x"):
        pass


def importing(q, torque):
    import math

    torque[0] = math.sin(q[0])


@pytest.mark.parametrize(
    ("law", "code", "message"),
    [
        (returning, "return q[0]", "a law returns nothing; write the result to torque"),
        (whole_array, "torque[:] = q + 1.0", "takes memory, which a tick must not"),
        (new_array, "x = np.zeros(3)", "takes memory"),
        (new_list, "x = []", "takes memory"),
        (memory_of_a_helper, "", "in a function that the law calls, this takes memory"),
        (writing_an_input, "q[0] = 1.0", "for reading only; write to torque or memory"),
        (printing, "print(q[0])", "write a loop instead"),
        (matrix_product, "torque[0] = q @ q", "write a loop instead"),
        (plain_function, "torque[0] = plain(q[0])", "put @numba.njit above"),
        (interpreter, 'open("x")', "cannot use 'open'"),
        (misspelt, "torque[0] = qq[0]", "'qq' is neither an input nor defined"),
        (no_attribute, "torque[0] = q.length", "has no '.length'"),
        (a_word, 'torque[0] = "a"', "only a number can be stored"),
        (an_array, "torque[0] = q", "only a number can be stored"),
        (a_dictionary, "x = {}", "no texts, lists or dictionaries"),
        (renaming, "torque = q", "write torque[i] = ... in a loop"),
        (renaming_memory, "memory = torque[i]", "write memory[i] = ... in a loop"),
        (two_kinds, "", "values of two kinds"),
        (bad_values, 'torque[0] = math.sin("a")', ""),
        (opening, "", "this statement is not possible in a law"),
        (importing, "", "import at the top of the file"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_cannot_be_compiled(law: Callable[..., None], code: str, message: str) -> None:
    with pytest.raises(LawError) as caught:
        control_law(law)
    text = str(caught.value)
    assert text.startswith(f"control law '{law.__name__}' (test_law_refusals.py")
    assert message in text
    assert "A law can use numbers, the arrays it asks for" in text
    assert len(text.splitlines()) == 2
    if code:
        lines = open(__file__, encoding="utf-8").read().splitlines()
        line = int(text.partition(", line ")[2].partition(")")[0])
        assert lines[line - 1].partition("  #")[0].strip() == code


COLUMN_ZERO = '''
if True:
    def law(q, torque):
        """A docstring that goes on
at column 0
        """
        torque[0] = q @ q
'''
LAMBDA = """
law = max([
    lambda q, torque: print(q[0])], key=id)
"""


@pytest.mark.parametrize("text", [COLUMN_ZERO, LAMBDA])
def test_a_law_that_is_no_python_by_itself_is_explained_all_the_same(
    text: str, tmp_path: Path
) -> None:
    file = tmp_path / "laws.py"
    file.write_text(text)
    with pytest.raises(LawError, match=r"\(laws.py, line \d\): `.*`: print, @, np.dot .* loop"):
        control_law(runpy.run_path(str(file))["law"])


def test_what_is_typed_at_a_prompt_has_no_lines() -> None:
    scope: dict[str, Any] = {}
    exec("def law(q, torque):\n  torque[0] = q @ q\ndef other(q, torque):\n  q[0] = 1.0", scope)
    with pytest.raises(LawError, match=r"control law 'law' \(<string>\): print, @"):
        control_law(scope["law"])
    with pytest.raises(LawError, match=r"control law 'other' \(<string>\): this is an input"):
        control_law(scope["other"])


def test_numba_is_not_imported_without_a_law() -> None:
    code = "import sys, handloop; assert 'numba' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def many(*torque):
    pass


def named(torque, **more):
    pass


def with_default(torque, gain=2.0):
    pass


def without_torque(q):
    pass


def without_values(parameters, torque):
    pass


def yielding(torque):
    yield torque


async def waiting(torque):
    pass


@pytest.mark.parametrize(
    ("law", "message"),
    [
        (many, r"\*torque is not possible; name each input"),
        (named, r"\*\*more is not possible"),
        (with_default, r"'gain=2.0' has a default; use @control_law\(parameters="),
        (without_torque, "must ask for torque"),
        (without_values, r"say @control_law\(parameters="),
        (yielding, "must not yield or await"),
        (waiting, "must not yield or await"),
        (max, "a control law is a function"),
        (3, "a control law is a function"),
    ],
)
def test_what_is_no_law(law: Any, message: str) -> None:
    with pytest.raises(LawError, match=message):
        control_law(law)


@pytest.mark.parametrize("parameters", [0.5, ["a"], [math.nan], [[1.0, 2.0]], None])
def test_parameters_that_are_no_list_of_numbers(parameters: Any) -> None:
    with pytest.raises(ValueError, match="parameters must be a list of finite numbers"):
        control_law(parameters=parameters)


@pytest.mark.parametrize("memory", [1.5, "x", -1, None])
def test_memory_that_is_no_length(memory: Any) -> None:
    with pytest.raises(ValueError, match="memory must be a whole number >= 0, not"):
        control_law(memory=memory)


def test_an_unknown_input_is_refused_with_the_list() -> None:
    with pytest.raises(LawError) as caught:
        control_law(lambda refrence, torque: None)
    assert "no input 'refrence'" in str(caught.value)
    assert "did you mean 'reference'?" in str(caught.value)
    for field in INPUTS.values():
        assert f"    {field.name} " in str(caught.value)
        assert field.meaning in str(caught.value)
        assert field.meaning in (control_law.__doc__ or "")
