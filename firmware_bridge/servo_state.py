"""What is known of a servo without asking it, and what it must therefore not be asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .bus_errors import RefusalError
from .register import Register
from .servo import ServoModel

# What holds a goal back, of those that a model has.
_LIMITS = {
    "goal_current": ("current_limit", "protection_current"),
    "goal_velocity": ("velocity_limit",),
    "goal_pwm": ("pwm_limit",),
}
_KNOWN_IN_ORDER = (
    "operating_mode",
    "torque_enable",
    "status_return_level",
    "min_position_limit",
    "max_position_limit",
    *(limit for limits in _LIMITS.values() for limit in limits),
)
_KNOWN = frozenset(_KNOWN_IN_ORDER)
_MOVED_BY = {"id": "set_id", "baud_rate": "set_baud"}


@dataclass
class ServoState:
    """Registers that decide what may be written, as the servo last said or was told."""

    name: str
    """As messages call it: `servo 3 (XM430-W350)`."""
    model: ServoModel
    firmware: int
    raws: dict[str, int] = field(default_factory=dict)
    mirrored: tuple[Register, ...] = ()
    """What its mirrored bytes show, as far as we know."""
    away: bool = False
    """It did not answer when it was last asked."""
    settings: dict[str, int] = field(default_factory=dict)
    """RAM registers that were written, and that a reboot loses."""

    @property
    def names(self) -> list[str]:
        """The registers to read at the beginning."""
        return [name for name in _KNOWN_IN_ORDER if self.model.has(name, self.firmware)]

    def learn(self, raws: Mapping[str, int]) -> None:
        """Takes in what was read."""
        if not _KNOWN.isdisjoint(raws):
            self.raws.update({name: raw for name, raw in raws.items() if name in _KNOWN})

    def told(self, register: Register, raw: int) -> None:
        """Takes in what was written."""
        self.learn({register.name: raw})
        if register.area == "ram":
            self.settings[register.name] = raw
        if register.name.startswith("indirect_address_"):
            self.mirrored = ()

    def forget(self) -> None:
        """It may have lost its power: RAM is what we do not know."""
        self.raws.pop("torque_enable", None)
        self.mirrored = ()

    @property
    def torque(self) -> bool | None:
        """None: not known."""
        raw = self.raws.get("torque_enable")
        return None if raw is None else raw != 0

    @property
    def answers_writes(self) -> bool:
        """Its status return level lets it."""
        most = self.model.registers["status_return_level"].maximum
        return self.raws.get("status_return_level", most) == most

    def check_write(self, register: Register, raw: int) -> None:
        """Whether this may be written.

        Raises:
            RefusalError: it may not.
        """
        name = register.name
        if register.access == "r":
            raise self.refusal(f"{name} is read-only")
        if name in _MOVED_BY:
            raise self.refusal(f"{name} is how it is reached: use {_MOVED_BY[name]}()")
        if not register.minimum <= raw <= register.maximum:
            low, high = register.from_raw(register.minimum), register.from_raw(register.maximum)
            value = f"{name}: {_text(register, raw)}"
            raise self.refusal(f"{value} is out of range; give {low:.6g} to {high:.6g}")
        if name == "operating_mode":
            self._check_mode(raw)
        if register.area == "eeprom" and self.torque is not False:
            raise self.refusal(
                f"{name} is in EEPROM, which is locked while torque is on; write torque_enable 0"
            )
        self._check_limits(register, raw)

    def refusal(self, why: str) -> RefusalError:
        """What to raise instead of asking it for something wrong."""
        return RefusalError(f"{self.name}: {why}")

    def _check_mode(self, raw: int) -> None:
        modes = self.model.operating_modes
        if raw not in modes.values():
            given = ", ".join(f"{name} ({code})" for name, code in modes.items())
            raise self.refusal(f"operating_mode: there is no mode {raw}; it has {given}")

    def _check_limits(self, register: Register, raw: int) -> None:
        for limit in _LIMITS.get(register.name, ()):
            most = self.raws.get(limit)
            if most is not None and abs(raw) > most:
                self._refuse_over(register, raw, limit, most)
        if register.name == "goal_position" and self._keeps_position_limits:
            low, high = self.raws["min_position_limit"], self.raws["max_position_limit"]
            if raw > high:
                self._refuse_over(register, raw, "max_position_limit", high)
            if raw < low:
                self._refuse_over(register, raw, "min_position_limit", low)

    @property
    def _keeps_position_limits(self) -> bool:
        limits = [self.raws.get(f"{end}_position_limit") for end in ("min", "max")]
        mode = self.raws.get("operating_mode", self.model.operating_modes.get("position"))
        return (
            None not in limits
            and limits != [0, 0]  # Feetech: many turns
            and mode == self.model.operating_modes.get("position")
        )

    def _refuse_over(self, register: Register, raw: int, limit: str, bound: int) -> None:
        raise self.refusal(
            f"{register.name}: {_text(register, raw)} is beyond its {limit} of "
            f"{_text(register, bound)}; ask for less, or change the limit with torque off"
        )


def _text(register: Register, raw: int) -> str:
    return f"{raw * register.scale:.6g} {register.unit}".rstrip()
