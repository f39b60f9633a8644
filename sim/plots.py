"""Figures of the demo, for a paper or a slide: every axis with its unit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from .demo import Array, Condition, DemoResult
from .tasks.cup import END, SHAKEN, SINK
from .tasks.cup_trial import DROP_IN, DROPPED, POUR
from .trace import Trace

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CLOSED: Final = "#1b7f5c"
OPEN: Final = "#c8552b"
TRUTH: Final = "#44474d"
BAND: Final = "#d3dfee"

EVENTS: Final = (
    ((SINK[0], POUR[0]), "coaster\nsinks"),
    (POUR, "0.45 kg poured in"),
    ((DROP_IN, DROP_IN + 0.1), "0.1 kg\ndrops in"),
    (SHAKEN, "wrist shaken"),
)

MARKERS: Final = (("held", "o"), ("crushed", "x"), ("dropped", "v"), ("diverged", "*"))

_STYLE: Final[dict[Any, Any]] = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "legend.frameon": False,
    "figure.dpi": 110,
    "savefig.dpi": 160,
}


def plot_run(closed: Trace, opened: Trace, path: Path) -> None:
    """Writes one cup over time: grip of both hands, slip, and what is believed of the friction."""
    figure = _figure(7.2, 7.4)
    axes = figure.subplots(
        4, 1, sharex=True, gridspec_kw={"height_ratios": [2.2, 2.2, 1.0, 1.0], "hspace": 0.25}
    )
    top = 1.15 * max(closed.crush_force, closed.thumb.max(), min(opened.thumb.max(), 14.0))
    _draw_grip(axes[0], closed, CLOSED, "closed loop")
    _draw_grip(axes[1], opened, OPEN, f"open loop, {opened.squeeze:.2f} N")
    for axis in axes[:2]:
        axis.set_ylim(0.0, top)
    _draw_slip(axes[2], closed, opened)
    _draw_friction(axes[3], closed)
    for axis in axes:
        _mark_events(axis)
    _name_events(axes[0])
    axes[0].legend(loc="center left", fontsize=8)
    axes[3].set_xlim(0.0, END)
    axes[3].set_xlabel("time [s]")
    figure.align_ylabels(axes)
    figure.savefig(path, bbox_inches="tight")


def plot_seeds(result: DemoResult, path: Path) -> None:
    """Writes all cups: which forces hold each one, and which force each hand used at most."""
    figure = _figure(7.2, 3.6)
    axis = figure.subplots()
    order = np.argsort([trial.least_force() for trial in result.trials]).tolist()
    trials = [result.trials[i] for i in order]
    x = np.arange(len(trials), dtype=np.float64)
    least = np.array([trial.least_force() for trial in trials])
    crush = least * [trial.strength for trial in trials]
    axis.bar(x, crush - least, 0.62, bottom=least, color=BAND, label="holds the cup")
    for condition, shift, color in ((result.closed, -0.14, CLOSED), (result.opened, 0.14, OPEN)):
        _draw_peaks(axis, x + shift, crush, condition, order, color)
    axis.axhline(result.opened.squeeze or 0.0, color=OPEN, lw=0.8, ls=":", zorder=0)
    axis.set_xticks(x, [str(trial.seed) for trial in trials])
    axis.set_xlabel("seed, in the order of the least force that holds the cup")
    axis.set_ylabel("largest normal force per side [N]")
    axis.set_ylim(0.0, 1.1 * crush.max())
    axis.legend(loc="upper left", ncols=2, fontsize=8)
    figure.savefig(path, bbox_inches="tight")


def _draw_peaks(
    axis: Axes, x: Array, crush: Array, condition: Condition, order: Sequence[int], color: str
) -> None:
    runs = [condition.results[i] for i in order]
    peak = crush * [run.peak_ratio for run in runs]
    if condition.squeeze is not None:  # fingers that have lost their cup hit each other
        gone = [run.outcome == "dropped" for run in runs]
        peak = np.where(gone, np.minimum(peak, condition.squeeze), peak)
    way = "closed loop" if condition.squeeze is None else "open loop"
    for outcome, marker in MARKERS:
        these = np.array([run.outcome == outcome for run in runs])
        if these.any():
            label = f"{way}: {outcome}"
            axis.plot(x[these], peak[these], marker, ms=6, mew=1.6, color=color, label=label)


def _figure(width: float, height: float) -> Figure:
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    for name, value in _STYLE.items():
        mpl.rcParams[name] = value
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    return figure


def _draw_grip(axis: Axes, trace: Trace, color: str, name: str) -> None:
    crush = trace.crush_force
    axis.fill_between(trace.time, trace.slip_force, crush, fc=BAND, lw=0)
    axis.axhline(crush, color=TRUTH, lw=0.9, ls="--")
    axis.plot(trace.time, trace.slip_force, color=TRUTH, lw=0.9)
    until, after = slice(0, trace.end + 1), slice(trace.end, None)
    axis.plot(trace.time[until], trace.fingers[until], color=color, lw=1.0, alpha=0.5)
    axis.plot(trace.time[until], trace.thumb[until], color=color, lw=1.4)
    axis.plot([], [], color="#888888", lw=1.4, label="thumb")
    axis.plot([], [], color="#bbbbbb", lw=1.0, label="fingers together")
    axis.plot(trace.time[after], trace.thumb[after], color=color, lw=0.8, alpha=0.2)
    if trace.end < len(trace.time):
        when, force = trace.time[trace.end], trace.thumb[trace.end]
        axis.plot(when, force, "X", color=color, ms=9, mec="white", zorder=5)
    axis.text(2.0, 0.75 * crush, "holds the cup", color=TRUTH, fontsize=8)
    axis.text(0.12, crush, "crushes", va="bottom", color=TRUTH, fontsize=8)
    axis.text(9.95, trace.slip_force[-1], "slips", va="top", ha="right", color=TRUTH, fontsize=8)
    axis.set_ylabel("grip force [N]")
    told = f"{name}: {trace.result.outcome}"
    axis.text(9.95, 0.06 * crush, told, ha="right", color=color, fontsize=10, weight="bold")


def _draw_slip(axis: Axes, closed: Trace, opened: Trace) -> None:
    limit = 1e3 * DROPPED
    axis.axhline(limit, color=TRUTH, lw=0.9, ls="--")
    axis.text(0.12, limit, "dropped", va="bottom", color=TRUTH, fontsize=8)
    axis.plot(closed.time, 1e3 * closed.slip, color=CLOSED, lw=1.4)
    seen = slice(0, opened.lost + 1)
    axis.plot(opened.time[seen], 1e3 * opened.slip[seen], color=OPEN, lw=1.4)
    axis.set_ylim(0.0, 1.5 * limit)
    axis.set_yticks(range(4))
    axis.set_ylabel("slip [mm]")


def _draw_friction(axis: Axes, closed: Trace) -> None:
    truth = closed.trial.friction
    axis.axhline(truth, color=TRUTH, lw=0.9, ls="--")
    axis.text(9.95, truth, "true", va="bottom", ha="right", color=TRUTH, fontsize=8)
    axis.plot(closed.time, closed.friction, color=CLOSED, lw=1.4)
    axis.text(0.12, closed.friction[0], "believed", va="top", color=CLOSED, fontsize=8)
    axis.set_ylim(0.0, 1.1 * max(truth, float(closed.friction.max())))
    axis.set_ylabel("friction [1]")


def _mark_events(axis: Axes) -> None:
    for (begin, end), _ in EVENTS:
        axis.axvspan(begin, end, color="#000000", alpha=0.045, lw=0, zorder=-2)


def _name_events(axis: Axes) -> None:
    for (begin, end), name in EVENTS:
        axis.annotate(
            name, ((begin + end) / 2.0, 1.03), xycoords=("data", "axes fraction"),
            ha="center", va="bottom", fontsize=8, color="#6b6f76",
        )  # fmt: skip
