"""What a run consists of: tasks, contestants, and what is asked of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from .contestant import Entry
from .registry import task
from .task import Options
from .trial import Kind, Trial


@dataclass(frozen=True)
class Plan:
    """All trials of a run.

    Attributes:
        tasks: Their names.
        entries: Who takes part.
        options: Asked of every task.
        kinds: Conditions that are run; none named: all.
    """

    tasks: tuple[str, ...]
    entries: tuple[Entry, ...]
    options: Options
    kinds: tuple[Kind, ...] = ()

    def __post_init__(self) -> None:
        """Refuses what a log could not tell apart.

        Raises:
            ValueError: No task, no contestant, or one of them twice.
        """
        if not (self.tasks and self.entries and len(self.options.seeds)):
            raise ValueError("a run needs at least one task, one hand and one seed")
        labels = [entry.label for entry in self.entries]
        for kind, names in (("task", self.tasks), ("contestant", labels)):
            name, count = Counter(names).most_common(1)[0]
            if count > 1:
                raise ValueError(f"{kind} '{name}' is there {count} times; name each once")

    def items(self) -> Iterator[tuple[str, Entry, Trial]]:
        """Task, contestant and trial in the order of the log."""
        for name in self.tasks:
            every = task(name).trials(self.options)
            trials = [t for t in every if not self.kinds or t.condition.kind in self.kinds]
            for entry in self.entries:
                for trial in trials:
                    yield name, entry, trial
