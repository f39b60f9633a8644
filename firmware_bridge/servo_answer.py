"""What a servo answered: values, and whatever it had to say besides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .._core import ServoOutcome
from .bus_errors import BusError

_REFUSALS = {
    1: "could not do it",
    2: "does not know this instruction",
    3: "got a damaged packet",
    4: "the value is out of range, or its bus watchdog has expired: write bus_watchdog 0",
    5: "the data are too short for this register",
    6: "the value is over a limit in its EEPROM",
    7: "nothing there, or not to be written: read-only, or EEPROM while torque is on",
}

_HARDWARE_ERRORS: Mapping[str, tuple[str, ...]] = {
    "dynamixel2": (
        "input voltage",
        "bit 1",
        "overheating",
        "encoder",
        "electrical shock",
        "overload",
    ),
    "feetech": ("input voltage", "encoder", "overheating", "overcurrent", "bit 4", "overload"),
}

_SOMETHING = "hardware error"

_OUTCOMES = {
    ServoOutcome.SILENT: "does not answer; check its power, cable, id and baud rate",
    ServoOutcome.DAMAGED: "answers in pieces; check cable, ground and length of the bus",
    ServoOutcome.SKIPPED: "did not answer before; it is asked again now and then",
    ServoOutcome.NOT_ASKED: "was not asked, because too many others do not answer",
    ServoOutcome.GONE: "cannot be asked, the port is gone: plug it in and call reconnect()",
}


def hardware_errors(protocol: str, bits: int) -> tuple[str, ...]:
    """The bits of `hardware_error_status`, in words."""
    names = _HARDWARE_ERRORS[protocol]
    return tuple(names[i] if i < len(names) else f"bit {i}" for i in range(8) if bits >> i & 1)


@dataclass(frozen=True)
class ServoReading:
    """What one servo said when its registers were read."""

    servo: str
    """Which, as messages call it: `servo 3 (XM430-W350)`."""
    outcome: ServoOutcome
    refusal: str = ""
    """Why it refused, in words; empty: it did not."""
    alarms: tuple[str, ...] = ()
    """What it reports about itself, such as `overheating`; empty: it is well."""
    raws: Mapping[str, int] = field(default_factory=dict)
    """Raw numbers by register. Only what came this time."""
    values: Mapping[str, float] = field(default_factory=dict)
    """The same in SI."""

    @property
    def ok(self) -> bool:
        """Everything that was asked came."""
        return self.outcome == ServoOutcome.ANSWERED and not self.refusal

    @property
    def trouble(self) -> str:
        """What went wrong and what to do, as one sentence; empty: nothing."""
        if self.outcome != ServoOutcome.ANSWERED:
            return f"{self.servo} {_OUTCOMES[self.outcome]}"
        return f"{self.servo} {self.refusal}" if self.refusal else ""

    def __getitem__(self, name: str) -> float:
        """A value in SI.

        Raises:
            BusError: it did not come; the message says why.
            KeyError: it was not asked for.
        """
        if name not in self.values and not self.ok:
            raise BusError(f"{self.trouble}, so there is no {name}")
        return self.values[name]

    def require(self) -> ServoReading:
        """Itself.

        Raises:
            BusError: not everything came.
        """
        if not self.ok:
            raise BusError(self.trouble)
        return self


def merge(parts: Sequence[ServoReading]) -> ServoReading:
    """One reading of several transactions: all that came, and the first thing that went wrong."""
    worst = next((part for part in parts if not part.ok), parts[0])
    alarms = dict.fromkeys(alarm for part in parts for alarm in part.alarms)
    if len(alarms) > 1:  # one of them says what it is
        alarms.pop(_SOMETHING, None)
    return ServoReading(
        worst.servo,
        worst.outcome,
        worst.refusal,
        tuple(alarms),
        {name: raw for part in parts for name, raw in part.raws.items()},
        {name: value for part in parts for name, value in part.values.items()},
    )


def refusal_text(number: int) -> str:
    """Why a servo refused, in words; empty for 0."""
    if number == 0:
        return ""
    return f"refuses: {_REFUSALS.get(number, f'error {number}')}"


def alarm_text(protocol: str, bits: int, raws: Mapping[str, int]) -> tuple[str, ...]:
    """What the alarms of an answer mean.

    A Dynamixel only says that there is something: what it is stands in `hardware_error_status`,
    if that was read.
    """
    if protocol == "feetech":
        return hardware_errors(protocol, bits)
    if not bits:
        return ()
    return hardware_errors(protocol, raws.get("hardware_error_status", 0)) or (_SOMETHING,)
