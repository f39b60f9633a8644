"""What the proof on grasps prints and writes: tables of success and one JSON document."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from rich import box
from rich.table import Table

from .grasps import Condition, GraspsResult
from .report import NONE
from .statistics import wilson
from .tasks.grasp_result import LOOSE, STRICT, Gate, GraspResult
from .tasks.grasp_trial import LEVER, GraspTrial

Choice = Callable[[GraspTrial], bool]


def reach(trial: GraspTrial) -> bool:
    """The trials by which the controller is to be judged: 0.5 kg, pushed with 5 N, friction 0.6."""
    return (trial.mass, trial.push, trial.friction) == (0.5, 5.0, 0.6)


def rate(results: Sequence[GraspResult], gate: Gate, choice: Choice) -> tuple[int, int]:
    """How many of the chosen trials went through a gate, and how many there are."""
    chosen = [r.passes(gate) for r in results if choice(r.trial)]
    return sum(chosen), len(chosen)


def tables(result: GraspsResult) -> Iterator[Table]:
    """One table per gate; every cell: success in percent and its Wilson 95 % interval."""
    every = [r.trial for r in result.closed.results]
    pushes = sorted({trial.push for trial in every})
    for title, gate in (("strict", STRICT), ("loose", LOOSE)):
        limits = f"less than {1e2 * gate.shift:g} cm and {np.degrees(gate.turn):.0f}°"
        out = Table(
            title=f"{title} gate: {limits}",
            title_justify="left",
            box=box.SIMPLE_HEAD,
            show_edge=False,
            pad_edge=False,
            padding=0,
        )
        out.add_column("", no_wrap=True)
        out.add_column("", no_wrap=True)
        for push in pushes:
            out.add_column(f"{push:g} N", justify="right", no_wrap=True)
        for row in dict.fromkeys(map(_row, every)):
            _add_rows(out, row, pushes, result, gate)
        _add_rows(out, "all", pushes, result, gate)
        yield out


def _row(trial: GraspTrial) -> str:
    return f"{trial.grip}, {trial.mass:g} kg, µ {trial.friction:g}"


def _add_rows(
    out: Table, row: str, pushes: Sequence[float], result: GraspsResult, gate: Gate
) -> None:
    """The closed loop, and below it the blind squeeze."""
    blind = f"blind {result.opened.squeeze:g} N"
    ways = (("closed", "green", result.closed), (blind, "red", result.opened))
    for label, (way, colour, condition) in zip((row, ""), ways, strict=True):

        def cell(push: float, condition: Condition = condition) -> str:
            def chosen(trial: GraspTrial) -> bool:
                return trial.push == push and row in ("all", _row(trial))

            return percent(*rate(condition.results, gate, chosen))

        out.add_row(label, way, *map(cell, pushes), style=colour)


def percent(successes: int, n: int) -> str:
    """As `85 (80–89)`."""
    if n == 0:
        return NONE
    low, high = (100.0 * p for p in wilson(successes, n))
    return f"{100.0 * successes / n:.0f} ({low:.0f}–{high:.0f})"


def lines(result: GraspsResult) -> Iterator[str]:
    """What the tables do not say."""
    results = result.closed.results
    for label, choice in (
        ("reach", reach),
        ("  precision", lambda t: reach(t) and t.grip == "precision"),
        ("  power", lambda t: reach(t) and t.grip == "power"),
    ):
        blind = percent(*rate(result.opened.results, STRICT, choice))
        held, n = rate(results, STRICT, choice)
        yield f"{label:<11} {percent(held, n)} % of {n} closed loop, {blind} % blind"
    grasps = len({(r.trial.thing, r.trial.grip) for r in results})
    yield (
        f"intervals   Wilson, 95 %, as if all trials were independent: {len(results)} share "
        f"{grasps} pre-shapes"
    )
    if result.halved:
        yield _half_step(result, result.halved)
    yield _fingertips(result)
    depth = _mean([1e3 * r.depth for r in results if r.passes(STRICT)], ".2f")
    yield f"penetration {depth} mm at the deepest contact (mean of what was held)"
    yield f"simulation  {result.steps_per_s:,.0f} steps/s, all threads together"
    options = ", ".join(f"{name} {value}" for name, value in result.physics.items())
    yield f"physics     {options}"


def _fingertips(result: GraspsResult) -> str:
    """Forces are compared where both hands have the object, or they are of different objects."""
    pairs = zip(result.closed.results, result.opened.results, strict=True)
    both = [(one.grip, other.grip) for one, other in pairs if one.lifted and other.lifted]
    closed, opened = (_mean([pair[way] for pair in both], ".1f") for way in (0, 1))
    return (
        f"fingertips  {closed} N in all closed loop, {opened} N blind (mean of {len(both)} that "
        "both lifted)"
    )


def _mean(values: Sequence[float], form: str) -> str:
    return format(np.mean(values), form) if values else NONE


def _half_step(result: GraspsResult, halved: Condition) -> str:
    full, half = (100.0 * c.successes / len(c.results) for c in (result.closed, halved))
    return f"half step   strict gate, all trials: {full:.1f} % becomes {half:.1f} %"


def document(result: GraspsResult) -> dict[str, Any]:
    """The whole result as JSON."""
    conditions = {"closed_loop": result.closed, "open_loop": result.opened}
    if result.halved:
        conditions["half_step"] = result.halved
    return {
        "hand": result.hand,
        "lever_m": LEVER,
        "gates": {
            name: {"shift_m": gate.shift, "turn_rad": gate.turn}
            for name, gate in (("loose", LOOSE), ("strict", STRICT))
        },
        "conditions": {name: _condition(c) for name, c in conditions.items()},
        "sweep": [_counts(c) for c in result.sweep],
        "steps_per_s": result.steps_per_s,
        "physics": result.physics,
    }


def _condition(condition: Condition) -> dict[str, Any]:
    reached = rate(condition.results, STRICT, reach)
    return {
        **_counts(condition),
        "reach": {"strict": reached[0], "n": reached[1]},
        "trials": [_trial(result) for result in condition.results],
    }


def _counts(condition: Condition) -> dict[str, Any]:
    return {
        "squeeze_n": condition.squeeze,
        "timestep_s": condition.timestep,
        "strict": condition.successes,
        "loose": sum(r.passes(LOOSE) for r in condition.results),
        "n": len(condition.results),
    }


def _trial(result: GraspResult) -> dict[str, Any]:
    trial = result.trial
    return {
        "object": trial.thing.name,
        "grip": trial.grip,
        "mass_kg": trial.mass,
        "friction": trial.friction,
        "push_n": trial.push,
        "kind": trial.kind,
        "axis": "xyz"[trial.axis],
        "sign": trial.sign,
        "seed": trial.seed,
        "shift_mm": _finite(1e3 * result.shift),
        "turn_deg": _finite(np.degrees(result.turn)),
        "lifted": result.lifted,
        "diverged": result.diverged,
        "strict": result.passes(STRICT),
        "loose": result.passes(LOOSE),
        "peak_force_n": result.force,
        "mean_grip_n": result.grip,
        "depth_mm": _finite(1e3 * result.depth),
    }


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
