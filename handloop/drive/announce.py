"""What is said before torque goes on: how the hand is driven, and what happens at the end."""

from __future__ import annotations

from collections.abc import Iterator

from ..firmware_bridge.hand_servo import HandServo
from ..firmware_bridge.hand_servos import HandServos
from ..firmware_bridge.servo_drive import HOLDING, LOAD_IS_LOST


def announcement(servos: HandServos) -> Iterator[str]:
    """Line by line.

    Raises:
        HandError: a line cannot keep the period; the message has the numbers.
        BusError: a servo does not answer.
    """
    drives = servos.drives()
    period = servos.period(drives)
    yield f"period: {1e3 * period:g} ms, {1.0 / period:.0f} ticks a second"
    yield from map(str, servos.traffic(drives))
    yield _end(servos)
    yield _silence(servos)
    yield from _losses(servos)


def _end(servos: HandServos) -> str:
    if servos.bus.at_end == "limp":
        return "at the end the hand goes limp, in whichever way it comes"
    limp = [servo.joint for servo in servos if servo.place.mode not in HOLDING]
    rest = f", but {', '.join(limp)} go limp" if limp else ""
    return f"at the end the hand holds its posture{rest}; a fault leaves it limp"


def _silence(servos: HandServos) -> str:
    """Of a program that dies without a word."""
    watched = [servo for servo in servos if _has_watchdog(servo)]
    holding = [servo for servo in watched if servo.place.mode in HOLDING]
    ways = [
        _part(len(watched) - len(holding), servos, "let go"),
        _part(len(holding), servos, "hold on within their current"),
        _part(len(servos) - len(watched), servos, "have no watchdog and go on"),
    ]
    guarded = "all" if servos.bus.at_end == "limp" else "those that cannot hold"
    return (
        f"if this program is killed, after {servos.bus.watchdog:g} s "
        f"{', '.join(filter(None, ways))}; a guardian process switches torque off on {guarded}"
    )


def _part(count: int, servos: HandServos, what: str) -> str:
    if not count:
        return ""
    return f"{'the' if count == len(servos) else count} servos {what}"


def _has_watchdog(servo: HandServo) -> bool:
    return servo.servo.model.has("bus_watchdog", servo.servo.firmware)


def _losses(servos: HandServos) -> Iterator[str]:
    models = sorted(
        {s.servo.model.name for s in servos if not s.servo.model.has("present_current")}
    )
    if models:
        yield f"{', '.join(models)}: {LOAD_IS_LOST}"
