"""A servo model: its registers, what its firmware can do, and its motor."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..controller.description_motors import MotorKind
from ..controller.errors import unknown
from .register import Register
from .servo_errors import CatalogueError
from .servo_motor import Motor, OperatingPoint

_INDIRECT = re.compile(r"indirect_(address|data)_([1-9]\d*)")
_NEWEST = 255  # the most that a firmware register can say
_NAMED_WITH = 4  # models named in one message

_Firmware = Annotated[int, Field(ge=0, le=_NEWEST)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class IndirectBlock(_Part):
    """Registers that mirror others, so that scattered ones are read and written in one stretch."""

    address: int
    """Of the first slot's two bytes that say which byte is mirrored."""
    data: int
    """Of the first mirrored byte."""
    slots: Annotated[int, Field(gt=0)]
    """Bytes that can be mirrored."""
    since: _Firmware = 0
    """The first firmware that has it here."""
    until: _Firmware = _NEWEST
    """The last one."""


class Price(_Part):
    """What somebody asked for one piece."""

    amount: Annotated[float, Field(gt=0.0)]
    currency: str
    seen: str
    """When, as YYYY-MM."""
    source: str


class ServoFigures(_Part):
    """What the catalogue says of a servo besides its registers."""

    protocol: Literal["dynamixel2", "feetech"]
    """`dynamixel2`: ROBOTIS Protocol 2.0. `feetech`: SCS packets."""
    family: str
    """Model numbers are unique within it but for variants of one servo."""
    byte_order: Literal["little", "big"] = "little"
    """Of registers of several bytes."""
    eeprom_end: int
    """The first address in RAM."""
    numbers: tuple[int, ...] = ()
    """What it may say its model number is."""
    aliases: tuple[str, ...] = ()
    """Other names it goes by."""
    baud_rates: Annotated[tuple[int, ...], Field(min_length=1)]
    """[bit/s], in the order of their codes."""
    sync_read: bool = True
    """One request, a reply from each servo."""
    fast_sync_read: _Firmware | None = None
    """The firmware from which all servos reply in one packet. None: never."""
    operating_modes: dict[str, int]
    """Codes of the `operating_mode` register by name."""
    current_sensing: Literal["phase", "bus"] | None = None
    """Of the motor, or of the supply, which is less while the motor turns. None: it has none."""
    indirect: tuple[IndirectBlock, ...] = ()
    """Where registers can be mirrored."""
    motor: Motor | None = None
    """None: no sheet was found."""
    mass: Annotated[float, Field(gt=0.0)] | None = None
    """[kg]."""
    size: tuple[float, float, float] | None = None
    """[m], width, height and depth."""
    price: Price | None = None
    source: str
    """Where the figures are from."""
    notes: tuple[str, ...] = ()
    """Where sources disagree, and what to beware of."""


class ServoModel(ServoFigures):
    """A servo that can be bought."""

    name: str
    registers: Mapping[str, Register]
    """By name, in the order of their addresses, but for the indirect ones."""

    def __repr__(self) -> str:
        return f"ServoModel({self.name!r})"

    def register(self, name: str, firmware: int | None = None) -> Register:
        """A register by its name, which is the same for all servos that have it.

        Args:
            name: as in the e-Manual, `goal_current`; the slots are `indirect_data_1` and so on.
            firmware: as the servo states it. None: the newest.

        Raises:
            CatalogueError: this servo, or this firmware of it, has no such register.
        """
        found = self.registers.get(name)
        if found is None:
            if match := _INDIRECT.fullmatch(name):
                return self._indirect(match[1], int(match[2]), firmware)
            raise CatalogueError(self._has_no(name))
        if firmware is not None and firmware < found.since:
            raise CatalogueError(
                f"{self.name}: firmware {firmware} has no {name}; "
                f"it came with {found.since}: update the servo"
            )
        return found

    def has(self, name: str, firmware: int | None = None) -> bool:
        """Whether there is such a register."""
        try:
            self.register(name, firmware)
        except CatalogueError:
            return False
        return True

    def indirect_blocks(self, firmware: int) -> tuple[IndirectBlock, ...]:
        """The mirrored stretches of a firmware; slots are numbered on from one to the next."""
        return tuple(b for b in self.indirect if b.since <= firmware <= b.until)

    def can_fast_sync_read(self, firmware: int) -> bool:
        """Whether a servo of this firmware takes part in a fast sync read."""
        return self.fast_sync_read is not None and firmware >= self.fast_sync_read

    def baud_code(self, rate: int) -> int:
        """The code of a baud rate.

        Raises:
            CatalogueError: this servo does not go at that rate.
        """
        if rate not in self.baud_rates:
            rates = ", ".join(map(str, sorted(self.baud_rates)))
            raise CatalogueError(f"{self.name}: no baud rate {rate}; it has {rates}")
        return self.baud_rates.index(rate)

    @property
    def baud_rate_max(self) -> int:
        """[bit/s]."""
        return max(self.baud_rates)

    def operating_mode(self, name: str) -> int:
        """The code of an operating mode.

        Raises:
            CatalogueError: this servo has no such mode.
        """
        if name not in self.operating_modes:
            raise CatalogueError(unknown("operating mode", name, self.operating_modes, self.name))
        return self.operating_modes[name]

    def doubts(self) -> list[str]:
        """Where its data sheet contradicts physics or itself, in plain sentences."""
        return [f"{self.name}: {doubt}" for doubt in (self.motor.doubts() if self.motor else ())]

    @property
    def nominal(self) -> OperatingPoint:
        """Its motor at the recommended supply, seen at the output shaft.

        Raises:
            CatalogueError: no sheet of its motor was found.
        """
        if self.motor is None:
            raise CatalogueError(
                f"{self.name}: the catalogue has no motor for it; add one in a servo file that "
                f'says extends = "{self.name}"'
            )
        return self.motor.nominal

    def motor_kind(self, rail: str | None = None) -> MotorKind:
        """The motor as a kind for the `[motors]` table of a hand, at the recommended supply.

        The current limit is what Goal Current takes, where that is the current of the motor.

        Args:
            rail: the supply it hangs on, as the hand names it.

        Raises:
            CatalogueError: no sheet of its motor was found.
        """
        point = self.nominal
        limit = self.registers.get("goal_current") if self.current_sensing == "phase" else None
        return MotorKind(
            torque_constant=point.torque_constant,
            resistance=point.resistance,
            back_emf=point.back_emf,
            current_max=limit.from_raw(limit.maximum) if limit else None,
            rail=rail,
        )

    def _indirect(self, kind: str, slot: int, firmware: int | None) -> Register:
        name, offset = f"indirect_{kind}_{slot}", slot - 1
        if firmware is None and any((b.since, b.until) != (0, _NEWEST) for b in self.indirect):
            raise CatalogueError(f"{self.name}: {name} moved with the firmware; say which it is")
        blocks = self.indirect_blocks(_NEWEST if firmware is None else firmware)
        for block in blocks:
            if offset < block.slots:
                is_data = kind == "data"
                return Register(
                    servo=self.name,
                    name=name,
                    area="ram",
                    access="rw",
                    byte_order=self.byte_order,
                    address=block.data + offset if is_data else block.address + 2 * offset,
                    size=1 if is_data else 2,
                    minimum=0 if is_data else self.eeprom_end,
                    maximum=255 if is_data else max(b.data + b.slots for b in blocks) - 1,
                    default=0 if is_data else block.data + offset,
                )
            offset -= block.slots
        total = sum(block.slots for block in blocks)
        raise CatalogueError(f"{self.name}: no {name}; it has {total} slots")

    def _has_no(self, name: str) -> str:
        from .catalogue import ServoCatalogue  # a model knows no catalogue but the packaged one

        others = [model.name for model in ServoCatalogue.packaged() if name in model.registers]
        if not others:
            return unknown("register", name, self.registers, self.name)
        rest = f" and {len(others) - _NAMED_WITH} more" if len(others) > _NAMED_WITH else ""
        return f"{self.name} has no {name}; {', '.join(others[:_NAMED_WITH])}{rest} have it"
