"""`handloop hil`: what the bus costs, with the cup of the demo."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .errors import check_writable, one_line_errors
from .progress import Stages
from .virtual import FaultsOption

if TYPE_CHECKING:
    from ..firmware_bridge.virtual_faults import VirtualFault

BAUDS = (1_000_000, 2_000_000, 3_000_000, 4_000_000, 4_500_000)
LINES = (1, 2, 3)


class Feedback(StrEnum):
    """Where forces are felt."""

    TIPS = "tips"
    MOTORS = "motors"


def hil(
    hand: Annotated[
        str, typer.Option(help="A packaged hand, or the path of a hand.toml, with a [bus].")
    ] = "hand22_right_light",
    baud: Annotated[
        list[int] | None, typer.Option(min=1, help="Rate of the lines; more than once for several.")
    ] = None,
    lines: Annotated[
        list[int] | None, typer.Option(min=1, max=4, help="Lines; more than once for several.")
    ] = None,
    sweep: Annotated[bool, typer.Option("--sweep", help="1 to 4.5 Mbaud on 1 to 3 lines.")] = False,
    feedback: Annotated[
        Feedback, typer.Option(help="Fingertips beside the bus, or the motors' currents alone.")
    ] = Feedback.TIPS,
    fault: FaultsOption = None,
    seeds: Annotated[int, typer.Option(min=1, help="Cups to hold, each drawn anew.")] = 20,
    first_seed: Annotated[int, typer.Option(min=0, help="Seed of the first cup.")] = 0,
    threads: Annotated[
        int, typer.Option(min=0, help="Threads that simulate; 0: one per core.")
    ] = 0,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write all numbers to this file.")
    ] = None,
    plot_file: Annotated[
        Path | None, typer.Option("--plot", help="Draw success over the rate: .png, .svg or .pdf.")
    ] = None,
) -> None:
    """Hold the cup of the demo through the bus: codec, line, virtual servos, simulated hand.

    Next to the same cups without a bus. In lockstep: simulated time advances by the bytes on the
    lines, so the same run gives the same bits on any machine.
    """
    ways = (BAUDS, LINES) if sweep else (baud or [4_000_000], lines or [2])
    with one_line_errors():
        from ..firmware_bridge.virtual_faults import VirtualFault

        faults = tuple(VirtualFault.parse(one) for one in fault or ())
        _hil(
            hand,
            ways,
            feedback,
            faults,
            range(first_seed, first_seed + seeds),
            threads,
            json_file,
            plot_file,
        )


def _hil(
    name: str,
    ways: tuple[Sequence[int], Sequence[int]],
    feedback: Feedback,
    faults: tuple[VirtualFault, ...],
    seeds: range,
    threads: int,
    json_file: Path | None,
    plot_file: Path | None,
) -> None:
    from rich.console import Console

    from ..controller import Hand
    from ..hil import HilSetup, run_hil
    from ..hil.report import document, plot, table

    hand = Hand.load(name)
    check_writable(json_file)
    check_writable(plot_file)
    setups = [HilSetup(0, 0, feedback.value)]
    setups += [
        HilSetup(b, n, feedback.value, faults) for n, b in itertools.product(ways[1], ways[0])
    ]
    with Stages() as stages:
        results, refused = run_hil(
            hand, setups, len(seeds), first_seed=seeds.start, threads=threads, progress=stages.show
        )
    console = Console()
    console.print(table(results))
    for why in dict.fromkeys(refused.values()):
        console.print(f"left out    {why}", highlight=False, soft_wrap=True)
    if json_file:
        text = json.dumps(document(hand.name, results, refused), indent=2, allow_nan=False)
        json_file.write_text(text + "\n")
        console.print(f"numbers     {json_file}", highlight=False, soft_wrap=True)
    if plot_file:
        plot(results, plot_file)
        console.print(f"plot        {plot_file}", highlight=False, soft_wrap=True)
