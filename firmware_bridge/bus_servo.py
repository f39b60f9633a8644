"""One servo of a bus."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from .._core import ServoAnswer, ServoOutcome
from .bus_errors import BusError
from .bus_reader import BusReader, accepted
from .plan import Target, plan_read
from .register import Register
from .scan import MAX_ID
from .servo import ServoModel
from .servo_answer import ServoReading, refusal_text
from .servo_state import ServoState

if TYPE_CHECKING:
    from .bus import ServoBus

_BACK_AFTER_REBOOT = 3.0  # [s]
_GOES_DOWN = 0.3  # [s], before which it may still answer; an XC330 is away for 0.34 s (orca_core)


class Servo:
    """One servo: reads and writes registers by name, and refuses what would be wrong."""

    def __init__(self, bus: ServoBus, id: int, state: ServoState) -> None:
        """Made by `ServoBus.add`."""
        self._bus = bus
        self.id = id
        self.state = state

    @property
    def model(self) -> ServoModel:
        """What the catalogue says of it."""
        return self.state.model

    @property
    def firmware(self) -> int:
        """As it states it."""
        return self.state.firmware

    @property
    def target(self) -> Target:
        """For planning."""
        return Target(self.id, self.model, self.firmware)

    def __repr__(self) -> str:
        return f"<{self.state.name}, firmware {self.firmware}>"

    def register(self, name: str) -> Register:
        """One of its registers.

        Raises:
            CatalogueError: it has none of this name.
        """
        return self.state.model.register(name, self.state.firmware)

    def read(self, *names: str) -> ServoReading:
        """Registers by name; `read("present_position")["present_position"]` is in rad.

        Raises:
            BusError: it does not answer, or refuses.
            CatalogueError: it has no such register.
        """
        reader = BusReader(plan_read([self.target], names, mirror=False))
        with self._bus.lock:
            found = reader.read(self._bus.lines, {self.id: self.state})[self.id].require()
        self.state.learn(found.raws)
        return found

    def write(self, name: str, value: float | str | None = None, *, raw: int | None = None) -> None:
        """Writes one register.

        Args:
            name: of the register.
            value: in SI; of `operating_mode` its name or its code.
            raw: the raw number instead.

        Raises:
            RefusalError: it would be wrong, so the servo was not asked.
            CatalogueError: it has no such register, or the value is out of range.
            BusError: it does not answer, or refuses.
        """
        with self._bus.lock:
            register, number = self.checked(name, value, raw)
            self._put(register, number)

    def checked(
        self, name: str, value: float | str | None, raw: int | None
    ) -> tuple[Register, int]:
        """A register and the raw number to write into it, if that may be done."""
        register = self.register(name)
        if (value is None) == (raw is None):
            raise self.state.refusal(f"{name}: give a value, or a raw number")
        if register.area == "eeprom" and self.state.torque is None:
            self.read("torque_enable")
        if isinstance(value, str):
            if name != "operating_mode":
                raise self.state.refusal(f"{name}: '{value}' is no number")
            raw = self.model.operating_mode(value)
        elif value is not None:
            if register.access == "r":  # before its range, which it has none of
                self.state.check_write(register, 0)
            raw = register.to_raw(value)
        assert raw is not None
        self.state.check_write(register, raw)
        return register, raw

    def clear_turns(self) -> None:
        """Brings its position back within one turn; it must not move meanwhile.

        Raises:
            BusError: it does not answer, or refuses.
        """
        with self._bus.lock:
            self._expect(self._bus.lines.one.clear_turns(self.id), "clearing its turns")

    def set_id(self, id: int) -> None:
        """Gives it another id, which nobody else must have.

        Raises:
            RefusalError: the id is out of range or taken, or torque is on.
            BusError: it does not answer, or not to the new id.
        """
        bus, most = self._bus, MAX_ID[self._bus.lines.protocol]
        with bus.lock:
            if not 0 <= id <= most:
                raise self.state.refusal(f"no id {id}; give one of 0 to {most}")
            if id == self.id:
                return
            self._check_torque_off("id")
            if bus.lines.one.ping(id).outcome != ServoOutcome.SILENT:
                raise self.state.refusal(f"id {id} is taken; give that servo another one first")
            self._put_eeprom(self.register("id"), id)
            if bus.lines.one.ping(id).outcome != ServoOutcome.ANSWERED:
                raise BusError(f"{self.state.name} does not answer to its new id; scan the bus")

    def check_baud(self, rate: int) -> None:
        """Whether it can be told this rate.

        Raises:
            CatalogueError: it does not go at that rate.
            RefusalError: torque is on.
        """
        self.model.baud_code(rate)
        self._check_torque_off("baud_rate")

    def put_baud_rate(self, rate: int) -> None:
        """Tells it another rate. Its answer may come at either, so it is not waited for."""
        with suppress(BusError):
            self._open_eeprom(0)
            self._send(self.register("baud_rate"), self.model.baud_code(rate))

    def close_eeprom(self) -> None:
        """Locks its EEPROM again, where that has a lock of its own."""
        self._open_eeprom(1)

    def refresh(self) -> None:
        """Reads what decides about refusals: mode, torque, limits.

        Raises:
            BusError: it does not answer.
        """
        self.read(*self.state.names)

    def reboot(self, *, torque: bool = False) -> list[str]:
        """Reboots it, which clears a hardware error, and brings its settings in RAM back.

        Goals that would move it stay as the reboot leaves them.

        Args:
            torque: switch torque on again.

        Returns:
            The registers that were written back.

        Raises:
            BusError: it does not come back, or does not take a setting.
        """
        from .ram_settings import read_settings, restore_settings

        with self._bus.lock:
            settings = read_settings(self)
            self._bus.lines.one.reboot(self.id)
            self.state.forget()
            self._wait_until_back()
            self.refresh()
            restored = restore_settings(self, settings)
            if torque:
                self._hold_here()
            return restored

    def _hold_here(self) -> None:
        position = self.read("present_position").raws["present_position"]
        goal = self.register("goal_position")
        if goal.minimum <= position <= goal.maximum:
            self._put(goal, position)
        self.write("torque_enable", raw=1)

    def _wait_until_back(self) -> None:
        time.sleep(_GOES_DOWN)
        end = time.monotonic() + _BACK_AFTER_REBOOT
        while self._bus.lines.one.ping(self.id).outcome != ServoOutcome.ANSWERED:
            if time.monotonic() > end:
                raise BusError(f"{self.state.name} does not come back after its reboot")
            time.sleep(0.02)

    def _check_torque_off(self, name: str) -> None:
        if self.state.torque is None:
            self.read("torque_enable")
        if self.state.torque:
            raise self.state.refusal(f"{name} is locked while torque is on; write torque_enable 0")

    def _put(self, register: Register, raw: int) -> None:
        if register.area == "eeprom":
            self._put_eeprom(register, raw)
        else:
            self._send(register, raw)
        self.state.told(register, raw)

    def _put_eeprom(self, register: Register, raw: int) -> None:
        self._open_eeprom(0)
        self._send(register, raw)
        if register.name == "id":
            self._bus.move(self, raw)
        self._open_eeprom(1)

    def _open_eeprom(self, lock: int) -> None:
        """Feetech servos have a register for it: 0 opens. Others are open while torque is off."""
        if register := self.model.registers.get("eeprom_lock"):
            self._send(register, lock)

    def _send(self, register: Register, raw: int) -> None:
        answer = self._bus.lines.one.write(self.id, register.address, register.encode(raw))
        self._expect(answer, f"writing {register.name}")

    def _expect(self, answer: ServoAnswer, doing: str) -> None:
        if accepted(self.state, answer):
            return
        said = ServoReading(self.state.name, answer.outcome, refusal_text(answer.refusal))
        if answer.outcome != ServoOutcome.ANSWERED:
            self.state.forget()
        raise BusError(f"{said.trouble} ({doing})")
