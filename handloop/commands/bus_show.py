"""Servos and their registers, for people as tables and for programs as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from ..firmware_bridge import FoundServo, Servo, ServoBus, ServoReading
    from ..firmware_bridge.backup import Difference

HEALTH = ("present_input_voltage", "present_temperature", "hardware_error_status")


def print_json(bus: ServoBus, servos: Sequence[Mapping[str, Any]], indent: int | None = 2) -> None:
    """One document on stdout."""
    content = {"port": bus.lines.port.path, "baud": bus.baud, "servos": list(servos)}
    typer.echo(json.dumps(content, indent=indent, allow_nan=False))


def found_document(found: FoundServo, health: ServoReading | None) -> dict[str, Any]:
    """A servo that was found."""
    return {
        "id": found.id,
        "baud": found.baud,
        "model_number": found.number,
        "model": found.models[0].name if found.models else None,
        "models": [model.name for model in found.models],
        "firmware": found.firmware,
        "alert": found.alert,
        "voltage": health.values.get("present_input_voltage") if health else None,
        "temperature": health.values.get("present_temperature") if health else None,
        "hardware_errors": _errors(found, health),
    }


def found_table(servos: Sequence[Mapping[str, Any]]) -> Table:
    """All that were found, from their documents."""
    table = Table()
    for name in ("id", "model", "firmware", "baud", "V", "°C"):
        table.add_column(name, justify="left" if name == "model" else "right")
    table.add_column("hardware error")
    for s in servos:
        model = " or ".join(s["models"]) or f"unknown model {s['model_number']}"
        table.add_row(
            str(s["id"]),
            model,
            str(s["firmware"]),
            f"{s['baud']:,}",
            _number(s["voltage"], ".1f"),
            _number(s["temperature"], ".0f"),
            _alarm_text(s["hardware_errors"]),
        )
    return table


def reading_document(servo: Servo, reading: ServoReading) -> dict[str, Any]:
    """The registers of a servo, as far as they came."""
    return {
        "id": servo.id,
        "model": servo.model.name,
        "firmware": servo.firmware,
        "ok": reading.ok,
        "trouble": reading.trouble,
        "alarms": list(reading.alarms),
        "registers": {
            name: {
                "raw": raw,
                "value": reading.values[name],
                "unit": servo.register(name).unit,
            }
            for name, raw in reading.raws.items()
        },
    }


def readings_table(
    servos: Sequence[Servo], readings: Mapping[int, ServoReading], names: Sequence[str]
) -> Table:
    """One row for each servo, or for each register if there are many of them."""
    many = len(names) > 6
    table = Table()
    table.add_column("register" if many else "servo")
    rows = names if many else [servo.id for servo in servos]
    for column in servos if many else names:
        table.add_column(column if isinstance(column, str) else str(column.id), justify="right")
    if not many:
        table.add_column("")
    by_id = {servo.id: servo for servo in servos}
    for row in rows:
        if isinstance(row, str):
            table.add_row(row, *(_cell(servo, readings[servo.id], row) for servo in servos))
        else:
            servo, reading = by_id[row], readings[row]
            cells = (_cell(servo, reading, name) for name in names)
            table.add_row(_title(servo), *cells, reading.trouble or _alarm_text(reading.alarms))
    return table


def differences_table(servo: Servo, differences: Sequence[Difference]) -> Table:
    """What restoring would change."""
    table = Table(title=_title(servo), title_justify="left")
    for name in ("register", "now", "backup"):
        table.add_column(name, justify="left" if name == "register" else "right")
    for d in differences:
        unit = f" {d.register.unit}".rstrip()
        texts = (f"{d.register.from_raw(raw):.6g}{unit}" for raw in (d.now, d.wanted))
        table.add_row(d.register.name, *texts)
    return table


def differences_document(id: int, differences: Sequence[Difference]) -> dict[str, Any]:
    """The same, raw."""
    changed = {d.register.name: {"now": d.now, "backup": d.wanted} for d in differences}
    return {"id": id, "changed": changed}


def print_table(table: Table) -> None:
    """On stdout."""
    Console().print(table)


def _title(servo: Servo) -> str:
    return f"{servo.id} {servo.model.name}"


def _errors(found: FoundServo, health: ServoReading | None) -> list[str]:
    from ..firmware_bridge import hardware_errors

    if not health or "hardware_error_status" not in health.raws:
        return ["not read"] if found.alert else []
    bits = health.raws["hardware_error_status"]
    return list(hardware_errors(found.models[0].protocol, bits))


def _cell(servo: Servo, reading: ServoReading, name: str) -> str:
    if name not in reading.values:
        return "-"
    return f"{reading.values[name]:.6g} {servo.register(name).unit}".rstrip()


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)


def _alarm_text(alarms: Sequence[str]) -> str:
    return f"[red]{', '.join(alarms)}[/]" if alarms else ""
