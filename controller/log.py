"""Logs of a run as MCAP files, which Foxglove and PlotJuggler open."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from mcap.reader import make_reader
from mcap.writer import Writer
from numpy.typing import NDArray

_TOPIC = "/handloop/tick"
_Numbers = NDArray[np.float64]


class LogError(Exception):
    """A log that cannot be read; says which and why."""


def write_log(file: Path, channels: Mapping[str, tuple[int, int]], rows: _Numbers) -> None:
    """Writes one JSON message per row.

    Args:
        file: overwritten if it exists.
        channels: first column and width by name, as `Loop.black_box` or `Episode.channels`; one of
            them is "time" [s].
        rows: shape (ticks, columns).

    Raises:
        OSError: the file cannot be written.
    """
    time_column = channels["time"][0]
    with file.open("wb") as stream:
        writer = Writer(stream)
        writer.start(profile="handloop")
        schema = writer.register_schema("handloop.Tick", "jsonschema", _schema(channels))
        topic = writer.register_channel(_TOPIC, "json", schema)
        for row in rows:
            time_ns = max(round(float(row[time_column]) * 1e9), 0)
            message = json.dumps(_message(channels, row), separators=(",", ":"))
            writer.add_message(topic, time_ns, message.encode(), time_ns)
        writer.finish()  # type: ignore[no-untyped-call]


def read_log(file: Path) -> dict[str, _Numbers]:
    """Reads what `write_log` wrote.

    Returns:
        By channel name: shape (ticks,) for a single number, else (ticks, width).

    Raises:
        LogError: the file is missing, damaged or no log of handloop.
    """
    try:
        with file.open("rb") as stream:
            reader = make_reader(stream)
            messages = [json.loads(m.data) for _, _, m in reader.iter_messages(topics=[_TOPIC])]
    except Exception as error:  # the reader has no exception of its own for a damaged file
        raise LogError(f"{file}: cannot be read as an MCAP log: {error}") from error
    if not messages:
        raise LogError(f"{file}: holds no messages on {_TOPIC}; it is no log of handloop")
    return {
        name: np.array([_numbers(message[name]) for message in messages]) for name in messages[0]
    }


def _schema(channels: Mapping[str, tuple[int, int]]) -> bytes:
    number = {"type": ["number", "null"]}
    properties = {
        name: number if width == 1 else {"type": "array", "items": number}
        for name, (_, width) in channels.items()
    }
    return json.dumps({"type": "object", "properties": properties}).encode()


def _message(channels: Mapping[str, tuple[int, int]], row: _Numbers) -> dict[str, object]:
    """JSON knows no NaN: a number that is none becomes null."""
    numbers = [x if np.isfinite(x) else None for x in row.tolist()]
    return {
        name: numbers[begin] if width == 1 else numbers[begin : begin + width]
        for name, (begin, width) in channels.items()
    }


def _numbers(value: object) -> object:
    if isinstance(value, list):
        return [np.nan if x is None else x for x in value]
    return np.nan if value is None else value
