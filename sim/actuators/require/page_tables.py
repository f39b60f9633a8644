"""What tasks ask of a hand, as tables: by joint, task, tendon and actuator, and beside people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ...study import Table
from .envelope import Enveloped, fit
from .extract import DUTY_LEVEL, TaskUse
from .human import PEOPLE, TIERS, Tier, people_of
from .requirement import Requirements


def joint_table(needs: Requirements) -> Table:
    """A row for each joint."""
    columns = (
        "joint", "RMS torque [N m]", "worst task's RMS [N m]", "peak torque [N m]",
        "peak speed [rad/s]", f"duty above {DUTY_LEVEL:g} of the peak [1]", "resolution [mrad]",
        "bandwidth [Hz]", "largest rotor [kg m2]", "lowest position [rad]",
        "highest position [rad]",
    )  # fmt: skip
    rows = [
        (
            j.joint, j.rms_torque, float(np.sqrt(j.mean_square)), j.peak_torque, j.peak_speed,
            j.duty, 1e3 * j.resolution, j.bandwidth, j.inertia_max, *j.travel,
        )
        for j in needs.joints
    ]  # fmt: skip
    return Table("What each joint's actuator must do", columns, rows)


def set_by_table(needs: Requirements) -> Table:
    """Which task sets which figure."""
    figures = list(needs.joints[0].set_by)
    rows = [(j.joint, *(j.set_by[figure] for figure in figures)) for j in needs.joints]
    said = [figure.replace("_", " ") for figure in figures]
    return Table("Which task sets which figure", ("joint", *said), rows)


def tendon_table(needs: Requirements) -> Table:
    """A row for each tendon."""
    columns = (
        "motor", "worst task's RMS [N]", "peak tension [N]", "peak speed [m/s]", "stroke [mm]",
        "task of the RMS", "task of the peak",
    )  # fmt: skip
    rows = [
        (
            t.tendon, t.rms_tension, t.peak_tension, t.peak_speed, 1e3 * t.stroke,
            t.set_by["rms_tension"], t.set_by["peak_tension"],
        )
        for t in needs.tendons
    ]  # fmt: skip
    return Table("What the motor of each tendon must do", columns, rows)


def task_table(tasks: Sequence[TaskUse], names: Sequence[str]) -> Table:
    """A row for each joint in each task."""
    columns = (
        "task", "joint", "trials [1]", "time [s]", "RMS torque [N m]", "peak torque [N m]",
        "peak speed [rad/s]", f"duty above {DUTY_LEVEL:g} of the peak [1]",
        "bandwidth [Hz]", "resolution [mrad]", "largest rotor [kg m2]",
        "time at the hand's limit [1]",
    )  # fmt: skip
    rows = [row for task in tasks for row in _task_rows(task, names)]
    return Table("Every joint in every task, without margins", columns, rows)


def fit_table(needs: Requirements, actuators: Sequence[Enveloped]) -> Table:
    """How each actuator suits each joint."""
    columns = (
        "joint", "actuator", "part of the cloud inside [1]", "torque over peak [1]",
        "speed over peak [1]", "continuous torque over the worst task's RMS [1]", "suits",
    )  # fmt: skip
    rows = []
    for joint in needs.joints:
        for actuator in actuators:
            f = fit(actuator, joint)
            rows.append(
                (joint.joint, actuator.name, f.inside, f.peak, f.speed, f.continuous, f.suits)
            )
    return Table("How candidate actuators suit the joints, directly on them", columns, rows)


def people_tables(needs: Requirements) -> Iterator[Table]:
    """What people's hands do, what hands may be built for, and the tasks beside people."""
    rows = [(f.what, f"{f.value:.3g} {f.unit}", f.source) for f in PEOPLE]
    yield Table("What people's hands do", ("what", "figure", "source"), rows)
    tiers = [(t.name, t.text, ", ".join(_figures(t)), t.source) for t in TIERS]
    yield Table("What a hand may be built for", ("tier", "what", "figures", "source"), tiers)
    for what, unit in (("torque", "N m"), ("speed", "rad/s")):
        beside = [
            (j.joint, f.what, peak, f.value, peak / f.value)
            for j in needs.joints
            for peak in [float(getattr(j, f"peak_{what}"))]
            for f in people_of(j.joint, unit)
        ]
        peaks = (f"required peak [{unit}]", f"people [{unit}]", "required over people [1]")
        yield Table(f"The tasks' {what} beside people's", ("joint", "people", *peaks), beside)


def _figures(tier: Tier) -> Iterator[str]:
    for joint, torque in tier.joint_torque.items():
        yield f"{joint.replace('_flexion', '').upper()} {torque:g} N m"
    for value, what in (
        (tier.speed, "rad/s"),
        (tier.tip_force, "N at a tip"),
        (tier.tendon, "N in a finger's tendon"),
    ):
        if value:
            yield f"{value:g} {what}"


def _task_rows(task: TaskUse, names: Sequence[str]) -> Iterator[tuple[str | float, ...]]:
    for j, name in enumerate(names):
        yield (
            task.task, name, task.trials, task.duration, float(np.sqrt(task.mean_square[j])),
            float(task.peak_torque[j]), float(task.peak_speed[j]), float(task.duty[j]),
            float(task.bandwidth[j]), 1e3 * float(task.resolution[j]), float(task.inertia[j]),
            float(task.limited[j]),
        )  # fmt: skip
