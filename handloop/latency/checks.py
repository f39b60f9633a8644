"""What a hand and its law are held to, each a test of `handloop.pytest_latency`.

They load, no torque passes its limit, and a tick touches neither heap nor kernel nor a page that it
did not have. Times are reported, never judged; instructions are, where there is a budget.
"""

from __future__ import annotations

import platform
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Final

import pytest

from .. import _core
from ..controller import Hand
from .budget import BudgetFile, TickCost, complaint, difference
from .exercise import exercise
from .machine import Machine

PASSES: Final = 3
STRIDE: Final = 120  # ticks from one that is traced to the next


class CheckFailure(Exception):
    """A check that found something; the message says what, and the mend."""


@dataclass
class Rig:
    """One hand under one law, with samples to tick through; made by the first check.

    Attributes:
        name: Of the hand, or the path of its hand.toml.
        law: As `module:law`; None: the built-in one.
        budget: File of the instructions that a tick may take.
        update: Whether to write that file.
        notes: What was measured, by name.
    """

    name: str
    law: str | None
    budget: Path | None
    update: bool
    notes: dict[str, str] = field(default_factory=dict)

    @cached_property
    def hand(self) -> Hand:
        """Checked on loading."""
        return Hand.load(self.name)

    @cached_property
    def limits(self) -> _core.ControllerConfig:
        """The configuration, with the limits in it."""
        return self.hand.controller_config()

    @cached_property
    def samples(self) -> list[_core.HandState]:
        """What it is exercised on."""
        return exercise(self.hand)

    @cached_property
    def trace(self) -> dict[str, float]:
        """Of some ticks, every instruction."""
        try:
            return _core.trace_ticks(self.controller(), self.samples, STRIDE)
        except RuntimeError as error:
            pytest.skip(str(error))

    def controller(self) -> _core.Controller:
        """A new one, with the law."""
        made = _core.Controller(self.hand.bind(self.hand.model).hand_model, self.limits)
        if self.law:
            _set_law(made, self.law)
        return made


def _set_law(controller: _core.Controller, name: str) -> None:
    module, _, attribute = name.partition(":")
    try:
        law = getattr(import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise CheckFailure(f"--handloop-law {name}: {error}; name it as module:law") from None
    if not isinstance(law, _core.CustomLaw):
        raise CheckFailure(
            f"--handloop-law {name}: {law!r} is no control law; put @control_law above it"
        )
    try:
        controller.set_law(law)
    except ValueError as error:
        raise CheckFailure(f"--handloop-law {name}: {error}") from None


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
    controller = rig.controller()
    _core.page_faults(controller, rig.samples)
    if faults := _core.page_faults(controller, rig.samples):
        raise CheckFailure(f"{faults} page faults in {len(rig.samples)} ticks of a warm controller")


def times(rig: Rig) -> None:
    """Reports how long a tick takes."""
    controller = rig.controller()
    measured = _core.time_ticks(controller, rig.samples, 10 * len(rig.samples))
    worst = _core.best_times(controller, rig.samples, PASSES).max()
    rig.notes["tick"] = (
        f"p50 {measured['p50']:.2f} µs, p99 {measured['p99']:.2f} µs, dearest sample {worst:.2f} µs"
    )


def instructions(rig: Rig) -> None:
    """A tick takes no more instructions than budgeted."""
    found = TickCost(rig.trace["instructions"])
    rig.notes["instructions"] = f"{found.instructions:,.0f} a tick"
    if not rig.budget:
        pytest.skip("no --handloop-latency-budget to compare with")
    file, toolchain = BudgetFile.read(rig.budget), _toolchain()
    name = " ".join(filter(None, (rig.name, rig.law)))
    budget = file.of(toolchain, name)
    if rig.update:
        file.toolchains.setdefault(toolchain, {})[name] = found
        file.write()
        rig.notes["budget"] = difference(budget, found) if budget else f"new in {rig.budget}"
    elif budget is None:
        pytest.skip(
            f"{rig.budget} has none for this machine ({toolchain}): --handloop-latency-update"
        )
    elif text := complaint(name, budget, found):
        raise CheckFailure(f"{text} with --handloop-latency-update")


CHECKS: Final = (loads, torque_limited, quiet, no_page_fault, times, instructions)


def _toolchain() -> str:
    """What decides how many instructions the same code takes."""
    processor = Machine.here().processor or platform.machine()
    return ", ".join((processor, " ".join(platform.libc_ver())))
