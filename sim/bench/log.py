"""The log of a run: one JSON line per trial in the order of the plan, whole whatever happens.

Lines are written in the order of the plan, however many work on it. So what is on disk is always
the plan's beginning: a run that was killed goes on behind its last whole line, nothing is lost or
counted twice, and the finished file is the same to the byte.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from .trial import OUTCOMES, Case, Condition, Result, Trial

TRIALS: Final = "trials.jsonl"


class LogError(ValueError):
    """A log cannot be read or gone on with; the message names the file, the line and the mend."""


@dataclass(frozen=True)
class Record:
    """A trial, who was in it, and what came of it.

    Attributes:
        task: Its name.
        contestant: Its label.
        trial: What was run.
        result: What came of it.
        sensors: What the controller went by.
    """

    task: str
    contestant: str
    trial: Trial
    result: Result
    sensors: tuple[str, ...]

    def line(self) -> str:
        """As it stands in the log."""
        case, condition = self.trial.case, self.trial.condition
        return json.dumps(
            {
                "task": self.task,
                "contestant": self.contestant,
                "condition": asdict(condition),
                "case": asdict(case),
                "seed": self.trial.seed,
                "outcome": self.result.outcome,
                "metrics": self.result.metrics,
                "sensors": self.sensors,
                **({"note": self.result.note} if self.result.note else {}),
            },
            allow_nan=False,
        )

    @classmethod
    def parse(cls, line: str) -> Record:
        """From a line.

        Raises:
            ValueError: It is none.
        """
        d: dict[str, Any] = json.loads(line)
        try:
            trial = Trial(Condition(**d["condition"]), Case(**d["case"]), int(d["seed"]))
            if d["outcome"] not in OUTCOMES:
                raise ValueError(f"no outcome '{d['outcome']}'")
            metrics = {str(k): float(v) for k, v in d["metrics"].items()}
            result = Result(d["outcome"], metrics, d.get("note", ""))
            return cls(d["task"], d["contestant"], trial, result, tuple(d["sensors"]))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{type(error).__name__}: {error}") from None


class TrialLog:
    """Appends to the log of a run."""

    def __init__(self, folder: Path) -> None:
        """Opens it; what a killed run left of a last line is cut off.

        Args:
            folder: Of the run; there already.

        Raises:
            LogError: A line is no record.
        """
        self.path = folder / TRIALS
        whole = _whole_lines(self.path)
        if self.path.exists() and self.path.stat().st_size != whole:
            os.truncate(self.path, whole)
        self.records = list(read_log(folder)) if whole else []
        self._file = self.path.open("a", encoding="utf-8")

    def append(self, records: Iterable[Record]) -> None:
        """Writes records and sees to it that they survive whatever comes next."""
        new = list(records)
        self._file.write("".join(record.line() + "\n" for record in new))
        self._file.flush()
        os.fsync(self._file.fileno())
        self.records += new

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def check_beginning(self, plan: Sequence[tuple[str, str, Trial]]) -> None:
        """Refuses a log that is not the beginning of a plan.

        Args:
            plan: Task, label of the contestant and trial, in order.

        Raises:
            LogError: It is that of another run.
        """
        for i, record in enumerate(self.records):
            key = (record.task, record.contestant, record.trial)
            if i >= len(plan) or _identity(*key) != _identity(*plan[i]):
                raise LogError(
                    f"{self.path}, line {i + 1} is of another run; give --out another folder, or "
                    "the options with which that run was begun"
                )


def read_log(folder: Path) -> Iterator[Record]:
    """All records of a run.

    Raises:
        LogError: There is no log in the folder, or a line is no record.
    """
    path = folder / TRIALS
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise LogError(f"{folder} holds no run: {TRIALS} is missing") from None
    for number, line in enumerate(text.splitlines(), 1):
        try:
            yield Record.parse(line)
        except ValueError as error:
            raise LogError(f"{path}, line {number} is no record of a trial: {error}") from None


def _identity(task: str, contestant: str, trial: Trial) -> tuple[Any, ...]:
    return task, contestant, trial.condition, trial.case.name, trial.seed


def _whole_lines(path: Path) -> int:
    """Bytes up to the last line's end."""
    return path.read_bytes().rfind(b"\n") + 1 if path.exists() else 0
