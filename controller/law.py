"""Control laws of one's own, written in Python and run natively.

A law is a function over plain numbers and arrays that asks for what it needs by parameter name:

    @control_law
    def soft_hold(q, dq, reference, gravity, torque):
        for i in range(len(q)):
            torque[i] = gravity[i] + 2.0 * (reference[i] - q[i]) - 0.05 * dq[i]

    controller.set_law(soft_hold)

It is compiled to machine code where it is defined. The controller then calls it once a tick in the
place of its own law, without the interpreter: in the loop, in episodes and in batches.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, overload

import numpy as np
from numpy.typing import NDArray

from .. import _core
from .errors import unknown
from .law_errors import LawError

MEMORY: Final = 64  # numbers that a law can keep, unless it asks for more

Law: TypeAlias = Callable[..., None]
_Parameters: TypeAlias = Sequence[float] | NDArray[np.float64]


@dataclass(frozen=True)
class Input:
    """Something a law can ask for.

    Attributes:
        name: Of the parameter, and of the field in the C struct `LawInput`.
        c_type: Of that field.
        shape: Of the array; empty for a number. n joints, F fingers, P parameters, M memory.
        unit: As in "N m"; empty for what has none.
        meaning: In words.
    """

    name: str
    c_type: str
    shape: tuple[str | int, ...]
    unit: str
    meaning: str

    @property
    def writable(self) -> bool:
        """Whether a law may write to it."""
        return self.c_type == "double*"


_NUMBER, _COUNT, _FLAGS = "double", "int64", "const bool*"
_ARRAY, _OUTPUT = "const double*", "double*"

# Every field of the C struct, in its order. A law sees those that have a meaning.
_FIELDS: Final = (
    Input("time", _NUMBER, (), "s", "now, on the clock of the plant"),
    Input("period", _NUMBER, (), "s", "from tick to tick"),
    Input("joint_count", _COUNT, (), "", ""),
    Input("finger_count", _COUNT, (), "", ""),
    Input("parameter_count", _COUNT, (), "", ""),
    Input("memory_count", _COUNT, (), "", ""),
    Input("fresh", _COUNT, (), "", "False: still the sample of the tick before"),
    Input("integral_max", _NUMBER, (), "N", "limit of the force integral"),
    Input("force_max", _NUMBER, (), "N", "most that a finger may press with"),
    Input("friction_rate", _NUMBER, (), "1/s", "of the built-in law, against dry friction"),
    Input("q", _ARRAY, ("n",), "rad", "joint positions"),
    Input("dq", _ARRAY, ("n",), "rad/s", "joint velocities; zero once the sample is old"),
    Input("reference", _ARRAY, ("n",), "rad", "joint positions wanted by the task"),
    Input("gravity", _ARRAY, ("n",), "N m", "torques that hold the hand against gravity"),
    Input("bias", _ARRAY, ("n",), "N m", "gravity, Coriolis and centrifugal torques"),
    Input("stiffness", _ARRAY, ("n",), "N m/rad", "of the built-in law"),
    Input("damping", _ARRAY, ("n",), "N m s/rad", "of the built-in law"),
    Input("torque_max", _ARRAY, ("n",), "N m", "what `torque` is limited to afterwards"),
    Input("dry_friction", _ARRAY, ("n",), "N m", "that the built-in law overcomes"),
    Input("integral_gain", _ARRAY, ("F",), "1/s", "of the built-in law"),
    Input("touching", _FLAGS, ("F",), "", "whether the finger feels a contact"),
    Input("gripping", _FLAGS, ("F",), "", "whether it has left its trajectory to grip"),
    Input("normal_force", _ARRAY, ("F",), "N", "that the pad presses with, filtered, >= 0"),
    Input("wanted_force", _ARRAY, ("F",), "N", "normal force wanted by the grip"),
    Input("slip_speed", _ARRAY, ("F",), "m/s", "of the object over the skin, filtered"),
    Input("contact_force", _ARRAY, ("F", 3), "N", "of the pad on the object, world"),
    Input("contact_point", _ARRAY, ("F", 3), "m", "world"),
    Input("contact_normal", _ARRAY, ("F", 3), "", "unit, from the pad into the object, world"),
    Input("tip_position", _ARRAY, ("F", 3), "m", "of the fingertips, world"),
    Input("tip_jacobian", _ARRAY, ("F", 3, "n"), "m/rad", "tip velocity = J dq, world"),
    Input("parameters", _ARRAY, ("P",), "", "as given to control_law or set_law"),
    Input("memory", _OUTPUT, ("M",), "", "to keep numbers from tick to tick; zero after a reset"),
    Input("torque", _OUTPUT, ("n",), "N m", "the result; zero on entry"),
)
INPUTS: Final = {field.name: field for field in _FIELDS if field.meaning}
"""What a law can ask for, by name."""


def _check_layout() -> None:
    """Refuses a core whose C struct is another one than `_FIELDS`."""
    ours = [(field.name, field.c_type, 8 * i) for i, field in enumerate(_FIELDS)]
    if _core.law_input_layout() != ours or 8 * len(ours) != _core.LAW_INPUT_SIZE:
        raise ImportError(
            "handloop's native core passes control laws another struct than handloop expects; "
            "reinstall handloop"
        )


_check_layout()


def _table() -> str:
    rows = []
    for field in INPUTS.values():
        shape = f"({', '.join(map(str, field.shape))})" if field.shape else ""
        unit = f"[{field.unit}]" if field.unit else ""
        rows.append(f"    {field.name:<15}{shape:<10}{unit:<12}{field.meaning}".rstrip())
    return "\n".join(rows)


class ControlLaw(_core.CustomLaw):
    """A compiled law, for `Controller.set_law`. Made by `control_law`.

    Attributes:
        function: As it was written; for trying it out in Python, with arrays.
        inputs: Names of what it asks for.
    """

    function: Law
    inputs: tuple[str, ...]

    def __init__(self, function: Law, code: Any, parameters: _Parameters, memory: int) -> None:
        """Use `control_law`."""
        self.function = function
        self.inputs = tuple(inspect.signature(function).parameters)
        self._code = code
        super().__init__(code.address, code, set(self.inputs), _checked(parameters), memory)

    def with_parameters(self, parameters: _Parameters) -> ControlLaw:
        """The same law with other parameters, as many as there shall be; nothing is compiled.

        Raises:
            ValueError: They are not a list of finite numbers.
        """
        return ControlLaw(self.function, self._code, parameters, self.memory)

    def __repr__(self) -> str:
        return f"<ControlLaw {self.function.__name__}({', '.join(self.inputs)})>"


@overload
def control_law(function: Law, /) -> ControlLaw: ...
@overload
def control_law(
    *, parameters: _Parameters = ..., memory: int = ...
) -> Callable[[Law], ControlLaw]: ...


def control_law(
    function: Law | None = None,
    /,
    *,
    parameters: _Parameters = (),
    memory: int = MEMORY,
) -> ControlLaw | Callable[[Law], ControlLaw]:
    """Compiles a Python function to a control law.

    Inside, numbers and arrays are as in numba: loops, `if`, `math` and functions under `@njit`.
    Nothing may take memory, so write loops over elements. Whatever would raise in Python, an index
    out of range or a division by zero, makes the torque NaN, and the safety stage lets the hand go
    limp (`Fault.TORQUE_NOT_A_NUMBER`). From HOLD on the built-in law holds the hand.

    A function under `@njit` that has run in Python before the law was defined does not check its
    indices.

    Args:
        function: Its parameters ask for what it needs, by name; see below.
        parameters: What `parameters` holds, shape (P,). Copied. `Controller.set_law` takes others
            of the same length, so gains change without compiling.
        memory: Length of `memory`.

    Raises:
        LawError: Naming the line that cannot be compiled, or the parameter that does not exist.
        ValueError: `parameters` or `memory` is not what it should be.

    What a law can ask for, for n joints and F fingers:

    """

    def make(law: Law) -> ControlLaw:
        names = _asked_for(law, len(values) > 0)
        from .law_compiler import compile_law  # numba: half a second that not every user needs

        return ControlLaw(law, compile_law(law, _FIELDS, names), values, memory)

    values = _checked(parameters)
    count: object = memory  # whatever the caller took for one
    if not isinstance(count, int | np.integer) or memory < 0:
        raise ValueError(f"memory must be a whole number >= 0, not {memory!r}")
    return make if function is None else make(function)


control_law.__doc__ = inspect.cleandoc(control_law.__doc__ or "") + f"\n\n{_table()}\n"


def _checked(parameters: _Parameters) -> list[float]:
    wanted = f"parameters must be a list of finite numbers, shape (P,), not {parameters!r}"
    try:
        values = np.array(parameters, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(wanted) from None
    if values.ndim != 1 or not np.isfinite(values).all():
        raise ValueError(wanted)
    return [float(value) for value in values]


def _asked_for(function: Any, has_parameters: bool) -> tuple[str, ...]:
    """Names of a law's parameters, all of which there are."""
    if not inspect.isfunction(function):
        raise LawError(f"a control law is a function (def ...), not {function!r}")
    where = f"control law '{function.__name__}'"
    if inspect.isgeneratorfunction(function) or inspect.iscoroutinefunction(function):
        raise LawError(f"{where} must not yield or await: it is called once a tick, from the start")
    for parameter in inspect.signature(function).parameters.values():
        _check_parameter(where, parameter)
    names = tuple(inspect.signature(function).parameters)
    if "torque" not in names:
        raise LawError(f"{where} must ask for torque and write its result there")
    if "parameters" in names and not has_parameters:
        raise LawError(f"{where} asks for parameters; say @control_law(parameters=[...])")
    return names


def _check_parameter(where: str, parameter: inspect.Parameter) -> None:
    if parameter.kind in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}:
        raise LawError(f"{where}: {parameter} is not possible; name each input")
    if parameter.default is not parameter.empty:
        raise LawError(
            f"{where}: '{parameter}' has a default; use @control_law(parameters=[...]) for gains"
        )
    if parameter.name not in INPUTS:
        message = unknown("input", parameter.name, INPUTS, where)
        raise LawError(f"{message.partition(' Inputs:')[0]}\nA law can ask for:\n{_table()}")
