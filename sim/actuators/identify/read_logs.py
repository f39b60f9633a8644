"""Logs of servos on rigs: our own, and those of Rhoban's BAM (github.com/Rhoban/bam)."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ....controller.errors import HandError
from ....controller.servo_log import ArmLoad, ServoLog, json_of, read_bytes

_BAM = ("timestamp", "goal_position", "position", "torque_enable")
_FULL_DUTY = 885  # of the PWM register of a Dynamixel X (ROBOTIS e-manual, "PWM Limit")
_WORD = 1 << 16


def read_logs(paths: Iterable[Path]) -> list[ServoLog]:
    """Reads files, and all logs of folders, in the order of their names.

    Logs of several units may have one name: theirs begin with the unit.

    Raises:
        HandError: One cannot be read, or there is none.
    """
    files = [file for path in paths for file in _files(path)]
    if not files:
        raise HandError("no logs: name files, or folders with .json or .csv files in them")
    logs = [read_log(file) for file in files]
    shared = _shared(logs)
    logs = [
        replace(log, name=f"{log.unit}-{log.name}") if log.name in shared else log for log in logs
    ]
    if same := sorted(_shared(logs)):
        more = f" and {len(same) - 1} others" if len(same) > 1 else ""
        raise HandError(
            f"several logs of one unit are called {same[0]}{more}; give their files other names"
        )
    return logs


def _shared(logs: Sequence[ServoLog]) -> set[str]:
    """Names that several have."""
    return {name for name, count in Counter(log.name for log in logs).items() if count > 1}


def _files(path: Path) -> Sequence[Path]:
    if not path.is_dir():
        return [path]
    return sorted(f for f in path.iterdir() if f.suffix.lower() in {".json", ".csv"})


def read_log(file: Path) -> ServoLog:
    """One log, in whichever of the formats.

    Raises:
        HandError: It cannot be read, or lacks something.
    """
    if file.suffix.lower() == ".csv":
        return ServoLog.read(file)
    data = read_bytes(file)
    content = json_of(file, data)
    digest = hashlib.sha256(data).hexdigest()
    if "entries" in content:
        return _bam_log(file, content, digest)
    return ServoLog.of_content(file, content, digest)


def _bam_log(file: Path, content: dict[str, Any], digest: str) -> ServoLog:
    """A raw log of BAM. Its `load` is the PWM register of a Dynamixel X: it follows gain x error.

    What it logs as speed is in the same samples as the position and adds nothing.
    """
    entries = content["entries"]
    for key in ("mass", "length", "kp", "vin", "motor"):
        if key not in content:
            raise HandError(f"{file}: lacks '{key}', which a log of BAM states")
    for key in _BAM:
        if not entries or any(key not in entry for entry in entries):
            raise HandError(f"{file}: an entry lacks '{key}'")

    def column(key: str) -> Any:
        return np.array([entry[key] for entry in entries], dtype=float)

    time = column("timestamp")
    has_duty = all("load" in entry for entry in entries) and content["motor"].startswith("x")
    return ServoLog(
        name=file.stem,
        servo=_name(content["motor"]),
        unit="BAM",
        trajectory=content.get("trajectory", "unknown"),
        load=ArmLoad(float(content["mass"]), float(content["length"])),
        supply=float(content["vin"]),
        senses_supply=True,
        time=time,
        goal=column("goal_position"),
        position=column("position"),
        gain=np.full_like(time, float(content["kp"])),
        driven=column("torque_enable"),
        voltage=column("input_volts") if "input_volts" in entries[0] else None,
        duty=signed(column("load")) / _FULL_DUTY if has_duty else None,
        temperature=column("temp") if "temp" in entries[0] else None,
        digest=digest,
    )


def signed(words: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """16-bit numbers that were logged without their sign; to be done before any resampling."""
    return np.where(words >= _WORD // 2, words - _WORD, words)


def _name(motor: str) -> str:
    """BAM names the XL330-M288 and its like without their winding."""
    known = {"xl330": "XL330-M288", "xl320": "XL-320", "mx64": "MX-64", "mx106": "MX-106"}
    return known.get(re.sub(r"[^a-z0-9]", "", motor.lower()), motor)
