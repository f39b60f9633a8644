"""`handloop demo`: hold a cup while it is filled, next to a hand that squeezes blindly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .errors import check_writable, one_line_errors
from .progress import Stages

if TYPE_CHECKING:
    from ..sim.demo import DemoResult


def demo(
    hand: Annotated[
        str, typer.Option(help="A packaged hand, or the path of a hand.toml.")
    ] = "hand27_right",
    seeds: Annotated[int, typer.Option(min=1, help="Cups to hold, each drawn anew.")] = 20,
    first_seed: Annotated[int, typer.Option(min=0, help="Seed of the first cup.")] = 0,
    threads: Annotated[
        int, typer.Option(min=0, help="Threads that simulate; 0: one per core.")
    ] = 0,
    out: Annotated[Path, typer.Option(help="Folder for plots, picture and video.")] = Path(
        "runs/demo"
    ),
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write all numbers to this file.")
    ] = None,
    video: Annotated[bool, typer.Option(help="Render the picture and the video.")] = True,
) -> None:
    """Hold a thin cup while it is filled, hit and shaken, next to a hand that squeezes blindly.

    Every seed draws another friction and another strength of the cup. The closed loop feels how
    slippery it is; the open loop holds the one constant force that suits most of these cups.
    """
    with one_line_errors():
        _demo(hand, range(first_seed, first_seed + seeds), threads, out, json_file, video)


def _demo(
    name: str, seeds: range, threads: int, out: Path, json_file: Path | None, video: bool
) -> None:
    from rich.console import Console

    from ..controller import Hand
    from ..sim.demo import run_demo
    from ..sim.gallery import write_gallery
    from ..sim.report import document, table

    hand = Hand.load(name)
    out.mkdir(parents=True, exist_ok=True)
    check_writable(json_file)
    console = Console()
    with Stages() as stages:
        result = run_demo(hand, len(seeds), threads, first_seed=seeds.start, progress=stages.show)
        gallery = write_gallery(hand, result, out, video, stages.show)
    if json_file:
        json_file.write_text(json.dumps(document(result), indent=2, allow_nan=False) + "\n")
    console.print(table(result))
    for line in (
        *_costs(result),
        *gallery.lines(),
        *([f"numbers     {json_file}"] if json_file else []),
    ):
        console.print(line, highlight=False, soft_wrap=True)


def _costs(result: DemoResult) -> Iterator[str]:
    tick = result.tick_us
    yield f"simulation  {result.steps_per_s:,.0f} steps/s, closed loop, all threads together"
    yield f"one tick    {tick['p50']:.1f} µs median, {tick['p99']:.1f} µs at the 99th percentile"
