"""What saying and understanding one cycle costs, with no wire in between."""

from __future__ import annotations

from functools import partial
from typing import Final

from ..._core import time_codec
from .clients import native_clients
from .figures import Row, Spread
from .rounds import Rounds

WANTED: Final = 5.0  # [µs]


def codec_rows(servos: int, rounds: Rounds) -> list[Row]:
    """All are asked, understood, converted to SI and written."""
    clients = native_clients()
    turns = [partial(_median, servos, client.fast, rounds.cycles) for client in clients]
    return [
        Row("codec, no wire", client.title, Spread.of(times), "µs", WANTED)
        for client, times in zip(clients, rounds.take("codec", turns), strict=True)
    ]


def _median(servos: int, fast: bool, cycles: int) -> float:
    return float(time_codec(servos, fast=fast, cycles=cycles)["p50"])
