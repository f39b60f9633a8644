"""A hand inside one model, and what the controller and the plant have to know of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import mujoco
import numpy as np
from numpy.typing import NDArray

from .. import _core
from .description import Transmission
from .motors import core_drives, core_motors

if TYPE_CHECKING:
    from .hand import Hand

_Integers = NDArray[np.int64]
_Numbers = NDArray[np.float64]


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
            raise self.hand.error(("joints", "names"), str(error)) from None

    def plant_ids(self) -> _core.SimPlantIds:
        """What a `_core.SimPlant` has to know.

        Raises:
            HandError: the hand has no actuators.
        """
        if not self.hand.can_be_driven:
            raise self.hand.error(
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
            core_drives(self.hand.description),
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
            raise self.hand.error(("transmission", "motors"), str(error)) from None
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
            raise self.hand.error(("transmission", "motors"), "give each of them a ctrlrange")
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
            raise self.hand.error(
                ("limits", "torque"), "missing; the motors of this hand do not say it for a joint"
            )
        return np.array([self._torque_of_actuator(i) for i in range(len(self.joint_ids))])

    def _torque_of_actuator(self, i: int) -> float:
        m, actuator, joint = self.model, self.actuator_ids[i], self.joint_ids[i]
        limits, control = [], m.actuator_ctrladr[actuator]
        if m.actuator_ctrllimited[control]:
            limits.append(np.abs(m.actuator_ctrlrange[control]).min())
        if m.actuator_forcelimited[actuator]:
            limits.append(np.abs(m.actuator_forcerange[actuator]).min() * gear_of(m, actuator))
        if m.jnt_actfrclimited[joint]:
            limits.append(np.abs(m.jnt_actfrcrange[joint]).min())
        if not limits or not min(limits) > 0.0:
            name = mujoco.mj_id2name(m, mujoco.mjtObj.mjOBJ_ACTUATOR, actuator)
            raise self.hand.error(
                ("limits", "torque"),
                f"missing, and actuator '{name}' has no ctrlrange or forcerange to take it from",
            )
        return float(min(limits))


def gear_of(m: mujoco.MjModel, actuator: int) -> float:
    """Torque at the joint over that of the actuator."""
    return float(m.actuator_gear[m.actuator_outadr[actuator], 0])
