"""What is said of a run as a whole: what was asked, with which versions and which physics."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import mujoco

from .contestant import Contestant, Entry
from .log import LogError
from .plan import Plan

RUN: Final = "run.json"

_MUST_AGREE: Final = (
    "mujoco", "simulator", "tasks", "contestants", "first_seed", "seeds", "quick", "oracle",
    "grasps", "conditions",
)  # fmt: skip


class Header:
    """The file `run.json` beside a log.

    Attributes:
        said: All of it.
    """

    def __init__(self, path: Path, said: dict[str, Any]) -> None:
        """Use `open` or `read`."""
        self._path = path
        self.said = said

    @classmethod
    def open(cls, folder: Path, plan: Plan, simulator: str) -> Header:
        """Begins a header, or goes on with the one that is there.

        Raises:
            LogError: The one that is there tells of another run.
        """
        asked = {**_asked(plan), "simulator": simulator}
        if not (folder / RUN).exists():
            header = cls(folder / RUN, {**asked, "physics": {}})
            header._write()
            return header
        header = cls.read(folder)
        for key in _MUST_AGREE:
            if header.said.get(key) != asked[key]:
                raise LogError(
                    f"{folder} holds a run with other {key.replace('_', ' ')}; give --out another "
                    "folder, or the options with which that run was begun"
                )
        return header

    @classmethod
    def read(cls, folder: Path) -> Header:
        """The header of a run.

        Raises:
            LogError: There is none, or it is none.
        """
        path = folder / RUN
        try:
            said = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise LogError(f"{folder} holds no run: {RUN} is missing") from None
        except ValueError as error:
            raise LogError(f"{path} is damaged: {error}") from None
        if not isinstance(said, dict):
            raise LogError(f"{path} is damaged: it holds no table")
        return cls(path, said)

    def note_physics(self, task: str, contestant: str, physics: dict[str, Any]) -> None:
        """Keeps the options of a simulation."""
        known = self.said["physics"].setdefault(task, {})
        if physics and contestant not in known:
            known[contestant] = physics
            self._write()

    def _write(self) -> None:
        """As a whole or not at all."""
        part = self._path.with_suffix(".part")
        part.write_text(json.dumps(self.said, indent=1, allow_nan=False) + "\n", encoding="utf-8")
        os.replace(part, self._path)


def _asked(plan: Plan) -> dict[str, Any]:
    options = plan.options
    return {
        "mujoco": mujoco.__version__,
        "tasks": list(plan.tasks),
        "contestants": [_contestant(entry) for entry in plan.entries],
        "first_seed": options.seeds.start,
        "seeds": len(options.seeds),
        "quick": options.quick,
        "oracle": options.oracle,
        "conditions": list(plan.kinds) or "all",
        "grasps": str(options.grasps.resolve()) if options.grasps else None,
    }


def _contestant(entry: Entry) -> dict[str, str]:
    return {**asdict(entry), "label": entry.label, "digest": Contestant.load(entry).digest()}


def other_physics(first: Header, second: Header) -> Iterator[str]:
    """Options of the simulations that two runs do not share, a line for each task and option."""
    runs = first.said["physics"], second.said["physics"]
    for task in [name for name in runs[0] if name in runs[1]]:
        used = [_used(run[task]) for run in runs]
        for option in sorted(used[0].keys() | used[1].keys()):
            said = [", ".join(sorted(values.get(option, {"none"}))) for values in used]
            if said[0] != said[1]:
                yield f"{task}: {option} {said[0]} in the first run, {said[1]} in the second"


def _used(physics: dict[str, dict[str, Any]]) -> dict[str, set[str]]:
    """All values of each option, whoever used them."""
    used: dict[str, set[str]] = {}
    for options in physics.values():
        for option, value in options.items():
            used.setdefault(option, set()).add(str(value))
    return used
