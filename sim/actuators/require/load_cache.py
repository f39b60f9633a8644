"""Loads of a run beside it, so that trials are run once more only once: `loads.npz`.

Plain arrays without pickle, so that a file from elsewhere can do nothing but be wrong.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from .loads import LoadHistory, Progress, replay_all
from .runs import Sample

LOADS: Final = "loads.npz"
_COLUMNS: Final = ("q", "dq", "torque", "tension", "force")
_FORMAT: Final = 1


def loads_of(
    sample: Sample, jobs: int = 0, progress: Progress = lambda stage, done, of: None
) -> Iterator[LoadHistory]:
    """The loads of a sample of a run, one trial after the other: from the cache, or run once more.

    Args:
        sample: Which trials.
        jobs: Processes; 0: one per core.
        progress: Told how far it is.
    """
    path, digest = sample.folder / LOADS, sample.digest()
    if _digest_of(path) != digest:
        _write(path, digest, replay_all(sample.entry, sample.records, jobs, progress))
    yield from _read(path)


def _digest_of(path: Path) -> str:
    """Of the trials in a file; empty where there is none that could be used."""
    try:
        with np.load(path, allow_pickle=False) as file:
            about = json.loads(str(file["about"]))
            return str(about["digest"]) if about["format"] == _FORMAT else ""
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        return ""


def _write(path: Path, digest: str, histories: Iterable[LoadHistory]) -> None:
    """As a whole or not at all; never more than one trial in memory."""
    part = path.with_suffix(".part")
    trials: list[dict[str, Any]] = []
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for i, history in enumerate(histories):
            for column in _COLUMNS:
                _put(file, f"{column}{i}", getattr(history, column))
            trials.append({k: getattr(history, k) for k in ("task", "case", "seed", "period")})
        about = {"format": _FORMAT, "digest": digest, "trials": trials}
        _put(file, "about", np.array(json.dumps(about)))
    os.replace(part, path)


def _put(file: zipfile.ZipFile, name: str, values: Any) -> None:
    with file.open(f"{name}.npy", "w", force_zip64=True) as member:
        np.lib.format.write_array(member, np.asarray(values), allow_pickle=False)


def _read(path: Path) -> Iterator[LoadHistory]:
    with np.load(path, allow_pickle=False) as file:
        for i, trial in enumerate(json.loads(str(file["about"]))["trials"]):
            columns = {column: file[f"{column}{i}"] for column in _COLUMNS}
            yield LoadHistory(**trial, **columns)
