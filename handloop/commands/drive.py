"""`handloop drive`: a hand on its servos, or on virtual ones, under the native loop."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .bus_options import PatienceOption, say
from .calibrate import CatalogueOption, PortsOption
from .errors import check_writable, one_line_errors
from .hand_show import changes_table, findings_table

if TYPE_CHECKING:
    from rich.table import Table

    from ..controller import Hand
    from ..drive.plan import DrivePlan
    from ..drive.session import Ending
    from ..drive.view import View
    from ..drive.virtual import VirtualRig
    from ..firmware_bridge import ServoCatalogue
    from ..firmware_bridge.hand_servos import HandServos

FAULT = 3
"""Exit code of a run that safety ended, or after which a servo may still have torque."""

_VIRTUAL_PATIENCE = 0.1  # [s], for virtual servos on a machine that does other things


class Mode(StrEnum):
    """What the hand does."""

    HOLD = "hold"
    FOLLOW = "follow"
    MIRROR = "mirror"
    GRASP = "grasp"


@dataclass(frozen=True)
class Task:
    """What the hand shall do, in the words of the command line."""

    mode: Mode
    posture: str | None
    postures: str
    period: float
    trajectory: Path | None
    force: float
    approach: float


@dataclass(frozen=True)
class Options:
    """How it is brought to do it."""

    ports: list[str]
    catalogue: list[Path]
    patience: float | None
    virtual: bool
    fix: bool
    dry_run: bool
    yes: bool
    duration: float | None
    rate: float
    as_json: bool
    log: Path | None


def drive(
    hand: Annotated[str, typer.Argument(help="A packaged hand, or the path of a hand.toml.")],
    port: PortsOption = None,
    virtual: Annotated[
        bool, typer.Option("--virtual", help="Virtual servos, no ports: nothing real moves.")
    ] = False,
    mode: Annotated[Mode, typer.Option("--mode", help="What the hand does.")] = Mode.HOLD,
    posture: Annotated[
        str | None, typer.Option("--posture", help="A keyframe of its MJCF: rest, open, fist.")
    ] = None,
    postures: Annotated[
        str, typer.Option("--postures", help="Those to go through in --mode mirror.")
    ] = "open,fist",
    period: Annotated[
        float, typer.Option("--period", min=0.1, help="Seconds for a round of --postures.")
    ] = 2.0,
    trajectory: Annotated[
        Path | None,
        typer.Option("--trajectory", help="To follow: time and joints as .csv, .jsonl or .npz."),
    ] = None,
    force: Annotated[
        float, typer.Option("--force", min=0.1, max=20.0, help="Newtons of the thumb in a grasp.")
    ] = 3.0,
    time: Annotated[
        float, typer.Option("--time", min=0.1, help="Seconds for the way to the first posture.")
    ] = 2.0,
    fix: Annotated[
        bool, typer.Option("--fix", help="Set what the servos need to be driven.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Stop before torque goes on.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Switch torque on without asking.")] = False,
    duration: Annotated[
        float | None, typer.Option("--duration", min=0.01, help="Seconds. Default: until Ctrl-C.")
    ] = None,
    rate: Annotated[float, typer.Option(min=0.1, max=50.0, help="Views per second.")] = 5.0,
    as_json: Annotated[
        bool, typer.Option("--json", help="One line of JSON for each view.")
    ] = False,
    log: Annotated[
        Path | None, typer.Option("--log", help="The loop's last seconds, as .mcap or .npz.")
    ] = None,
    servos: CatalogueOption = None,
    patience: PatienceOption = None,
) -> None:
    """Drive a hand on its servos: hold a posture, follow a trajectory, mirror, or grasp.

    Servos are looked at first, and nothing moves before you agree. Ctrl-C ends it: the hand goes
    limp, or holds its posture if its hand.toml says so. After a fault the hand holds as long as
    that is safe, and the exit code is 3.
    """
    task = Task(mode, posture, postures, period, trajectory, force, time)
    options = Options(
        port or [], servos or [], patience, virtual, fix, dry_run, yes, duration, rate,
        as_json, log,
    )  # fmt: skip
    with one_line_errors():
        from ..controller import Hand
        from ..drive.log_file import LOG_SUFFIXES

        check_writable(log, LOG_SUFFIXES)
        _drive(_plan(Hand.load(hand), task, virtual), options)


def _plan(hand: Hand, task: Task, virtual: bool) -> DrivePlan:
    from ..drive import plan

    if task.mode == Mode.FOLLOW:
        return plan.plan_follow(hand, task.trajectory, task.approach)
    if task.mode == Mode.MIRROR:
        return plan.plan_mirror(hand, task.postures.split(","), task.period, task.approach)
    if task.mode == Mode.GRASP:
        return plan.plan_grasp(hand, task.posture, task.force, task.approach, virtual=virtual)
    return plan.plan_hold(hand, task.posture, task.approach)


def _drive(plan: DrivePlan, options: Options) -> None:
    from ..firmware_bridge import ServoCatalogue
    from ..firmware_bridge.hand_ports import parse_ports
    from ..firmware_bridge.hand_servos import HandServos

    catalogue = ServoCatalogue.packaged()
    for file in options.catalogue:
        catalogue = catalogue.with_file(file)
    with _rig(plan, catalogue, options.virtual) as rig:
        ports = rig.ports if rig else parse_ports(plan.hand, options.ports)
        patience = options.patience or (_VIRTUAL_PATIENCE if rig else None)
        with HandServos.open(plan.hand, ports, catalogue, patience=patience) as servos:
            _check(servos, fix=options.fix or options.virtual, virtual=options.virtual)
            _announce(servos)
            if not options.dry_run:
                _agree(options)
                _end(servos, _run(servos, plan, rig, options), options.log)


@contextmanager
def _rig(plan: DrivePlan, catalogue: ServoCatalogue, virtual: bool) -> Iterator[VirtualRig | None]:
    from ..drive.virtual import virtual_rig

    with virtual_rig(plan.hand, plan.scene, catalogue) if virtual else nullcontext() as rig:
        yield rig


def _check(servos: HandServos, *, fix: bool, virtual: bool) -> None:
    """Refuses what blocks; settings are mended first where that is wanted."""
    from ..firmware_bridge.preflight import preflight, refuse_if_blocked
    from ..firmware_bridge.preflight_settings import configure

    if fix and (changes := configure(servos)):
        _show(changes_table(changes))
    found = preflight(servos, virtual=virtual)
    if found:
        _show(findings_table(found))
    refuse_if_blocked(found)


def _show(table: Table) -> None:
    """On stderr, where it does not mix with what a program reads."""
    from rich.console import Console

    Console(stderr=True).print(table)


def _announce(servos: HandServos) -> None:
    from ..drive.announce import announcement

    for line in announcement(servos):
        say(line)


def _agree(options: Options) -> None:
    """Asks before torque goes on."""
    if options.yes or options.virtual:
        return
    if not sys.stdin.isatty():
        raise ValueError("torque stays off: nobody is there to be asked; --yes goes without")
    typer.confirm("Keep clear of the hand. Switch torque on?", abort=True, err=True)


def _run(servos: HandServos, plan: DrivePlan, rig: VirtualRig | None, options: Options) -> Ending:
    from ..drive.session import Watch, run
    from ..firmware_bridge import HandDriver

    model = plan.scene.bound.hand_model if rig and plan.scene else None
    driver = HandDriver(servos, controller=plan.controller(servos), model=model)
    with _shown(options.as_json) as show:
        watch = Watch(show, lambda text: say(text, "red"), options.rate, options.duration)
        return run(driver, plan.guide, watch, rig.begin if rig else _nothing)


def _nothing() -> None:
    """A real hand moves without being told that it may."""


@contextmanager
def _shown(as_json: bool) -> Iterator[Callable[[View], None]]:
    """A table that is renewed in its place, or a line for each view."""
    if as_json:
        yield lambda view: typer.echo(json.dumps(view.document(), allow_nan=False))
        return
    from rich.live import Live

    with Live(auto_refresh=False) as live:
        yield lambda view: live.update(view.table(), refresh=True)
    if not live.console.is_terminal:  # where it leaves the last line open
        typer.echo()


def _end(servos: HandServos, ending: Ending, log: Path | None) -> None:
    from ..drive.fault import unreleased_message
    from ..drive.log_file import write_black_box

    if log:
        write_black_box(log, ending.channels, ending.rows)
        say(f"{log} has the last {len(ending.rows)} ticks")
    if ending.fault:
        say(f"ended by a fault: {ending.fault}", "red")
    if ending.unreleased:
        say(unreleased_message(servos, ending.unreleased), "red")
    if ending.fault or ending.unreleased:
        raise typer.Exit(FAULT)
    say("the hand holds its posture" if servos.keeps_torque else "the hand is limp", "green")
