"""Why a hand no longer does what it is told, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from .. import _core
from ..firmware_bridge import HandDriver
from ..firmware_bridge.hand_servos import HandServos

_OF_FINGER: Final = frozenset({_core.Fault.OVER_FORCE})
# A loop asks itself to stop when a port is gone.
_SILENT: Final = frozenset(
    {_core.Fault.STALE, _core.Fault.NOT_A_NUMBER, _core.Fault.STOP_REQUESTED}
)
_UNANSWERED: Final = frozenset(
    {
        _core.ServoOutcome.SILENT,
        _core.ServoOutcome.SKIPPED,
        _core.ServoOutcome.NOT_ASKED,
        _core.ServoOutcome.GONE,
    }
)

# What happened, and the mend.
_TEXT: Final[Mapping[_core.Fault, tuple[str, str]]] = {
    _core.Fault.NOT_A_NUMBER: ("a reading was missing", "look at the cables and the supply"),
    _core.Fault.STALE: (
        "answers came too late",
        "look at the cables and the supply, or give bus.period more time",
    ),
    _core.Fault.JOINT_LIMIT: (
        "a joint is beyond its range",
        "move it by hand, or calibrate it with `handloop calibrate`",
    ),
    _core.Fault.OVER_SPEED: (
        "a joint moved too fast",
        "lower its gains, shorten bus.period, or raise limits.velocity",
    ),
    _core.Fault.TORQUE_NOT_A_NUMBER: ("the control law made no number", "mend the law"),
    _core.Fault.STOP_REQUESTED: ("somebody asked it to stop", "start it again"),
    _core.Fault.POSITION_JUMP: (
        "a joint was where it cannot have got to",
        "look at its cable, and at its gear for skipped teeth",
    ),
    _core.Fault.FROZEN_SENSOR: (
        "a reading stood still while its joint was driven",
        "look whether something jams it, and at its cable",
    ),
    _core.Fault.OVER_FORCE: ("a fingertip pressed too hard", "ask for less --force"),
    _core.Fault.OVER_TEMPERATURE: ("a motor is too hot", "let it cool down, and ask less of it"),
    _core.Fault.LAW_TOO_LONG: ("ticks took longer than the period", "give bus.period more time"),
    _core.Fault.EMERGENCY_STOP: ("emergency stop", "start it again"),
    _core.Fault.EFFORT_NOT_A_NUMBER: ("the transmission made no number", "mend its description"),
    _core.Fault.OVER_CURRENT: (
        "a motor draws more than it was told to",
        "look whether something jams it, and at its supply",
    ),
}


def fault_name(servos: HandServos, status: _core.LoopStatus) -> str:
    """In short, with the joint or the finger; empty if there is none."""
    if status.fault == _core.Fault.NONE:
        return ""
    where = _where(servos, status)
    return status.fault.name.lower().replace("_", " ") + (f": {where}" if where else "")


def fault_message(driver: HandDriver, status: _core.LoopStatus) -> str:
    """What happened, to whom, and the mend."""
    what, mend = _TEXT[status.fault]
    where = _where(driver.servos, status)
    silent = "; ".join(_silent(driver)) if status.fault in _SILENT else ""
    named = f" ({where})" if where and not silent else ""
    return f"{status.safety.name}: {silent or what}{named}; {mend}"


def _where(servos: HandServos, status: _core.LoopStatus) -> str:
    names = servos.hand.finger_names if status.fault in _OF_FINGER else servos.hand.joint_names
    return names[status.fault_index] if 0 <= status.fault_index < len(names) else ""


def _silent(driver: HandDriver) -> Iterator[str]:
    """The lines on which nobody answers, and single servos."""
    servos = driver.servos
    outcome = {
        servo.joint: reading.outcome
        for servo, reading in zip(servos, driver.plant.readings, strict=True)
    }
    for line, bus in servos.buses.items():
        there = servos.on_line(line)
        lost = [servo for servo in there if outcome[servo.joint] in _UNANSWERED]
        # A port that vanishes in the middle of a cycle has brought the first answers.
        gone = any(outcome[servo.joint] is _core.ServoOutcome.GONE for servo in there)
        if gone or len(lost) == len(there):
            yield (
                f"nobody answers on line '{line}' ({bus.lines.port.path}); is it unplugged, or "
                "without power?"
            )
        elif lost:
            yield f"no answer from {', '.join(servo.name for servo in lost)}"


def unreleased_message(servos: HandServos, unreleased: list[str]) -> str:
    """Which servos did not confirm that they let go."""
    parts = []
    for line, bus in servos.buses.items():
        names = [servo.name for servo in servos.on_line(line)]
        left = [name for name in names if name in unreleased]
        if left and len(left) == len(names):
            left = [f"all {len(names)} servos of line '{line}' ({bus.lines.port.path})"]
        parts += left
    return (
        f"torque may still be on, for these did not confirm that it is off: {'; '.join(parts)}; "
        "switch off their supply"
    )
