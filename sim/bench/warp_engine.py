"""`--engine warp`: trials by the batch, with their physics on a GPU.

What mujoco-warp lacks is not left out and not replaced: a trial that needs it runs on MuJoCo, in
this process, and its result and `WarpEngine.remarks` say why. Where it does run, the physics is not
the same to the bit (`differences`), so neither is the result.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from importlib.metadata import version
from itertools import compress, groupby, islice
from operator import not_
from typing import Any, Final, cast

from ... import _core
from ...controller import HandError
from .engine import Chunk, Done, load_contestant, run_chunk
from .registry import task as task_of
from .task import CannotTakePartError, EpisodeTask, Task
from .trial import Result, Trial
from .warp_worlds import Worlds, differences, load_warp, unsupported

_NOT_EPISODES: Final = "it is not one episode"


class WarpEngine:
    """Runs chunks on mujoco-warp, many trials at once.

    Attributes:
        simulator: Its name and version.
        remarks: What mujoco-warp did not do, or does otherwise, by task; complete after a run.
    """

    def __init__(self, worlds: int = 256, device: str | None = None) -> None:
        """Starts nothing yet.

        Args:
            worlds: Trials that are run at once, at most.
            device: Of warp, such as `cuda:0` or `cpu`; None: a GPU if there is one.

        Raises:
            ImportError: mujoco-warp is not installed.
            ValueError: Fewer than one world.
        """
        if worlds < 1:
            raise ValueError(f"an engine needs at least one world, not {worlds}")
        load_warp()
        self.simulator = f"mujoco-warp {version('mujoco-warp')}"
        self.remarks: dict[str, list[str]] = {}
        self._worlds, self._device = worlds, device

    def run(self, chunks: Iterable[Chunk]) -> Iterator[Done]:
        """What came of each chunk; those of one task, hand and case run together."""
        for _, group in groupby(chunks, lambda c: (c.task, c.entry, c.trials[0].case)):
            while together := list(self._next(group)):
                results = iter(self._run(together))
                physics = self._physics(together[0])
                for chunk in together:
                    yield Done(list(islice(results, len(chunk.trials))), physics)

    def _next(self, group: Iterator[Chunk]) -> Iterator[Chunk]:
        """As many chunks as there are worlds for, at least one."""
        trials = 0
        while trials < self._worlds and (chunk := next(group, None)):
            trials += len(chunk.trials)
            yield chunk

    def _run(self, chunks: Sequence[Chunk]) -> list[Result]:
        task, entry = task_of(chunks[0].task), chunks[0].entry
        trials = [trial for chunk in chunks for trial in chunk.trials]
        plays = [isinstance(task, EpisodeTask) and task.plays(trial) for trial in trials]
        ours = Chunk(task.name, entry, tuple(compress(trials, plays)))
        others = Chunk(task.name, entry, tuple(compress(trials, map(not_, plays))))
        played = iter(self._play(ours) if ours.trials else [])
        run = iter(self._on_cpu(others, _NOT_EPISODES) if others.trials else [])
        return [next(played if played_here else run) for played_here in plays]

    def _play(self, chunk: Chunk) -> list[Result]:
        task = cast(EpisodeTask, task_of(chunk.task))
        try:
            contestant = load_contestant(chunk.entry)
            prepared = [task.prepared(contestant, trial) for trial in chunk.trials]
        except (HandError, CannotTakePartError) as error:
            return [Result("missed", note=str(error))] * len(chunk.trials)
        if contestant.hand.simulates_motors:
            return self._on_cpu(chunk, "mujoco-warp lacks the physics of real actuators")
        if lacks := self._look_at(task, [episode for _, episode in prepared]):
            return self._on_cpu(chunk, lacks)
        try:
            overflow = run_worlds([episode for _, episode in prepared], self._device)
        except ValueError as error:
            return self._on_cpu(chunk, str(error))
        return [
            _judged(task, trial, scene, episode, missing)
            for trial, (scene, episode), missing in zip(
                chunk.trials, prepared, overflow, strict=True
            )
        ]

    def _look_at(self, task: Task, episodes: Sequence[_core.Episode]) -> str:
        """What mujoco-warp lacks; notes how it differs where it lacks nothing."""
        model = episodes[0].model
        lacks = unsupported(model)
        if lacks:
            return "mujoco-warp lacks " + ", ".join(lacks)
        self._remark(task.name, differences(model))
        return ""

    def _on_cpu(self, chunk: Chunk, reason: str) -> list[Result]:
        self._remark(chunk.task, [f"run on MuJoCo instead: {reason}"])
        note = f"run on MuJoCo, not mujoco-warp: {reason}"
        return [
            replace(r, note=f"{r.note}; {note}" if r.note else note)
            for r in run_chunk(chunk).results
        ]

    def _physics(self, chunk: Chunk) -> dict[str, float | int | str]:
        """As the task states it, with who simulates."""
        try:
            stated = task_of(chunk.task).physics(load_contestant(chunk.entry))
        except (HandError, CannotTakePartError):
            return {}
        return {**stated, "simulator": self.simulator}

    def _remark(self, task: str, remarks: Iterable[str]) -> None:
        known = self.remarks.setdefault(task, [])
        known += [remark for remark in remarks if remark not in known]


def run_worlds(episodes: Sequence[_core.Episode], device: str | None = None) -> list[str]:
    """Runs episodes to their ends on mujoco-warp, those that go together at once.

    Returns:
        Of each, what mujoco-warp had no room for, empty if for all.

    Raises:
        ValueError: They cannot be run there.
    """
    alike: dict[Any, list[int]] = defaultdict(list)
    for i, episode in enumerate(episodes):
        alike[episode.model.signature, repr(episode.model.opt), episode.period].append(i)
    overflow = [""] * len(episodes)
    for indices in alike.values():
        worlds = Worlds([episodes[i] for i in indices], device)
        worlds.run()
        for i, missing in zip(indices, worlds.overflow, strict=True):
            overflow[i] = missing
    return overflow


def _judged(
    task: EpisodeTask, trial: Trial, scene: Any, episode: _core.Episode, missing: str
) -> Result:
    result = task.judge(scene, trial, episode)
    if not missing:
        return result
    note = f"mujoco-warp had no room for all of {missing}: the physics was wrong"
    return replace(result, outcome="diverged", note=note)
