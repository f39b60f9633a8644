"""Where the zero of every joint is on its servo, and how far it can turn, from its end stops.

The lower stop is where the MJCF has the joint's lower limit. How far it is to the upper one tells
whether the servo moves what it should: another gear, another joint or something in the way show.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .end_stops import EndStops, Search, find_stops
from .guardian import guard
from .hand_servo import HandServo
from .hand_servos import HandServos
from .servo_drive import middle_of_turn
from .servo_probe import ServoProbe, gentle_effort

_TURN = 2.0 * math.pi
_SPAN_TOLERANCE = 0.10
_SPREAD_TOLERANCE = 0.03  # [rad] of the joint
_TOO_FAR = 1.5  # times the range of the MJCF, without a stop
_DIGITS = 4  # of an angle in rad: finer than any encoder here


@dataclass(frozen=True)
class CalibrationConfig:
    """How hard and how fast joints are pushed."""

    effort: float = 0.2
    """Part of what the servo's limits allow."""
    current: float | None = None
    """[A] instead, of servos with current control."""
    speed: float = 0.5
    """[rad/s], of the joint."""


@dataclass(frozen=True)
class JointCalibration:
    """What was found of one joint."""

    joint: str
    servo: str
    """As messages call it."""
    effort: str
    """It was pushed with, in words."""
    stops: tuple[float, float]
    """[rad], of the servo from raw 0 on, the lower one first."""
    spread: float
    """[rad], of the joint, by which repeated sweeps differ."""
    model_range: tuple[float, float]
    """[rad], of the joint, as the MJCF has it."""
    offset_before: float
    """[rad], as `hand.toml` had it."""
    offset: float
    """[rad], of the servo from the middle of its turn on, where the joint is at zero."""
    range: tuple[float, float]
    """[rad], of the joint, from stop to stop."""

    @property
    def span(self) -> float:
        """[rad], of the joint, from stop to stop."""
        return self.range[1] - self.range[0]

    @property
    def doubts(self) -> list[str]:
        """What speaks against it, in words."""
        return [*self._doubts()]

    def _doubts(self) -> Iterator[str]:
        expected = self.model_range[1] - self.model_range[0]
        if abs(self.span / expected - 1.0) > _SPAN_TOLERANCE:
            yield (
                f"turns {self.span:.3g} rad from stop to stop, by its MJCF {expected:.3g} rad: "
                "check its gear or tendon, and that nothing is in its way"
            )
        if self.spread > _SPREAD_TOLERANCE:
            yield f"its stops differ by {self.spread:.2g} rad from sweep to sweep: is it loose?"

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "joint": self.joint,
            "servo": self.servo,
            "effort": self.effort,
            "stops": list(self.stops),
            "spread": self.spread,
            "span": self.span,
            "model_range": list(self.model_range),
            "offset_before": self.offset_before,
            "offset": self.offset,
            "range": list(self.range),
            "doubts": self.doubts,
        }


@dataclass(frozen=True)
class Failure:
    """A joint that could not be calibrated."""

    joint: str
    servo: str
    why: str

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {"joint": self.joint, "servo": self.servo, "failure": self.why}


def calibrate(
    servos: HandServos,
    joints: Sequence[str],
    config: CalibrationConfig,
    progress: Callable[[str, int, int], None] | None = None,
) -> list[JointCalibration | Failure]:
    """Pushes one joint after the other to its stops; the others are limp meanwhile.

    At the end all are limp, whatever happens, even if this program is killed.

    Args:
        servos: of a hand.
        joints: which.
        config: how.
        progress: called with a joint, how many sweeps are done, and of how many.

    Raises:
        RuntimeError: nobody could stand guard.
    """
    with guard(servos):
        try:
            servos.release()
            return [_attempt(servos[joint], config, progress) for joint in joints]
        finally:
            servos.release()


def _attempt(
    servo: HandServo,
    config: CalibrationConfig,
    progress: Callable[[str, int, int], None] | None,
) -> JointCalibration | Failure:
    try:
        return _calibrate_joint(servo, config, progress)
    except (OSError, ValueError) as error:
        return Failure(servo.joint, servo.servo.state.name, str(error))


def _calibrate_joint(
    servo: HandServo,
    config: CalibrationConfig,
    progress: Callable[[str, int, int], None] | None,
) -> JointCalibration:
    low, high = servo.model_range
    gain = abs(servo.place.ratio)
    search = Search(speed=gain * config.speed, travel_max=_TOO_FAR * gain * (high - low))
    effort = gentle_effort(servo, config.effort, config.current)
    with ServoProbe(servo, effort) as probe:
        tell = (lambda done, of: progress(servo.joint, done, of)) if progress else None
        stops = find_stops(probe, search, tell)
    now = servo.servo.read("present_position")["present_position"]
    recounted = _TURN * round((now - probe.position()) / _TURN)  # a new mode may count anew
    return calibration_of(servo, stops, str(effort), recounted)


def calibration_of(
    servo: HandServo, stops: EndStops, effort: str, recounted: float = 0.0
) -> JointCalibration:
    """What the stops of a servo say of its joint.

    Args:
        servo: of a joint.
        stops: where it was stopped.
        effort: with which, in words.
        recounted: [rad], whole turns by which the servo counts differently since then.
    """
    ratio = servo.place.ratio
    ends = stops.ends
    at_low = ends[0] if ratio > 0.0 else ends[1]
    low = servo.model_range[0]
    span = (ends[1] - ends[0]) / abs(ratio)
    offset = at_low - ratio * low - middle_of_turn(servo.servo.model) + recounted
    if abs(ratio) * span <= _TURN:  # one look tells the turn, so offsets are told within one
        offset = math.remainder(offset, _TURN)
    return JointCalibration(
        joint=servo.joint,
        servo=servo.servo.state.name,
        effort=effort,
        stops=ends,
        spread=stops.spread / abs(ratio),
        model_range=servo.model_range,
        offset_before=servo.place.offset,
        offset=round(offset, _DIGITS),
        range=(round(low, _DIGITS), round(low + span, _DIGITS)),
    )
