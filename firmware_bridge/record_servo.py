"""Drives one servo on a rig through excitations, and logs what it does.

It is told positions as any host would tell it, with its own control at several gains. Torque comes
on where it stands and goes off at every end, a crash of this program included; its goals stay in a
range about where its arm hangs, and its current below a limit.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from typing import Final

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
)
"""Registers that are zero meanwhile, so that the duty is gain times error and no more."""


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
        HandError: It cannot go there, or its arm moves.
    """
    servo = bus[id]
    runs = [(gain, excitation(name)) for gain in config.gains for name in config.trajectories]
    with ExitStack() as stack:
        stack.enter_context(_watched(bus, servo))
        stack.enter_context(_set_up(servo, config))
        hangs = ExcitedServo(servo, config, clock).hanging()
        for number, (gain, drive) in enumerate(runs):
            yield ExcitedServo(servo, config, clock, hangs).log(gain, drive)
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
    """Limp, in position control by its gain alone, its current limited; as before afterwards."""
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
        for name, value in before.items():
            with suppress(OSError):
                servo.write(name, raw=value)


def _settings(servo: Servo, config: RecordConfig) -> Mapping[str, int]:
    """Raw values by register."""
    settings = {"operating_mode": servo.model.operating_mode("position")}
    if config.current is not None:
        if not servo.model.has("current_limit", servo.firmware):
            raise HandError(f"{servo.state.name} has no current limit; leave it out")
        settings["current_limit"] = servo.register("current_limit").to_raw(config.current)
    quiet = [name for name in _QUIET if servo.model.has(name, servo.firmware)]
    return {**settings, **dict.fromkeys(quiet, 0)}
