"""The figure of `handloop latency`: how long, how often, and how rarely longer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from .report import Distribution, LatencyReport

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SERIES: Final = {
    "tick": ("controller tick, alone", "#1b7f5c"),
    "tick-codec": ("controller tick and bus codec", "#9a7bb0"),
    "loop-tick": ("controller tick, in the loop", "#7fb8a4"),
    "response": ("sample to command", "#3568a8"),
    "lateness": ("lateness of the loop (jitter)", "#c8552b"),
}
PER_DECADE: Final = 24  # bins of the histogram

_STYLE: Final[dict[Any, Any]] = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "legend.frameon": False,
    "savefig.dpi": 160,
}


def plot_latency(report: LatencyReport, path: Path) -> None:
    """Writes one figure: histograms above, percentiles below, both in µs on a log axis."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(7.2, 6.4), layout="constrained")
        above, below = figure.subplots(2, 1)
        for name, times in report.distributions().items():
            _draw_histogram(above, times, *SERIES[name])
            _draw_percentiles(below, times, *SERIES[name])
        if report.loop:
            for axis in (above, below):
                _mark_period(axis, 1e6 * report.loop.period, across=axis is below)
        _finish(above, below, report)
        figure.savefig(path)


def _draw_histogram(axis: Axes, times: Distribution, label: str, color: str) -> None:
    values, counts = times.buckets.T
    values = np.maximum(values, 1e-2)
    low, high = np.floor(np.log10(values.min())), np.ceil(np.log10(values.max()) + 1e-9)
    edges = np.logspace(low, high, int((high - low) * PER_DECADE) + 1)
    shares = np.histogram(values, edges, weights=counts / counts.sum())[0]
    axis.stairs(shares, edges, color=color, fill=True, alpha=0.25)
    axis.stairs(np.where(shares > 0.0, shares, np.nan), edges, color=color, lw=1.2, label=label)


def _draw_percentiles(axis: Axes, times: Distribution, label: str, color: str) -> None:
    values, counts = times.buckets.T
    rarer = counts.sum() / (counts.sum() - np.cumsum(counts) + counts)  # one in so many is longer
    axis.step(rarer, values, where="post", color=color, lw=1.6, label=label)
    axis.plot(rarer[-1], values[-1], "o", color=color, ms=4)


def _mark_period(axis: Axes, period: float, *, across: bool) -> None:
    style: dict[str, Any] = {"color": "#44474d", "lw": 0.9, "ls": ":"}
    if across:
        axis.axhline(period, **style)
        axis.text(1.1, 1.15 * period, "period of the loop", fontsize=8, color="#44474d")
    else:
        axis.axvline(period, **style)


def _finish(above: Axes, below: Axes, report: LatencyReport) -> None:
    machine = report.machine
    above.set(xscale="log", yscale="log", xlabel="time [µs]", ylabel="part of all ticks")
    above.set_title(
        f"{report.hand}: {report.tick.ticks:,} ticks; {machine.cores} cores, "
        f"{machine.processor or 'unknown processor'}"
    )
    below.set(xscale="log", yscale="log", ylabel="time [µs]", xlim=(1.0, None))
    below.set_xlabel("percentile of all ticks; a dot is the longest of all")
    ticks = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000]
    below.set_xticks(ticks, ["0", "90 %", "99 %", "99.9 %", "99.99 %", "99.999 %", "99.9999 %"])
    below.set_xlim(1.0, 1.3 * max(d.buckets[:, 1].sum() for d in report.distributions().values()))
    for axis in (above, below):
        axis.grid(True, which="major", color="#e4e6ea", lw=0.6)
        axis.set_axisbelow(True)
    below.minorticks_off()
    above.legend(loc="upper right", fontsize=8)
