"""Which environments gymnasium knows by name."""

from __future__ import annotations

import gymnasium

from ..bench.registry import TASK_NAMES

_PACKAGE = __package__


def environment_id(task: str) -> str:
    """Name of a task's environment: `handloop/CupFlex-v0` for `cup-flex`."""
    return f"handloop/{''.join(part.capitalize() for part in task.split('-'))}-v0"


def register_all() -> None:
    """Registers an environment for every task; a task is loaded when one is made."""
    for task in TASK_NAMES:
        gymnasium.register(
            environment_id(task),
            entry_point=f"{_PACKAGE}.task_env:TaskEnv",
            vector_entry_point=f"{_PACKAGE}.vector_env:TaskVectorEnv",
            kwargs={"task": task},
        )
