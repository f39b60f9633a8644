"""`handloop bench`: how well hands hold, strictly measured, and which of two runs is better."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer
from typer.core import TyperGroup

from .errors import one_line_errors
from .progress import Stages

if TYPE_CHECKING:
    from ..sim.bench.contestant import Entry
    from ..sim.bench.engine import Engine
    from ..sim.bench.plan import Plan
    from ..sim.bench.report import Report
    from ..sim.bench.task import Options
    from ..sim.bench.trial import Kind

SEEDS = 100
QUICK_SEEDS = 3


class _RunUnlessNamed(TyperGroup):
    """`handloop bench cup` is `handloop bench run cup`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        named = bool(args) and args[0] in self.commands
        return list(super().parse_args(ctx, args if named else ["run", *args]))


class Only(StrEnum):
    """Conditions, as `sim.bench.trial.Kind` has them; needed before that is loaded."""

    CLOSED = "closed"
    OPEN = "open"
    ORACLE = "oracle"
    RIGID = "rigid"
    HALF_STEP = "half_step"


class EngineName(StrEnum):
    """Where trials are run."""

    LOCAL = "local"
    RAY = "ray"
    WARP = "warp"


bench = typer.Typer(
    name="bench", cls=_RunUnlessNamed, help="How well do hands hold? Tasks, a report, comparisons."
)


@bench.command(epilog="`handloop bench compare A B` tells whether run B is better than run A.")
def run(
    tasks: Annotated[
        list[str] | None, typer.Argument(metavar="[TASK]...", help="All of them unless named.")
    ] = None,
    hand: Annotated[
        list[str] | None,
        typer.Option(help="hand22, hand27, a packaged hand or a hand.toml; may be given again."),
    ] = None,
    actuators: Annotated[
        list[str] | None,
        typer.Option(
            help="ideal, servo, tendon, light or real, where a hand has them; may be given again."
        ),
    ] = None,
    controller: Annotated[
        list[str] | None,
        typer.Option(
            help="grip (built in), twin (the same in numba), FILE.toml with tables of a hand.toml, "
            "or FILE.py:NAME of a law; may be given again."
        ),
    ] = None,
    seeds: Annotated[
        int | None,
        typer.Option(min=1, help=f"Trials of each kind.  [default: {SEEDS}; quick: {QUICK_SEEDS}]"),
    ] = None,
    first_seed: Annotated[int, typer.Option(min=0, help="Of the first trial.")] = 0,
    quick: Annotated[
        bool, typer.Option("--quick", help="Every task, few trials: minutes.")
    ] = False,
    oracle: Annotated[
        bool, typer.Option("--oracle", help="Also a controller that is told what no hand can know.")
    ] = False,
    grasps: Annotated[
        Path | None,
        typer.Option(
            help="What `replay` shall judge, see docs/grasp-format.md; else it makes some."
        ),
    ] = None,
    only: Annotated[
        list[Only] | None,
        typer.Option(help="Conditions to run, without the others; may be given again."),
    ] = None,
    jobs: Annotated[
        int, typer.Option(min=0, help="Processes; 0: one per core. Results do not depend on it.")
    ] = 0,
    engine: Annotated[EngineName, typer.Option(help="Where trials run.")] = EngineName.LOCAL,
    address: Annotated[
        str | None, typer.Option(help="Of a Ray cluster; without it one is started here.")
    ] = None,
    out: Annotated[
        Path, typer.Option(help="Folder of the run; one that was begun there is gone on with.")
    ] = Path("runs/bench"),
    pictures: Annotated[
        bool, typer.Option(help="Render a success and a failure of each task.")
    ] = True,
) -> None:
    """Measure how well hands hold: closed loop, open loop and people side by side.

    Every trial is one line of OUT/trials.jsonl, and OUT/report.html shows what came of them. A run
    that was stopped, however, goes on where it was when the same command is given again.
    """
    with one_line_errors():
        from ..sim.bench.contestant import entries_of
        from ..sim.bench.task import Options

        count = seeds or (QUICK_SEEDS if quick else SEEDS)
        entries, missing = entries_of(
            hand or ["hand27"], actuators or ["ideal"], controller or ["grip"]
        )
        for line in missing:
            typer.echo(f"left out    {line}", err=True)
        asked = Options(range(first_seed, first_seed + count), quick, oracle, grasps)
        plan = _plan(tasks or [], entries, asked, only or [])
        _run(plan, _engine(engine, jobs, address), out, pictures)


@bench.command()
def compare(
    first: Annotated[Path, typer.Argument(help="Folder of a run.")],
    second: Annotated[Path, typer.Argument(help="Folder of another, as its --out named it.")],
) -> None:
    """Tell whether the second run is better or worse than the first; exit code 1 if worse.

    Worse is a closed loop that holds less often, or whose measure is worse, with 95 % confidence.
    """
    with one_line_errors():
        from rich.console import Console

        from ..sim.bench.compare import compare_folders
        from ..sim.bench.tables import changes, missing

        comparison = compare_folders(first, second)
        console = Console()
        console.print(changes(comparison))
        for line in (*comparison.physics, *missing(comparison)):
            console.print(line, highlight=False, soft_wrap=True)
        raise typer.Exit(1 if comparison.worse else 0)


def _plan(
    tasks: Sequence[str], entries: Sequence[Entry], options: Options, only: Sequence[Only]
) -> Plan:
    from ..sim.bench.plan import Plan
    from ..sim.bench.registry import TASK_NAMES

    kinds = cast("tuple[Kind, ...]", tuple(condition.value for condition in only))
    return Plan(tuple(tasks) or TASK_NAMES, tuple(entries), options, kinds)


def _run(plan: Plan, engine: Engine, out: Path, pictures: bool) -> None:
    from ..sim.bench.header import Header
    from ..sim.bench.report import write_report
    from ..sim.bench.run import run_bench

    out.mkdir(parents=True, exist_ok=True)
    with Stages() as stages:
        records = run_bench(plan, engine, out, stages.show)
        physics = Header.read(out).said["physics"]
        said = {"command": shlex.join(["handloop", *sys.argv[1:]])}
        report = write_report(records, plan.entries, said, physics, out, pictures, stages.show)
    _show(report, engine)


def _show(report: Report, engine: Engine) -> None:
    from rich.console import Console

    from ..sim.bench.tables import failures, lines, overview

    console = Console()
    console.print(overview(report.standings))
    console.print(failures(report.standings))
    for line in (
        *lines(report.standings),
        *(f"{name:<11} {remark}" for name, said in engine.remarks.items() for remark in said),
        f"written     {', '.join(map(str, report.files))}",
        report.note,
    ):
        if line:
            console.print(line, highlight=False, soft_wrap=True)


def _engine(name: EngineName, jobs: int, address: str | None) -> Engine:
    if address and name is not EngineName.RAY:
        raise ValueError("--address is where a Ray cluster is; it goes with --engine ray")
    match name:
        case EngineName.RAY:
            from ..sim.bench.ray_engine import RayEngine

            return RayEngine(address)
        case EngineName.WARP:
            from ..sim.bench.warp_engine import WarpEngine

            return WarpEngine()
        case EngineName.LOCAL:
            from ..sim.bench.engine import LocalEngine

            return LocalEngine(jobs)
