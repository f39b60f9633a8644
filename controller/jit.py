"""numba's njit, for functions that keep their type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

_Function = TypeVar("_Function", bound=Callable[..., Any])


def njit(function: _Function) -> _Function:
    """Compiles a function when it is first called, or with the law that calls it."""
    return cast(_Function, numba.njit(function))
