"""What is looked at before torque goes on: servos, supply, settings, and where the joints are.

That each servo is the one that `hand.toml` says was seen to by `HandServos.open`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Literal

from .bus_errors import BusError
from .hand_servo import HandServo
from .hand_servos import HandServos
from .preflight_settings import settings_of
from .servo_answer import ServoReading, hardware_errors
from .servo_drive import effort_register, servo_current_limit

Severity = Literal["blocking", "warning"]

_WARM = 10.0  # [deg C] below its limit
_AT_RANGE = 0.05  # [rad] that a joint may stand outside of its range
_READ = (
    "hardware_error_status",
    "present_input_voltage",
    "min_voltage_limit",
    "max_voltage_limit",
    "present_temperature",
    "temperature_limit",
    "present_position",
    "current_limit",
    "protection_current",
    "min_position_limit",
    "max_position_limit",
    "torque_enable",
)


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be."""

    joint: str
    servo: str
    """As messages call it."""
    what: str
    found: str
    wanted: str
    severity: Severity
    """`blocking`: torque must not go on."""
    mend: str

    def __str__(self) -> str:
        return (
            f"{self.joint}, {self.servo}: {self.what} is {self.found}, wanted {self.wanted}; "
            f"{self.mend}"
        )

    def to_json(self) -> dict[str, str]:
        """For programs."""
        return asdict(self)


class Preflight:
    """All findings of one servo, in the order in which they are looked for."""

    def __init__(self, servo: HandServo, *, feels: bool, virtual: bool) -> None:
        """Takes a servo.

        Args:
            servo: of a joint.
            feels: contacts are felt by the current of its motor.
            virtual: it stands where `hand.toml` says, calibrated or not.
        """
        self._servo = servo
        self._feels = feels
        self._virtual = virtual

    def findings(self, *, placed: bool, settings: bool) -> Iterator[Finding]:
        """Asks the servo; see `preflight`."""
        model, firmware = self._servo.servo.model, self._servo.servo.firmware
        wanted = settings_of(self._servo) if settings else {}
        names = [name for name in (*_READ, *wanted) if model.has(name, firmware)]
        try:
            reading = self._servo.servo.read(*names)
        except BusError as error:
            yield self._finding("answer", "none", "one", "blocking", str(error))
            return
        yield from self._health(reading)
        yield from self._firmware()
        for name, setting in wanted.items():
            raw = reading.raws[name]
            if raw != setting.wanted(raw):
                yield self._finding(
                    name.replace("_", " "),
                    setting.text(raw),
                    setting.text(setting.wanted(raw)),
                    setting.severity,
                    "--fix sets it",
                )
        yield from self._currents(reading)
        if placed:
            yield from self._place(reading)

    def _health(self, reading: ServoReading) -> Iterator[Finding]:
        servo, values = self._servo.servo, reading.values
        if bits := reading.raws["hardware_error_status"]:
            yield self._finding(
                "hardware error",
                ", ".join(hardware_errors(servo.model.protocol, bits)),
                "none",
                "blocking",
                f"mend the cause, then `handloop bus reboot --ids {servo.id}`",
            )
        volts = values["present_input_voltage"]
        low, high = (values[f"{end}_voltage_limit"] for end in ("min", "max"))
        if not low <= volts <= high:
            mend = "check the supply, and its plug and cable"
            yield self._finding(
                "supply", f"{volts:.1f} V", f"{low:.1f} to {high:.1f} V", "blocking", mend
            )
        celsius, most = values["present_temperature"], values["temperature_limit"]
        if celsius > most - _WARM:
            hot: Severity = "blocking" if celsius >= most else "warning"
            yield self._finding(
                "temperature", f"{celsius:.0f} °C", f"below {most:.0f} °C", hot, "let it cool down"
            )

    def _firmware(self) -> Iterator[Finding]:
        model, firmware = self._servo.servo.model, self._servo.servo.firmware
        if model.protocol != "dynamixel2":
            return
        if not model.has("bus_watchdog", firmware):
            since = model.registers["bus_watchdog"].since
            yield self._finding(
                "firmware",
                f"{firmware}, without bus watchdog",
                f"{since} or newer",
                "warning",
                "update it: it would let go by itself when the bus falls silent",
            )
        if model.fast_sync_read is not None and not model.can_fast_sync_read(firmware):
            yield self._finding(
                "firmware",
                f"{firmware}, without fast sync read",
                f"{model.fast_sync_read} or newer",
                "warning",
                "update it: the whole line would be read quicker",
            )

    def _currents(self, reading: ServoReading) -> Iterator[Finding]:
        place, servo = self._servo.place, self._servo.servo
        if place.mode != "position" and place.current_limit is not None:
            own = servo_current_limit(servo.target, reading.raws)
            if place.current_limit > own:
                yield self._finding(
                    "current limit",
                    f"{own:.3g} A",
                    f"{place.current_limit:.3g} A",
                    "warning",
                    "it will do no more than it allows; write current_limit, or ask for less",
                )
        if self._feels and effort_register(servo.model) != "present_current":
            yield self._finding(
                "current sensor",
                "none",
                "one",
                "blocking",
                "set observer.force_source to 'sensors': a load gives no contact force",
            )

    def _place(self, reading: ServoReading) -> Iterator[Finding]:
        place = self._servo.place
        if place.range is None and "offset" not in place.model_fields_set:
            unknown: Severity = "warning" if self._virtual else "blocking"
            mend = "run `handloop calibrate`, or give its offset if you know it"
            yield self._finding("calibration", "none", "offset and range", unknown, mend)
        if not self._servo.turns_once:
            yield self._finding(
                "position after power-on",
                "one of several",
                "one",
                "warning",
                "it turns more than once: calibrate after each power-on",
            )
        q = self._servo.joint_angle(reading["present_position"])
        low, high = self._servo.range
        if not low - _AT_RANGE <= q <= high + _AT_RANGE:
            yield self._finding(
                "position",
                f"{q:.2f} rad",
                f"{low:.2f} to {high:.2f} rad",
                "blocking",
                "move the joint by hand, or calibrate it",
            )
        if self._servo.operating_mode == "position":
            yield from self._goals(reading)

    def _goals(self, reading: ServoReading) -> Iterator[Finding]:
        """A servo refuses goals beyond its limits; 0 and 0 are none (Feetech)."""
        low, high = (reading.values[f"{end}_position_limit"] for end in ("min", "max"))
        goals = sorted(self._servo.servo_angle(q) for q in self._servo.range)
        if low < high and not low <= goals[0] <= goals[1] <= high:
            yield self._finding(
                "position limits",
                f"{low:.2f} to {high:.2f} rad",
                f"{goals[0]:.2f} to {goals[1]:.2f} rad",
                "blocking",
                "write min_position_limit and max_position_limit",
            )

    def _finding(
        self, what: str, found: str, wanted: str, severity: Severity, mend: str
    ) -> Finding:
        name = self._servo.servo.state.name
        return Finding(self._servo.joint, name, what, found, wanted, severity, mend)


def preflight(
    servos: HandServos, *, placed: bool = True, settings: bool = True, virtual: bool = False
) -> list[Finding]:
    """Looks at all servos; nothing is changed, nothing moves.

    Args:
        servos: of a hand.
        placed: whether to look at calibration and positions, too.
        settings: whether to look at what `configure` sets, too.
        virtual: the servos are, and need no calibration.

    Returns:
        What is not as it should be; none is a good sign. What blocks comes first.
    """
    text = servos.hand.description
    felt = {joint for finger in text.fingers for joint in finger.joints}
    if text.observer.force_source != "motors":
        felt = set()
    found = [
        finding
        for servo in servos
        for finding in Preflight(servo, feels=servo.joint in felt, virtual=virtual).findings(
            placed=placed, settings=settings
        )
    ]
    return sorted(found, key=lambda finding: finding.severity != "blocking")


def refuse_if_blocked(findings: Iterable[Finding]) -> None:
    """Stops before torque.

    Raises:
        BusError: something blocks; the message names all that does.
    """
    blocking = [str(finding) for finding in findings if finding.severity == "blocking"]
    if blocking:
        raise BusError("\n".join(["torque stays off:", *blocking]))
