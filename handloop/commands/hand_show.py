"""A hand's servos before and after a run: findings, changes and calibrations as tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.table import Table

if TYPE_CHECKING:
    from ..firmware_bridge.calibration import Failure, JointCalibration
    from ..firmware_bridge.preflight import Finding
    from ..firmware_bridge.preflight_settings import Change

_NAMED = 4  # that a cell of a table has room for


def findings_table(findings: Iterable[Finding]) -> Table:
    """What is not as it should be; what blocks is red, and what is the same is said once."""
    alike: dict[tuple[str, ...], list[Finding]] = {}
    for f in findings:
        alike.setdefault((f.severity, f.what, f.found, f.wanted, f.mend), []).append(f)
    table = _table("joint", "servo", "what", "is", "should be", "mend")
    for (severity, *cells), group in alike.items():
        style = "red" if severity == "blocking" else "yellow"
        servos = _few([f.servo for f in group], "servos")
        table.add_row(_few([f.joint for f in group], "joints"), servos, *cells, style=style)
    return table


def changes_table(changes: Iterable[Change]) -> Table:
    """What was written into servos; what is the same is said once."""
    alike: dict[tuple[str, ...], list[Change]] = {}
    for c in changes:
        alike.setdefault((c.register, c.before, c.after), []).append(c)
    table = _table("joint", "servo", "register", "before", "now")
    for cells, group in alike.items():
        servos = _few([c.servo for c in group], "servos")
        table.add_row(_few([c.joint for c in group], "joints"), servos, *cells)
    return table


def calibrations_table(found: Sequence[JointCalibration | Failure]) -> Table:
    """Stops, ranges and offsets, or why there are none."""
    from ..firmware_bridge.calibration import Failure

    table = _table("joint", "servo")
    for name in ("pushed with", "range", "by MJCF", "repeats to", "offset was", "offset is"):
        table.add_column(name, justify="right")
    table.add_column("")
    for joint in found:
        if isinstance(joint, Failure):
            blank = ["-"] * 6
            table.add_row(joint.joint, joint.servo, *blank, joint.why, style="red")
        else:
            table.add_row(*_calibration(joint), style="yellow" if joint.doubts else "")
    return table


def _calibration(joint: JointCalibration) -> list[str]:
    return [
        joint.joint,
        joint.servo,
        joint.effort,
        f"{joint.span:.3f} rad",
        f"{joint.model_range[1] - joint.model_range[0]:.3f} rad",
        f"{1e3 * joint.spread:.1f} mrad",
        f"{joint.offset_before:.4f} rad",
        f"{joint.offset:.4f} rad",
        "; ".join(joint.doubts),
    ]


def _few(names: Sequence[str], kind: str) -> str:
    """All of them, or how many there are."""
    return "\n".join(names) if len(names) <= _NAMED else f"{len(names)} {kind}"


def _table(*columns: str) -> Table:
    table = Table()
    for name in columns:
        table.add_column(name)
    return table
