"""The study of what tasks ask of a hand: clouds, envelopes, heat, tendons, people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from ...study import Axis, Bar, Bars, Cloud, HeatMap, Line, Plot, Points, Study, Table
from ...study.plot import Layer
from ..parts.candidate import Duration
from . import rules
from .demand import Demand, strained_tasks
from .envelope import Enveloped, outline
from .human import people_of
from .page_tables import (
    fit_table,
    joint_table,
    people_tables,
    set_by_table,
    task_table,
    tendon_table,
)
from .requirement import JointRequirement, Requirements
from .rules import least_inertia

_SPEED: Final = "speed [rad/s]"
_TORQUE: Final = "torque [N m]"
_DURATIONS: Final[tuple[Duration, ...]] = ("peak", "continuous")
_COMPARABLE: Final = 4.0
"""Times a joint's peak: what is stronger or faster would dwarf its cloud, and stands in a table."""


def demand_study(demand: Demand, actuators: Sequence[Enveloped] = ()) -> Study:
    """All of it as a study.

    Args:
        demand: What was found.
        actuators: Whose envelopes are drawn over the clouds.
    """
    needs = demand.requirements
    study = Study(
        f"What the tasks ask of {needs.hand}",
        "Which torque, speed, heat, resolution, bandwidth and inertia does each joint's actuator "
        "need, and which task says so?",
        _facts(demand),
    )
    _by_joint(study, demand)
    _by_task(study, demand)
    if demand.least:
        _least(study, demand)
    _heat(study, needs)
    _clouds(study, demand, actuators)
    if needs.tendons:
        _tendons(study, needs)
    study.section("Beside people")
    for table in people_tables(needs):
        study.table(table)
    study.limits(list(_limits(demand)))
    return study


def _facts(demand: Demand) -> dict[str, str]:
    needs = demand.requirements
    margins = ", ".join(f"{name} {value:g}" for name, value in needs.margins.items())
    left = {name: why for s in demand.samples for name, why in s.left_out.items()}
    facts = {
        "trials": needs.source,
        "time looked at": f"{sum(use.duration for use in demand.trials):.0f} s",
        "margins": margins,
    }
    if left:
        facts["left out"] = ", ".join(f"{name}: {why}" for name, why in left.items())
    return facts


def _by_joint(study: Study, demand: Demand) -> None:
    needs = demand.requirements
    study.section("By joint")
    study.table(joint_table(needs))
    study.table(set_by_table(needs))
    names = [j.joint for j in needs.joints]
    rms = [float(np.sqrt(j.mean_square)) for j in needs.joints]
    bars = [Bar("peak", [j.peak_torque for j in needs.joints]), Bar("worst task's RMS", rms)]
    study.figure(Bars("Torque of each joint", names, _TORQUE, bars))
    least = least_inertia(np.array(demand.extract.hand.controller_config().law.stiffness))
    study.table(
        Table(
            "Rotors between too light to be damped and too heavy to touch gently",
            ("joint", "least rotor and links [kg m2]", "largest rotor [kg m2]", "loop [Hz]"),
            [
                (j.joint, float(least[i]), j.inertia_max, float(demand.extract.loop[i]))
                for i, j in enumerate(needs.joints)
            ],
        )
    )


def _by_task(study: Study, demand: Demand) -> None:
    tasks, names = demand.extract.tasks, demand.extract.hand.joint_names
    study.section("By task")
    study.table(task_table(tasks, names))
    across = ("task", [task.task for task in tasks])
    rms = [[float(np.sqrt(task.mean_square[j])) for task in tasks] for j in range(len(names))]
    study.figure(HeatMap("Heat by task", "RMS torque [N m]", ("joint", names), across, rms))
    limited = [[float(task.limited[j]) for task in tasks] for j in range(len(names))]
    said = "time at the hand's own torque limit [1]"
    study.figure(HeatMap("Where the hand is at its limit", said, ("joint", names), across, limited))


def _least(study: Study, demand: Demand) -> None:
    study.section("How weak the hand may be")
    study.text(
        "Tasks that take all of the hand were given to hands with lower torque limits, until one "
        "of the trials was lost. Their figures above are those of the weakest that held them all."
    )
    rows = [
        (least.task, least.factor, factor, held, least.trials)
        for least in demand.least
        for factor, held in sorted(least.held.items(), reverse=True)
    ]
    columns = ("task", "least [of the limits]", "tried [of the limits]", "held [1]", "trials [1]")
    study.table(Table("Least strength", columns, rows))


def _heat(study: Study, needs: Requirements) -> None:
    study.section("Heat")
    study.text(
        "The largest RMS torque over any window of a length: a winding of a second's time constant "
        "must bear that of a second, its housing that of the longest. Shorter trials are repeated."
    )
    lines = [Line(j.joint, *j.thermal.T.tolist()) for j in needs.joints]
    x = Axis("window [s]", log=True)
    study.figure(Plot("Worst window", x, Axis("RMS torque [N m]", log=True), lines))


def _clouds(study: Study, demand: Demand, actuators: Sequence[Enveloped]) -> None:
    study.section("Torque and speed together")
    if actuators:
        study.table(fit_table(demand.requirements, actuators))
        study.text(
            "Solid is what an actuator can do for a moment, dashed what it can do for good, both "
            "directly on the joint. No sheet of a servo says the latter: it is assumed or measured "
            "by others, or follows from the thermal figures of an actuator's file."
        )
    study.text("People's torques and speeds stand on the axes; none was measured with the other.")
    by_task = {task.task: [t for t in demand.trials if t.task == task.task]
               for task in demand.extract.tasks}  # fmt: skip
    for i, joint in enumerate(demand.requirements.joints):
        clouds = [
            Cloud(name, *np.vstack([t.clouds[i] for t in trials])[:, ::-1].T.tolist())
            for name, trials in by_task.items()
        ]
        layers: list[Layer] = [*clouds, *_envelopes(joint, actuators), *_people_layers(joint)]
        study.figure(Plot(joint.joint, _SPEED, _TORQUE, layers))


def _envelopes(joint: JointRequirement, actuators: Sequence[Enveloped]) -> Iterator[Line]:
    """For a moment and, dashed, for good; not what would dwarf the cloud, nor what nobody says."""
    for actuator in actuators:
        for duration in _DURATIONS:
            at_rest = float(actuator.envelope(0.0, duration))
            if at_rest <= _COMPARABLE * joint.peak_torque:
                speed, torque = (border.tolist() for border in outline(actuator, duration))
                name, dashed = f"{actuator.name}, {duration}", duration == "continuous"
                yield Line(name, speed, torque, dashed=dashed)


def _people_layers(joint: JointRequirement) -> Iterator[Points]:
    """Torques of people on one axis, their speeds on the other: none was measured with both."""
    torques, speeds = (people_of(joint.joint, unit) for unit in ("N m", "rad/s"))
    speeds = tuple(f for f in speeds if f.value <= _COMPARABLE * joint.peak_speed)
    if every := torques + speeds:
        fields = {"what": [f.what for f in every], "source": [f.source for f in every]}
        along = [0.0] * len(torques) + [f.value for f in speeds]
        up = [f.value for f in torques] + [0.0] * len(speeds)
        yield Points("people", along, up, fields, chosen=True)


def _tendons(study: Study, needs: Requirements) -> None:
    study.section("Through tendons")
    study.table(tendon_table(needs))
    names = [t.tendon for t in needs.tendons]
    bars = [
        Bar("peak", [t.peak_tension for t in needs.tendons]),
        Bar("worst task's RMS", [t.rms_tension for t in needs.tendons]),
    ]
    study.figure(Bars("Tension of each tendon", names, "tension [N]", bars))


def _limits(demand: Demand) -> Iterator[str]:
    if names := strained_tasks(demand.trials):
        yield (
            f"In {', '.join(names)} joints are at the hand's own torque limit: what is required is "
            "what this hand used, not what the task would take of a weaker or wiser one."
        )
    if demand.least:
        yield (
            "The least strength lowers all torque limits alike and keeps the controller's way of "
            "squeezing; a hand weak in some joints only, or a better controller, may need less."
        )
    yield (
        "Speeds are those that the controller sensed, 2 ms late and with 0.01 rad/s of noise; "
        "torques are the controller's, limited as its motors limit them."
    )
    yield (
        f"Peaks cover {demand.coverage:.4g} of each trial's time. Where a load goes on growing "
        "after a trial is held, only what came before counts; measures that ask for all a hand has "
        "are left out."
    )
    yield (
        "Resolution and inertia follow from rules, not from trials: a contact of "
        f"{rules.CONTACT_STIFFNESS:g} N/m, {rules.FORCE_PART:g} of the grip force a count, "
        f"{1e3 * rules.PLACE:g} mm in free space, impacts no harder than the grip or "
        f"{rules.TOUCH:g} N, {rules.OWN_PART:g} of the peak torque for the rotor itself. They ask "
        "for no lighter rotor and no finer count than those with which the trials were held."
    )
    yield (
        "Bandwidth is that below which 95 % of the torque's power lies, less what noise adds, or "
        "that of the joint's own loop if that is more; tasks with less than a tenth of the joint's "
        "largest mean square do not count."
    )
    if demand.tendons:
        yield (
            "Tensions are those at the motors, friction at guides believed as the hand's file has "
            "it; with one tendon a joint, springs are exactly as strong as the tasks take."
        )
