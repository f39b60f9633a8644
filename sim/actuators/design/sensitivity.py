"""What a fifth of each of the assumptions that matter moves in a whole hand."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import ModuleType
from typing import Any, Final

from ..require.requirement import Requirements
from . import cost, drive, gear, motor, motor_shape, screw
from .materials import M270_35A, N42SH
from .motor import CATALOGUE, WINDING_MAX
from .need import DRAG
from .practice import MAKERS
from .tendon import GUIDE_FRICTION
from .whole_hand import HandDesign

CHANGE: Final = 0.2
Worth = tuple[float, float, float]
Design = Callable[..., HandDesign]
"""Makes a hand of requirements and changed figures, as `design_hand` does."""

OPTIONS: Final[Mapping[str, Callable[[float], dict[str, Any]]]] = {
    "Km that makers reach": lambda f: _practice(f, "motor_constant", "teeth_motor_constant"),
    "heat from winding to housing": lambda f: _practice(1.0 / f, "winding", "teeth_winding"),
    "heat from housing to room": lambda f: _practice(1.0 / f, "housing", "teeth_housing"),
    "torque that gears bear": lambda f: _practice(f, "gear_torque"),
    "inertia of gears": lambda f: _practice(f, "gear_inertia"),
    "remanence of magnets": lambda f: {"magnet": replace(N42SH, remanence=f * N42SH.remanence)},
    "hysteresis of iron": lambda f: {"iron": replace(M270_35A, hysteresis=f * M270_35A.hysteresis)},
    "rise allowed to windings": lambda f: {
        "winding_max": CATALOGUE + f * (WINDING_MAX - CATALOGUE)
    },
    "friction of cords": lambda f: {"friction": f * GUIDE_FRICTION},
}
"""What an assumption changes among the options of a design, by a factor."""

CONSTANTS: Final[tuple[tuple[str, ModuleType, str], ...]] = (
    ("copper in slots", motor, "FILL_SLOTTED"),
    ("copper without slots", motor, "FILL_SLOTLESS"),
    ("length of caps and bearings", motor_shape, "ENDS"),
    ("preload of bearings", motor, "PRELOAD"),
    ("gear torque for a moment", gear, "PEAK"),
    ("efficiency of a gear stage, loss", gear, "STAGE_LOSS"),
    ("length of a gear's output", gear, "OUTPUT"),
    ("steel in a gear's cylinder", gear, "SOLID"),
    ("input speed of gears", gear, "INPUT_SPEED"),
    ("thrust that screws bear", screw, "LOAD"),
    ("time that a peak lasts", drive, "PEAK_TIME"),
    ("work on the first motor", cost, "MOTOR_WORK"),
    ("work on the first gear stage", cost, "STAGE_WORK"),
    ("price of the first board", cost, "BOARD_PRICE"),
    ("cost of tooling", cost, "TOOLING_SCALE"),
)
"""The same of constants: where they are, and their names."""


@dataclass(frozen=True)
class Effect:
    """What one assumption moves, less and more of it by `CHANGE`.

    Attributes:
        assumption: Its words.
        mass: Of the hand's actuators over those as assumed; NaN: nothing serves any more.
        price: Likewise.
        heat: Likewise.
    """

    assumption: str
    mass: tuple[float, float]
    price: tuple[float, float]
    heat: tuple[float, float]


def effects(
    design: Design,
    requirements: Requirements,
    drag: float = DRAG,
    progress: Callable[[int, int], None] | None = None,
) -> list[Effect]:
    """Of assumptions and of what is asked, the one that moves mass most first.

    Args:
        design: Makes a hand.
        requirements: Of each joint.
        drag: That the hand was designed for, over peak torques.
        progress: Told how many of how many were changed.
    """
    base = worth(design(requirements))
    runs = list(_runs(design, requirements, drag))
    found = []
    for number, (words, run) in enumerate(runs, 1):
        pair = [_tried(run, factor, base) for factor in (1.0 - CHANGE, 1.0 + CHANGE)]
        mass, price, heat = zip(*pair, strict=True)
        found.append(Effect(words, mass, price, heat))
        if progress:
            progress(number, len(runs))
    return sorted(found, key=lambda effect: -_reach(effect))


def _runs(
    design: Design, requirements: Requirements, drag: float
) -> Iterator[tuple[str, Callable[[float], Worth]]]:
    yield "torque that tasks ask for", lambda f: worth(design(asked(requirements, torque=f)))
    yield "speed that tasks ask for", lambda f: worth(design(asked(requirements, speed=f)))
    yield "drag that is wanted", lambda f: worth(design(requirements, drag=f * drag))
    for words, change in OPTIONS.items():
        yield words, partial(_changed, design, requirements, change)
    for words, module, name in CONSTANTS:
        yield words, partial(_scaled, design, requirements, module, name)


def _changed(
    design: Design,
    requirements: Requirements,
    change: Callable[[float], dict[str, Any]],
    factor: float,
) -> Worth:
    return worth(design(requirements, **change(factor)))


def _scaled(
    design: Design, requirements: Requirements, module: ModuleType, name: str, factor: float
) -> Worth:
    """With a constant of a module other for a while."""
    before = getattr(module, name)
    setattr(module, name, factor * before)
    try:
        return worth(design(requirements))
    finally:
        setattr(module, name, before)


def asked(requirements: Requirements, torque: float = 1.0, speed: float = 1.0) -> Requirements:
    """Requirements of which more or less is asked."""
    joints = tuple(
        replace(
            joint,
            rms_torque=torque * joint.rms_torque,
            peak_torque=torque * joint.peak_torque,
            mean_square=torque**2 * joint.mean_square,
            peak_speed=speed * joint.peak_speed,
            cloud=joint.cloud * [torque, speed],
        )
        for joint in requirements.joints
    )
    return replace(requirements, joints=joints)


def _practice(factor: float, *names: str) -> dict[str, Any]:
    return {"practice": replace(MAKERS, **{n: factor * getattr(MAKERS, n) for n in names})}


def worth(design: HandDesign) -> Worth:
    """Mass [kg], price at its volume [USD] and heat [W] of a hand."""
    return design.mass, design.price(design.hands), design.heat


def _tried(run: Callable[[float], Worth], factor: float, base: Worth) -> Worth:
    try:
        now = run(factor)
    except ValueError:
        return float("nan"), float("nan"), float("nan")
    return now[0] / base[0], now[1] / base[1], now[2] / base[2]


def _reach(effect: Effect) -> float:
    """How far it moves mass; what leaves nothing that serves comes first."""
    return max(abs(m - 1.0) if math.isfinite(m) else math.inf for m in effect.mass)
