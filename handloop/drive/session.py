"""One run of a hand on its servos: from torque on, through watching it, to torque off."""

from __future__ import annotations

import math
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..firmware_bridge import HandDriver
from .fault import fault_message
from .guide import Guide
from .view import View

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_POLL: Final = 0.05  # [s], how often it is looked whether the hand still does what it shall

Notice = Callable[[str], None]
Show = Callable[[View], None]


@dataclass(frozen=True)
class Watch:
    """How a run is looked at.

    Attributes:
        show: is handed every view.
        notice: is handed what people should know at once.
        rate: [Hz], of views.
        duration: [s]. None: until a signal, or until the hand is limp.
    """

    show: Show
    notice: Notice
    rate: float = 5.0
    duration: float | None = None


@dataclass(frozen=True, eq=False)
class Ending:
    """What is left of a run.

    Attributes:
        fault: why the hand did not do what it was told to the end; empty if it did.
        unreleased: servos that did not confirm that torque is off.
        channels: columns of `rows` by name, as (first, width).
        rows: the loop's last seconds, shape (ticks, columns).
    """

    fault: str
    unreleased: list[str]
    channels: dict[str, tuple[int, int]]
    rows: NDArray[np.float64]


def run(
    driver: HandDriver,
    guide: Guide,
    watch: Watch,
    begin: Callable[[], None] = lambda: None,
) -> Ending:
    """Drives until the time is over, a signal comes, or the hand is limp.

    Args:
        driver: torque is off yet.
        guide: says where the hand shall be.
        watch: how to look at it.
        begin: called as the last thing before the loop starts.

    Raises:
        BusError: a servo does not do what it is told; torque is off.
    """
    with stop_signals() as stop, driver:
        guide.begin(driver.controller, driver.posture)
        begin()
        driver.start()
        with guide.speaking():
            fault = _watch(driver, guide, watch, stop)
    return Ending(fault, driver.unreleased, *driver.loop.black_box)


def _watch(driver: HandDriver, guide: Guide, watch: Watch, stop: threading.Event) -> str:
    """Returns what went wrong, empty if nothing did."""
    fault, view, shown = "", View.take(driver, guide, None), -math.inf
    end = math.inf if watch.duration is None else watch.duration
    while view.status.time < end:
        stopped = stop.wait(min(_POLL, 1.0 / watch.rate))
        running, status = driver.loop.running, driver.loop.status
        if not running or status.safety >= _core.SafetyState.HOLD:
            first, fault = not fault, fault_message(driver, status)
            if first and status.safety == _core.SafetyState.HOLD:  # which goes on; LIMP may follow
                watch.notice(fault)
        if status.time - shown >= 1.0 / watch.rate:
            view, shown = View.take(driver, guide, view), status.time
            watch.show(view)
        if stopped or not running or status.safety >= _core.SafetyState.LIMP:
            break
    return fault


@contextmanager
def stop_signals() -> Iterator[threading.Event]:
    """An event that Ctrl-C, SIGTERM and SIGHUP set, in place of what they do else.

    So nothing of what switches torque off is ever interrupted.
    """
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in _SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
