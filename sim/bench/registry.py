"""All tasks by name, in the order of the report."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Final, cast

from ...controller.errors import unknown
from .task import Task

_TASKS: Final = {
    "cup": "cup_task:CupTask",
    "cup-flex": "cup_flex:CupFlexTask",
    "bat": "bat:BatTask",
    "wrench": "wrench:WrenchTask",
    "screwdriver-torque": "screwdriver:ScrewdriverTask",
    "taxonomy": "taxonomy:TaxonomyTask",
    "kapandji": "kapandji:KapandjiTask",
    "nist": "nist:NistTask",
    "endurance": "endurance:EnduranceTask",
    "replay": "replay:ReplayTask",
}
"""Where each task is: loaded when it is asked for, as some need much."""

TASK_NAMES: Final = tuple(_TASKS)


@cache
def task(name: str) -> Task:
    """A task.

    Raises:
        ValueError: There is none of that name.
    """
    if name not in _TASKS:
        raise ValueError(unknown("task", name, TASK_NAMES, "the benchmark"))
    module, _, kind = _TASKS[name].partition(":")
    package = __package__.rpartition(".")[0]
    return cast(Task, getattr(import_module(f"{package}.tasks.{module}"), kind)())
