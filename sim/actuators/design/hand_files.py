"""A designed hand as MJCF, hand.toml and actuator files that `handloop bench` runs at once.

The MJCF is the hand's own, with what `equip` puts on, read and changed by MuJoCo's `MjSpec`: each
joint gets its rotor's inertia and friction, a `dcmotor` behind a current-controlled driver whose
limits are those of the actuator, and each actuator is a cylinder with its mass where it sits. What
the hand weighed before (flesh, in the packaged hands) stays: actuators come on top.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Final

import mujoco
import numpy as np
import tomlkit
from numpy.typing import NDArray

from ....controller import Hand
from ....controller.errors import HandError
from ..parts.candidate import Candidate
from .gear import BACKLASH
from .hand_toml import DESIGNED, hand_toml, listed_kinds, thermal_of
from .joint_actuator import JointActuator, Kind, one
from .whole_hand import HandDesign

Array = NDArray[np.float64]

COUNTS: Final = 4096.0 * 4.0  # ASSUMPTION: of a magnetic encoder, per turn of the output
SHOWN: Final = 4  # group of geoms that are marks
COLOUR: Final = (0.35, 0.37, 0.42, 1.0)


def carried_joints(hand: Hand) -> tuple[str, ...]:
    """Joints that move the palm: those of wrist and forearm."""
    model = hand.model
    body, found = model.body(hand.description.palm).id, []
    while body:
        first, count = model.body_jntadr[body], model.body_jntnum[body]
        found += [model.joint(first + i).name for i in range(count)]
        body = int(model.body_parentid[body])
    return tuple(name for name in hand.joint_names if name in found)


def check_direct(hand: Hand) -> None:
    """Complains of a hand that cannot be given an actuator for each joint.

    Raises:
        HandError: Tendons or couplings move it already.
    """
    text = hand.description
    if text.transmission.kind != "direct" or text.joints.actuators is None:
        raise HandError(f"{hand.name}: has no actuator for each joint; start from one that has")


def write_hand(design: HandDesign, hand: Hand, base: str, folder: Path) -> Path:
    """Writes hand.toml, hand.xml and actuators/*.toml; actuators of a hand there before it go.

    Args:
        design: Of this hand.
        hand: With a direct transmission and its own MJCF.
        base: Its name, or the path of its hand.toml.
        folder: Made if it is not there.

    Returns:
        The hand.toml.

    Raises:
        HandError: Tendons or couplings move the hand already.
    """
    check_direct(hand)
    (folder / "actuators").mkdir(parents=True, exist_ok=True)
    spec = _spec(design, hand)
    model = spec.compile()
    (folder / "hand.xml").write_text(spec.to_xml(), encoding="utf-8")
    _clear(folder)
    for kind in design.kinds:
        file = folder / "actuators" / f"{kind.name}.toml"
        file.write_text(candidate(kind, design.hands).to_actuator().toml(), encoding="utf-8")
    toml = folder / "hand.toml"
    toml.write_text(tomlkit.dumps(hand_toml(design, hand, base, model)), encoding="utf-8")
    return toml


def _clear(folder: Path) -> None:
    """Removes the actuators that a designed hand in a folder lists."""
    try:
        said = tomllib.loads((folder / "hand.toml").read_text(encoding="utf-8"))
        kinds = listed_kinds(said)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return  # there is none, or it is none of ours
    for kind in kinds:
        (folder / "actuators" / f"{kind}.toml").unlink(missing_ok=True)


def candidate(kind: Kind, hands: int) -> Candidate:
    """A kind as others compare actuators."""
    drive = kind.drive
    diameter = one(drive.gear.diameter)
    return Candidate(
        name=kind.name,
        source="designed from geometry by `handloop actuators design`",
        kind="designed",
        mass=one(drive.mass),
        price=one(kind.cost(hands).total),
        size=(diameter, diameter, one(drive.length)),
        torque_continuous=one(drive.torque_continuous()),
        torque_peak=one(drive.torque_peak),
        speed_no_load=drive.no_load_speed,
        torque_constant=one(drive.torque_constant),
        back_emf=one(drive.back_emf),
        resistance=one(drive.resistance),
        inertia=one(drive.inertia),
        voltage=drive.voltage,
        gear_ratio=one(drive.gear.ratio),
        gear_torque_max=one(drive.gear.torque_max),
        backlash=float(np.radians(BACKLASH)),
        resolution=float(2.0 * np.pi / COUNTS),
        no_load_current=one(drive.friction / drive.back_emf),
        thermal=thermal_of(kind),
        assumed=("all figures are derived; see the constants marked ASSUMPTION",),
    )


# --- MJCF -----------------------------------------------------------------------------------------


def _spec(design: HandDesign, hand: Hand) -> mujoco.MjSpec:
    text = hand.description
    spec = hand.spec() if text.equip else mujoco.MjSpec.from_file(str(text.mjcf))
    spec.modelname = hand.name + DESIGNED
    for folder in ("meshdir", "texturedir"):
        if getattr(spec, folder):
            setattr(spec, folder, str((text.mjcf.parent / getattr(spec, folder)).resolve()))
    for joint, name in zip(design.joints, text.joints.actuators or (), strict=True):
        _turn(spec, joint, spec.actuator(name))
    _place(spec, design, hand)
    return spec


def _turn(spec: mujoco.MjSpec, chosen: JointActuator, actuator: mujoco.MjsActuator) -> None:
    """Gives a joint its rotor, friction and motor."""
    joint, drive = spec.joint(chosen.joint), chosen.kind.drive
    joint.armature = chosen.inertia
    joint.frictionloss = chosen.drag
    stall, volts = chosen.efficiency * one(drive.stall_torque), drive.voltage
    limit = torque_limit(chosen, float(actuator.ctrlrange[1]))
    actuator.ctrllimited = mujoco.mjtLimited.mjLIMITED_TRUE
    actuator.ctrlrange = [-limit, limit]
    actuator.set_to_dcmotor(
        motorconst=[0.0, 0.0],
        resistance=0.0,
        nominal=[volts, stall, drive.no_load_speed],
        saturation=[chosen.torque_peak, 0.0, 0.0],
        controller=[0.0, 0.0, 0.0, 0.0, 0.0, volts],
        ctrlspec=int(mujoco.mjtCtrlInput.mjINPUT_FF),
    )


def torque_limit(chosen: JointActuator, allowed: float) -> float:
    """What a joint may be asked for [N m]: what its actuator can and the hand allows."""
    return min(chosen.torque_peak, allowed) if allowed > 0.0 else chosen.torque_peak


def _place(spec: mujoco.MjSpec, design: HandDesign, hand: Hand) -> None:
    """Puts each actuator, as a cylinder that touches nothing, on the body that carries it.

    Those that pull cords sit on the body that carries the palm; of a hand whose palm is the root,
    they are the arm's.
    """
    forearm = _before_palm(hand)
    pulling = [joint for joint in design.joints if joint.efficiency < 1.0]
    for i, chosen in enumerate(pulling):
        if forearm is not None:
            _add(spec.body(forearm), _around(i, len(pulling)), chosen)
    for chosen in design.joints:
        if chosen not in pulling:
            moved = spec.joint(chosen.joint).parent
            _add(moved.parent, np.array(moved.pos), chosen)


def _add(body: mujoco.MjsBody, place: Array, chosen: JointActuator) -> None:
    drive = chosen.kind.drive
    body.add_geom(
        name=f"{chosen.joint}_actuator",
        type=mujoco.mjtGeom.mjGEOM_CYLINDER,
        size=[0.5 * one(drive.gear.diameter), 0.5 * one(drive.length), 0.0],
        pos=place,
        mass=one(drive.mass),
        contype=0,
        conaffinity=0,
        group=SHOWN,
        rgba=COLOUR,
    )


def _before_palm(hand: Hand) -> str | None:
    """The body that carries the palm; None: the palm is the root."""
    body = hand.model.body(hand.description.palm)
    parent = int(body.parentid[0])
    return str(hand.model.body(parent).name) if parent else None


def _around(number: int, count: int) -> Array:
    """In two rings around the forearm, in the frame of the body that carries the palm."""
    angle = 2.0 * np.pi * number / count
    return np.array([0.024 * np.cos(angle), 0.020 * np.sin(angle), 0.03 + 0.05 * (number % 2)])
