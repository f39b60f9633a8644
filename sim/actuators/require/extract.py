"""From what trials asked to what is required: the worst task for each figure, and which it was."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .... import _core
from ....controller import Hand
from .cloud import thinned
from .joint_use import TrialUse, chain_of
from .requirement import JointRequirement
from .rules import NOISE, impact_inertia, loop_bandwidth, own_inertia, resolution
from .signals import WINDOWS

Array = NDArray[np.float64]

DUTY_LEVEL: Final = 0.5
"""Of the peak torque, above which time counts as duty."""
_LOADED: Final = 0.1
"""Of the largest mean square, from which a task has a say in a joint's bandwidth."""
CONTROLLER: Final = "controller"
"""Sets a bandwidth where no task asks for as much."""
OWN: Final = "the hand itself"
"""Sets an inertia or resolution with which the trials were held, whatever rules say."""


@dataclass(frozen=True)
class Margins:
    """By which figures are multiplied, or divided where less is more.

    Attributes:
        continuous: RMS torques and, squared, mean squares.
        peak: Peak torques, and those of the cloud.
        speed: Peak speeds, and those of the cloud.
        resolution: Divides the resolution.
        bandwidth: Multiplies the bandwidth.
        inertia: Divides the largest inertia.
    """

    continuous: float = 1.0
    peak: float = 1.0
    speed: float = 1.0
    resolution: float = 1.0
    bandwidth: float = 1.0
    inertia: float = 1.0

    def __post_init__(self) -> None:
        """Refuses what makes no sense.

        Raises:
            ValueError: A margin is not positive.
        """
        for name, value in asdict(self).items():
            if not value > 0.0:
                raise ValueError(f"margin {name} must be > 0, not {value:g}")

    @classmethod
    def parse(cls, said: Iterable[str]) -> Margins:
        """From `peak=1.5` and the like.

        Raises:
            ValueError: There is no such margin, or it is no number.
        """
        names = [field.name for field in fields(cls)]
        given = {}
        for text in said:
            name, _, value = text.partition("=")
            if name not in names:
                raise ValueError(f"no margin '{name}'; there are {', '.join(names)}")
            try:
                given[name] = float(value)
            except ValueError:
                raise ValueError(f"margin '{text}' is no NAME=FACTOR") from None
        return cls(**given)


@dataclass(frozen=True, eq=False)
class TaskUse:
    """What a task asks of n joints: the worst of its trials, the mean where it is about heat.

    Attributes:
        task: Its name.
        trials: How many were looked at.
        duration: Of all together [s].
        mean_square: Mean over its time, shape (n,) [N^2 m^2].
        peak_torque: Shape (n,) [N m].
        peak_speed: Shape (n,) [rad/s].
        duty: Part of the time above `DUTY_LEVEL` of the peak of all tasks, shape (n,).
        worst_rms: Over windows, shape (windows, n) [N m].
        bandwidth: Mean of its trials, weighted by mean squares, shape (n,) [Hz].
        resolution: Shape (n,) [rad].
        inertia: Largest rotor, shape (n,) [kg m2].
        limited: Part of the time at the hand's own torque limit, shape (n,).
    """

    task: str
    trials: int
    duration: float
    mean_square: Array
    peak_torque: Array
    peak_speed: Array
    duty: Array
    worst_rms: Array
    bandwidth: Array
    resolution: Array
    inertia: Array
    limited: Array


@dataclass(frozen=True, eq=False)
class Extract:
    """What was read off all trials.

    Attributes:
        hand: Whose.
        joints: What is required of each.
        tasks: What each task asked.
        loop: Bandwidth of the joints' position loops, shape (n,) [Hz].
        margins: That are in the requirements, not in the tasks' own figures.
    """

    hand: Hand
    joints: tuple[JointRequirement, ...]
    tasks: tuple[TaskUse, ...]
    loop: Array
    margins: Margins


def extract(hand: Hand, uses: Sequence[TrialUse], margins: Margins | None = None) -> Extract:
    """Requirements from what trials asked.

    Args:
        hand: Whose trials.
        uses: Of each trial.
        margins: On top.
    """
    margins = margins or Margins()
    chain = chain_of(hand)
    peak = np.max([use.peak_torque for use in uses], axis=0)
    names = list(dict.fromkeys(use.task for use in uses))
    tasks = tuple(
        _task_use(name, [use for use in uses if use.task == name], chain, peak) for name in names
    )
    loop, rotor = _loop(hand), rotors_of(hand)
    joints = tuple(
        _requirement(name, j, uses, tasks, loop[j], rotor[j], margins)
        for j, name in enumerate(hand.joint_names)
    )
    return Extract(hand, joints, tasks, loop, margins)


def _task_use(
    name: str, uses: Sequence[TrialUse], chain: NDArray[np.bool_], peak: Array
) -> TaskUse:
    time = np.array([use.duration for use in uses])
    share = (time / time.sum())[:, None]
    own = [own_inertia(use.peak_torque, use.peak_acceleration) for use in uses]
    hit = [impact_inertia(use.grip, use.touch_rate, use.touch_energy, chain) for use in uses]
    duty = [np.mean(use.levels > DUTY_LEVEL * peak, axis=0) for use in uses]
    return TaskUse(
        task=name,
        trials=len(uses),
        duration=float(time.sum()),
        mean_square=np.sum(share * [use.mean_square for use in uses], axis=0),
        peak_torque=np.max([use.peak_torque for use in uses], axis=0),
        peak_speed=np.max([use.peak_speed for use in uses], axis=0),
        duty=np.sum(share * duty, axis=0),
        worst_rms=np.max([use.worst_rms for use in uses], axis=0),
        bandwidth=_mean_by_power([use.bandwidth for use in uses], [u.mean_square for u in uses]),
        resolution=np.min([resolution(use.lever, use.grip, chain) for use in uses], axis=0),
        inertia=np.min([*own, *hit], axis=0),
        limited=np.sum(share * [use.limited for use in uses], axis=0),
    )


def rotors_of(hand: Hand) -> Array:
    """Inertia of each joint's rotor in the hand's own model, shape (n,) [kg m2]."""
    return np.array([link.armature for link in hand.bind(hand.model).hand_model.links])


def _mean_by_power(values: Sequence[Array], power: Sequence[Array]) -> Array:
    weight = np.array(power) + 1e-30
    return np.asarray(np.sum(weight * values, axis=0) / weight.sum(axis=0))


def _requirement(
    name: str,
    j: int,
    uses: Sequence[TrialUse],
    tasks: Sequence[TaskUse],
    loop: float,
    rotor: float,
    margins: Margins,
) -> JointRequirement:
    values = {
        figure: np.array([getattr(task, figure)[j] for task in tasks])
        for figure in (
            "mean_square", "peak_torque", "peak_speed", "duty", "bandwidth", "resolution", "inertia"
        )
    }  # fmt: skip
    idle = values["mean_square"] < _LOADED * values["mean_square"].max()
    values["bandwidth"][idle] = 0.0
    least = {"resolution", "inertia"}
    set_by = {
        figure: tasks[int(np.argmin(v) if figure in least else np.argmax(v))].task
        for figure, v in values.items()
    }
    if values["bandwidth"].max() < loop:
        set_by["bandwidth"] = CONTROLLER
    set_by["inertia_max"] = set_by.pop("inertia")
    if (inertia := float(values["inertia"].min())) < rotor:
        inertia, set_by["inertia_max"] = rotor, OWN
    if (resolution := float(values["resolution"].min())) < NOISE:
        resolution, set_by["resolution"] = NOISE, OWN
    rms = np.max([task.worst_rms[:, j] for task in tasks], axis=0)
    cloud = np.vstack([use.clouds[j] for use in uses]) * [margins.peak, margins.speed]
    travel = np.array([use.travel[j] for use in uses])
    return JointRequirement(
        joint=name,
        rms_torque=margins.continuous * float(np.sqrt(values["mean_square"].mean())),
        peak_torque=margins.peak * float(values["peak_torque"].max()),
        peak_speed=margins.speed * float(values["peak_speed"].max()),
        cloud=thinned(cloud),
        duty=float(values["duty"].max()),
        mean_square=margins.continuous**2 * float(values["mean_square"].max()),
        thermal=np.column_stack([WINDOWS, margins.continuous * rms]),
        resolution=resolution / margins.resolution,
        bandwidth=margins.bandwidth * max(float(values["bandwidth"].max()), loop),
        inertia_max=inertia / margins.inertia,
        travel=(float(travel[:, 0].min()), float(travel[:, 1].max())),
        set_by=set_by,
    )


def _loop(hand: Hand) -> Array:
    """Bandwidth of the position loops in the middle of the joints' ranges [Hz]."""
    bound = hand.bind(hand.model)
    kinematics = _core.HandKinematics(bound.hand_model)
    kinematics.update_position(bound.position_range.mean(axis=1))
    stiffness = np.array(hand.controller_config().law.stiffness)
    return loop_bandwidth(stiffness, np.diag(kinematics.joint_inertia()))
