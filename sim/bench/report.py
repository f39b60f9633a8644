"""What a finished run leaves in its folder: `summary.json` and `report.html`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

import mujoco

from .contestant import Contestant, Entry
from .document import document
from .engine import load_contestant
from .log import Record
from .page import page
from .pictures import make_pictures
from .registry import task
from .run import Progress
from .section import Facts, Physics
from .summary import Standing, summarise
from .task import Task

SUMMARY: Final = "summary.json"
REPORT: Final = "report.html"


@dataclass(frozen=True)
class Report:
    """What was written.

    Attributes:
        standings: What it says.
        files: Where.
        note: Why pictures are missing; empty if none is.
    """

    standings: tuple[Standing, ...]
    files: tuple[Path, ...]
    note: str = ""


def write_report(
    records: Sequence[Record],
    entries: Sequence[Entry],
    options: Mapping[str, str],
    physics: Mapping[str, Mapping[str, Physics]],
    folder: Path,
    pictures: bool = True,
    progress: Progress = lambda stage, done, of: None,
    task_of: Callable[[str], Task] = task,
) -> Report:
    """Sums a run up and writes it down: the same bytes for the same run, but for pictures.

    Args:
        records: Of the run.
        entries: Its contestants.
        options: Of the command, to be stated.
        physics: Options of the simulations by task and contestant, to be stated.
        folder: There already.
        pictures: Whether to render some; where nothing can, the report says so.
        progress: Told how far the pictures are.
        task_of: Finds a task by name.
    """
    standings = summarise(records)
    tasks = {standing.task: task_of(standing.task) for standing in standings}
    contestants = _contestants(standings, entries)
    shown, note = make_pictures(standings, contestants, task_of, progress) if pictures else ({}, "")
    versions = {"handloop": version("handloop"), "MuJoCo": str(mujoco.__version__)}
    facts = Facts(options, versions, physics, shown, note)
    files = folder / REPORT, folder / SUMMARY
    files[0].write_text(page(standings, tasks, facts), encoding="utf-8")
    text = json.dumps(document(standings), indent=1, allow_nan=False)
    files[1].write_text(text + "\n", encoding="utf-8")
    return Report(tuple(standings), files, note)


def _contestants(standings: Sequence[Standing], entries: Sequence[Entry]) -> dict[str, Contestant]:
    """Those that took part in anything."""
    present = {s.contestant for s in standings if not s.absence}
    return {e.label: load_contestant(e) for e in entries if e.label in present}
