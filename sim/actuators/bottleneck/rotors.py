"""The joints' question with rotors as light as others ask, to see whether its answer changes.

What a gear reflects of a rotor grows as the square of its ratio, so a bound on it keeps high ratios
out, and with them what a stronger gear would buy.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ..design.need import INERTIA
from ..require.requirement import JointRequirement, Requirements
from .frontier import RESAMPLES
from .joints import HandGain, hand_gains
from .levers import GEAR, MOTOR, Lever
from .pairs import Pairs
from .variations import SURE


@dataclass(frozen=True)
class RotorBound:
    """How much inertia pairs may reflect.

    Attributes:
        name: In tables.
        most: For a joint [kg m2].
    """

    name: str
    most: Callable[[JointRequirement], float]


ROTOR_BOUNDS: Final = (
    RotorBound("rotors of any inertia", lambda joint: math.inf),
    RotorBound(
        f"{INERTIA:g} kg m2 per N m of peak torque, as design asks",
        lambda joint: INERTIA * joint.peak_torque,
    ),
    RotorBound("what no impact feels, as choose asks", lambda joint: joint.inertia_max),
)


@dataclass(frozen=True, eq=False)
class HandAnswer:
    """What one bound on rotors makes of a hand, and of motor against gear.

    Attributes:
        bound: On rotors.
        gains: As it is first, then each lever.
    """

    bound: RotorBound
    gains: Sequence[HandGain]

    def of(self, lever: Lever) -> HandGain:
        """What a lever buys."""
        return next(gain for gain in self.gains if gain.lever is lever)

    @property
    def winner(self) -> str:
        """Which of motor and gear serves more joints or, if they serve as many, saves more."""
        motor, gear = self.of(MOTOR), self.of(GEAR)
        if motor.worth == gear.worth:
            return "neither"
        return "motor" if motor.worth > gear.worth else "gear"

    @property
    def sure(self) -> bool:
        """Whether it does so in enough of the draws in which the two differ."""
        motor, gear = self.of(MOTOR), self.of(GEAR)
        first, second = (gear, motor) if self.winner == "gear" else (motor, gear)
        return self.winner != "neither" and first.beats(second) >= SURE


def ask_hand(
    pairs: Pairs, requirements: Requirements, resamples: int = RESAMPLES
) -> Iterator[HandAnswer]:
    """Asks for rotors of any inertia first, then for lighter ones.

    Args:
        pairs: The catalogue.
        requirements: Of every joint.
        resamples: Of the bootstrap.
    """
    for bound in ROTOR_BOUNDS:
        most = [bound.most(joint) for joint in requirements.joints]
        yield HandAnswer(bound, hand_gains(pairs, requirements, resamples=resamples, inertia=most))


def changed(answers: Sequence[HandAnswer]) -> Iterator[HandAnswer]:
    """Those whose winner is another than the first's."""
    return (answer for answer in answers[1:] if answer.winner != answers[0].winner)
