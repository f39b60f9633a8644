"""Finds every name of a description in one model, or says which one does not fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import mujoco
import numpy as np

from .bound_hand import BoundHand, gear_of
from .description import Finger, TipFrame
from .description_table import Key
from .errors import HandError, unknown

if TYPE_CHECKING:
    from .hand import Hand

_GAIN_TOLERANCE = 1e-9
_KINDS = {
    "body": mujoco.mjtObj.mjOBJ_BODY,
    "joint": mujoco.mjtObj.mjOBJ_JOINT,
    "site": mujoco.mjtObj.mjOBJ_SITE,
    "actuator": mujoco.mjtObj.mjOBJ_ACTUATOR,
    "sensor": mujoco.mjtObj.mjOBJ_SENSOR,
}
# What a contact sensor has to report, in this order and nothing in between: MuJoCo's bit mask.
_LEADING_FIELDS = 2 ** (int(mujoco.mjtConDataField.mjCONDATA_TANGENT) + 1) - 1
_CONTACT_FIELDS = sum(
    2 ** int(getattr(mujoco.mjtConDataField, f"mjCONDATA_{field}"))
    for field in ("FOUND", "FORCE", "POS", "NORMAL", "TANGENT")
)
_COUNTS = {
    "body": "nbody",
    "joint": "njnt",
    "site": "nsite",
    "actuator": "nactuator",
    "sensor": "nsensor",
}


def tip_name(finger: Finger) -> str:
    """Of the site of a fingertip."""
    return f"handloop_{finger.name}_tip" if isinstance(finger.tip, TipFrame) else finger.tip


def _torque_per_control(m: mujoco.MjModel, actuator: int) -> float | None:
    """[N m] of joint torque; None for an actuator that is not told a torque."""
    gear = gear_of(m, actuator)
    gain = mujoco.mjtGain(int(m.actuator_gaintype[actuator]))
    if gain == mujoco.mjtGain.mjGAIN_DCMOTOR:
        fed_forward = m.actuator_ctrlspec[actuator] == int(mujoco.mjtCtrlInput.mjINPUT_FF)
        return gear if fed_forward else None
    direct = (
        gain == mujoco.mjtGain.mjGAIN_FIXED
        and m.actuator_biastype[actuator] == int(mujoco.mjtBias.mjBIAS_NONE)
        and m.actuator_dyntype[actuator] == int(mujoco.mjtDyn.mjDYN_NONE)
    )
    return gear * float(m.actuator_gainprm[actuator, 0]) if direct else None


class Binder:
    """Looks every name of a description up in one model."""

    def __init__(self, hand: Hand, model: mujoco.MjModel, prefix: str) -> None:
        self._hand = hand
        self._text = hand.description
        self._m = model
        self._prefix = prefix

    def bind(self) -> BoundHand:
        """All of it."""
        joints = self._ids("joint", self._text.joints.names, ("joints", "names"))
        tips = [
            self._tip(finger, ("fingers", i, "tip")) for i, finger in enumerate(self._text.fingers)
        ]
        for i in range(len(tips)):
            self._check_chain(i, tips[i])
        bound = BoundHand(
            hand=self._hand,
            model=self._m,
            prefix=self._prefix,
            palm_id=self._id("body", self._text.palm, ("palm",)),
            joint_ids=np.array(joints),
            tip_ids=np.array(tips),
            actuator_ids=np.array(self._actuators(joints), dtype=np.int64),
            contact_ids=np.array(self._sensors("contact"), dtype=np.int64),
            tactile_ids=np.array(self._sensors("tactile"), dtype=np.int64),
            position_range=np.array([self._range(joint) for joint in joints]),
        )
        _ = bound.hand_model  # refuses what has more than one axis or stands out of order
        return bound

    def _id(self, kind: str, name: str, key: Key) -> int:
        found = mujoco.mj_name2id(self._m, _KINDS[kind], self._prefix + name)
        if found >= 0:
            return int(found)
        where = self._text.mjcf.name
        if self._m is not self._hand.model:
            where = (
                f"the model that was to contain it (attach Hand.spec(), prefix '{self._prefix}')"
            )
        raise self._error(key, unknown(kind, self._prefix + name, self._names(kind), where))

    def _names(self, kind: str) -> list[str]:
        count = getattr(self._m, _COUNTS[kind])
        return [mujoco.mj_id2name(self._m, _KINDS[kind], i) or "" for i in range(count)]

    def _ids(self, kind: str, names: Sequence[str], key: Key) -> list[int]:
        return [self._id(kind, name, (*key, i)) for i, name in enumerate(names)]

    def _tip(self, finger: Finger, key: Key) -> int:
        if isinstance(finger.tip, TipFrame):
            self._id("body", finger.tip.body, (*key, "body"))
        return self._id("site", tip_name(finger), key)

    def _check_chain(self, i: int, tip: int) -> None:
        finger = self._text.fingers[i]
        on_the_way: list[str] = []
        body = self._m.site_bodyid[tip]
        while body:
            first, count = self._m.body_jntadr[body], self._m.body_jntnum[body]
            ids = range(first, first + count)
            on_the_way[:0] = [
                (mujoco.mj_id2name(self._m, mujoco.mjtObj.mjOBJ_JOINT, j) or "").removeprefix(
                    self._prefix
                )
                for j in ids
            ]
            body = self._m.body_parentid[body]
        key: Key = ("fingers", i, "joints")
        for joint in finger.joints:
            if joint not in on_the_way:
                raise self._error(
                    key,
                    f"'{joint}' does not move the tip '{tip_name(finger)}'; "
                    f"these do, base first: {', '.join(on_the_way)}",
                )
        ordered = sorted(finger.joints, key=on_the_way.index)
        if list(finger.joints) != ordered:
            raise self._error(key, f"list them base first: {', '.join(ordered)}")

    def _actuators(self, joints: list[int]) -> list[int]:
        if self._text.transmission.kind != "direct":
            return self._ids("actuator", self._text.transmission.motors, ("transmission", "motors"))
        names, key = self._text.joints.actuators or (), ("joints", "actuators")
        ids = self._ids("actuator", names, key)
        for i, (actuator, joint) in enumerate(zip(ids, joints, strict=False)):
            self._check_actuator(actuator, joint, names[i], (*key, i))
        return ids

    def _check_actuator(self, actuator: int, joint: int, name: str, key: Key) -> None:
        m = self._m
        drives_joint = m.actuator_trntype[actuator] == int(mujoco.mjtTrn.mjTRN_JOINT)
        if not drives_joint or m.actuator_trnid[actuator, 0] != joint:
            joint_name = mujoco.mj_id2name(m, mujoco.mjtObj.mjOBJ_JOINT, joint)
            raise self._error(
                key,
                f"actuator '{name}' does not drive joint '{joint_name}'; "
                "list one actuator per joint, in the order of joints.names",
            )
        gain = _torque_per_control(m, actuator)
        if gain is None:
            raise self._error(
                key,
                f"actuator '{name}' turns its control into something else than torque; "
                'list a <motor>, or a <dcmotor input="ff">',
            )
        if abs(gain - 1.0) > _GAIN_TOLERANCE:
            raise self._error(
                key,
                f"actuator '{name}': a control of 1 gives {gain:g} N m; "
                "make gear and gain 1, so that the control is the torque of the joint",
            )

    def _sensors(self, kind: str) -> list[int]:
        ids = []
        for i, finger in enumerate(self._text.fingers):
            name, key = getattr(finger, kind), ("fingers", i, kind)
            if name is not None:
                ids.append(self._id("sensor", name, key))
                self._check_sensor(ids[-1], kind, name, key)
        return ids

    def _check_sensor(self, sensor: int, kind: str, name: str, key: Key) -> None:
        sensor_type = self._m.sensor_type[sensor]
        if kind == "tactile" and sensor_type != int(mujoco.mjtSensor.mjSENS_TACTILE):
            raise self._error(key, f"sensor '{name}' is no tactile sensor; list a <tactile>")
        if kind != "contact":
            return
        fields = int(self._m.sensor_intprm[sensor, 0]) & _LEADING_FIELDS
        if sensor_type != int(mujoco.mjtSensor.mjSENS_CONTACT) or fields != _CONTACT_FIELDS:
            raise self._error(
                key,
                f"sensor '{name}' does not report a contact as the controller reads it; "
                'list a <contact data="found force pos normal tangent ...">',
            )

    def _range(self, joint: int) -> tuple[float, float]:
        name = mujoco.mj_id2name(self._m, mujoco.mjtObj.mjOBJ_JOINT, joint)
        name = name.removeprefix(self._prefix)
        if (given := self._text.limits.position.get(name)) is not None:
            return given
        if self._m.jnt_limited[joint]:
            low, high = self._m.jnt_range[joint]
            return float(low), float(high)
        raise self._error(
            ("limits", "position", name),
            f"joint '{name}' has no limits; add range= to it in {self._text.mjcf.name}, or "
            "its lowest and highest position [rad] here",
        )

    def _error(self, key: Key, message: str) -> HandError:
        return self._hand.error(key, message)
