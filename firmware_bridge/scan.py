"""Who is on a bus: pings at one baud rate after another, and what the answers say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from .._core import ServoAnswer, ServoOutcome
from .bus_errors import BaudRateError
from .bus_lines import BusLines, Protocol
from .catalogue import ServoCatalogue
from .servo import ServoModel

Progress = Callable[[int, int], None]
"""Called with how many requests are done, and of how many."""

# Those that are used most come first.
BAUD_RATES: dict[Protocol, tuple[int, ...]] = {
    "dynamixel2": (57_600, 1_000_000, 2_000_000, 3_000_000, 4_000_000, 115_200, 4_500_000, 9_600),
    "feetech": (1_000_000, 500_000, 115_200, 250_000, 128_000, 76_800, 57_600, 38_400),
}
MAX_ID: dict[Protocol, int] = {"dynamixel2": 252, "feetech": 253}

_TURN = 0.003  # [s] that each id has to answer a broadcast ping in (DynamixelSDK, broadcastPing)
_PING_BYTES = 14
_FEETECH_HEAD = 5  # bytes: firmware (2), byte order, model number (2)


@dataclass(frozen=True)
class FoundServo:
    """A servo that answered."""

    id: int
    baud: int
    """[bit/s]."""
    number: int
    """Its model number."""
    firmware: int
    """As it states it; of a Feetech servo the major version."""
    models: tuple[ServoModel, ...]
    """Those of the catalogue that state this number; variants share one, an unknown has none."""
    alert: bool = False
    """It reports a hardware error."""

    @property
    def name(self) -> str:
        """The model in words."""
        names = " or ".join(model.name for model in self.models)
        return names or f"unknown model {self.number}"


def scan(
    lines: BusLines,
    catalogue: ServoCatalogue,
    bauds: Sequence[int] | None,
    ids: Sequence[int] | None,
    progress: Progress | None,
) -> list[FoundServo]:
    """Asks at every rate, of all those that the adapter has; the port is left at the last one.

    Dynamixels answer one broadcast ping in turn. Feetech servos would all speak at once, so each
    is asked alone, as are all if `ids` are given.
    """
    one_by_one = ids is not None or lines.protocol == "feetech"
    asked = (range(MAX_ID[lines.protocol] + 1) if ids is None else ids) if one_by_one else ()
    rates = BAUD_RATES[lines.protocol] if bauds is None else bauds
    each = max(len(asked), 1)
    found: list[FoundServo] = []
    for n, baud in enumerate(rates):
        try:
            lines.set_baud(baud)
        except BaudRateError:
            if bauds is not None:
                raise
            continue
        answers = (lines.many.ping(i) for i in asked) if one_by_one else _census(lines, baud)
        for k, answer in enumerate(answers):
            if answer.outcome == ServoOutcome.ANSWERED:
                found.append(identify(lines, catalogue, answer))
            if progress and one_by_one:
                progress(n * each + k + 1, len(rates) * each)
        if progress:
            progress((n + 1) * each, len(rates) * each)
    return found


def _census(lines: BusLines, baud: int) -> Iterable[ServoAnswer]:
    turns = MAX_ID[lines.protocol] * (_TURN + _PING_BYTES * 10 / baud)
    return lines.one.ping_all(turns + lines.port.latency)


def identify(lines: BusLines, catalogue: ServoCatalogue, ping: ServoAnswer) -> FoundServo:
    """What a servo that answered a ping is."""
    if lines.protocol == "dynamixel2":
        number, firmware = int.from_bytes(ping.data[:2], "little"), ping.data[2]
        models = tuple(m for m in catalogue.all_numbered(number) if m.protocol == "dynamixel2")
    else:
        number, firmware, models = _identify_feetech(lines, catalogue, ping.id)
    return FoundServo(ping.id, lines.port.baud, number, firmware, models, bool(ping.alarms))


def _identify_feetech(
    lines: BusLines, catalogue: ServoCatalogue, servo: int
) -> tuple[int, int, tuple[ServoModel, ...]]:
    """The order of its bytes is known once the model is, so both are tried."""
    head = lines.one.read(servo, 0, _FEETECH_HEAD).data
    if not head:
        return 0, 0, ()
    known = [m for m in catalogue if m.protocol == "feetech"]
    models = tuple(m for m in known if int.from_bytes(head[3:], m.byte_order) in m.numbers)
    order = models[0].byte_order if models else "little"
    return int.from_bytes(head[3:], order), head[0], models
