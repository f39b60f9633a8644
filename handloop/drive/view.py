"""How a driven hand is, as a table for people and as a line of JSON for programs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from .. import _core
from ..firmware_bridge import HandDriver
from .fault import fault_name
from .guide import Guide

_STYLES = {"OK": "green", "DEGRADED": "yellow"}


@dataclass(frozen=True)
class View:
    """One look at a hand that a loop drives; taking it does not slow the loop."""

    driver: HandDriver
    guide: Guide
    status: _core.LoopStatus
    rate: float
    """[Hz], of ticks since the look before."""

    @classmethod
    def take(cls, driver: HandDriver, guide: Guide, before: View | None) -> View:
        """Looks."""
        status = driver.loop.status
        ticks, time = (before.status.ticks, before.status.time) if before else (0, 0.0)
        passed = status.time - time
        return cls(driver, guide, status, (status.ticks - ticks) / passed if passed > 0 else 0.0)

    @property
    def fault(self) -> str:
        """Empty if there is none."""
        return fault_name(self.driver.servos, self.status)

    def document(self) -> dict[str, Any]:
        """For programs; null where a number is not known."""
        status, hand = self.status, self.driver.servos.hand
        return {
            "time": status.time,
            "safety": status.safety.name,
            "fault": self.fault or None,
            "ticks": status.ticks,
            "missed": status.missed,
            "rate": self.rate,
            "joints": dict(zip(hand.joint_names, self._joints(), strict=True)),
            "normal_force": dict(zip(hand.finger_names, status.normal_force, strict=False)),
        }

    def _joints(self) -> Iterator[dict[str, float | None]]:
        """Before the first tick nothing is known of positions and currents."""
        status, readings = self.status, self.driver.plant.readings
        unknown = [math.nan] * len(readings)
        for q, target, current, reading in zip(
            status.q or unknown,
            self.guide.target(status.time),
            status.current or unknown,
            readings,
            strict=True,
        ):
            numbers = {
                "q": q,
                "target": float(target),
                "current": current,
                "temperature": reading.temperature,
                "age": reading.age,
            }
            yield {name: x if math.isfinite(x) else None for name, x in numbers.items()}

    def table(self) -> Table:
        """For people."""
        seen, state = self.document(), self.status.safety.name
        table = Table(title=self._title(), title_style=_STYLES.get(state, "red"))
        table.add_column("joint")
        for name in ("q, rad", "target, rad", "current, A", "°C", "age, ms"):
            table.add_column(name, justify="right")
        for name, joint in seen["joints"].items():
            age = joint["age"]
            table.add_row(
                name,
                _text(joint["q"], "+.3f"),
                _text(joint["target"], "+.3f"),
                _text(joint["current"], "+.2f"),
                _text(joint["temperature"], ".0f"),
                _text(None if age is None else 1e3 * age, ".1f"),
            )
        if any(self.status.normal_force):
            forces = seen["normal_force"].items()
            table.caption = ", ".join(f"{finger} {force:.1f} N" for finger, force in forces)
        return table

    def _title(self) -> str:
        status = self.status
        fault = f" ({self.fault})" if self.fault else ""
        return (
            f"{status.safety.name}{fault}, {status.time:.1f} s, {self.rate:.0f} Hz, "
            f"{status.missed} missed"
        )


def _text(number: float | None, form: str) -> str:
    return "-" if number is None else format(number, form)
