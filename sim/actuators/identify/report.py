"""The page that shows how a servo was identified, and its files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from ....controller.servo_log import ServoLog
from ...study import Bar, Bars, Line, Plot, Study, Table
from .identification import Identification
from .identify import ModelFit
from .parameters import servo_of
from .rig_fit import STEP, RigFit

_ANY_UNIT: Final = "[in its unit]"
_DRAWN: Final = 300  # points of a line


def write_report(found: Identification, folder: Path) -> tuple[Path, ...]:
    """Writes `report.html` with its tables, `identification.json`, and a TOML for each model.

    Args:
        found: What came of it.
        folder: Made if it is not there.
    """
    files = study_of(found).write(folder)
    whole = folder / "identification.json"
    whole.write_text(json.dumps(found.document(), indent=1, default=str) + "\n", "utf-8")
    tomls = []
    for fit in found.fits:
        tomls.append(folder / f"{fit.model}.toml")
        tomls[-1].write_text(found.actuator(fit).toml(), "utf-8")
    return (*files, whole, *tomls)


def study_of(found: Identification) -> Study:
    """The page."""
    servo = found.logs[0].servo
    study = Study(
        f"{servo}, identified",
        f"Which parameters make a simulated {servo} do what a real one did, and can they be true?",
        {
            "logs": ", ".join(log.name for log in found.logs),
            "friction models": "M1 to M6 of Duclusaud et al. 2024 (arXiv 2410.08650)",
            "search": f"CMA-ES from where the models within ended and from "
            f"{found.config.budget.restarts} random starts, up to {found.config.budget.most} until "
            "two runs end alike, then robust least squares",
            "supply": found.config.supply,
            "seed": str(found.config.seed),
            "held to the data sheet": "yes" if found.config.held_to_sheet else "no",
        },
    )
    best = found.chosen or min(found.fits, key=lambda fit: fit.error)
    study.section("Models")
    study.table(models_table(found))
    if found.held_out:
        study.table(held_out_table(found))
    if found.sheet:
        study.section("Against the data sheet")
        study.table(sheet_table(found))
    study.section(f"Parameters of {best.model.upper()}")
    study.table(parameters_table(best))
    study.section("Measured and simulated")
    study.figure(_errors(found))
    for figure in _curves(found, best):
        study.figure(figure)
    study.limits([*found.doubts(), *_limits()])
    return study


def models_table(found: Identification) -> Table:
    """How well each model does."""
    rows = []
    for fit in found.fits:
        rows.append(
            (
                fit.model.upper(),
                1e3 * fit.error,
                1e3 * found.held_out_error(fit) if found.held_out else None,
                1e3 * fit.found.cost,
                len(fit.found.ends),
                "yes" if fit.found.converged else "no",
                fit.confidence.correlation_of("torque_constant", "resistance"),
                "; ".join(fit.objections) or "none",
            )
        )
    columns = (
        "model",
        "mean error [mrad]",
        "held out [mrad]",
        "cost [mrad]",
        "runs [1]",
        "two end alike",
        "correlation of torque constant and resistance [1]",
        "objections",
    )
    return Table("Mean absolute error of the position, and whether the servo can be", columns, rows)


def held_out_table(found: Identification) -> Table:
    """What was foretold."""
    rows = [
        (h.model.upper(), h.by, h.group, 1e3 * h.error, 1e3 * h.error_fitted)
        for h in found.held_out
    ]
    columns = ("model", "by", "held out", "error there [mrad]", "error of the rest [mrad]")
    return Table("Logs that the fit has not seen", columns, rows)


def sheet_table(found: Identification) -> Table:
    """The figures that a sheet has, too, with the stall as it may be meant."""
    rows: list[tuple[str | float | None, ...]] = []
    for fit in found.fits:
        rows += [
            (fit.model.upper(), f"{c.name} [{c.unit}]", c.fitted, c.stated, 100.0 * c.deviation)
            for c in fit.compared
        ]
        servo = found.actuator(fit)
        stated = found.sheet.stall_torque if found.sheet else float("nan")
        for name, value in (("lifted", servo.stall_torque), ("held", servo.held_torque)):
            shown = value if np.isfinite(value) else None
            deviation = 100.0 * (value / stated - 1.0) if shown is not None else None
            rows.append((fit.model.upper(), f"torque just {name} [N m]", shown, stated, deviation))
    columns = ("model", "figure", f"fitted {_ANY_UNIT}", f"sheet {_ANY_UNIT}", "deviation [%]")
    return Table("At the voltage of the data sheet", columns, rows)


def parameters_table(fit: ModelFit) -> Table:
    """Values and how sure they are."""
    rows = []
    for i in fit.confidence.intervals:
        low, high = i.bootstrap or (None, None)
        sure = (i.low, i.high) if i.known else (None, None)
        said = (
            f"at its bound, {i.at_bound}" if i.at_bound else "" if i.known else "not told by logs"
        )
        rows.append((i.name, i.unit or "1", i.value, *sure, low, high, said))
    columns = (
        "parameter",
        "unit",
        f"value {_ANY_UNIT}",
        f"95 % from {_ANY_UNIT}",
        f"95 % to {_ANY_UNIT}",
        f"bootstrap 5 % {_ANY_UNIT}",
        f"bootstrap 95 % {_ANY_UNIT}",
        "remark",
    )
    return Table(f"Parameters of {fit.model.upper()}", columns, rows)


def _errors(found: Identification) -> Bars:
    names = [log.name for log in found.logs]
    bars = [
        Bar(fit.model.upper(), [1e3 * fit.by_log[name] for name in names]) for fit in found.fits
    ]
    return Bars("Mean absolute error by log", names, "error [mrad]", bars)


def _curves(found: Identification, fit: ModelFit) -> Iterator[Plot]:
    rig = RigFit(found.logs, found.config.supply)
    played = rig.split(rig.play([servo_of(fit.values)], STEP)[0, :, 0])
    for log, simulated in zip(found.logs, played, strict=True):
        yield _curve(log, simulated, fit)


def _curve(log: ServoLog, simulated: np.ndarray, fit: ModelFit) -> Plot:
    every = slice(None, None, max(len(log.time) // _DRAWN, 1))
    time = log.time[every].tolist()
    return Plot(
        f"{log.name}: {1e3 * fit.by_log[log.name]:.1f} mrad",
        "time [s]",
        "position [rad]",
        [
            Line("goal", time, log.goal[every].tolist(), dashed=True),
            Line("measured", time, log.position[every].tolist()),
            Line(fit.model.upper(), time, simulated[every].tolist()),
        ],
    )


def _limits() -> list[str]:
    return [
        "The winding stays at one temperature; the supply at one voltage for each log.",
        "Intervals come from slopes at the optimum, widened by how long errors are alike; what the "
        "model lacks is not in them.",
        "A data sheet's stall is not defined: the motor's torque is compared, what is lifted and "
        "held stand beside it.",
    ]
