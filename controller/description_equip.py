"""What a hand gets on top of its MJCF, as its `hand.toml` says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from .description_table import Name, Positive, Table, misfit


class Pads(Table):
    """A pad on every fingertip: a sphere of rubber with a tactile skin."""

    radius: Positive = 0.008
    """[m], about that of a human fingertip."""
    thickness: Positive = 0.003
    """[m], by which they stand out of the fingertips, which move out with them."""


class Equip(Table):
    """What is put on an MJCF that was made for something else, so that the hand can be compared.

    The hand keeps its bodies, joints, inertias and damping. Time step, integrator, contact options
    and what its geoms feel like become those of handloop's own hands. Where `gains` is missing, it
    follows a rule (`gains.py`).
    """

    root: Name | None = None
    """The body that is the hand; the rest of the MJCF, such as a table, is left out. None: all."""
    motors: Literal["ideal"] | None = None
    """One torque motor per joint, `<joint>_motor`, instead of the MJCF's actuators, tendons,
    sensors and dry friction; as strong as those are there if `limits.torque` says nothing."""
    pads: Pads | None = None
    """With sensors `<finger>_contact` and `<finger>_tactile`. None: those of the MJCF."""


def with_equipment_named(content: Any) -> Any:
    """The content of a hand.toml with the names of what `equip` puts on.

    Raises:
        PydanticCustomError: something is there twice, or has another shape than it should.
    """
    if not isinstance(content, Mapping) or not isinstance(content.get("equip"), Mapping):
        return content
    named = dict(content)
    if content["equip"].get("motors") is not None:
        named["joints"] = _with_motors(content)
    if content["equip"].get("pads") is not None:
        named["fingers"] = _with_pads(content)
    return named


def _with_motors(content: Mapping[str, Any]) -> Any:
    joints = content.get("joints")
    if not isinstance(joints, Mapping) or not isinstance(joints.get("names"), list | tuple):
        return joints
    if "transmission" in content:
        raise misfit(("transmission",), "goes with the MJCF's own motors; leave out equip.motors")
    if "actuators" in joints:
        raise misfit(("joints", "actuators"), "equip.motors puts on others; leave one of them out")
    return {**joints, "actuators": tuple(f"{joint}_motor" for joint in joints["names"])}


def _with_pads(content: Mapping[str, Any]) -> Any:
    fingers = content.get("fingers")
    if not isinstance(fingers, list | tuple) or not all(isinstance(f, Mapping) for f in fingers):
        return fingers
    equipped = []
    for i, finger in enumerate(fingers):
        for sensor in ("contact", "tactile"):
            if sensor in finger:
                raise misfit(
                    ("fingers", i, sensor), "equip.pads puts on another; leave one of them out"
                )
        name = finger.get("name")
        equipped.append({**finger, "contact": f"{name}_contact", "tactile": f"{name}_tactile"})
    return equipped
