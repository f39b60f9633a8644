"""Actuators: ideal joint torque, or one catalogue servo per joint; tendons are in `tendons`.

The servos come in two sets: `servo`, strong enough for the torques of a human hand, and `light`,
all of one small kind and one supply, as hands that people build with them have (LEAP, ORCA).

Either way the actuator of a joint is called `<joint>_motor` and its control is a joint torque
[N m], so that one torque controller drives both.

A servo is MuJoCo's `dcmotor` behind a current-controlled driver (`input="ff"`): it delivers the
torque it is told until its voltage or its stall torque ends that. Catalogue figures are those of
the servo's output shaft (ROBOTIS e-manual, `_data/dxl_x_info.yml`), turned into figures of the
joint by the gear ratio, so that control and `<joint>_torque` stay in joint units. Not in this
model: gear friction and its load dependence, backlash, heat. The maker publishes no continuous
torque, so `ctrlrange` is the joint's own limit wherever the servo's stall torque exceeds it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import mujoco

from .anatomy import Joint

Actuation = Literal["motor", "servo", "light", "tendon"]
SERVOS: Final = ("servo", "light")

# Mechanical time constant R J / K^2 of Dynamixel MX-64 and MX-106, from the armatures, torque
# constants and resistances identified by Rhoban/bam; taken over for the X series, whose rotor
# inertia nobody publishes.
MECHANICAL_TIME: Final = 0.011  # [s]
LIGHT_PART: Final = 0.8  # of its stall torque, that a light servo is asked for


@dataclass(frozen=True)
class Servo:
    """A catalogue servo at its output shaft.

    Attributes:
        name: Maker's name.
        voltage: Supply [V].
        stall_torque: [N m].
        no_load_rpm: [1/min].
        stall_current: [A].
    """

    name: str
    voltage: float
    stall_torque: float
    no_load_rpm: float
    stall_current: float

    @property
    def no_load_speed(self) -> float:
        """[rad/s]."""
        return self.no_load_rpm * math.tau / 60.0


XM540_W270 = Servo("ROBOTIS XM540-W270", 12.0, 10.6, 30.0, 4.4)
XM430_W210 = Servo("ROBOTIS XM430-W210", 12.0, 3.0, 77.0, 2.3)
XC330_M288 = Servo("ROBOTIS XC330-M288", 5.0, 0.93, 81.0, 1.8)
XC330_M181 = Servo("ROBOTIS XC330-M181", 5.0, 0.60, 129.0, 1.8)


@dataclass(frozen=True)
class Drive:
    """A servo behind a gear, seen at the joint.

    Attributes:
        servo: The servo.
        gear: Turns of the servo per turn of the joint.
    """

    servo: Servo
    gear: float

    @property
    def stall_torque(self) -> float:
        """[N m] at the joint."""
        return round(self.servo.stall_torque * self.gear, 4)

    @property
    def no_load_speed(self) -> float:
        """[rad/s] at the joint."""
        return round(self.servo.no_load_speed / self.gear, 3)

    @property
    def armature(self) -> float:
        """Rotor inertia seen at the joint, J = t_mech K^2 / R [kg m^2].

        With K = V / w0 and R = K V / T that is t_mech T / w0.
        """
        return round(MECHANICAL_TIME * self.stall_torque / self.no_load_speed, 6)


def drive_of(joint: Joint, actuation: Actuation = "servo") -> Drive:
    """The servo that drives a joint: the smallest of its set whose stall torque suffices.

    A wrist, an MCP or a CMC joint holds its torque for long, so they get a servo of at least 1.5
    times their limit; the palm's arch in `hand22`, 3.5 N m, gets a gear. In the light set the
    strongest servo is 0.93 N m, which the joint's limit then follows.
    """
    if actuation == "light":
        return _light_drive_of(joint)
    if joint.torque > 5.0:
        return Drive(XM540_W270, 1.0)
    if joint.torque > 3.0:
        return Drive(XM430_W210, 1.8)
    if joint.torque > 0.9:
        return Drive(XM430_W210, 1.0)
    return Drive(XC330_M288 if joint.torque > 0.4 else XC330_M181, 1.0)


def _light_drive_of(joint: Joint) -> Drive:
    if joint.torque > 3.0:
        return Drive(XC330_M288, 2.0)
    return Drive(XC330_M288 if joint.torque > 0.45 else XC330_M181, 1.0)


def torque_of(joint: Joint, actuation: Actuation) -> float:
    """Limit of a joint's torque [N m]: its own, or what a light servo can do for a while."""
    if actuation != "light":
        return joint.torque
    return round(min(joint.torque, LIGHT_PART * drive_of(joint, actuation).stall_torque), 3)


def armature(joint: Joint, actuation: Actuation) -> float:
    """Inertia of the drive seen at the joint [kg m^2]."""
    return drive_of(joint, actuation).armature if actuation in SERVOS else joint.armature


def add_actuators(spec: mujoco.MjSpec, joints: Sequence[Joint], actuation: Actuation) -> None:
    """One actuator per joint, `<joint>_motor`, whose control is the joint torque [N m]."""
    for joint in joints:
        torque = torque_of(joint, actuation)
        actuator = spec.add_actuator(
            name=f"{joint.name}_motor",
            target=joint.name,
            trntype=mujoco.mjtTrn.mjTRN_JOINT,
            ctrllimited=mujoco.mjtLimited.mjLIMITED_TRUE,
            ctrlrange=[-torque, torque],
        )
        if actuation == "motor":
            actuator.set_to_motor()
        else:
            _set_to_servo(actuator, drive_of(joint, actuation))


def _set_to_servo(actuator: mujoco.MjsActuator, drive: Drive) -> None:
    volts = drive.servo.voltage
    actuator.set_to_dcmotor(
        motorconst=[0.0, 0.0],
        resistance=0.0,
        nominal=[volts, drive.stall_torque, drive.no_load_speed],
        saturation=[drive.stall_torque, 0.0, 0.0],
        controller=[0.0, 0.0, 0.0, 0.0, 0.0, volts],
        ctrlspec=int(mujoco.mjtCtrlInput.mjINPUT_FF),
    )


def servo_recipe(joint: Joint, actuation: Actuation) -> str:
    """The attributes of the `dcmotor` of a joint, as MJCF writes them."""
    drive, torque = drive_of(joint, actuation), torque_of(joint, actuation)
    volts, stall, speed = drive.servo.voltage, drive.stall_torque, drive.no_load_speed
    return (
        f'name="{joint.name}_motor" joint="{joint.name}" input="ff"'
        f' ctrllimited="true" ctrlrange="{-torque:g} {torque:g}"'
        f' nominal="{volts:g} {stall:g} {speed:g}" saturation="{stall:g} 0 0"'
        f' controller="0 0 0 0 0 {volts:g}"'
    )


def servo_table(joints: Sequence[Joint], actuation: Actuation) -> list[str]:
    """Which servo drives which joint and what comes out of it, one line each."""
    rows = []
    for joint in joints:
        drive = drive_of(joint, actuation)
        rows.append(
            f"{joint.name:22s} {drive.servo.name[8:]:11s} gear {drive.gear:3.1f}:"
            f" {drive.stall_torque:5.2f} N m stall, {drive.no_load_speed:5.2f} rad/s,"
            f" limit {torque_of(joint, actuation):4.2f} N m"
        )
    return rows
