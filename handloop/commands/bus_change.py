"""The commands of `handloop bus` that change servos: registers, ids, rates, setup and backups."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import bus_show as show
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
    opened,
    parse_ids,
    say,
)

if TYPE_CHECKING:
    from ..firmware_bridge import FoundServo, Servo, ServoBus


def change(bus: typer.Typer) -> None:
    """Adds these commands."""
    # A value may begin with a minus.
    bus.command(context_settings={"ignore_unknown_options": True})(write)
    bus.command("set-id")(set_id)
    bus.command("set-baud")(set_baud)
    bus.command()(setup)
    bus.command()(backup)
    bus.command()(restore)


def write(
    name: Annotated[str, typer.Argument(help="A register by name.")],
    value: Annotated[str, typer.Argument(help="In SI; of operating_mode its name will do.")],
    ids: Annotated[str, typer.Option("--ids", help="Which servos: 1-5,8.")],
    port: PortOption = None,
    baud: BaudOption = None,
    family: FamilyOption = Family.DYNAMIXEL,
    servos: ServosOption = None,
    patience: PatienceOption = None,
    raw: Annotated[bool, typer.Option("--raw", help="The value is the raw number.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write one register, servo by servo, and read it back."""
    with opened(port, baud, family, servos, patience) as b:
        chosen = add_servos(b, ids)
        for servo in chosen:
            if raw:
                servo.write(name, raw=_whole_number(value))
            else:
                servo.write(name, _number_or_text(value))
        readings = b.read(name, mirror=False)
        if as_json:
            show.print_json(b, [show.reading_document(s, readings[s.id]) for s in chosen])
        else:
            show.print_table(show.readings_table(chosen, readings, [name]))


def _whole_number(value: str) -> int:
    try:
        return int(value, 0)
    except ValueError:
        raise ValueError(f"--raw: '{value}' is no whole number") from None


def _number_or_text(value: str) -> float | str:
    try:
        return float(value)
    except ValueError:
        return value


def set_id(
    old: Annotated[int, typer.Argument(help="The id it has.")],
    new: Annotated[int, typer.Argument(help="The id it gets.")],
    port: PortOption = None,
    baud: BaudOption = None,
    family: FamilyOption = Family.DYNAMIXEL,
    servos: ServosOption = None,
    patience: PatienceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a servo another id."""
    with opened(port, baud, family, servos, patience) as b:
        servo = b.add(old)
        servo.set_id(new)
        _tell(b, [servo], as_json)


def set_baud(
    rate: Annotated[int, typer.Argument(help="The baud rate they get.")],
    port: PortOption = None,
    baud: BaudOption = None,
    family: FamilyOption = Family.DYNAMIXEL,
    servos: ServosOption = None,
    patience: PatienceOption = None,
    ids: IdsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Move servos to another baud rate."""
    with opened(port, baud, family, servos, patience) as b:
        chosen = add_servos(b, ids)
        b.set_baud(rate)
        _tell(b, chosen, as_json)


def setup(
    ids: Annotated[str, typer.Argument(help="The ids to give, in this order: 1-22.")],
    port: PortOption = None,
    baud: Annotated[int, typer.Option("--baud", min=1, help="The rate they get.")] = 1_000_000,
    family: FamilyOption = Family.DYNAMIXEL,
    servos: ServosOption = None,
    patience: PatienceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Set servos up one at a time: id, baud rate, and no delay before they answer."""
    with opened(port, baud, family, servos, patience) as b:
        done = []
        for id in parse_ids(ids) or ():
            found = _alone(b, baud, f"servo {id}")
            b.baud = found.baud
            servo = b.add(found.id)
            _set_up(b, servo, id, baud)
            say(f"{servo.state.name} is set up", "green")
            done.append(show.found_document(found, None) | {"id": id, "baud": baud})
            b.forget(id)
        if as_json:
            show.print_json(b, done)


def _alone(b: ServoBus, baud: int, title: str) -> FoundServo:
    """The only servo that is connected, once it is."""
    from ..firmware_bridge.scan import BAUD_RATES

    others = [rate for rate in BAUD_RATES[b.lines.protocol] if rate != baud]
    while True:
        typer.prompt(
            f"Connect {title}, and no other, and press Enter", "", show_default=False, err=True
        )
        for rate in (baud, *others):
            found = b.scan([rate])
            if len(found) == 1:
                return found[0]
            if found:
                say(f"{len(found)} servos answer at {rate} baud; leave one connected", "yellow")
                break
        else:
            say("no servo answers at any rate; check its power and cable", "yellow")


def _set_up(b: ServoBus, servo: Servo, id: int, baud: int) -> None:
    if servo.state.torque:
        servo.write("torque_enable", raw=0)
    servo.set_id(id)
    if servo.model.has("return_delay_time", servo.firmware):
        servo.write("return_delay_time", raw=0)
    if b.baud != baud:
        b.set_baud(baud)


def backup(
    file: Annotated[Path, typer.Argument(help="Where to: TOML, or JSON if it ends in .json.")],
    port: PortOption = None,
    baud: BaudOption = None,
    family: FamilyOption = Family.DYNAMIXEL,
    servos: ServosOption = None,
    patience: PatienceOption = None,
    ids: IdsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the EEPROM and the gains of servos to a file."""
    with opened(port, baud, family, servos, patience) as b:
        from ..firmware_bridge.backup import back_up, write_backup

        chosen = {servo.id: servo for servo in add_servos(b, ids)}
        backups = {i: back_up(servo) for i, servo in chosen.items()}
        write_backup(file, chosen, backups)
        if as_json:
            show.print_json(b, [{"id": i, **kept.model_dump()} for i, kept in backups.items()])
        say(f"{file} holds {_count(len(chosen))}")


def restore(
    file: Annotated[Path, typer.Argument(help="A file from `handloop bus backup`.")],
    port: PortOption = None,
    baud: BaudOption = None,
    family: FamilyOption = Family.DYNAMIXEL,
    servos: ServosOption = None,
    patience: PatienceOption = None,
    ids: IdsOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show how servos differ from a backup, ask, and write it back."""
    with opened(port, baud, family, servos, patience) as b:
        from ..firmware_bridge.backup import differences, read_backup, restore

        kept = read_backup(file)
        wanted = parse_ids(ids) or list(kept)
        if missing := [i for i in wanted if i not in kept]:
            raise ValueError(f"{file}: there is no servo {missing[0]} in it; it has {list(kept)}")
        found = {i: differences(b.add(i), kept[i]) for i in wanted}
        changed = {i: change for i, change in found.items() if change}
        if not as_json:
            for i, change in changed.items():
                show.print_table(show.differences_table(b[i], change))
        if changed and not yes:
            typer.confirm("Write the backup?", abort=True, err=True)
        for i in changed:
            restore(b[i], kept[i])
        if as_json:
            show.print_json(b, [show.differences_document(i, d) for i, d in found.items()])
        say(f"{_count(len(changed))} changed of {_count(len(found))} in {file}")


def _count(servos: int) -> str:
    return f"{servos} servo{'' if servos == 1 else 's'}"


def _tell(b: ServoBus, servos: list[Servo], as_json: bool) -> None:
    if as_json:
        documents = [{"id": s.id, "model": s.model.name, "firmware": s.firmware} for s in servos]
        show.print_json(b, documents)
        return
    for servo in servos:
        typer.echo(f"{servo.state.name} answers at {b.baud} baud")
