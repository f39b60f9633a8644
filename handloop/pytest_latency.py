"""A pytest plugin that holds a hand and a law of your own to what ours are held to.

    pytest --handloop-latency my_hand.toml --handloop-law my_laws:soft_grasp

collects, besides your own tests, checks that they load, that no torque passes its limit, and that
a tick touches neither heap nor kernel nor a page it did not have. Times are reported, never judged.
With `--handloop-latency-budget FILE` a tick must not take 3 % more instructions than that file
says, which `--handloop-latency-update` writes.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from . import _core
    from .controller import Hand

_PASSES: Final = 3
_STRIDE: Final = 120  # ticks from one that is traced to the next


class CheckFailure(Exception):
    """A check that found something; the message says what, and the mend."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds ours."""
    group = parser.getgroup("handloop", "latency of a hand and its law")
    group.addoption(
        "--handloop-latency", metavar="HAND", help="check this hand: a packaged one or a hand.toml"
    )
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


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Adds the checks to whatever tests there are."""
    if config.getoption("--handloop-latency-update"):
        if not config.getoption("--handloop-latency-budget"):
            raise pytest.UsageError("--handloop-latency-update needs --handloop-latency-budget")
    if hand := config.getoption("--handloop-latency"):
        checks = Checks.from_parent(session, name="handloop-latency", nodeid="handloop-latency")
        checks.rig = config.stash[_RIG] = Rig(hand, config)
        items.extend(checks.collect())


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Says what was measured."""
    rig = config.stash.get(_RIG, None)
    if rig and rig.notes:
        terminalreporter.section(f"handloop latency: {rig.name}")
        for name, text in rig.notes.items():
            terminalreporter.write_line(f"{name:<13} {text}")


@dataclass
class Rig:
    """One hand under one law, with samples to tick through; made by the first check."""

    name: str
    config: pytest.Config

    def __post_init__(self) -> None:
        self.notes: dict[str, str] = {}

    @cached_property
    def hand(self) -> Hand:
        """Checked on loading."""
        from .controller import Hand

        return Hand.load(self.name)

    @cached_property
    def limits(self) -> _core.ControllerConfig:
        """The configuration, with the limits in it."""
        return self.hand.controller_config()

    @cached_property
    def samples(self) -> list[_core.HandState]:
        """What it is exercised on."""
        from .latency.exercise import exercise

        return exercise(self.hand)

    @cached_property
    def trace(self) -> dict[str, float]:
        """Of some ticks, every instruction."""
        from . import _core

        try:
            return _core.trace_ticks(self.controller(), self.samples, _STRIDE)
        except RuntimeError as error:
            pytest.skip(str(error))

    def controller(self) -> _core.Controller:
        """A new one, with the law."""
        from . import _core

        made = _core.Controller(self.hand.bind(self.hand.model).hand_model, self.limits)
        if law := self.config.getoption("--handloop-law"):
            _set_law(made, law)
        return made


_RIG = pytest.StashKey[Rig]()


def _set_law(controller: _core.Controller, name: str) -> None:
    set_law = getattr(controller, "set_law", None)
    if set_law is None:
        raise CheckFailure("--handloop-law: this handloop takes no laws (no Controller.set_law)")
    module, _, law = name.partition(":")
    try:
        set_law(getattr(import_module(module), law))
    except (ImportError, AttributeError, ValueError) as error:
        raise CheckFailure(f"--handloop-law {name}: {error}; name it as module:law") from None


class Checks(pytest.Collector):
    """All checks of one hand."""

    rig: Rig

    def collect(self) -> Iterator[pytest.Item]:
        """One item per check."""
        for check in (loads, torque_limited, quiet, no_page_fault, times, instructions):
            yield Check.from_parent(self, name=check.__name__, check=check)


class Check(pytest.Item):
    """One of the functions below."""

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


def loads(rig: Rig) -> None:
    """Hand and law load, and a controller can be made of them."""
    rig.controller()


def torque_limited(rig: Rig) -> None:
    """No torque is ever more than its limit, or no number, and safety finds nothing."""
    controller, limit = rig.controller(), rig.limits.safety.torque_max
    for sample in rig.samples:
        torque = controller.tick(sample, sample.time)
        for i in (abs(torque) > limit).nonzero()[0]:
            raise CheckFailure(
                f"joint {rig.hand.joint_names[i]}: {torque[i]:g} N m at tick {sample.sequence}, "
                f"limit {limit[i]:g}"
            )
        if controller.fault:
            raise CheckFailure(f"{controller.fault.name} at tick {sample.sequence}")


def quiet(rig: Rig) -> None:
    """A tick allocates nothing, frees nothing and calls no kernel."""
    trace = rig.trace
    for what in ("allocations", "system_calls"):
        if trace[what]:
            raise CheckFailure(
                f"{trace[what]} {what.replace('_', ' ')} in {trace['ticks']} ticks; a law may use "
                "only memory that it was given before the loop began"
            )


def no_page_fault(rig: Rig) -> None:
    """Once warm, a tick waits for no page."""
    from . import _core

    controller = rig.controller()
    _core.page_faults(controller, rig.samples)
    if faults := _core.page_faults(controller, rig.samples):
        raise CheckFailure(f"{faults} page faults in {len(rig.samples)} ticks of a warm controller")


def times(rig: Rig) -> None:
    """Reports how long a tick takes."""
    from . import _core

    controller = rig.controller()
    measured = _core.time_ticks(controller, rig.samples, 10 * len(rig.samples))
    worst = _core.best_times(controller, rig.samples, _PASSES).max()
    rig.notes["tick"] = (
        f"p50 {measured['p50']:.2f} µs, p99 {measured['p99']:.2f} µs, dearest sample {worst:.2f} µs"
    )


def instructions(rig: Rig) -> None:
    """A tick takes no more instructions than budgeted."""
    from .latency.budget import BudgetFile, TickCost, complaint, difference

    found = TickCost(rig.trace["instructions"])
    rig.notes["instructions"] = f"{found.instructions:,.0f} a tick"
    path = rig.config.getoption("--handloop-latency-budget")
    if not path:
        pytest.skip("no --handloop-latency-budget to compare with")
    file, toolchain = BudgetFile.read(path), _toolchain()
    name = " ".join(filter(None, (rig.name, rig.config.getoption("--handloop-law"))))
    budget = file.of(toolchain, name)
    if rig.config.getoption("--handloop-latency-update"):
        file.toolchains.setdefault(toolchain, {})[name] = found
        file.write()
        rig.notes["budget"] = difference(budget, found) if budget else f"new in {path}"
    elif budget is None:
        pytest.skip(f"{path} has none for this machine ({toolchain}): --handloop-latency-update")
    elif text := complaint(name, budget, found):
        raise CheckFailure(f"{text} with --handloop-latency-update")


def _toolchain() -> str:
    """What decides how many instructions the same code takes."""
    from .latency import Machine

    processor = Machine.here().processor or platform.machine()
    return ", ".join((processor, " ".join(platform.libc_ver())))
