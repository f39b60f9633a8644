"""`handloop bus`: find servos, read and write their registers, watch and reboot them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from . import bus_show as show
from .bus_bench import bench
from .bus_change import change
from .bus_options import (
    BaudOption,
    Family,
    FamilyOption,
    IdsOption,
    JsonOption,
    PatienceOption,
    PortOption,
    ServosOption,
    add_servos,
    nobody,
    opened,
    parse_ids,
    say,
)
from .progress import Stages

if TYPE_CHECKING:
    from ..firmware_bridge import FoundServo, Servo, ServoBus, ServoReading

WATCHED = ("present_position", "present_velocity", "present_temperature", "hardware_error_status")
_LONG = 2.0  # [s] after which a scan shows how far it is

bus = typer.Typer(
    name="bus", no_args_is_help=True, help="Servos on a serial port: find, read, write, set up."
)

NamesArgument = Annotated[list[str], typer.Argument(help="Registers by name, or: all.")]


@bus.command()
def scan(
    port: PortOption = None,
    baud: BaudOption = None,
    family: FamilyOption = Family.DYNAMIXEL,
    servos: ServosOption = None,
    patience: PatienceOption = None,
    ids: IdsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look for servos, at all baud rates unless one is given, and say how they are."""
    with opened(port, baud, family, servos, patience) as b:
        rates = [baud] if baud else None
        with Stages() as stages:
            found = b.scan(rates, parse_ids(ids), _shown_when_long(stages))
        documents = [show.found_document(f, _health(b, f)) for f in found]
        if as_json:
            show.print_json(b, documents)
        elif found:
            show.print_table(show.found_table(documents))
        if not found:
            say(nobody(b, f"at {baud} baud" if baud else "at any rate"), "red")
            raise typer.Exit(1)


def _shown_when_long(stages: Stages) -> Callable[[int, int], None]:
    began = time.monotonic()

    def progress(done: int, of: int) -> None:
        if time.monotonic() - began > _LONG:
            stages.show("scan", done, of)

    return progress


def _health(b: ServoBus, found: FoundServo) -> ServoReading | None:
    from ..firmware_bridge import BusError

    if not found.models:
        return None
    b.baud = found.baud
    try:
        return b.add(found.id).read(*show.HEALTH)
    except BusError as error:
        say(str(error), "yellow")
        return None


@bus.command()
def ping(
    ids: Annotated[str, typer.Argument(help="Which servos: 1-5,8.")],
    port: PortOption = None,
    baud: BaudOption = None,
    family: FamilyOption = Family.DYNAMIXEL,
    servos: ServosOption = None,
    patience: PatienceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask servos whether they are there. Fails unless all are."""
    with opened(port, baud, family, servos, patience) as b:
        answers = {i: b.ping(i) for i in parse_ids(ids) or ()}
        found = [answer for answer in answers.values() if answer]
        documents = [show.found_document(f, None) for f in found]
        if as_json:
            show.print_json(b, documents)
        elif found:
            show.print_table(show.found_table(documents))
        missing = [str(i) for i, answer in answers.items() if not answer]
        if missing:
            say(f"servo {', '.join(missing)}: {nobody(b, f'at {b.baud} baud')}", "red")
            raise typer.Exit(1)


@bus.command()
def read(
    names: NamesArgument,
    port: PortOption = None,
    baud: BaudOption = None,
    family: FamilyOption = Family.DYNAMIXEL,
    servos: ServosOption = None,
    patience: PatienceOption = None,
    ids: IdsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read registers of all servos at once. Fails if one of them does not answer."""
    with opened(port, baud, family, servos, patience) as b:
        chosen = add_servos(b, ids)
        asked = _all_names(chosen) if names == ["all"] else names
        readings = b.read(*asked, mirror=False)
        if as_json:
            show.print_json(b, [show.reading_document(s, readings[s.id]) for s in chosen])
        else:
            show.print_table(show.readings_table(chosen, readings, asked))
        failed = [readings[s.id].trouble for s in chosen if not readings[s.id].ok]
        for trouble in failed:
            say(trouble, "red")
        if failed:
            raise typer.Exit(1)


def _all_names(servos: Sequence[Servo]) -> list[str]:
    """The registers that all of them have."""
    return [
        name
        for name in servos[0].model.registers
        if all(servo.model.has(name, servo.firmware) for servo in servos)
    ]


@bus.command()
def reboot(
    port: PortOption = None,
    baud: BaudOption = None,
    family: FamilyOption = Family.DYNAMIXEL,
    servos: ServosOption = None,
    patience: PatienceOption = None,
    ids: IdsOption = None,
    torque: Annotated[bool, typer.Option("--torque", help="Switch torque on again.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Reboot servos, which clears hardware errors, and bring their settings in RAM back."""
    with opened(port, baud, family, servos, patience) as b:
        restored = {servo: servo.reboot(torque=torque) for servo in add_servos(b, ids)}
        if as_json:
            show.print_json(b, [{"id": s.id, "restored": names} for s, names in restored.items()])
            return
        for servo, names in restored.items():
            typer.echo(f"{servo.state.name} is back; restored: {', '.join(names) or 'nothing'}")


@bus.command()
def watch(
    names: Annotated[list[str] | None, typer.Argument(help="Registers by name.")] = None,
    port: PortOption = None,
    baud: BaudOption = None,
    family: FamilyOption = Family.DYNAMIXEL,
    servos: ServosOption = None,
    patience: PatienceOption = None,
    ids: IdsOption = None,
    rate: Annotated[float, typer.Option(min=0.1, max=50.0, help="Readings per second.")] = 5.0,
    count: Annotated[int, typer.Option(min=0, help="Readings to take; 0: until Ctrl-C.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Show registers as they change, until Ctrl-C; with --json one line for each reading."""
    with opened(port, baud, family, servos, patience) as b:
        chosen = add_servos(b, ids)
        asked = names or list(WATCHED)
        try:
            _watch(b, chosen, asked, rate, count, as_json)
        except KeyboardInterrupt:
            return


def _watch(
    b: ServoBus, servos: Sequence[Servo], names: Sequence[str], rate: float, count: int, js: bool
) -> None:
    from rich.live import Live

    with Live(auto_refresh=False, transient=js) as live:
        done = 0
        while True:
            readings = b.read(*names, mirror=False)
            if js:
                documents = [show.reading_document(s, readings[s.id]) for s in servos]
                show.print_json(b, documents, indent=None)
            else:
                live.update(show.readings_table(servos, readings, names), refresh=True)
            done += 1
            if done == count:
                return
            time.sleep(1.0 / rate)


change(bus)
bus.command()(bench)
