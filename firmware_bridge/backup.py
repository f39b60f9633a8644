"""What outlasts a servo: its EEPROM and its gains in a TOML or JSON file, and back.

Raw numbers are kept, so that nothing is rounded; in TOML each has its SI value behind it.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .bus_errors import BusError, RefusalError
from .bus_servo import Servo
from .register import Register

_HOW_IT_IS_REACHED = ("id", "baud_rate")  # kept in a backup, but not restored
_FIRST = "operating_mode"  # sets gains back


class ServoBackup(BaseModel):
    """One servo in a backup."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    firmware: int
    registers: dict[str, int]


class _Backup(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_: Annotated[int, Field(alias="schema", ge=1, le=1)]
    servos: dict[int, ServoBackup]


@dataclass(frozen=True)
class Difference:
    """A register that is not as in the backup."""

    register: Register
    now: int
    wanted: int


def back_up(servo: Servo) -> ServoBackup:
    """Reads a servo.

    Raises:
        BusError: it does not answer.
    """
    names = [r.name for r in servo.model.registers.values() if _kept(servo, r)]
    raws = dict(servo.read(*names).raws)
    return ServoBackup(model=servo.model.name, firmware=servo.firmware, registers=raws)


def write_backup(
    file: Path, servos: Mapping[int, Servo], backups: Mapping[int, ServoBackup]
) -> None:
    """Writes a backup of servos by id; JSON if the file is called so, else TOML."""
    if file.suffix == ".json":
        content = {"schema": 1, "servos": {str(i): b.model_dump() for i, b in backups.items()}}
        file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
        return
    lines = ["schema = 1"]
    for i, backup in backups.items():
        lines += _toml(i, backup, servos[i])
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def read_backup(file: Path) -> dict[int, ServoBackup]:
    """Reads a backup, by id.

    Raises:
        RefusalError: the file is none; the message says why.
    """
    try:
        text = file.read_text(encoding="utf-8")
        content = json.loads(text) if file.suffix == ".json" else tomllib.loads(text)
        return _Backup.model_validate(content).servos
    except OSError as error:
        raise RefusalError(f"{file}: cannot be read: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise RefusalError(f"{file}: {where}: {first['msg']}; it is no backup") from None
    except ValueError as error:
        raise RefusalError(f"{file}: is no backup: {error}") from None


def differences(servo: Servo, backup: ServoBackup) -> list[Difference]:
    """What restoring would write.

    Raises:
        RefusalError: the backup is of another model.
        CatalogueError: the servo's firmware lacks a register of the backup.
        BusError: it does not answer.
    """
    if backup.model != servo.model.name:
        raise servo.state.refusal(f"the backup is of a {backup.model}; restore that to its like")
    wanted = {n: raw for n, raw in backup.registers.items() if n not in _HOW_IT_IS_REACHED}
    registers = [servo.register(name) for name in wanted]
    now = servo.read(*wanted).raws if wanted else {}
    return [
        Difference(r, now[r.name], wanted[r.name])
        for r in sorted(registers, key=lambda r: (r.name != _FIRST, r.area == "ram", r.address))
        if now[r.name] != wanted[r.name]
    ]


def restore(servo: Servo, backup: ServoBackup) -> list[Difference]:
    """Writes what differs, and reads it back.

    Returns:
        What was written.

    Raises:
        RefusalError: the backup is of another model, torque is on, or a value is out of range.
        BusError: the servo does not answer, or does not keep a value.
    """
    written = differences(servo, backup)
    for _ in range(2):  # a new mode sets gains back that were as wanted
        for difference in differences(servo, backup):
            servo.write(difference.register.name, raw=difference.wanted)
    if left := differences(servo, backup):
        names = ", ".join(d.register.name for d in left)
        raise BusError(f"{servo.state.name} does not keep {names} as restored")
    return written


def _kept(servo: Servo, register: Register) -> bool:
    if register.access != "rw" or register.since > servo.firmware:
        return False
    return register.area == "eeprom" or register.name.endswith("_gain")


def _toml(i: int, backup: ServoBackup, servo: Servo) -> Iterator[str]:
    yield f"\n[servos.{i}]\nmodel = {json.dumps(backup.model)}\nfirmware = {backup.firmware}"
    yield f"\n[servos.{i}.registers]"
    for name, raw in backup.registers.items():
        register = servo.register(name)
        value = f" # {register.from_raw(raw):.6g} {register.unit}" if register.unit else ""
        yield f"{name} = {raw}{value}"
