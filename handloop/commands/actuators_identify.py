"""`handloop actuators identify`: from logs of a servo on a rig to its description."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .actuators_record import record
from .bus_options import ServosOption, say
from .errors import check_folder, one_line_errors
from .progress import Stages

if TYPE_CHECKING:
    from rich.table import Table

    from ..firmware_bridge import ServoCatalogue
    from ..sim.actuators.identify.data_sheet import Compared, DataSheet
    from ..sim.actuators.identify.identification import Identification
    from ..sim.actuators.identify.identify import IdentifyConfig, ModelFit


__all__ = ["identify", "record"]


class Group(StrEnum):
    """What logs may have in common."""

    GAIN = "gain"
    RIG = "rig"
    UNIT = "unit"


class SupplyChoice(StrEnum):
    """Whose voltage a simulated servo gets."""

    MEDIAN = "median"
    SMOOTH = "smooth"
    NOMINAL = "nominal"


class Stall(StrEnum):
    """What a data sheet's stall torque is taken to be."""

    MOTOR = "motor"
    LIFTED = "lifted"


def identify(
    logs: Annotated[list[Path], typer.Argument(help="Logs, or folders of them.", exists=True)],
    out: Annotated[Path, typer.Option(help="Folder of the report.")] = Path("runs/identify"),
    model: Annotated[
        list[str] | None, typer.Option("--model", help="m1 to m6; more than once. Default: all.")
    ] = None,
    free: Annotated[
        list[str] | None,
        typer.Option("--free", help="Fit this, too: delay, backlash, braking, off_braking, ..."),
    ] = None,
    fix: Annotated[
        list[str] | None, typer.Option("--fix", help="NAME=VALUE that is known, such as gain.")
    ] = None,
    supply: Annotated[
        SupplyChoice, typer.Option(help="The voltage: each log's median, smoothed, nominal.")
    ] = SupplyChoice.MEDIAN,
    hold_to_sheet: Annotated[
        bool, typer.Option("--hold-to-sheet", help="Search only what the data sheet allows.")
    ] = False,
    stall: Annotated[
        Stall, typer.Option(help="What the sheet's stall torque is of.")
    ] = Stall.MOTOR,
    hold_out: Annotated[
        list[Group] | None,
        typer.Option("--hold-out", help="Foretell each gain, rig or unit from the others, too."),
    ] = None,
    bootstrap: Annotated[
        int, typer.Option(min=0, help="Fits to resampled logs, for a second kind of interval.")
    ] = 0,
    quick: Annotated[bool, typer.Option("--quick", help="A first look: a fifth of the search.")] = (
        False
    ),
    seed: Annotated[int, typer.Option(min=0, help="Of the search.")] = 1,
    servos: ServosOption = None,
) -> None:
    """Tell a servo's motor, gear and friction from logs of it on a rig, and check that they can be.

    Writes report.html, identification.json, and for each friction model an actuator as TOML.
    """
    with one_line_errors():
        from ..sim.actuators.identify.identify import IdentifyConfig
        from ..sim.actuators.identify.parameters import MODELS
        from ..sim.actuators.identify.search import Budget

        check_folder(out)
        config = IdentifyConfig(
            models=tuple(dict.fromkeys(model or MODELS)),
            free=tuple(free or ()),
            fixed=_fixed(fix or []),
            supply=supply.value,
            held_to_sheet=hold_to_sheet,
            budget=Budget.quick() if quick else Budget(),
            resamplings=bootstrap,
            seed=seed,
        )
        found = _identified(logs, config, [g.value for g in hold_out or []], stall, servos or ())
        from ..sim.actuators.identify.report import write_report

        page, *_ = write_report(found, out)
        _show(found)
        say(f"report: {page}")


def _fixed(given: Sequence[str]) -> dict[str, float]:
    fixed = {}
    for one in given:
        name, _, value = one.partition("=")
        try:
            fixed[name] = float(value)
        except ValueError:
            raise ValueError(f"--fix: '{one}' is no NAME=VALUE with a number") from None
    return fixed


def _identified(
    paths: Sequence[Path],
    config: IdentifyConfig,
    groups: Sequence[str],
    stall: Stall,
    files: Sequence[Path],
) -> Identification:
    from ..sim.actuators.identify.identification import Identification, check_one_servo
    from ..sim.actuators.identify.identify import groups_of, hold_out, identify
    from ..sim.actuators.identify.read_logs import read_logs

    logs = read_logs(paths)
    check_one_servo(logs)
    sheet, resolution = _sheet(_catalogue(files), logs[0].servo, stall)
    for by in groups:
        if len(of := groups_of(logs, by)) < 2:
            say(f"--hold-out {by}: all logs have one {by}, {', '.join(of)}: not done", "yellow")
    with Stages() as stages:
        fits = identify(logs, config, sheet, stages.show)
        held = [
            result
            for by in groups
            for result in hold_out(logs, config, by, config.models, sheet, stages.show)
        ]
    return Identification(logs, config, sheet, fits, held, resolution)


def _catalogue(files: Sequence[Path]) -> ServoCatalogue:
    from ..firmware_bridge import ServoCatalogue

    catalogue = ServoCatalogue.packaged()
    for file in files:
        catalogue = catalogue.with_file(file)
    return catalogue


def _sheet(catalogue: ServoCatalogue, name: str, stall: Stall) -> tuple[DataSheet | None, float]:
    """What the maker says, and the count [rad] of its encoder; None: the catalogue lacks it."""
    from ..firmware_bridge.servo_errors import CatalogueError
    from ..sim.actuators.identify.data_sheet import DataSheet

    try:
        model = catalogue.named(name)
    except CatalogueError as error:
        say(f"no data sheet to check against: {error}", "yellow")
        return None, 0.0
    if model.motor is None:
        say(f"no data sheet to check against: the catalogue has no motor of {name}", "yellow")
        return None, model.register("present_position").scale
    point = model.motor.nominal
    sheet = DataSheet(
        model.name,
        point.voltage,
        point.stall_torque,
        point.no_load_speed,
        point.stall_current,
        point.no_load_current,
        stall.value,
    )
    return sheet, model.register("present_position").scale


def _show(found: Identification) -> None:
    from rich.console import Console

    Console().print(_fits_table(found))
    for doubt in found.doubts():
        say(f"mind: {doubt}", "yellow")
    if (chosen := found.chosen) is None:
        say("no model can be this servo; --hold-to-sheet searches those that can", "red")
    else:
        say(f"use {chosen.model}.toml: it can be, and errs least of those that can", "green")


def _fits_table(found: Identification) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("model", no_wrap=True)
    compared = [f"{c.name} {c.unit}".removesuffix(" A") for c in _shown(found.fits[0])]
    for column in ("error mrad", "held out mrad", *compared, "runs", "two alike"):
        in_words = column.replace("N m", "N\u00a0m").replace(" ", "\n")
        table.add_column(in_words, justify="right", no_wrap=True)
    table.add_column("can it be?")
    for fit in found.fits:
        table.add_row(
            fit.model,
            f"{1e3 * fit.error:.1f}",
            f"{1e3 * found.held_out_error(fit):.1f}" if found.held_out else "-",
            *(_beside(c) for c in _shown(fit)),
            str(len(fit.found.ends)),
            "yes" if fit.found.converged else "no",
            "; ".join(" ".join(o.split(" ")[:2]) for o in fit.objections) or "yes",
        )
    return table


def _shown(fit: ModelFit) -> list[Compared]:
    """Three figures at most: of two currents, that without load."""
    currents = [c for c in fit.compared if c.unit == "A"]
    return [c for c in fit.compared if c not in currents[:-1]]


def _beside(compared: Compared) -> str:
    """A figure and how far it is from the sheet's; of currents that alone: 80 columns hold it."""
    deviation = f"{compared.deviation:+.0%}"
    return deviation if compared.unit == "A" else f"{compared.fitted:.3g} {deviation}"
