"""`handloop actuators mjcf`: an actuator's file as MuJoCo's own motor."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from .errors import one_line_errors


class Told(StrEnum):
    """What the motor's control is."""

    FF = "ff"
    VOLTAGE = "voltage"


def mjcf(
    file: Annotated[str, typer.Argument(help="An actuator file, or a packaged one by its name.")],
    joint: Annotated[str, typer.Option(help="Of your model.")] = "joint",
    name: Annotated[str, typer.Option(help="Of the motor.")] = "motor",
    told: Annotated[
        Told, typer.Option("--input", help="A torque [N m], or the voltage at the winding [V].")
    ] = Told.FF,
) -> None:
    """Print an actuator as a joint and a dcmotor of MJCF, and what a dcmotor cannot have of it."""
    with one_line_errors():
        from ..controller.actuator import Actuator
        from ..sim.actuators.dcmotor import mjcf_lines

        typer.echo(mjcf_lines(Actuator.read(file), name, joint, told.value))
