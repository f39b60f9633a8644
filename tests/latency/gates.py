"""Gates that a machine may not be able to hold: skipped there, but not where all changes pass."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import NoReturn

import pytest


def skip_gate(reason: str, expected: bool = True) -> NoReturn:
    """Skips; fails where the gate must hold, which `.ci/run` says with HANDLOOP_GATES=required.

    Args:
        reason: With the mend.
        expected: Whether any machine of `.ci/run` can hold it.
    """
    if expected and os.environ.get("HANDLOOP_GATES") == "required":
        pytest.fail(reason)
    pytest.skip(reason)


def same_system(toolchain: str, known: Iterable[str]) -> bool:
    """Whether one of the known toolchains has the same C library, so only its compiler is new."""
    library = toolchain.split(", ")[1]
    return any(library in other.split(", ") for other in known)
