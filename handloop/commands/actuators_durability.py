"""`handloop actuators durability`: how long gears, bearings and cords of each joint last."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .errors import check_folder, one_line_errors
from .progress import Stages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from ..sim.actuators.durability.life import PartLife

SAMPLES = 3


def durability(
    run: Annotated[
        Path, typer.Argument(metavar="RUN", help="Folder of a run of `handloop bench endurance`.")
    ],
    samples: Annotated[int, typer.Option(min=1, help="Trials to simulate once more.")] = SAMPLES,
    hand: Annotated[str, typer.Option(help="Which one, where the run has several.")] = "",
    out: Annotated[Path, typer.Option(help="Folder of the study.")] = Path("runs/durability"),
) -> None:
    """Tell how long the parts of each joint last if the hand grasps as in `endurance`.

    Load cycles are counted by the rainflow method and summed by Miner's rule. Sizes of gears,
    bearings and cords are assumptions that the study states, with what each of them changes.
    """
    with one_line_errors():
        from ..sim.actuators.durability.life import count_wear, lives
        from ..sim.actuators.durability.page import durability_study

        check_folder(out)
        with Stages() as stages:
            wear = count_wear(run, samples, hand, stages.show)
        files = durability_study(wear).write(out)
        _show(lives(wear), f"{len(wear.trials)} of {wear.of} that were held", files[0])


def _show(found: Sequence[PartLife], trials: str, page: Path) -> None:
    from rich.console import Console

    console = Console()
    console.print(_table(found))
    for line in (
        f"trials      {trials}, simulated once more",
        "assumed     sizes of parts, by each joint's torque limit; S-N lines of cords, wear of "
        "flanks: see the page",
        f"written     {page}",
    ):
        console.print(line, highlight=False, soft_wrap=True)


def _table(found: Sequence[PartLife]) -> Table:
    from rich import box
    from rich.table import Table

    from ..sim.actuators.durability.life import first_of_each

    table = Table(box=box.SIMPLE_HEAD, title="What fails first")
    table.add_column("where", no_wrap=True)
    table.add_column("part")
    for column in ("life\nh", "grasps", "cycles\nper grasp"):
        table.add_column(column, justify="right", no_wrap=True)
    for where, life in first_of_each(found).items():
        table.add_row(
            where, life.part, f"{life.hours:,.0f}", f"{life.grasps:.1e}", f"{life.cycles:.0f}"
        )
    return table
