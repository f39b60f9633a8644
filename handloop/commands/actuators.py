"""`handloop actuators`: from what a hand must do to which actuators it needs."""

from __future__ import annotations

import typer

from .actuators_bottleneck import bottleneck
from .actuators_choose import choose
from .actuators_design import design
from .actuators_durability import durability
from .actuators_identify import identify, record
from .actuators_mjcf import mjcf
from .actuators_require import require

actuators = typer.Typer(
    name="actuators",
    help="From what a hand must do to which actuators it needs: measure, choose, design.",
    no_args_is_help=True,
)
actuators.command()(identify)
actuators.command()(record)
actuators.command()(mjcf)
actuators.command()(require)
actuators.command()(choose)
actuators.command()(design)
actuators.command()(bottleneck)
actuators.command()(durability)
