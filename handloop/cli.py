"""The command line: `handloop demo`, `bench`, `actuators`, `latency`, `bus`, `drive` and more."""

from __future__ import annotations

from typing import Annotated

import typer

from . import __version__
from .commands.actuators import actuators
from .commands.bench import bench
from .commands.bus import bus
from .commands.calibrate import calibrate
from .commands.demo import demo
from .commands.drive import drive
from .commands.grasps import grasps
from .commands.hil import hil
from .commands.latency import latency
from .commands.virtual import virtual

app = typer.Typer(
    name="handloop",
    help="One controller for dexterous robot hands: MuJoCo and commodity servos, one native loop.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",  # paragraphs of a docstring are wrapped to the terminal
    pretty_exceptions_enable=False,
)
app.command()(demo)
app.command()(grasps)
app.add_typer(bench)
app.add_typer(actuators)
app.command()(latency)
app.add_typer(bus)
app.command()(calibrate)
app.command()(hil)
app.command()(virtual)
app.command()(drive)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"handloop {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Take the options that stand before any command."""
