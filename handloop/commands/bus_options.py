"""What the commands of `handloop bus` have in common: their options, and a bus made from them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .errors import one_line_errors

if TYPE_CHECKING:
    from ..firmware_bridge import Servo, ServoBus
    from ..firmware_bridge.bus_lines import Protocol


class Family(StrEnum):
    """Whose servos; each family speaks a protocol of its own."""

    DYNAMIXEL = "dynamixel"
    FEETECH = "feetech"

    @property
    def protocol(self) -> Protocol:
        """What they speak."""
        return "dynamixel2" if self is Family.DYNAMIXEL else "feetech"

    @property
    def factory_baud(self) -> int:
        """[bit/s] that new servos have."""
        return 57_600 if self is Family.DYNAMIXEL else 1_000_000


PortOption = Annotated[
    str | None, typer.Option("--port", help="The serial port. Default: the only one there is.")
]
BaudOption = Annotated[
    int | None, typer.Option("--baud", min=1, help="Baud rate. Default: that of new servos.")
]
FamilyOption = Annotated[Family, typer.Option("--family", help="Whose servos they are.")]
ServosOption = Annotated[
    list[Path] | None, typer.Option("--servos", help="A file with servos of your own.")
]
PatienceOption = Annotated[
    float | None,
    typer.Option("--patience", min=0.0, help="Seconds to wait for an answer on a slow line."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
IdsOption = Annotated[
    str | None, typer.Option("--ids", help="Which servos: 1-5,8. Default: all that answer.")
]


@contextmanager
def opened(
    port: str | None,
    baud: int | None,
    family: Family,
    servos: list[Path] | None,
    patience: float | None,
) -> Iterator[ServoBus]:
    """An open bus; what is wrong becomes one line on stderr and exit code 1."""
    with one_line_errors():
        from ..firmware_bridge import ServoBus, ServoCatalogue

        catalogue = ServoCatalogue.packaged()
        for file in servos or ():
            catalogue = catalogue.with_file(file)
        with ServoBus.open(
            port or only_port(),
            baud or family.factory_baud,
            family.protocol,
            catalogue=catalogue,
            patience=patience,
        ) as bus:
            if bus.lines.port.advice:
                say(bus.lines.port.advice, "yellow")
            yield bus


def only_port() -> str:
    """The port to use if none was named.

    Raises:
        PortError: there is none, or there are several.
    """
    from ..firmware_bridge import PortError, find_ports

    ports = find_ports()
    if len(ports) == 1:
        return ports[0].path
    if not ports:
        raise PortError("no USB serial adapter is plugged in; plug one in, or name one with --port")
    raise PortError(f"there are {len(ports)} ports; choose with --port: {listed_ports()}")


def listed_ports() -> str:
    """The ports that are plugged in, in words."""
    from ..firmware_bridge import find_ports

    ports = [f"{port.path} ({port.description})" for port in find_ports()]
    return ", ".join(ports) or "no USB serial adapter is plugged in"


def parse_ids(text: str | None) -> list[int] | None:
    """`1-3,7` as numbers; None: all.

    Raises:
        ValueError: it is not written so.
    """
    if text is None:
        return None
    ids: list[int] = []
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        if not first.isdigit() or not (last or first).isdigit():
            raise ValueError(f"--ids: '{text}' is no list of ids; write them as 1-3,7")
        ids += range(int(first), int(last or first) + 1)
    return list(dict.fromkeys(ids))


def add_servos(bus: ServoBus, ids: str | None) -> list[Servo]:
    """The servos that are meant; all that answer if none are named.

    Raises:
        BusError: a servo that was named does not answer, or nobody does.
    """
    wanted = parse_ids(ids)
    if wanted is None:
        found = bus.scan(bauds=[bus.baud])
        wanted = [servo.id for servo in found if servo.models]
        for servo in found:
            if not servo.models:
                say(f"servo {servo.id} is left out: {servo.name}, see --servos", "yellow")
    if not wanted:
        from ..firmware_bridge import BusError

        raise BusError(nobody(bus, f"at {bus.baud} baud"))
    return [bus.add(i) for i in wanted]


def nobody(bus: ServoBus, where: str) -> str:
    """What to do when no servo answers."""
    other = Family.FEETECH if bus.lines.protocol == "dynamixel2" else Family.DYNAMIXEL
    return (
        f"no servo answers on {bus.lines.port.path} {where}. Is their power on, and is the data "
        "cable in, ground included? At another rate: `handloop bus scan`; of another maker: "
        f"--family {other}; on another port: {listed_ports()}"
    )


def say(text: str, style: str = "") -> None:
    """One line on stderr, where it does not mix with what a program reads."""
    from rich.console import Console

    Console(stderr=True, soft_wrap=True).print(text, style=style, markup=False, highlight=False)
