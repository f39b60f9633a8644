"""What `handloop hil` prints and writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from ..sim.report import COLUMNS, cells, condition_document, empty_table, run_document
from ..sim.statistics import wilson
from .cup import HilResult, HilSetup


def table(results: Sequence[HilResult]) -> Table:
    """One row for each way to the servos."""
    out = empty_table(*COLUMNS)
    for result in results:
        name = f"[bold]{_rate(result.setup)}[/]\n{_lines(result.setup)}{1e3 * result.period:g} ms"
        out.add_row(name, *cells(result.condition), style="green" if result.setup.direct else None)
    out.caption = (
        "\nMargin and reaction: see handloop demo. No bus: the same cups with joints read and "
        "motors told at once. ms: from tick to tick."
    )
    return out


def _rate(setup: HilSetup) -> str:
    return "no bus" if setup.direct else f"{setup.baud / 1e6:g} Mbaud"


def _lines(setup: HilSetup) -> str:
    return "" if setup.direct else f"{setup.lines} line{'s' if setup.lines > 1 else ''}, "


def document(
    hand: str, results: Sequence[HilResult], refused: Mapping[HilSetup, str]
) -> dict[str, Any]:
    """All of it as JSON."""
    return {
        "hand": hand,
        "ways": [
            {
                **_setup(result.setup),
                "period_s": result.period,
                **condition_document(result.condition),
                "trials": [
                    {"seed": run.seed, **run_document(run)} for run in result.condition.results
                ],
            }
            for result in results
        ],
        "refused": [{**_setup(setup), "why": why} for setup, why in refused.items()],
    }


def _setup(setup: HilSetup) -> dict[str, Any]:
    baud, lines = (None, None) if setup.direct else (setup.baud, setup.lines)
    return {"baud": baud, "lines": lines, "feedback": setup.feedback}


def plot(results: Sequence[HilResult], path: Path) -> None:
    """Writes success over the rate of the lines with 95 % intervals, for each number of lines."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 3.8), layout="constrained")
    axes = figure.subplots()
    for lines in sorted({r.setup.lines for r in results if not r.setup.direct}):
        here = [r for r in results if not r.setup.direct and r.setup.lines == lines]
        held = np.array([_held(r) for r in here])
        low, high = 100.0 * np.array([wilson(r.condition.successes, _cups(r)) for r in here]).T
        axes.errorbar(
            # Side by side, so that intervals do not hide each other.
            [r.setup.baud / 1e6 + 0.03 * (lines - 2) for r in here],
            held,
            [held - low, high - held],
            marker="o",
            capsize=2.5,
            label="1 line" if lines == 1 else f"{lines} lines",
        )
    for result in results:
        if result.setup.direct:
            axes.axhline(_held(result), color="#44474d", linestyle="--", label="no bus")
    axes.set(xlabel="rate of the lines [Mbaud]", ylabel="cups held [%]", ylim=(-2.0, 102.0))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.savefig(path, dpi=160)


def _held(result: HilResult) -> float:
    return 100.0 * result.condition.successes / _cups(result)


def _cups(result: HilResult) -> int:
    return len(result.condition.results)
