"""A hand's bill of materials, and all of its design as a document.

What it lists adds up to the hand: grams of the parts to an actuator, actuators and cords to all.
"""

from __future__ import annotations

from typing import Any

from ...study.table import Cell, filled
from .cost import VOLUMES
from .joint_actuator import JointActuator, Kind, one
from .space import VARIABLES
from .whole_hand import CORD_LENGTH, HandDesign

COLUMNS = (
    "kind", "in a hand [1]", "diameter [mm]", "length [mm]", "pole pairs [1]", "winding",
    "gear", "stages [1]", "ratio [1]", "mass [g]", "magnet [g]", "copper [g]", "iron [g]",
    "steel [g]", "aluminium [g]", "board [g]", "brackets, cable and plug [g]", "fibre [g]",
    *(f"price at {hands} hands [USD]" for hands in VOLUMES),
)  # fmt: skip


def bill(design: HandDesign) -> list[tuple[Cell, ...]]:
    """A row of `COLUMNS` for every kind, and one for cords if there are any.

    Cords differ in thickness: their row is of a mean one. They have no price, nor have brackets,
    cable and plug one of their own.
    """
    rows = [_row(kind) for kind in design.kinds]
    return [*rows, _cords(design)] if design.cords else rows


def _cords(design: HandDesign) -> tuple[Cell, ...]:
    grams = 1e3 * design.cord_mass / design.cords
    known: dict[str, Cell] = {
        "kind": "cord",
        "in a hand [1]": design.cords,
        "length [mm]": 1e3 * CORD_LENGTH,
        "mass [g]": grams,
        "fibre [g]": grams,
    }
    return tuple(filled(COLUMNS, known))


def _row(kind: Kind) -> tuple[Cell, ...]:
    drive = kind.drive
    motor, gear = drive.motor, drive.gear
    grams = (
        drive.mass,
        motor.magnet_mass,
        motor.copper_mass,
        motor.iron_mass,
        motor.steel_mass + gear.mass,
        motor.housing_mass,
        drive.bridge.mass,
        drive.mass - (motor.mass + gear.mass + drive.bridge.mass),
    )
    return (
        kind.name,
        kind.count,
        1e3 * one(gear.diameter),
        1e3 * one(drive.length),
        one(motor.shape.pole_pairs),
        "in slots" if one(motor.shape.slotted) else "without slots",
        "planetary" if one(gear.stages) else "ball screw",
        one(gear.stages),
        one(gear.ratio),
        *(1e3 * one(mass) for mass in grams),
        None,
        *(one(kind.cost(hands).total) for hands in VOLUMES),
    )


def document(design: HandDesign) -> dict[str, Any]:
    """All of a design, for `design.json`; what is infinite is null."""
    return {
        "schema": 1,
        "hand": design.hand,
        "requirements": design.source,
        "place": design.place,
        "aim": design.aim,
        "hands": design.hands,
        "mass_kg": design.mass,
        "cord_mass_kg": design.cord_mass,
        "volume_m3": design.volume,
        "forearm_volume_m3": design.forearm_volume,
        "copper_heat_w": design.heat,
        "price_usd": {str(hands): price for hands, price in design.prices.items()},
        "weakest_joint": design.weakest.joint,
        "kinds": [_kind(kind) for kind in design.kinds],
        "joints": [_joint(joint) for joint in design.joints],
    }


def _kind(kind: Kind) -> dict[str, Any]:
    drive = kind.drive
    return {
        "name": kind.name,
        "count": kind.count,
        "variables": dict(zip(VARIABLES, kind.values.tolist(), strict=True)),
        "mass_kg": one(drive.mass),
        "length_m": one(drive.length),
        "no_load_speed_rad_s": drive.no_load_speed,
        "torque_continuous_nm": one(drive.torque_continuous()),
        "torque_peak_nm": one(drive.torque_peak),
        "stall_torque_nm": one(drive.stall_torque),
        "gear_torque_nm": one(drive.gear.torque_max),
        "motor_constant_nm_sqrt_w": one(drive.motor_constant),
        "inertia_kg_m2": one(drive.inertia),
        "friction_nm": one(drive.friction),
        "backdriving_torque_nm": _finite(one(drive.backdriving_torque)),
        "price_usd": {str(hands): one(kind.cost(hands).total) for hands in VOLUMES},
    }


def _joint(joint: JointActuator) -> dict[str, Any]:
    return {
        "joint": joint.joint,
        "kind": joint.kind.name,
        "torque_needed_nm": joint.need.torque,
        "torque_continuous_nm": joint.torque_continuous,
        "peak_needed_nm": joint.need.torque_peak,
        "torque_peak_nm": joint.torque_peak,
        "margin": joint.margin,
        "limited_by": joint.limited_by,
        "copper_heat_w": joint.copper_heat,
        "board_heat_w": joint.board_heat,
        "winding_deg_c": _finite(joint.winding_temperature),
        "inertia_kg_m2": joint.inertia,
        "drag_asked_nm": _finite(joint.need.drag),
        "drag_nm": joint.drag,
        "inertia_felt_kg_m2": _finite(joint.inertia_felt),
        "cord_efficiency": joint.efficiency,
    }


def _finite(value: float) -> float | None:
    return value if abs(value) != float("inf") else None
