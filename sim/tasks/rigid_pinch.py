"""The control: how far the cup creeps in the simulator's contacts when nothing may slip.

Two rigid pads with the shape and contact options of the hand's thumb press on the same cup from
both sides with a constant force, a little more than its load ever needs. By Coulomb's law the cup
does not slip; what it moves all the same is the creep of regularised contacts, and no hand's fault.
"""

from __future__ import annotations

from typing import Any, Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from .cup import END, SHAKE_RATE, SHAKEN, SINK, CupScene, sink_depth
from .cup_object import RADIUS
from .cup_trial import GRAVITY, SHAKE, CupTrial, landing_force
from .hand_parts import HandParts

Array = NDArray[np.float64]

RESERVE: Final = 1.05  # force over what the load needs

_OPTIONS: Final = (
    "timestep", "noslip_iterations", "noslip_tolerance", "impratio", "integrator", "cone",
    "jacobian", "iterations", "tolerance",
)  # fmt: skip
_PAD_MASS: Final = 0.02  # [kg], about that of a fingertip


def pinch_creep(scene: CupScene, trial: CupTrial) -> float:
    """How far the cup moves in a rigid pinch from the coaster's going to the end [m].

    Args:
        scene: Whose cup, thumb pad and contact options are used.
        trial: Friction and masses; the least friction presses hardest.
    """
    model = _model(scene, trial)
    data = mujoco.MjData(model)
    time = np.arange(0.0, END, model.opt.timestep)
    mass, shove, down, sunk = _history(trial, time)
    data.ctrl[:] = RESERVE * np.hypot(mass * GRAVITY + down, shove).max() / (2.0 * trial.friction)
    cup, filling = model.body("cup").id, model.body("filling").id
    coaster = model.body_mocapid[model.body("coaster").id]
    top = float(model.body("coaster").pos[2])
    where = np.empty((len(time), 3))
    for i in range(len(time)):
        model.body_mass[filling] = max(mass[i] - trial.masses()[0], 1e-4)
        data.xfrc_applied[cup, 1:3] = shove[i], -down[i]
        data.mocap_pos[coaster, 2] = top - sunk[i]
        mujoco.mj_step(model, data)
        where[i] = data.xpos[cup]
    held = where[time >= SINK[0]]
    return float(np.linalg.norm(held - held[0], axis=1).max())


def _model(scene: CupScene, trial: CupTrial) -> mujoco.MjModel:
    spec = mujoco.MjSpec()
    for option in _OPTIONS:
        setattr(spec.option, option, getattr(scene.model.opt, option))
    scene.add_object(spec, np.zeros(3), np.array([1.0 / _PAD_MASS]), azimuth=0.0)
    pad = HandParts(scene.bound).pad[int(np.argmax(scene.share))]
    for side in (-1.0, 1.0):
        _add_pad(spec, scene.model.geom(pad), side)
    model = spec.compile()
    scene.vary(model, trial)
    model.body("cup").mass[0] = trial.masses()[0]
    model.body("lump").mass[0] = 1e-4  # it comes with the filling here
    return model


def _add_pad(spec: mujoco.MjSpec, like: Any, side: float) -> None:
    radius = float(like.size[0])
    pad = spec.worldbody.add_body(pos=[side * (RADIUS + radius + 1e-4), 0.0, 0.0])
    pad.add_joint(name=f"pad{side}", type=mujoco.mjtJoint.mjJNT_SLIDE, axis=[-side, 0.0, 0.0])
    pad.add_geom(
        type=mujoco.mjtGeom.mjGEOM_SPHERE,
        size=[radius, 0.0, 0.0],
        mass=_PAD_MASS,
        condim=int(like.condim[0]),
        margin=float(like.margin[0]),
        friction=like.friction,
        solref=like.solref,
        solimp=like.solimp,
        solmix=float(like.solmix[0]),
    )
    motor = spec.add_actuator(target=f"pad{side}", trntype=mujoco.mjtTrn.mjTRN_JOINT)
    motor.set_to_motor()


def _history(trial: CupTrial, time: Array) -> tuple[Array, Array, Array, Array]:
    """Mass [kg], sideways and downward force on the cup [N], depth of the coaster [m]."""
    mass = trial.mass(time)
    shaken = (time >= SHAKEN[0]) & (time <= SHAKEN[1])
    wave = np.sin(2.0 * np.pi * SHAKE_RATE * (time - SHAKEN[0]))
    shove = mass * SHAKE * wave * shaken
    down = landing_force(trial.masses()[2], time)
    return mass, shove, np.asarray(down), sink_depth(time)
