"""Progress on stderr: bars in a terminal, one line per finished stage elsewhere."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)


class Stages:
    """One line per stage; stays on the screen when it is done."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._tasks: dict[str, TaskID] = {}
        self._began: dict[str, float] = {}
        self._bars = Progress(
            TextColumn("{task.description:<12}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
        )

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()

    def show(self, stage: str, done: int, of: int) -> None:
        """Moves the bar of a stage; a stage begins when it is first shown."""
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(stage, total=of)
            self._began[stage] = time.perf_counter()
        self._bars.update(self._tasks[stage], completed=done)
        if done == of and not self._console.is_terminal:
            seconds = time.perf_counter() - self._began[stage]
            self._console.print(f"{stage:<12} {of} in {seconds:.1f} s", highlight=False)
