"""Drives one servo on a rig through excitations, and logs what it does.

It is told positions as any host would tell it, with its own control at several gains. Torque comes
on where it stands and goes off at every end, a crash of this program included; its goals stay in a
range about where its arm hangs, and the duty of its bridge below a limit.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from dataclasses import replace
from typing import Final

import numpy as np

from ..controller.errors import HandError
from ..controller.servo_log import ServoLog
from .bus import ServoBus
from .bus_servo import Servo
from .excitation import excitation
from .excited_servo import Clock, ExcitedServo, RecordConfig, let_go
from .guardian import Guardian
from .torque_off import torque_off_packet

Tell = Callable[[str, int, int], None]

_QUIET: Final = (
    "position_i_gain",
    "position_d_gain",
    "feedforward_1st_gain",
    "feedforward_2nd_gain",
    "profile_velocity",
    "profile_acceleration",
    "goal_time",
)
"""Registers that are zero meanwhile, so that the duty is gain times error and no more."""
_AT_LIMIT: Final = 0.95  # of what a current may be
_FASTER_THAN_ANY: Final = 30.0  # [rad/s]
_BOUNDS: Final = ("torque_limit", "max_torque", "goal_pwm")
"""Which register bounds the duty in position mode, the first that a servo has: of an STS or HLS, of
an SCS, of a Dynamixel (e-Manual, "Goal PWM"). Its Current Limit acts only in modes that control
a current, so nothing is promised by that."""


def record(
    bus: ServoBus, id: int, config: RecordConfig, clock: Clock, tell: Tell | None = None
) -> Generator[ServoLog, None, None]:
    """Drives a servo, and yields one log for each gain and trajectory.

    Args:
        bus: Open.
        id: Of a servo that was added to it; its arm hangs still.
        config: What to do.
        clock: That of the bus.
        tell: Called with a log's name, how many are done, and of how many.

    Raises:
        BusError: It does not answer, reports an error, or gets too warm.
        HandError: It cannot go there, its arm moves, or a limit of its current acted.
    """
    servo = bus[id]
    runs = [(gain, excitation(name)) for gain in config.gains for name in config.trajectories]
    with ExitStack() as stack:
        stack.enter_context(_watched(bus, servo))
        stack.enter_context(_set_up(servo, config))
        duty_max = _duty_max(servo)
        hangs = ExcitedServo(servo, config, clock).hanging()
        for number, (gain, drive) in enumerate(runs):
            log = ExcitedServo(servo, config, clock, hangs).log(gain, drive)
            _check_current(servo, log)
            yield replace(log, duty_max=duty_max)
            if tell:
                tell("recorded", number + 1, len(runs))


def _watched(bus: ServoBus, servo: Servo) -> AbstractContextManager[object]:
    """Whoever lets it go if this program dies."""
    if (descriptor := bus.lines.port.descriptor) is None:
        return nullcontext()
    address = servo.register("torque_enable").address
    return Guardian({descriptor: torque_off_packet(bus.lines.protocol, address, [servo.id])})


@contextmanager
def _set_up(servo: Servo, config: RecordConfig) -> Iterator[None]:
    """Limp, in position control by its gain alone, its duty limited; as before afterwards."""
    before: dict[str, int] = {}
    let_go(servo)
    try:
        for name, value in _settings(servo, config).items():
            before[name] = servo.read(name).raws[name]
            if before[name] != value:
                servo.write(name, raw=value)
        before["position_p_gain"] = servo.read("position_p_gain").raws["position_p_gain"]
        yield
    finally:
        let_go(servo)
        for name, value in reversed(before.items()):  # the mode last, which changes others
            with suppress(OSError):
                if servo.read(name).raws[name] != value:
                    servo.write(name, raw=value)


def _settings(servo: Servo, config: RecordConfig) -> Mapping[str, int]:
    """Raw values by register."""
    settings = {}
    if servo.model.operating_modes:  # an SCS is told by its position limits
        settings["operating_mode"] = servo.model.operating_mode("position")
    if servo.model.protocol == "feetech":  # where it is the speed of the profile
        settings["goal_velocity"] = _any_speed(servo)
    if config.duty is not None:
        if (bound := _bound(servo)) is None:
            raise HandError(f"{servo.state.name} has nothing that limits its duty; leave it out")
        settings[bound] = servo.register(bound).to_raw(config.duty)
    quiet = [name for name in _QUIET if servo.model.has(name, servo.firmware)]
    return {**settings, **dict.fromkeys(quiet, 0)}


def _bound(servo: Servo) -> str | None:
    """The register that bounds its duty, if it has one."""
    return next((name for name in _BOUNDS if servo.model.has(name, servo.firmware)), None)


def _duty_max(servo: Servo) -> float:
    """What its bridge is told to keep to, of all that it could."""
    bound = _bound(servo)
    return min(abs(servo.read(bound)[bound]), 1.0) if bound else 1.0


def _is_hls(servo: Servo) -> bool:
    """Whether its position mode keeps to a goal current, and its goal velocity of 0 is stop."""
    return servo.model.protocol == "feetech" and servo.model.has("goal_current", servo.firmware)


def _any_speed(servo: Servo) -> int:
    """Of the profile of a Feetech, raw."""
    return servo.register("goal_velocity").to_raw(_FASTER_THAN_ANY) if _is_hls(servo) else 0


def _check_current(servo: Servo, log: ServoLog) -> None:
    """Refuses a log in which a limit acted that no rig has."""
    if not _is_hls(servo) or log.current is None:
        return
    limit = abs(servo.read("goal_current")["goal_current"])
    if np.max(np.abs(log.current)) > _AT_LIMIT * limit:
        raise HandError(
            f"{servo.state.name}: its current was at its limit of {limit:.3g} A, of which no fit "
            "knows; take a lighter mass, a lower gain, or a --duty"
        )
