"""`handloop grasps`: primitives in the hand, pushed and twisted, next to a blind squeeze."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .errors import check_writable, one_line_errors
from .progress import Stages

if TYPE_CHECKING:
    from ..sim.tasks.grasp_trial import GraspTrial


QUICK = 48  # trials


def grasps(
    hand: Annotated[
        str, typer.Option(help="A packaged hand, or the path of a hand.toml.")
    ] = "hand27_right",
    quick: Annotated[
        bool, typer.Option("--quick", help="A sample of the middle of the pool, in a minute.")
    ] = False,
    trials: Annotated[
        int,
        typer.Option(min=0, help=f"Trials drawn at random; 0: the whole pool, {QUICK} if quick."),
    ] = 0,
    seeds: Annotated[
        int, typer.Option(min=1, help="Draws of every pose and sensor error; not if quick.")
    ] = 1,
    jobs: Annotated[int, typer.Option(min=0, help="Threads that simulate; 0: one per core.")] = 0,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write all numbers to this file.")
    ] = None,
) -> None:
    """Hold spheres, boxes, cylinders and capsules between fingertips and in the palm.

    Each is pushed along and twisted about every axis, both ways. It counts as held while it moves
    less than 1 cm and turns less than 5 degrees in the hand (strict), 5 cm and 15 degrees (loose).
    A push of F newtons as a torque is F times 2 cm.
    """
    with one_line_errors():
        chosen = _trials(quick, trials, seeds)
        _grasps(hand, chosen, quick, jobs, json_file)


def _grasps(
    name: str, trials: list[GraspTrial], quick: bool, jobs: int, json_file: Path | None
) -> None:
    from rich.console import Console

    from ..controller import Hand
    from ..sim.grasps import SAMPLE, run_grasps
    from ..sim.grasps_report import document, lines, tables

    hand = Hand.load(name)
    check_writable(json_file)
    console = Console()
    with Stages() as stages:
        result = run_grasps(
            hand,
            trials,
            jobs,
            sample=max(1, len(trials) // 3) if quick else SAMPLE,
            halve=not quick,
            progress=stages.show,
        )
    if json_file:
        json_file.write_text(json.dumps(document(result), indent=1, allow_nan=False) + "\n")
    for table in tables(result):
        console.print(table)
    for line in lines(result):
        console.print(line, highlight=False, soft_wrap=True)


def _trials(quick: bool, count: int, seeds: int) -> list[GraspTrial]:
    from ..sim.grasps import draw
    from ..sim.tasks.grasp_trial import pool

    if quick and seeds > 1:
        raise ValueError("--quick draws each pose once; leave out --quick or --seeds")
    if quick:
        every = pool(masses=(0.5,), frictions=(0.6,), pushes=(5.0,))
    else:
        size = len(pool())
        every = [trial for seed in range(seeds) for trial in pool(first_seed=seed * size)]
    if count > len(every):
        typer.echo(f"the pool has {len(every)} trials, not {count}: all of them", err=True)
    return draw(every, count or (QUICK if quick else len(every)))
