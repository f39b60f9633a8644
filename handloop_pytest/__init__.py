"""The options of handloop's pytest plugin, and no more until one of them is used.

Every run of pytest in an environment with handloop imports this, whatever it tests. So it imports
neither handloop nor MuJoCo: the checks come with `--handloop-latency`; see docs/latency.md.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

_HAND = "--handloop-latency"
_NEEDED_BY = {
    "--handloop-law": _HAND,
    "--handloop-latency-budget": _HAND,
    "--handloop-latency-update": "--handloop-latency-budget",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds ours."""
    group = parser.getgroup("handloop", "latency of a hand and its law")
    group.addoption(_HAND, metavar="HAND", help="check this hand: a packaged one or a hand.toml")
    group.addoption("--handloop-law", metavar="MODULE:LAW", help="with this control law")
    group.addoption(
        "--handloop-latency-budget",
        metavar="FILE",
        type=Path,
        help="JSON of the instructions that a tick may take, 3 percent more at most",
    )
    group.addoption(
        "--handloop-latency-update", action="store_true", help="write what they are to that file"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Brings in the checks where a hand is named."""
    for option, needed in _NEEDED_BY.items():
        if config.getoption(option) and not config.getoption(needed):
            raise pytest.UsageError(f"{option} needs {needed}")
    if config.getoption(_HAND):
        config.pluginmanager.register(import_module("handloop.pytest_latency"))
