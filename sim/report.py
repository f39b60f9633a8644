"""What the demo prints and writes: one table, one JSON document."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from rich import box
from rich.table import Table

from .demo import Condition, DemoResult
from .statistics import wilson
from .tasks.cup_result import CupResult
from .tasks.cup_trial import CupTrial

NONE = "–"

COLUMNS = (
    "held\n95 % CI",
    "crushed\n",
    "dropped\n",
    "slip, mm\nmed (max)",
    "peak\nmed, N",
    "margin\nmean",
    "react ms\nanswered",
)
PEOPLE = ("people", NONE, NONE, NONE, NONE, NONE, "0.1–0.4", "60–80 *")
"""Safety margin and slip reflex: Johansson & Westling 1984, doi:10.1007/BF00237997."""


def table(result: DemoResult) -> Table:
    """Closed loop against the best constant squeeze; 80 columns wide at most."""
    out = empty_table(*COLUMNS)
    out.add_row("[bold]closed loop[/]\nfeels slip", *cells(result.closed), style="green")
    squeeze = f"blind, {result.opened.squeeze:.2f} N"
    out.add_row(f"[bold]open loop[/]\n{squeeze}", *cells(result.opened), style="red")
    out.add_row(*PEOPLE, style="dim")
    out.caption = (
        "\nMargin: (F - F_slip) / F. Reaction: from a true slip, as fast as what the controller "
        "calls one, to a force 3 % higher for 5 ms; median (longest), and answered within 0.1 s. "
        "* To the first rise of the force, nerves and muscles included: not the same measure. "
        f"Already off the slip: {1e6 * result.creep:.0f} µm that a rigid pinch creeps here."
    )
    return out


def empty_table(*columns: str) -> Table:
    """One that fits on a terminal 80 columns wide; the first column, without a name, says what."""
    out = Table(
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        caption_justify="left",
        caption_style="dim",
    )
    out.add_column("", no_wrap=True)
    for name in columns:
        out.add_column(name, justify="right", no_wrap=True)
    return out


def cells(condition: Condition) -> list[str]:
    """What a table says of it, one text for each of `COLUMNS`."""
    results, outcomes = condition.results, condition.outcomes
    low, high = (round(100 * p) for p in wilson(condition.successes, len(results)))
    slip = [1e3 * r.slip for r in results]
    reactions = [1e3 * t for r in results for t in r.reactions.times]
    react = f"{np.median(reactions):.1f} ({max(reactions):.0f})" if reactions else NONE
    slips = sum(r.reactions.slips for r in results)
    return [
        f"{condition.successes}/{len(results)}\n{low}–{high} %",
        str(outcomes["crushed"]),
        str(outcomes["dropped"]),
        f"{np.median(slip):.1f} ({max(slip):.1f})",
        f"{np.median([r.peak_force for r in results]):.1f}",
        f"{condition.safety_margin:.2f}",
        f"{react}\n{len(reactions)}/{slips}",
    ]


def document(result: DemoResult) -> dict[str, Any]:
    """The whole result as JSON; numbers that do not exist are null."""
    return {
        "hand": result.hand,
        "seeds": len(result.trials),
        "closed_loop": condition_document(result.closed),
        "open_loop": condition_document(result.opened) | {"squeeze_n": result.opened.squeeze},
        "sweep": [_level(level) for level in result.sweep],
        "creep_mm": 1e3 * result.creep,
        "steps_per_s": result.steps_per_s,
        "tick_us": result.tick_us,
        "physics": result.physics,
        "trials": [
            _trial(*row)
            for row in zip(result.trials, result.closed.results, result.opened.results, strict=True)
        ],
    }


def condition_document(condition: Condition) -> dict[str, Any]:
    """All seeds under one way of holding, as JSON."""
    results = condition.results
    return {
        "success": condition.successes,
        "n": len(results),
        "wilson_95": list(wilson(condition.successes, len(results))),
        "slip_mm": _spread(1e3 * r.slip for r in results),
        "peak_force_n": _spread(r.peak_force for r in results),
        "safety_margin": _spread(r.safety_margin for r in results),
        "reaction_ms": _spread(1e3 * t for r in results for t in r.reactions.times),
        "slips_unanswered": sum(r.reactions.unanswered for r in results),
        "outcomes": condition.outcomes,
    }


def _spread(values: Iterable[float]) -> dict[str, float | int | None]:
    """Median, mean, extremes and number of the finite values."""
    finite = [float(v) for v in values if np.isfinite(v)]
    measures: dict[str, Callable[[Sequence[float]], Any]] = {
        "median": np.median, "mean": np.mean, "min": np.min, "max": np.max
    }  # fmt: skip
    spread = {name: float(f(finite)) if finite else None for name, f in measures.items()}
    return {**spread, "n": len(finite)}


def _level(level: Condition) -> dict[str, Any]:
    margin = level.safety_margin
    return {
        "squeeze_n": level.squeeze,
        "success": level.successes,
        "safety_margin": margin,
        "outcomes": level.outcomes,
    }


def _trial(trial: CupTrial, closed: CupResult, opened: CupResult) -> dict[str, Any]:
    return {
        "seed": trial.seed,
        "friction": trial.friction,
        "strength": trial.strength,
        "mass_kg": sum(trial.masses()),
        "least_force_n": trial.least_force(),
        "crush_force_n": trial.strength * trial.least_force(),
        "closed_loop": run_document(closed),
        "open_loop": run_document(opened),
    }


def run_document(result: CupResult) -> dict[str, Any]:
    """One run, as JSON."""
    margin = result.safety_margin
    return {
        "outcome": result.outcome,
        "slip_mm": 1e3 * result.slip,
        "peak_force_n": result.peak_force,
        "peak_over_crush_force": result.peak_ratio,
        "safety_margin": margin if np.isfinite(margin) else None,
        "reaction_ms": [1e3 * t for t in result.reactions.times],
    }
