"""The hand.toml of a designed hand: that of its base with other damping and other motors."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import mujoco
import numpy as np

from ....controller import Hand
from ....controller.binding import tip_name
from ....controller.description_thermal import Thermal
from .joint_actuator import JointActuator, Kind, one
from .whole_hand import HandDesign

RAIL_RESISTANCE: Final = (
    0.05  # [ohm], ASSUMPTION: supply and cables, as of the packaged servo hands
)
VOLTAGE_PART: Final = 0.75  # ASSUMPTION: of the rail, below which electronics reset
DESIGNED: Final = "_designed"  # behind the name of the hand that was designed for
TENDON: Final = " tendon"  # behind the name of a kind that pulls cords
ZETA: Final = 0.8  # damping ratio, as of the packaged hands


def hand_toml(design: HandDesign, hand: Hand, base: str, model: mujoco.MjModel) -> dict[str, Any]:
    """The content of the hand.toml beside `hand.xml`.

    Args:
        design: Of this hand.
        hand: That was designed for.
        base: Its name, or the path of its hand.toml.
        model: Of `hand.xml`.
    """
    text, gains = hand.description, hand.description.gains
    content: dict[str, Any] = {"schema": 1, "extends": _base(base)}
    if text.equip:
        content = _alone(hand)
    content |= {"name": hand.name + DESIGNED, "mjcf": "hand.xml"}
    if gains is not None:
        damping = _damping(model, text.joints.names, text.per_joint(gains.stiffness))
        content["gains"] = content.get("gains", {}) | {
            "damping": [float(f"{d:.4g}") for d in damping]
        }
    return content | {"motors": _motors(design)}


def _base(base: str) -> str:
    return str(Path(base).resolve()) if base.endswith(".toml") else base


def _alone(hand: Hand) -> dict[str, Any]:
    """All of a hand's description but `equip`: what that puts on is in `hand.xml` already.

    A file that extends another cannot take a table away from it.
    """
    content: dict[str, Any] = hand.description.model_dump(
        mode="json", by_alias=True, exclude_unset=True, exclude_none=True, exclude={"equip"}
    )
    tips = zip(content["fingers"], hand.description.fingers, strict=True)
    return content | {"fingers": [said | {"tip": tip_name(finger)} for said, finger in tips]}


def _damping(model: mujoco.MjModel, joints: Sequence[str], stiffness: list[float]) -> list[float]:
    """2 zeta sqrt(k M) less the joint's own, M in the middle of all ranges."""
    data = mujoco.MjData(model)
    ids = [model.joint(name).id for name in joints]
    data.qpos[model.jnt_qposadr[ids]] = model.jnt_range[ids].mean(axis=1)
    mujoco.mj_forward(model, data)
    mass = np.zeros((model.nv, model.nv))
    mujoco.mj_fullM(model, data, mass)
    dof = model.jnt_dofadr[ids]
    wanted = 2.0 * ZETA * np.sqrt(np.array(stiffness) * np.diag(mass)[dof])
    return list(np.maximum(wanted - model.dof_damping[dof], 0.0))


def _motors(design: HandDesign) -> dict[str, Any]:
    """`[motors]`: a kind for every actuator with and without cords."""
    volts = design.kinds[0].drive.voltage
    kinds = {_kind_name(joint): _kind(joint) for joint in design.joints}
    rail = {"voltage": volts, "resistance": RAIL_RESISTANCE, "voltage_min": VOLTAGE_PART * volts}
    return {
        "real": False,  # whatever those of the base are: `hand.xml` holds what a motor can do
        "kind": [_kind_name(joint) for joint in design.joints],
        "kinds": kinds,
        "rails": {"supply": rail},
    }


def listed_kinds(said: Mapping[str, Any]) -> set[str]:
    """Names of the kinds of actuators in a hand.toml of `hand_toml`; none in that of others."""
    if not str(said["name"]).endswith(DESIGNED):
        return set()
    kinds = {str(kind).removesuffix(TENDON) for kind in said["motors"]["kind"]}
    return {kind for kind in kinds if re.fullmatch(r"D\d+[a-h]?", kind)}


def _kind_name(chosen: JointActuator) -> str:
    return chosen.kind.name + (TENDON if chosen.efficiency < 1.0 else "")


def _kind(chosen: JointActuator) -> dict[str, Any]:
    drive = chosen.kind.drive
    return {
        "torque_constant": chosen.efficiency * one(drive.torque_constant),
        "resistance": one(drive.resistance),
        "back_emf": one(drive.back_emf),
        "current_max": one(drive.bridge.current_max),
        "rail": "supply",
        "friction": {"coulomb": chosen.drag},
        "thermal": dict(thermal_of(chosen.kind)),
    }


def thermal_of(kind: Kind) -> Thermal:
    """Of the motor in its housing."""
    path = kind.drive.motor.heat
    return Thermal(
        winding_resistance=one(path.winding),
        housing_resistance=one(path.housing),
        winding_capacity=one(path.winding_capacity),
        housing_capacity=one(path.housing_capacity),
        winding_max=kind.drive.winding_max,
    )
