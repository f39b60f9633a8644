"""`handloop actuators record`: logs of a servo on a rig, real or virtual."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .bus_options import BaudOption, Family, FamilyOption, PatienceOption, ServosOption, say
from .errors import check_folder, one_line_errors
from .progress import Stages

if TYPE_CHECKING:
    from ..controller.servo_log import ArmLoad
    from ..firmware_bridge import ServoBus, ServoCatalogue
    from ..firmware_bridge.excited_servo import Clock, RecordConfig
    from ..firmware_bridge.virtual_rig import VirtualRig

_TRAJECTORIES = "sin_time_square,multi_sine,lift_and_drop,up_and_down,sway"


def record(
    mass: Annotated[float, typer.Option(help="[kg], of what it turns.")],
    length: Annotated[float, typer.Option(help="[m], from the shaft to the mass.")],
    port: Annotated[str | None, typer.Argument(help="The serial port; not with --virtual.")] = None,
    id: Annotated[int, typer.Option("--id", min=0, help="Of the servo.")] = 1,
    virtual: Annotated[
        str | None, typer.Option("--virtual", help="A servo of the catalogue, without having it.")
    ] = None,
    actuator: Annotated[
        str | None,
        typer.Option(help="Whose physics it has: an actuator file, or a packaged one; --virtual."),
    ] = None,
    inertia: Annotated[
        float, typer.Option(min=0.0, help="[kg m2], of the mass about its own centre.")
    ] = 0.0,
    trajectory: Annotated[
        str, typer.Option(help="Which, with commas; `drop` is one more.")
    ] = _TRAJECTORIES,
    gain: Annotated[str, typer.Option(help="Position gains, with commas.")] = "100,400,800",
    reach: Annotated[
        float, typer.Option("--range", help="[rad], to either side of where the arm hangs.")
    ] = 1.0,
    duty: Annotated[
        float | None,
        typer.Option(help="Of its bridge, at most, up to 1. Default: the limit that is set."),
    ] = None,
    unit: Annotated[str, typer.Option(help="Which piece it is, for holding out.")] = "1",
    out: Annotated[Path, typer.Option(help="Folder of the logs.")] = Path("runs/servo-logs"),
    baud: BaudOption = None,
    family: FamilyOption = Family.DYNAMIXEL,
    servos: ServosOption = None,
    patience: PatienceOption = None,
) -> None:
    """Drive a servo with a mass on an arm through excitations, and write a log of each.

    The arm hangs freely first. Torque is off before, between and after the runs, also if this
    program is killed.
    """
    with one_line_errors():
        from ..controller.servo_log import ArmLoad
        from ..firmware_bridge.excited_servo import RecordConfig, WallClock

        check_folder(out)
        load = ArmLoad(mass, length, inertia)
        config = RecordConfig(load, _words(trajectory), _gains(gain), reach, duty, unit)
        catalogue = _catalogue(servos)
        if virtual is not None:
            rig = _virtual_rig(port, virtual, actuator, catalogue, load)
            _write_logs(rig.bus, 1, config, rig, out)
            return
        if actuator is not None:
            raise ValueError("--actuator is for a virtual servo: name one with --virtual")
        with _real_bus(port, catalogue, baud, family, patience) as bus:
            bus.add(id)
            _write_logs(bus, id, config, WallClock(), out)


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",")]


def _gains(text: str) -> list[int]:
    if not all(word.isdigit() for word in _words(text)):
        raise ValueError(f"--gain: '{text}' is no list of whole numbers; write it as 100,400")
    return [int(word) for word in _words(text)]


def _catalogue(files: list[Path] | None) -> ServoCatalogue:
    from ..firmware_bridge import ServoCatalogue

    catalogue = ServoCatalogue.packaged()
    for file in files or ():
        catalogue = catalogue.with_file(file)
    return catalogue


def _virtual_rig(
    port: str | None, name: str, actuator: str | None, catalogue: ServoCatalogue, load: ArmLoad
) -> VirtualRig:
    from ..controller.actuator import Actuator
    from ..firmware_bridge.virtual_rig import VirtualRig

    if port is not None:
        raise ValueError("give a port, or --virtual, not both")
    physics = Actuator.read(actuator) if actuator is not None else None
    return VirtualRig(catalogue.named(name), load, physics)


def _real_bus(
    port: str | None,
    catalogue: ServoCatalogue,
    baud: int | None,
    family: Family,
    patience: float | None,
) -> ServoBus:
    from ..firmware_bridge import ServoBus
    from .bus_options import only_port

    rate, protocol = baud or family.factory_baud, family.protocol
    return ServoBus.open(
        port or only_port(), rate, protocol, catalogue=catalogue, patience=patience
    )


def _write_logs(bus: ServoBus, id: int, config: RecordConfig, clock: Clock, out: Path) -> None:
    from ..firmware_bridge.record_servo import record as drive

    mass, length = config.load.mass, config.load.length
    say(
        f"{bus[id].state.name} turns {mass:g} kg at {length:g} m by {config.range:g} rad to either "
        "side. Keep clear of it; Ctrl-C lets go."
    )
    with Stages() as stages:
        for log in drive(bus, id, config, clock, stages.show):
            log.write(out / f"{log.name}.json")
    say(f"logs: {out}", "green")
