"""A hand, found by name in any MuJoCo model that contains it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import mujoco
import numpy as np
from numpy.typing import NDArray

from .. import _core, models
from .description import (
    Finger,
    HandDescription,
    Source,
    TipFrame,
    Transmission,
    read_description,
)
from .errors import HandError, unknown
from .motors import core_motors

_GAIN_TOLERANCE = 1e-9
# Tables of the description that set numbers of the configuration of the same name.
_TUNINGS = (
    "force_feedback",
    "observer",
    "task",
    "grip",
    "fingertips",
    "object",
    "law",
    "safety",
)

_Key = tuple[str | int, ...]
_Integers = NDArray[np.int64]
_Numbers = NDArray[np.float64]


def packaged_hands() -> dict[str, Path]:
    """The hands that come with handloop: name and hand.toml."""
    files = Path(models.__file__).parent.rglob("*.toml")
    return {file.stem: file for file in sorted(files, key=lambda file: file.stem)}


class Hand:
    """A hand as `hand.toml` and the MJCF it names describe it.

    Attributes:
        description: what the TOML says, validated.
    """

    def __init__(self, description: HandDescription, source: Source) -> None:
        """Use `Hand.load`."""
        self.description = description
        self._source = source

    @classmethod
    def load(cls, name: str | Path) -> Self:
        """Loads a hand and checks every name in its description against its MJCF.

        Args:
            name: a packaged hand ("hand27_right") or the path of a hand.toml.

        Raises:
            HandError: naming the file, the key and the mend.
        """
        hand = cls(*read_description(_find_description(name)))
        hand.bind(hand.model)
        return hand

    def __repr__(self) -> str:
        return f"<Hand {self.name}: {len(self.joint_names)} joints>"

    @property
    def name(self) -> str:
        """The hand's own name."""
        return self.description.name

    @property
    def joint_names(self) -> tuple[str, ...]:
        """Names in the order of every vector over joints."""
        return self.description.joints.names

    @property
    def finger_names(self) -> tuple[str, ...]:
        """Names in the order of every list over fingers."""
        return tuple(finger.name for finger in self.description.fingers)

    @property
    def can_be_driven(self) -> bool:
        """False for a hand without motors: kinematics and dynamics only."""
        text = self.description
        return text.joints.actuators is not None or text.transmission.kind != "direct"

    def spec(self) -> mujoco.MjSpec:
        """A fresh specification of the hand alone, to compile or to attach to a scene.

        It has a site for every fingertip, also for those that the MJCF has none for.

        Raises:
            HandError: MuJoCo cannot read the MJCF.
        """
        path = self.description.mjcf
        try:
            spec = mujoco.MjSpec.from_file(str(path))
        except (ValueError, mujoco.FatalError) as error:
            raise self._source.error(("mjcf",), f"MuJoCo cannot read {path}: {error}") from None
        for i, finger in enumerate(self.description.fingers):
            if isinstance(finger.tip, TipFrame):
                self._add_tip(spec, finger, finger.tip, ("fingers", i, "tip", "body"))
        return spec

    def _add_tip(self, spec: mujoco.MjSpec, finger: Finger, tip: TipFrame, key: _Key) -> None:
        body = spec.body(tip.body)
        if body is None:
            bodies = [b.name for b in spec.bodies]
            raise self._error(key, unknown("body", tip.body, bodies, self.description.mjcf.name))
        body.add_site(name=_tip_name(finger), pos=tip.offset, quat=tip.quat, group=4)

    @cached_property
    def model(self) -> mujoco.MjModel:
        """The hand alone, compiled. Shared: make a copy before changing it.

        Raises:
            HandError: MuJoCo cannot read or compile the MJCF.
        """
        spec = self.spec()
        try:
            return spec.compile()
        except (ValueError, mujoco.FatalError) as error:
            path = self.description.mjcf
            raise self._error(("mjcf",), f"MuJoCo cannot compile {path}: {error}") from None

    def bind(self, model: mujoco.MjModel, prefix: str = "") -> BoundHand:
        """Finds the hand in a model that contains it.

        Args:
            model: compiled from a scene to which `spec()` was attached, or `self.model`.
            prefix: what attaching put before every name.

        Raises:
            HandError: a joint, site, body, actuator or sensor is missing or does not fit.
        """
        return _Binder(self, model, prefix).bind()

    def controller_config(self, period: float = 0.001) -> _core.ControllerConfig:
        """Gains, limits, grip and safety of this hand, to construct a `_core.Controller`.

        Ranges and torque limits come from the MJCF where the description gives none.

        Args:
            period: [s] from tick to tick.

        Raises:
            HandError: the description has no actuators, gains or grip, or a joint has no limits.
        """
        text = self.description
        if not self.can_be_driven:
            raise self._error(
                ("joints", "actuators"),
                f"'{self.name}' has none and serves for kinematics only; list one torque actuator "
                "per joint to control it",
            )
        if text.gains is None:
            raise self._error(("gains",), "missing; a controller needs stiffness and damping")
        if text.grip is None:
            raise self._error(("grip",), "missing; a controller needs the thumb and the shares")
        bound = self.bind(self.model)
        config = _core.ControllerConfig()
        config.period = period
        for part in _TUNINGS:
            getattr(text, part).apply(getattr(config, part))
        config.law.stiffness = text.per_joint(text.gains.stiffness)
        config.law.damping = text.per_joint(text.gains.damping)
        thumb = text.grip.thumb
        config.task.thumb = self.finger_names.index(thumb)
        config.law.integral_gain = [
            0.0 if finger == thumb else text.law.integral_gain for finger in self.finger_names
        ]
        share = {thumb: 1.0} | text.grip.share
        config.grip.share = [share.get(finger, 0.0) for finger in self.finger_names]
        safety = config.safety
        safety.velocity_max = text.limits.velocity
        safety.position_min = bound.position_range[:, 0]
        safety.position_max = bound.position_range[:, 1]
        safety.torque_max = bound.torque_max()
        config.motors = core_motors(text)
        config.observer.force_source = _core.ForceSource[text.observer.force_source.upper()]
        config.transmission = bound.transmission()
        return config

    def _error(self, key: _Key, message: str) -> HandError:
        return self._source.error(key, message)


@dataclass(frozen=True, eq=False)
class BoundHand:
    """A hand inside one model: ids and addresses in the order of the description."""

    hand: Hand
    model: mujoco.MjModel
    prefix: str
    palm_id: int
    """Of the body."""
    joint_ids: _Integers
    """Shape (joints,)."""
    tip_ids: _Integers
    """Of the sites, shape (fingers,)."""
    actuator_ids: _Integers
    """Of the motors, shape (joints,) where each turns its joint; (0,) for a hand without."""
    contact_ids: _Integers
    """Of the sensors, shape (fingers,), or (0,) for a hand without."""
    tactile_ids: _Integers
    """Of the sensors, shape (fingers,), or (0,) for a hand without."""
    position_range: _Numbers
    """[rad], shape (joints, 2): lowest and highest position."""

    @property
    def qpos(self) -> _Integers:
        """Addresses of the joint positions in `qpos`, shape (joints,)."""
        return np.asarray(self.model.jnt_qposadr[self.joint_ids], dtype=np.int64)

    @property
    def dof(self) -> _Integers:
        """Addresses of the joint velocities in `qvel`, shape (joints,)."""
        return np.asarray(self.model.jnt_dofadr[self.joint_ids], dtype=np.int64)

    @cached_property
    def hand_model(self) -> _core.HandModel:
        """What the controller computes with: masses, frames and gravity of this model.

        Raises:
            HandError: a joint has several axes or a tip moves with no joint of the hand.
        """
        try:
            return _core.HandModel(self.model, self.joint_ids.tolist(), self.tip_ids.tolist())
        except ValueError as error:
            raise self.hand._error(("joints", "names"), str(error)) from None

    def plant_ids(self) -> _core.SimPlantIds:
        """What a `_core.SimPlant` has to know.

        Raises:
            HandError: the hand has no actuators.
        """
        if not self.hand.can_be_driven:
            raise self.hand._error(
                ("joints", "actuators"),
                f"'{self.hand.name}' has none and serves for kinematics only; list one torque "
                "actuator per joint to simulate it under control",
            )
        return _core.SimPlantIds(
            self.joint_ids.tolist(),
            self.actuator_ids.tolist(),
            self.tip_ids.tolist(),
            self.contact_ids.tolist(),
            self.tactile_ids.tolist(),
            [motor.torque_constant for motor in core_motors(self.hand.description).motors],
        )

    def transmission(self) -> _core.TransmissionConfig:
        """How the motors move the joints.

        Raises:
            HandError: a tendon or a motor is not what the controller can drive.
        """
        text = self.hand.description.transmission
        if text.kind == "direct":
            return _core.TransmissionConfig()
        if text.kind == "coupled":
            return self._coupled(text)
        try:
            config = _core.read_tendons(
                self.model, self.joint_ids.tolist(), self.actuator_ids.tolist()
            )
        except ValueError as error:
            raise self.hand._error(("transmission", "motors"), str(error)) from None
        config.friction.coefficient = text.friction
        config.friction.velocity = text.friction_velocity
        pulls = self.model.actuator_trntype[self.actuator_ids] == int(mujoco.mjtTrn.mjTRN_TENDON)
        config.effort_min = np.where(pulls, text.pretension, config.effort_min)
        config.effort_rest = np.where(pulls, text.pretension, config.effort_rest)
        if text.tension_max is not None:
            config.effort_max = np.where(pulls, text.tension_max, config.effort_max)
        return config

    def _coupled(self, text: Transmission) -> _core.TransmissionConfig:
        config = _core.TransmissionConfig()
        config.kind = _core.TransmissionKind.COUPLED
        config.coupling = np.array(text.coupling)
        control = self.model.actuator_ctrladr[self.actuator_ids]
        if not self.model.actuator_ctrllimited[control].all():
            raise self.hand._error(("transmission", "motors"), "give each of them a ctrlrange")
        config.effort_min, config.effort_max = self.model.actuator_ctrlrange[control].T
        config.effort_rest = np.clip(0.0, config.effort_min, config.effort_max)
        return config

    def torque_max(self) -> _Numbers:
        """Torque limits [N m], shape (joints,): the description's, else the actuators'.

        Raises:
            HandError: neither gives one.
        """
        text = self.hand.description
        if text.limits.torque is not None:
            return np.array(text.per_joint(text.limits.torque))
        if text.transmission.kind != "direct":
            raise self.hand._error(
                ("limits", "torque"), "missing; the motors of this hand do not say it for a joint"
            )
        return np.array([self._torque_of_actuator(i) for i in range(len(self.joint_ids))])

    def _torque_of_actuator(self, i: int) -> float:
        m, actuator, joint = self.model, self.actuator_ids[i], self.joint_ids[i]
        limits, control = [], m.actuator_ctrladr[actuator]
        if m.actuator_ctrllimited[control]:
            limits.append(np.abs(m.actuator_ctrlrange[control]).min())
        if m.actuator_forcelimited[actuator]:
            limits.append(np.abs(m.actuator_forcerange[actuator]).min() * _gear(m, actuator))
        if m.jnt_actfrclimited[joint]:
            limits.append(np.abs(m.jnt_actfrcrange[joint]).min())
        if not limits or not min(limits) > 0.0:
            name = mujoco.mj_id2name(m, mujoco.mjtObj.mjOBJ_ACTUATOR, actuator)
            raise self.hand._error(
                ("limits", "torque"),
                f"missing, and actuator '{name}' has no ctrlrange or forcerange to take it from",
            )
        return float(min(limits))


def _tip_name(finger: Finger) -> str:
    return f"handloop_{finger.name}_tip" if isinstance(finger.tip, TipFrame) else finger.tip


def _find_description(name: str | Path) -> Path:
    hands = packaged_hands()
    if str(name) in hands:
        return hands[str(name)]
    path = Path(name)
    if path.suffix == ".toml" or path.exists():
        return path
    raise HandError(unknown("hand", str(name), hands, "handloop's models") + "; or a hand.toml")


def _gear(m: mujoco.MjModel, actuator: int) -> float:
    return float(m.actuator_gear[m.actuator_outadr[actuator], 0])


def _torque_per_control(m: mujoco.MjModel, actuator: int) -> float | None:
    """[N m] of joint torque; None for an actuator that is not told a torque."""
    gear = _gear(m, actuator)
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


class _Binder:
    """Looks every name of a description up in one model."""

    def __init__(self, hand: Hand, model: mujoco.MjModel, prefix: str) -> None:
        self._hand = hand
        self._text = hand.description
        self._m = model
        self._prefix = prefix

    def bind(self) -> BoundHand:
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

    def _id(self, kind: str, name: str, key: _Key) -> int:
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

    def _ids(self, kind: str, names: Sequence[str], key: _Key) -> list[int]:
        return [self._id(kind, name, (*key, i)) for i, name in enumerate(names)]

    def _tip(self, finger: Finger, key: _Key) -> int:
        if isinstance(finger.tip, TipFrame):
            self._id("body", finger.tip.body, (*key, "body"))
        return self._id("site", _tip_name(finger), key)

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
        key: _Key = ("fingers", i, "joints")
        for joint in finger.joints:
            if joint not in on_the_way:
                raise self._error(
                    key,
                    f"'{joint}' does not move the tip '{_tip_name(finger)}'; "
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

    def _check_actuator(self, actuator: int, joint: int, name: str, key: _Key) -> None:
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

    def _check_sensor(self, sensor: int, kind: str, name: str, key: _Key) -> None:
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

    def _error(self, key: _Key, message: str) -> HandError:
        return self._hand._error(key, message)


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
