"""A pytest plugin that holds a hand and a law of your own to what ours are held to.

    pytest --handloop-latency my_hand.toml --handloop-law my_laws:soft_grasp

collects, besides your own tests, the checks of `latency/checks.py`. The options are in
`handloop_pytest`, which imports this once a hand is named.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .latency.checks import CHECKS, CheckFailure, Rig

_RIG = pytest.StashKey[Rig]()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Adds the checks to whatever tests there are."""
    here = str(config.invocation_params.dir)  # where the law's module is: `pytest` does not look
    if here not in sys.path:
        sys.path.insert(0, here)
    checks = Checks.from_parent(session, name="handloop-latency", nodeid="handloop-latency")
    checks.rig = config.stash[_RIG] = _rig(config)
    items.extend(checks.collect())


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Says what was measured."""
    rig = config.stash.get(_RIG, None)
    if rig and rig.notes:
        terminalreporter.section(f"handloop latency: {rig.name}")
        for name, text in rig.notes.items():
            terminalreporter.write_line(f"{name:<13} {text}")


def _rig(config: pytest.Config) -> Rig:
    return Rig(
        config.getoption("--handloop-latency"),
        config.getoption("--handloop-law"),
        config.getoption("--handloop-latency-budget"),
        config.getoption("--handloop-latency-update"),
    )


class Checks(pytest.Collector):
    """All checks of one hand."""

    rig: Rig

    def collect(self) -> Iterator[pytest.Item]:
        """One item per check."""
        for check in CHECKS:
            yield Check.from_parent(self, name=check.__name__, check=check)


class Check(pytest.Item):
    """One of `CHECKS`."""

    def __init__(self, *, check: Callable[[Rig], None], **rest: Any) -> None:
        super().__init__(**rest)
        self._check = check

    def runtest(self) -> None:
        """Runs it."""
        assert isinstance(self.parent, Checks)
        self._check(self.parent.rig)

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """One line for what the user can mend, all of it for the rest."""
        if isinstance(excinfo.value, CheckFailure | ValueError | OSError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Where it is from, and its name."""
        return Path(__file__), None, f"handloop-latency: {self.name}"
