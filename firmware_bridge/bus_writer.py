"""Writes one register of several servos in one packet, after it was checked for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from .bus_errors import BusError
from .bus_lines import BusLines
from .bus_servo import Servo
from .register import Register

_Write = tuple[Servo, Register, int]


def write_group(lines: BusLines, name: str, values: Mapping[Servo, float], is_raw: bool) -> None:
    """See `ServoBus.write`."""
    writes = [
        (servo, *servo.checked(name, None if is_raw else v, int(v) if is_raw else None))
        for servo, v in values.items()
    ]
    for servo, register, _ in writes:
        if register.area == "eeprom":
            raise servo.state.refusal(
                f"{name} is in EEPROM, where a servo must confirm what is written; write it one by "
                f"one: bus[{servo.id}].write('{name}', ...)"
            )
    for same in _requests(lines, writes):
        blocks = [(servo.id, r.address, r.encode(number)) for servo, r, number in same]
        if not lines.many.write_group(blocks):
            raise BusError(f"{lines.port.path} is gone: plug it in and call reconnect()")
        for servo, register, number in same:
            servo.state.told(register, number)


def _requests(lines: BusLines, writes: Sequence[_Write]) -> list[list[_Write]]:
    """Dynamixels take different blocks in one request, others the same one only."""
    if lines.protocol == "dynamixel2":
        return [list(writes)] if writes else []

    def block(write: _Write) -> tuple[int, int]:
        return write[1].address, write[1].size

    return [list(same) for _, same in groupby(sorted(writes, key=block), key=block)]
