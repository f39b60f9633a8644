"""Chosen actuators as a study: asked and given, what limits, what waiving a check would change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np

from ...study import Axis, Line, Plot, Points, Study
from ..forearm import FOREARM, PACKING
from ..parts.candidate import Candidate
from ..parts.validations import Validation
from ..require.requirement import Requirements
from . import tables
from .hand_choice import HandChoice, JointChoice
from .places import INSIDE, TENDON

JOINTS_SHOWN: Final = 6  # with their clouds
_STEPS: Final = 121  # of an envelope

LIMITS: Final = (
    "Torques, speeds and inertias asked are those of the requirements, with their margins.",
    "Continuous torque is held against the RMS over all tasks. What is waived as temperature is "
    "the winding's torque: the RMS of the worst task, as if it never ended, over what heats the "
    "winding to its limit. Far beyond that copper's resistance grows faster than heat leaves: the "
    "winding runs away.",
    "Masses and prices are without drive and encoder where the parts come without; prices of "
    "motors and gearheads are lists of 2020, one to four pieces.",
    "Servo sheets state no continuous torque; it is assumed, as each servo's row says. Their peak "
    "is the stall torque, which most can give for a second or two only.",
    f"Segments are those of a human hand, {INSIDE:.0%} of their diameter for a motor; a forearm of "
    f"{FOREARM[0] * 1e3:.0f} by {FOREARM[1] * 1e3:.0f} mm, {PACKING:.0%} of it for motors.",
    f"A tendon from the forearm has friction {TENDON.friction:g} over {TENDON.wrap:.2f} rad of "
    "bends and no wrist that pulls at it, and its motor's drum turns as its joint does.",
    "Each joint is taken alone: no shared supply, no neighbour's heat.",
)


def choice_study(
    choice: HandChoice,
    requirements: Requirements,
    candidates: Sequence[Candidate],
    validations: Iterable[Validation] = (),
) -> Study:
    """All of it on a page."""
    study = Study(
        f"Actuators for {choice.hand} from catalogues",
        f"Which actuators in the {choice.rules.where} does each joint of {choice.hand} need, "
        f"ranked by {choice.rules.by}, and what limits the others?",
        {
            "requirements": requirements.source,
            "margins": ", ".join(f"{k} {v:g}" for k, v in requirements.margins.items()) or "none",
            "catalogue": f"{len(candidates)} actuators",
            "waived": ", ".join(sorted(choice.rules.waived)) or "nothing",
        },
    )
    for sentence in tables.totals(choice):
        study.text(sentence)
    study.table(tables.choice_table(choice))
    study.section("The catalogue")
    study.figure(_catalogue_figure(choice, candidates))
    study.section("What limits")
    study.table(tables.limit_table(choice))
    study.table(tables.sensitivity_table(choice))
    study.section("Asked and given")
    for joint in sorted(choice.joints, key=lambda j: -j.best.use)[:JOINTS_SHOWN]:
        study.figure(_joint_figure(joint, 1.0 / choice.rules.route.efficiency))
        study.table(tables.ranking_table(joint))
    if shown := tuple(validations):
        study.section("How far the physics holds")
        study.table(tables.validation_table(shown))
    study.limits([*LIMITS, *_assumptions(choice)])
    return study


def _catalogue_figure(choice: HandChoice, candidates: Sequence[Candidate]) -> Plot:
    chosen = {joint.best.candidate.name: joint.best.candidate for joint in choice.joints}
    servos = [c for c in candidates if c.kind == "servo" and c.name not in chosen]
    pairs = [c for c in candidates if c.kind != "servo" and c.name not in chosen]
    return Plot(
        "Continuous torque over mass of everything that there is",
        Axis("mass [kg]", log=True),
        Axis("continuous torque [N m]", log=True),
        [
            _points("motor and gearhead", pairs),
            _points("servo", servos),
            _points("chosen", list(chosen.values()), chosen=True),
        ],
    )


def _points(name: str, candidates: Sequence[Candidate], *, chosen: bool = False) -> Points:
    return Points(
        name,
        [c.mass for c in candidates],
        [c.torque_continuous for c in candidates],
        {
            "actuator": [c.name for c in candidates],
            "no load [rad/s]": [round(c.speed_no_load, 2) for c in candidates],
        },
        chosen,
    )


def _joint_figure(joint: JointChoice, share: float) -> Plot:
    """Torques are the actuator's: `share` of the joint's. Speed is negative where it drives."""
    torque, speed = joint.requirement.cloud.T
    found = joint.best.candidate
    fastest = max(found.speed_no_load, float(np.max(np.abs(speed), initial=0.0)))
    speeds = np.linspace(-fastest, fastest, _STEPS)
    asked = (speed * np.sign(torque)).tolist(), (np.abs(torque) * share).tolist()
    return Plot(
        f"{joint.requirement.joint}: what the tasks ask and what {found.name} gives",
        "speed along the torque [rad/s]",
        "torque [N m]",
        [
            Points("asked", *asked),
            Line("peak", speeds.tolist(), found.envelope(speeds).tolist()),
            Line("for good", speeds.tolist(), found.envelope(speeds, "continuous").tolist()),
        ],
    )


def _assumptions(choice: HandChoice) -> Iterator[str]:
    """Of the chosen ones, each once."""
    seen = {j.best.candidate.name: j.best.candidate for j in choice.joints}
    for name, candidate in seen.items():
        if candidate.assumed:
            yield f"{name}: {'; '.join(candidate.assumed)}."
