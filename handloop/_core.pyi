"""Native core of handloop.

SI units throughout: rad, rad/s, N m, N, m, s. A vector over joints has shape (joints,), one over
fingers (fingers,), both in the order of the hand description. Arrays read from an object are
copies: to change a vector, assign it as a whole.
"""

from collections.abc import Sequence
from enum import Enum, IntEnum
from typing import Any, TypeAlias, overload

import mujoco
import numpy as np
from numpy.typing import NDArray

_Array: TypeAlias = NDArray[np.float64]
_Vector: TypeAlias = Sequence[float] | _Array

MUJOCO_HEADER_VERSION: int
"""Version number of the MuJoCo headers that this module was compiled against."""

def mujoco_version() -> int:
    """Version number of the MuJoCo library that is loaded."""

# -- the hand ------------------------------------------------------------------------------------

class Link:
    """One joint of a hand and the rigid body that moves with it; frames as in `hand_model.hpp`."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Only a hand has them.

        Raises:
            TypeError: always.
        """

    @property
    def parent(self) -> int:
        """Index of the link before this one, -1 for the fixed base."""

    @property
    def is_hinge(self) -> bool:
        """False: a slide."""

    @property
    def parent_from_link_position(self) -> _Array:
        """[m], at `reference`, shape (3,)."""

    @property
    def parent_from_link_rotation(self) -> _Array:
        """At `reference`, shape (3, 3)."""

    @property
    def anchor(self) -> _Array:
        """A point on the axis [m], link frame, shape (3,)."""

    @property
    def axis(self) -> _Array:
        """Unit vector, link frame, shape (3,)."""

    @property
    def reference(self) -> float:
        """[rad] or [m], the position at which the joint does nothing."""

    @property
    def mass(self) -> float:
        """[kg]."""

    @property
    def com(self) -> _Array:
        """Centre of mass [m], link frame, shape (3,)."""

    @property
    def inertia(self) -> _Array:
        """About the centre of mass [kg m²], link axes, shape (3, 3)."""

    @property
    def armature(self) -> float:
        """[kg m²] for a hinge, [kg] for a slide."""

class Tip:
    """A fingertip: a frame fixed to a link."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Only a hand has them.

        Raises:
            TypeError: always.
        """

    @property
    def link(self) -> int:
        """Index of the link."""

    @property
    def link_from_tip_position(self) -> _Array:
        """[m], shape (3,)."""

    @property
    def link_from_tip_rotation(self) -> _Array:
        """Shape (3, 3)."""

class HandModel:
    """A tree of single-axis joints read once from a MuJoCo model; other joints stay at qpos0."""

    def __init__(
        self, model: mujoco.MjModel, joint_ids: Sequence[int], tip_ids: Sequence[int]
    ) -> None:
        """Reads the hand.

        Args:
            model: any model that contains the hand.
            joint_ids: hinges and slides in the order of the model, at most 32.
            tip_ids: one site per finger, at most 5.

        Raises:
            ValueError: naming the joint or site that does not fit.
        """

    @property
    def joint_count(self) -> int: ...
    @property
    def finger_count(self) -> int: ...
    @property
    def base_position(self) -> _Array:
        """Of the fixed base [m], world, shape (3,)."""

    @property
    def base_rotation(self) -> _Array:
        """World from base, shape (3, 3)."""

    @property
    def gravity(self) -> _Array:
        """[m/s²], world, shape (3,)."""

    @property
    def links(self) -> list[Link]:
        """One per joint, parents before children."""

    @property
    def tips(self) -> list[Tip]:
        """One per finger."""

    @property
    def mass(self) -> float:
        """[kg], of everything that moves with a joint of the hand."""

class HandKinematics:
    """Kinematics and dynamics of a hand in world axes, at qpos0 until `update_position`."""

    def __init__(self, hand: HandModel) -> None: ...
    @property
    def joint_count(self) -> int: ...
    @property
    def finger_count(self) -> int: ...
    def update_position(self, q: _Vector) -> None:
        """Moves the hand to joint positions `q`, shape (joints,).

        Raises:
            ValueError: `q` has another length. The methods below do so too.
        """

    def tip_position(self, finger: int) -> _Array:
        """Of the fingertip [m], shape (3,).

        Raises:
            IndexError: the hand has no such finger. So do the three methods below.
        """

    def tip_rotation(self, finger: int) -> _Array:
        """World from fingertip frame, shape (3, 3)."""

    def tip_jacobian(self, finger: int) -> _Array:
        """J of v = J dq for the fingertip's velocity [m/s], shape (3, joints)."""

    def tip_rotation_jacobian(self, finger: int) -> _Array:
        """J of w = J dq for the fingertip's angular velocity [rad/s], shape (3, joints)."""

    def joint_positions(self) -> _Array:
        """Of a point on every joint's axis [m], shape (joints, 3)."""

    def gravity_torque(self) -> _Array:
        """Torques [N m] that hold the hand still against gravity, shape (joints,)."""

    def bias_torque(self, dq: _Vector) -> _Array:
        """Coriolis, centrifugal and gravity torques [N m], shape (joints,)."""

    def inverse_dynamics(self, dq: _Vector, ddq: _Vector) -> _Array:
        """Torques [N m] for the motion `dq` [rad/s], `ddq` [rad/s²], shape (joints,)."""

    def energy_gradient(self, dq: _Vector) -> tuple[_Array, _Array]:
        """Of the kinetic energy: momentum M dq [kg m²/s] and C^T dq [N m], shape (joints,) each."""

    def joint_inertia(self) -> _Array:
        """Joint-space inertia with armature [kg m²], shape (joints, joints)."""

# -- from joint torques to motors ----------------------------------------------------------------

class TransmissionKind(IntEnum):
    """How motors move joints."""

    DIRECT = 0
    """Every motor turns its own joint."""
    COUPLED = 1
    """q_motor = C q_joint."""
    TENDONS = 2
    """Motors pull at tendons, against each other or against springs, or turn a joint."""

class CapstanFriction:
    """What guides take of a tendon's tension: exp(-coefficient wrap tanh(speed / velocity))."""

    coefficient: float
    """Between tendon and guides."""
    velocity: float
    """[m/s] of the tendon, over which friction turns round."""
    def __init__(self) -> None: ...

class TransmissionConfig:
    """How motors move joints, and within which bounds; direct and without bounds by default.

    The paths of tendons come from `read_tendons`.
    """

    kind: TransmissionKind
    friction: CapstanFriction
    """What the controller believes."""
    def __init__(self) -> None: ...
    @property
    def coupling(self) -> _Array:
        """C of q_motor = C q_joint, shape (motors, joints)."""
    @coupling.setter
    def coupling(self, value: _Array) -> None: ...
    @property
    def effort_min(self) -> _Array:
        """[N] of tendons, [N m] of motors, shape (motors,)."""
    @effort_min.setter
    def effort_min(self, value: _Vector) -> None: ...
    @property
    def effort_rest(self) -> _Array:
        """What a motor does without reason to do more, shape (motors,); a tendon's pretension."""
    @effort_rest.setter
    def effort_rest(self, value: _Vector) -> None: ...
    @property
    def effort_max(self) -> _Array:
        """As `effort_min`."""
    @effort_max.setter
    def effort_max(self, value: _Vector) -> None: ...
    @property
    def spring_stiffness(self) -> _Array:
        """[N m/rad], shape (joints,) or (0,) for none."""
    @spring_stiffness.setter
    def spring_stiffness(self, value: _Vector) -> None: ...
    @property
    def spring_reference(self) -> _Array:
        """[rad] at which a spring is at rest, shape (joints,) or (0,) for none."""
    @spring_reference.setter
    def spring_reference(self, value: _Vector) -> None: ...

def read_tendons(
    model: mujoco.MjModel, joint_ids: Sequence[int], actuator_ids: Sequence[int]
) -> TransmissionConfig:
    """Reads tendons through sites, their bounds and the springs of the joints from a model.

    Args:
        model: any model that contains the hand.
        joint_ids: as for `HandModel`.
        actuator_ids: what pulls the tendons, at their first site, or turns a joint; at most 64.

    Raises:
        ValueError: naming the tendon or actuator that does not fit.
    """

class Transmission:
    """From joint torques to motors in one posture, q = 0 until `update`."""

    def __init__(self, hand: HandModel, config: TransmissionConfig) -> None:
        """Copies both.

        Raises:
            ValueError: naming what of the configuration does not fit the hand.
        """

    @property
    def motor_count(self) -> int: ...
    def update(self, q: _Vector) -> None:
        """Takes moment arms and springs to joint positions [rad], shape (joints,).

        Raises:
            ValueError: another length. So do the methods below.
        """

    def efforts(self, torque: _Vector, dq: _Vector) -> _Array:
        """Efforts within their bounds that give joint torques, shape (motors,).

        Nearest to rest where several do, and giving the nearest torques where none does.

        Args:
            torque: [N m], shape (joints,).
            dq: [rad/s], shape (joints,), for the direction of friction.
        """

    def torques(self, effort: _Vector, dq: _Vector) -> _Array:
        """What motors and springs do to the joints [N m], shape (joints,)."""

    @property
    def saturated(self) -> bool:
        """The last efforts give less than the wanted torques."""

    def lengths(self) -> _Array:
        """Of the tendons [m], shape (motors,); 0 where a motor turns a joint."""

    def wraps(self) -> _Array:
        """Sum of a tendon's bends [rad], shape (motors,)."""

    def moment_arms(self) -> _Array:
        """Slopes of the lengths over the joint positions [m], shape (motors, joints)."""

# -- what passes through a tick ------------------------------------------------------------------

class FingerContact:
    """What a tactile fingertip reports, in the frame of the fingertip."""

    touching: bool
    slip_speed: float
    """[m/s], tangential speed of the object over the skin, >= 0."""
    def __init__(self) -> None: ...
    @property
    def position(self) -> _Array:
        """[m], fingertip frame, shape (3,)."""
    @position.setter
    def position(self, value: _Vector) -> None: ...
    @property
    def normal(self) -> _Array:
        """Unit vector from the pad into the object, fingertip frame, shape (3,)."""
    @normal.setter
    def normal(self, value: _Vector) -> None: ...
    @property
    def tangent(self) -> _Array:
        """Unit vector, second axis of the contact frame, fingertip frame, shape (3,)."""
    @tangent.setter
    def tangent(self, value: _Vector) -> None: ...
    @property
    def force(self) -> _Array:
        """[N], what the pad presses with, contact frame, normal first, shape (3,)."""
    @force.setter
    def force(self, value: _Vector) -> None: ...

class HandState:
    """One sample of the hand."""

    time: float
    """[s], at which it was taken."""
    sequence: int
    """Grows by one with every new sample."""
    emergency_stop: bool
    """The button is pressed."""
    def __init__(self, joint_count: int) -> None:
        """All zero.

        Raises:
            ValueError: `joint_count` is not 1 to 32.
        """

    @property
    def current(self) -> _Array:
        """[A], one per motor; empty where the motors report none."""
    @current.setter
    def current(self, value: _Vector) -> None: ...
    @property
    def temperature(self) -> _Array:
        """[deg C], of the housing, one per motor; empty where the motors report none."""
    @temperature.setter
    def temperature(self, value: _Vector) -> None: ...
    @property
    def q(self) -> _Array:
        """Joint positions [rad], shape (joints,)."""
    @q.setter
    def q(self, value: _Vector) -> None: ...
    @property
    def dq(self) -> _Array:
        """Joint velocities [rad/s], shape (joints,)."""
    @dq.setter
    def dq(self, value: _Vector) -> None: ...
    def contact(self, finger: int) -> FingerContact:
        """What a finger feels; a view, to be changed in place.

        Raises:
            IndexError: `finger` is not 0 to 4.
        """

# -- a law of one's own ---------------------------------------------------------------------------

class CustomLaw:
    """The address of a C function `void law(const LawInput*)`, see `custom_law.hpp`."""

    def __init__(
        self,
        address: int,
        code: object,
        inputs: set[str],
        parameters: _Vector = ...,
        memory: int = 64,
    ) -> None:
        """Use `handloop.control_law`, unless the function comes from elsewhere.

        Args:
            address: of the function.
            code: whatever owns the function; kept alive as long as the law is.
            inputs: names of what it reads; gravity, bias and tip_jacobian are computed only then.
            parameters: what it finds under that name, shape (P,); copied.
            memory: numbers it can keep.

        Raises:
            ValueError: no address.
        """

    @property
    def address(self) -> int: ...
    @property
    def memory(self) -> int:
        """Numbers it can keep."""

    @property
    def parameters(self) -> list[float]: ...

def law_input_layout() -> list[tuple[str, str, int]]:
    """Name, C type and offset [bytes] of every field of `LawInput`, in order."""

LAW_INPUT_SIZE: int
"""[bytes]."""

class HandCommand:
    """What one tick decided."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Only a controller makes one.

        Raises:
            TypeError: always.
        """

    @property
    def time(self) -> float:
        """[s], of the tick."""

    @property
    def torque(self) -> _Array:
        """[N m], what the law wants, within the limits, shape (joints,)."""

    @property
    def effort(self) -> _Array:
        """What each motor delivers: joint torque [N m] or tendon tension [N]."""

    @property
    def current(self) -> _Array:
        """[A], that this takes of each motor."""

    @property
    def duty(self) -> _Array:
        """Part of the supply voltage per motor, -1 to 1; 0 where that is not known."""

    @property
    def limp(self) -> bool:
        """No torque is allowed: more than a torque that happens to be zero."""

# -- motors, and forces told from them -----------------------------------------------------------

class Friction:
    """Of a motor and its gear, seen at the output: see `friction.hpp`.

    Attributes:
        coulomb: [N m].
        viscous: [N m s/rad].
        load_motor: part of the motor's torque.
        load_external: part of the torque from outside.
        stribeck_coulomb: [N m], that breaking loose takes on top.
        stribeck_load_motor: part of the motor's torque, at rest.
        stribeck_load_external: part of the torque from outside, at rest.
        stribeck_speed: [rad/s], > 0.
        stribeck_exponent: of the speed over that.
        quadratic_motor: [1/(N m)], at rest.
        quadratic_external: [1/(N m)], at rest.
    """

    coulomb: float
    viscous: float
    load_motor: float
    load_external: float
    stribeck_coulomb: float
    stribeck_load_motor: float
    stribeck_load_external: float
    stribeck_speed: float
    stribeck_exponent: float
    quadratic_motor: float
    quadratic_external: float

    def __init__(self) -> None:
        """None at all."""

    def budget(self, speed: float, motor: float, external: float) -> float:
        """[N m], at a speed [rad/s], under the motor's torque and one from outside [N m]."""

    def dry_delivering(self, speed: float, effort: float, way: float) -> float:
        """Dry friction [N m] of a steady motion in which the motor leaves `effort` to the load.

        Args:
            speed: [rad/s].
            effort: [N m].
            way: of the motion, -1 to 1.
        """

    def dry_driven(self, speed: float, motor: float, way: float) -> float:
        """The same where the motor's torque [N m] is known, and not what it leaves."""

class Thermal:
    """Winding and housing as two masses between a heat source and the room."""

    winding_resistance: float
    """[K/W], winding to housing; 0: this motor never gets warm."""
    housing_resistance: float
    """[K/W], housing to room."""
    winding_capacity: float
    """[J/K]."""
    housing_capacity: float
    """[J/K]."""
    winding_max: float
    """[deg C]."""
    def __init__(self) -> None: ...

class Motor:
    """A motor behind its gear, seen at the output shaft; ideal as constructed."""

    torque_constant: float
    """[N m/A]."""
    resistance: float
    """[ohm], at 25 deg C."""
    back_emf: float
    """[V s/rad]."""
    current_max: float
    """[A]."""
    rail: int
    """Index of its supply, 0 to 3."""
    friction: Friction
    thermal: Thermal
    def __init__(self) -> None: ...

class Rail:
    """A supply that several motors share."""

    voltage: float
    """[V], without load; 0: any voltage there may be need of."""
    resistance: float
    """[ohm], of supply, cables and plugs."""
    voltage_min: float
    """[V], below which its servos reset."""
    def __init__(self) -> None: ...

class MotorConfig:
    """The motors of a hand; none listed: all are ideal."""

    friction_compensation: float
    """Part of the friction that the motors make up for, 0 to 1."""
    sign_width: float
    """[rad/s], over which this compensation turns its sign."""
    ambient: float
    """[deg C]."""
    housing_time: float
    """[s], in which a measured housing temperature is believed."""
    def __init__(self) -> None: ...
    @property
    def motors(self) -> list[Motor]:
        """One per joint, copies: to change one, assign the list."""
    @motors.setter
    def motors(self, value: Sequence[Motor]) -> None: ...
    @property
    def rails(self) -> list[Rail]:
        """Up to 4, copies: to change one, assign the list."""
    @rails.setter
    def rails(self, value: Sequence[Rail]) -> None: ...

class MotorLimit(IntEnum):
    """What keeps a motor from doing what it shall."""

    NONE = 0
    CURRENT = 1
    HEAT = 2
    VOLTAGE = 3
    RAIL = 4

class ForceSource(IntEnum):
    """Where contact forces come from."""

    SENSORS = 0
    MOTORS = 1

class ObserverConfig:
    """From motor torques to external torques and contact forces."""

    force_source: ForceSource
    bandwidth: float
    """[1/s], of the external torque."""
    presliding: float
    """[rad], over which friction turns from one way to the other."""
    position_time: float
    """[s], filter on the position that tells the way of the motion."""
    gap_max: float
    """[s] between samples, after which the observer starts anew."""
    torque_uncertainty: float
    """[N m], of an external torque without any friction."""
    friction_uncertainty: float
    """Part of the dry friction that its model may be wrong by."""
    force_prior: float
    """[N], size of the forces to expect."""
    touch_on: float
    """[N], normal force from which a finger touches, at least."""
    touch_off: float
    """[N], normal force below which it no longer does."""
    confidence: float
    """Standard deviations that a touch has to stand out by."""
    def __init__(self) -> None: ...

class ForceEstimate:
    """Contact forces told from what the motors do; also inside a `Controller` that asks for it."""

    def __init__(self, observer: ObserverConfig, motors: MotorConfig, hand: HandModel) -> None:
        """An estimate that knows of no sample yet.

        Raises:
            ValueError: a configuration does not fit the hand.
        """

    def remember(self, time: float, torque: _Vector) -> None:
        """Notes the torques [N m], shape (joints,), that the motors deliver from `time` [s] on."""

    def update(self, hand: HandKinematics, sample: HandState) -> None:
        """Moves `hand` to the sample and replaces the sample's contacts.

        Raises:
            ValueError: one of the two belongs to another hand.
        """

    def reset(self) -> None: ...
    @property
    def external_torque(self) -> _Array:
        """What the world adds to the joints' torques [N m], shape (joints,)."""

    @property
    def sliding_sign(self) -> _Array:
        """Direction of dry friction, -1 to 1, near 0 where not known, shape (joints,)."""

# -- actuators on a test rig ----------------------------------------------------------------------

class RigServo:
    """A servo on a test rig; all figures are those of its output shaft, see `rig.hpp`.

    Attributes:
        torque_constant: [N m/A].
        back_emf: [V s/rad].
        resistance: [ohm], > 0.
        current_max: [A], in the winding.
        supply_resistance: [ohm].
        inertia: [kg m2], of rotor and gear, > 0.
        friction: of the gear; a copy out, a copy in.
        backlash: [rad], from end to end.
        resolution: [rad], of a count; 0: as fine as can be.
        zero: [rad], that it reads where the load says it is at 0.
        delay: [s], from a goal to the bridge.
        gain: [1/rad], duty per error for one unit of the gain register.
        braking: part of the time between pulses in which the winding is shorted, not open.
        off_braking: the same while torque is off.
    """

    torque_constant: float
    back_emf: float
    resistance: float
    current_max: float
    supply_resistance: float
    inertia: float
    friction: Friction
    backlash: float
    resolution: float
    zero: float
    delay: float
    gain: float
    braking: float
    off_braking: float

    def __init__(self) -> None:
        """A small one without friction."""

class RigLoad:
    """A mass on an arm.

    Attributes:
        mass: [kg].
        length: [m], from the shaft to the centre of mass.
        inertia: [kg m2], about the centre of mass.
        gravity: [m/s2].
        rest: [rad], where it hangs.
    """

    mass: float
    length: float
    inertia: float
    gravity: float
    rest: float

    def __init__(self) -> None:
        """No load."""

class RigLog:
    """What a servo on a rig was told, and where it began.

    Attributes:
        load: what it turns; a copy out, a copy in.
        position: [rad], at the first time.
        velocity: [rad/s], there.
        duty_max: of the bridge, as it was told.
    """

    load: RigLoad
    position: float
    velocity: float
    duty_max: float

    def __init__(
        self,
        load: RigLoad,
        time: _Vector,
        goal: _Vector,
        gain: _Vector,
        voltage: _Vector,
        driven: Sequence[bool],
        duty: _Vector = ...,
        position: float = 0.0,
        velocity: float = 0.0,
        duty_max: float = 1.0,
    ) -> None:
        """Takes in a log.

        Args:
            load: what it turns.
            time: [s], rising.
            goal: [rad], each holds until the next.
            gain: of the register.
            voltage: [V], of the supply without load.
            driven: whether torque was on.
            duty: where the bridge is told to be, instead of the goal; empty: by the firmware.
            position: [rad], at the first time.
            velocity: [rad/s], there.
            duty_max: of the bridge, as it was told, > 0 and at most 1.

        Raises:
            ValueError: they are not of one size, time does not rise, or duty_max is out of range.
        """

    def __len__(self) -> int: ...

def simulate_rigs(
    servos: Sequence[RigServo], logs: Sequence[RigLog], step: float = 0.001, threads: int = 1
) -> _Array:
    """Plays every log with every servo.

    Args:
        servos: which.
        logs: which.
        step: [s], the longest there is between two times of a log.
        threads: to share the work.

    Returns:
        Position [rad], velocity [rad/s], winding current [A] and duty at the times of all logs, one
        log behind the other: shape (servos, samples, 4).

    Raises:
        ValueError: a servo without inertia or resistance, or a step of nothing.
    """

# -- the controller ------------------------------------------------------------------------------

class SafetyState(IntEnum):
    """States get worse from top to bottom; only DEGRADED recovers without a reset."""

    OK = 0
    DEGRADED = 1
    """A short gap is bridged on the last good sample."""
    HOLD = 2
    """Posture and grip stay as they were."""
    LIMP = 3
    """Zero torque."""
    STOPPED = 4
    """Zero torque, on request."""

class Fault(IntEnum):
    """Why the safety state is not OK."""

    NONE = 0
    NOT_A_NUMBER = 1
    STALE = 2
    """The newest sample is too old, or, in DEGRADED, too late to damp on its velocities."""
    JOINT_LIMIT = 3
    OVER_SPEED = 4
    TORQUE_NOT_A_NUMBER = 5
    STOP_REQUESTED = 6
    POSITION_JUMP = 7
    """A joint is where it cannot have got to since the last sample."""
    FROZEN_SENSOR = 8
    """A reading stands still to the last bit while its joint or finger is driven."""
    OVER_FORCE = 9
    """A fingertip bears more than `SafetyConfig.contact_force_max` for longer than an impact."""
    OVER_TEMPERATURE = 10
    LAW_TOO_LONG = 11
    """Ticks took longer than a period, several in a row; noticed on the wall clock only."""
    EMERGENCY_STOP = 12
    EFFORT_NOT_A_NUMBER = 13
    """The transmission made NaN or infinity of torques or velocities."""
    OVER_CURRENT = 14
    """A motor draws more than `SafetyConfig.current_max` for longer than `over_current_hold`."""

class ForceFeedbackConfig:
    """From tactile samples to contact forces."""

    time_constant: float
    """[s], of the filter on the contact force."""
    slip_time_constant: float
    """[s], of the filter on the slip speed."""
    touch_on: float
    """[N], normal force from which a finger counts as touching."""
    touch_off: float
    """[N], normal force below which it no longer does."""
    def __init__(self) -> None: ...

class PostureTaskConfig:
    """How a posture is followed, and how it yields when the fingers touch."""

    thumb: int
    """Index of the finger that opposes the others."""
    settle_time: float
    """[s], from the first opposition of the thumb to the fingers."""
    yield_time: float
    """[s], time constant of yielding while settling."""
    balance_rate: float
    """[1/s], yielding of a finger per relative excess of its load, once settled."""
    balance_deadband: float
    """Relative excess of load that is left alone."""
    release_time: float
    """[s] without touch, after which a finger no longer grips."""
    onset_time: float
    """[s], in which a finger that has touched comes to press."""
    def __init__(self) -> None: ...

class GripConfig:
    """How hard to hold."""

    adaptive: bool
    """False: squeeze with `blind_level` whatever is felt."""
    blind_level: float
    """[N], grip level of a hand that is not adaptive."""
    level_min: float
    """[N], grip level at first touch and at least."""
    force_max: float
    """[N], normal force that no finger is ever asked to pass."""
    margin: float
    """(F - F_slip) / F to keep, 0 to 1."""
    friction_initial: float
    """Coefficient believed before the first slip."""
    friction_min: float
    """Smallest coefficient ever believed."""
    friction_gain: float
    """Weight of a new slip against what was believed before it."""
    slip_speed: float
    """[m/s], tangential speed of the skin from which it counts as slip."""
    ratio_time_constant: float
    """[s], of the filter on the ratio of forces that friction is learned from."""
    reflex_rate: float
    """[1/s], growth of the grip while slip is felt."""
    reflex_gain: float
    """Growth that one reflex may add, as part of the grip before it."""
    reflex_time: float
    """[s], a slip that goes on for longer sets off another reflex."""
    rise_rate: float
    """[N/s], fastest growth with load."""
    release_time: float
    """[s], time constant of letting go when the load falls."""
    load_time_constant: float
    """[s], of the filter on the load that the grip follows."""
    def __init__(self) -> None: ...
    @property
    def share(self) -> list[float]:
        """Part of the grip level per finger: 1 for the thumb, the others sum to 1."""
    @share.setter
    def share(self, value: _Vector) -> None: ...

class ForceLawConfig:
    """Joint impedance and force control of the fingertips."""

    integral_max: float
    """[N], the most that the integral adds or takes per finger."""
    friction_rate: float
    """[1/s], at which torque against dry friction is built up; 0: none is."""
    def __init__(self) -> None: ...
    @property
    def dry_friction(self) -> _Array:
        """[N m], shape (joints,), or empty where none is to be overcome."""
    @dry_friction.setter
    def dry_friction(self, value: _Vector) -> None: ...
    @property
    def stiffness(self) -> _Array:
        """[N m/rad], shape (joints,)."""
    @stiffness.setter
    def stiffness(self, value: _Vector) -> None: ...
    @property
    def damping(self) -> _Array:
        """[N m s/rad], shape (joints,)."""
    @damping.setter
    def damping(self, value: _Vector) -> None: ...
    @property
    def integral_gain(self) -> list[float]:
        """[1/s] per finger; 0: feed-forward only."""
    @integral_gain.setter
    def integral_gain(self, value: _Vector) -> None: ...

class PostureHoldConfig:
    """An integral that takes back what the hand gives way under load."""

    begin: float
    """[s], when the hand has taken hold; infinite: never."""
    rate: float
    """[1/s], at which what gave way is taken back."""
    part: float
    """Of each joint's largest torque, the most that this adds."""
    def __init__(self) -> None: ...

class SafetyConfig:
    """What the controller does not accept, and how long it bridges it."""

    velocity_max: float
    """[rad/s]."""
    position_margin: float
    """[rad], beyond the range before it is a fault."""
    position_jump: float
    """[rad], beyond what `velocity_max` allows from one sample to the next."""
    contact_force_max: float
    """[N], of one fingertip."""
    temperature_max: float
    """[deg C], of a motor's housing before HOLD."""
    temperature_limp: float
    """[deg C], of a motor's housing before LIMP."""
    frozen_after: float
    """[s], that a reading may stand still while its joint or finger is driven."""
    frozen_torque: float
    """Change of a joint's torque that counts as driving it, as a part of `torque_max`."""
    frozen_force: float
    """[N], change of the wanted force that counts as driving a finger."""
    overruns_max: int
    """Ticks in a row that may take too long."""
    stale_after: float
    """[s], age from which a sample is stale."""
    hold_after: float
    """[s], without a good sample before HOLD, and the age up to which velocities damp.

    With older ones the hand is DEGRADED. Less than `limp_after`.
    """
    limp_after: float
    """[s], without a good sample before LIMP."""
    over_current_hold: float
    """[s], that a motor may draw more than `current_max` before HOLD. Less than the next."""
    over_current_limp: float
    """[s], of the same before LIMP."""
    def __init__(self) -> None: ...
    @property
    def current_max(self) -> _Array:
        """[A], that motors may be measured to draw, shape (motors,); empty: any."""
    @current_max.setter
    def current_max(self, value: _Vector) -> None: ...
    @property
    def position_min(self) -> _Array:
        """[rad], shape (joints,)."""
    @position_min.setter
    def position_min(self, value: _Vector) -> None: ...
    @property
    def position_max(self) -> _Array:
        """[rad], shape (joints,)."""
    @position_max.setter
    def position_max(self, value: _Vector) -> None: ...
    @property
    def torque_max(self) -> _Array:
        """[N m], > 0, shape (joints,)."""
    @torque_max.setter
    def torque_max(self, value: _Vector) -> None: ...

class FingertipImpedanceConfig:
    """Fingertips that give like springs in space."""

    stiffness: float
    """[N/m]."""
    damping: float
    """[N s/m], besides that of the joints."""
    def __init__(self) -> None: ...

class FrictionConfig:
    """What is learned of a contact's friction from its slip."""

    initial: float
    """Belief before the first slip: high, so that slip comes while the load is small."""
    smallest: float
    gain: float
    """Weight of a new slip against what was believed before it, 0 to 1."""
    slip_speed: float
    """[m/s], of the skin, from which it counts as slip."""
    time_constant: float
    """[s], filter on the ratio that is learned from."""
    new_slip_after: float
    """[s], a slip that goes on for longer is another one."""
    force_min: float
    """[N], normal force from which the ratio means something."""
    def __init__(self) -> None: ...

class ObjectImpedanceConfig:
    """How stiffly an object is held in space by the fingertips together."""

    stiffness: float
    """[N/m]."""
    damping: float
    """[N s/m]."""
    rotation_stiffness: float
    """[N m/rad]."""
    rotation_damping: float
    """[N m s/rad]."""
    load_time: float
    """[s], filter on the load that the fingers are felt to carry."""
    integral_rate: float
    """[1/s], at which stiffness is added for what stays wrong."""
    integral_max: float
    """[N], most that this adds; a torque at a lever of 40 mm."""
    def __init__(self) -> None: ...

class ObjectGraspConfig:
    """An object held as a whole, with forces that are optimised."""

    impedance: ObjectImpedanceConfig
    friction: FrictionConfig
    margin: float
    """Part of the friction that is left unused, 0 to 1, once a slip has been felt."""
    force_min: float
    """[N], normal force that keeps touch."""
    reflex_rate: float
    """[1/s], growth of the grip while a contact slips."""
    reflex_gain: float
    """Growth that one slip may add."""
    release_time: float
    """[s], time constant of giving it back."""
    def __init__(self) -> None: ...

class TaskKind(IntEnum):
    """What a hand is at."""

    POSTURE = 0
    """Joints follow the trajectory; fingers that touch grip."""
    FINGERTIPS = 1
    """Fingertips are held in space."""
    OBJECT = 2
    """The object between the fingertips is held in space."""

class TaskStep:
    """What the hand is at from a time on; offsets count from where things were when it began."""

    def __init__(
        self,
        time: float,
        kind: TaskKind,
        *,
        tip_offset: Sequence[_Vector] = ...,
        offset: _Vector = ...,
        turn: _Vector = ...,
    ) -> None:
        """Checks what it is given.

        Args:
            time: [s].
            kind: the task.
            tip_offset: of the fingertips in FINGERTIPS [m], shape (fingers, 3), world axes.
            offset: of the object in OBJECT [m], shape (3,), world axes.
            turn: of the object in OBJECT, rotation vector [rad], shape (3,), world axes.

        Raises:
            ValueError: a number is not finite, or there are more than five fingers.
        """

    @property
    def time(self) -> float: ...
    @property
    def kind(self) -> TaskKind: ...

class ControllerConfig:
    """Everything a controller has to be told; `Hand.controller_config` fills it in."""

    period: float
    """[s], from tick to tick."""
    force_feedback: ForceFeedbackConfig
    task: PostureTaskConfig
    law: ForceLawConfig
    hold: PostureHoldConfig
    grip: GripConfig
    fingertips: FingertipImpedanceConfig
    object: ObjectGraspConfig
    fade_time: float
    """[s], over which a change of task fades from one law to the next."""
    safety: SafetyConfig
    motors: MotorConfig
    observer: ObserverConfig
    transmission: TransmissionConfig
    def __init__(self) -> None: ...

class PostureStream:
    """Where the joints should be, for a controller that a loop drives; the latest word counts."""

    def __init__(self, joint_count: int) -> None:
        """Nothing is said yet: the hand stays where it is.

        Raises:
            ValueError: a hand cannot have so many joints.
        """

    def set(self, posture: _Vector, within: float) -> None:
        """Says where to go, at any time and from any thread.

        Args:
            posture: [rad], shape (joints,).
            within: [s], until it is reached, on a straight line from where the hand should be now.

        Raises:
            ValueError: a number is not finite, `within` not > 0, or the shape is wrong.
        """

class Controller:
    """One tick: model, force feedback, task, grasp force, law, safety, transmission.

    While a loop drives it, all but `motor_count` raises RuntimeError: watch `Loop.status`, or call
    `Loop.stop` first.
    """

    def __init__(self, hand: HandModel, config: ControllerConfig) -> None:
        """Copies both.

        Raises:
            ValueError: naming the vector of the wrong length or the number out of range.
        """

    def tick(self, state: HandState, now: float) -> _Array:
        """Computes the torques from the newest sample.

        Args:
            state: the sample; a fault in it is a matter of `safety_state`, not an exception.
            now: [s], on the clock of `state.time`.

        Returns:
            [N m], finite and within the limits, shape (joints,).

        Raises:
            ValueError: `state` has another number of joints.
        """

    @property
    def motor_count(self) -> int: ...
    @property
    def effort(self) -> _Array:
        """Of the last tick: joint torque [N m] or tendon tension [N], shape (motors,)."""

    def set_trajectory(self, times: _Vector, postures: Sequence[_Vector] | _Array) -> None:
        """Sets the waypoints to follow, at rest in each, minimum jerk in between.

        Args:
            times: [s], increasing, shape (points,), at most 32.
            postures: [rad], shape (points, joints).

        Raises:
            ValueError: shapes do not fit or times do not increase.
        """

    def set_recording(self, times: _Vector, postures: _Array) -> None:
        """Sets postures to follow, on straight lines from one to the next, in place of waypoints.

        Args:
            times: [s], increasing, shape (rows,), any number of them.
            postures: [rad], shape (rows, joints).

        Raises:
            ValueError: shapes do not fit, numbers are not finite or times do not increase.
        """

    def set_stream(self, stream: PostureStream) -> None:
        """Follows what another thread says, in place of waypoints, also while a loop runs.

        Args:
            stream: kept alive as long as the controller uses it.

        Raises:
            ValueError: it is for another number of joints.
        """

    def set_law(self, law: CustomLaw | None, parameters: _Vector | None = None) -> None:
        """Replaces the built-in law by one of `control_law`; None puts it back.

        From HOLD on the built-in law holds the hand all the same. The memory of the law is zeroed.

        Args:
            law: kept alive as long as the controller uses it.
            parameters: instead of the law's own, of the same length; copied.

        Raises:
            TypeError: a function that is no law yet.
            ValueError: another number of parameters than the law has, or one that is not finite.
        """

    def set_plan(self, steps: Sequence[TaskStep]) -> None:
        """Sets what the hand is at and when; between steps of one kind the offsets move smoothly.

        Every change of task is free of a jump in torque.

        Args:
            steps: at most 16, in the order of their times; before the first it is POSTURE.

        Raises:
            ValueError: too many, or not in order.
        """

    @property
    def task(self) -> TaskKind: ...
    @property
    def object_position(self) -> _Array:
        """Of the virtual object between the fingertips [m], shape (3,); OBJECT only."""

    @property
    def object_rotation(self) -> _Array:
        """World from virtual object, shape (3, 3); OBJECT only."""

    @property
    def contact_friction(self) -> list[float]:
        """Friction coefficient believed of each finger's contact."""

    @property
    def grasp_result(self) -> GraspForceResult:
        """The last solution of the grasp-force optimiser; OBJECT only."""
    def buffers(self) -> ControllerBuffers:
        """Buffers for a loop in Python that converts nothing: fill, `step()`, read."""

    def guide(self, offset: _Vector, grip_scale: float = 1.0, within: float = 0.0) -> None:
        """Adds what somebody above wants, such as a policy; until it is told anew or reset.

        From HOLD on the offset does not count, and the grip stays as it is then. What holds an
        object in space by optimised forces has no grip level to scale.

        Args:
            offset: of where the joints are held, kept within their ranges, shape (joints,) [rad].
            grip_scale: on the grip level, at least 0; no finger passes its crush limit for it.
            within: [s], over which it is reached on a straight line.

        Raises:
            ValueError: another length, or a number that cannot be followed.
        """

    def reset(self) -> None:
        """Forgets everything felt, keeps the trajectory. Only this leaves HOLD, LIMP, STOPPED."""

    def request_stop(self) -> None:
        """Zero torque from the next tick on. A loop that runs is stopped by `Loop.stop`."""

    @property
    def safety_state(self) -> SafetyState: ...
    @property
    def fault(self) -> Fault:
        """Why the state is not OK; latched."""

    @property
    def fault_index(self) -> int:
        """Index of the joint, finger or motor that the fault names, -1 if none."""

    @property
    def command(self) -> HandCommand:
        """Of the last tick, a copy."""

    @property
    def hottest_motor(self) -> tuple[int, float, float]:
        """The motor nearest to its limit, its winding and that limit [deg C]; -1: no heat known."""

    @property
    def motor_limits(self) -> list[MotorLimit]:
        """What limited each motor in the last tick; empty for ideal motors."""

    @property
    def external_torque(self) -> _Array:
        """What the world adds to the joints' torques [N m], told by the motors, shape (joints,)."""

    @property
    def grip_level(self) -> float:
        """Normal force wanted of the thumb [N]."""

    @property
    def friction(self) -> float:
        """Friction coefficient believed."""

    @property
    def slip_count(self) -> int:
        """Slips felt since the last reset."""

    @property
    def wanted_force(self) -> list[float]:
        """Normal force that every finger is told to press with, in the present task [N]."""

class ControllerBuffers:
    """The sample and the torques of one controller, shared with numpy: nothing is converted.

    The arrays are views, made anew by every access: take them once, before the loop. They and the
    controller stay alive as long as one of them is in use.
    """

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Only `Controller.buffers` makes one.

        Raises:
            TypeError: always.
        """

    def load(self, sample: HandState) -> None:
        """Takes over a sample as a whole.

        Raises:
            ValueError: it has another number of joints.
        """

    def step(self) -> None:
        """Computes the torques from the sample in the buffers, at the time of the sample.

        Raises:
            RuntimeError: a loop drives the controller; `Loop.stop` comes first.
        """

    @property
    def time(self) -> _Array:
        """[s], of the sample, shape (1,)."""

    @property
    def q(self) -> _Array:
        """[rad], shape (joints,)."""

    @property
    def dq(self) -> _Array:
        """[rad/s], shape (joints,)."""

    @property
    def touching(self) -> NDArray[np.bool_]:
        """Shape (fingers,). The five below are in the frame of the fingertip."""

    @property
    def position(self) -> _Array:
        """Of the contact [m], shape (fingers, 3)."""

    @property
    def normal(self) -> _Array:
        """From the pad into the object, unit, shape (fingers, 3)."""

    @property
    def tangent(self) -> _Array:
        """Second axis of the contact frame, unit, shape (fingers, 3)."""

    @property
    def force(self) -> _Array:
        """What the pad presses with, contact frame, normal first [N], shape (fingers, 3)."""

    @property
    def slip_speed(self) -> _Array:
        """[m/s], shape (fingers,)."""

    @property
    def torque(self) -> _Array:
        """Of the last step [N m], shape (joints,), read-only."""

# -- what ticks cost -----------------------------------------------------------------------------

def instruction_counter_refusal() -> str:
    """Why the processor's counter of instructions cannot be read here; empty where it can."""

def time_ticks(controller: Controller, samples: Sequence[HandState], ticks: int) -> dict[str, Any]:
    """Measures ticks on recorded samples, over and over.

    Times include reading the clock once, instructions do not.

    Returns:
        "ticks", their "p50", "p99", "p99.9" and "max" [µs], "buckets" as `Loop.lateness` gives
        them, and "instructions" per tick, None where the processor's counter cannot be read.

    Raises:
        ValueError: no samples or no ticks.
    """

def time_ticks_and_codec(
    controller: Controller, samples: Sequence[HandState], ticks: int
) -> dict[str, dict[str, Any]]:
    """As `time_ticks`, with what a Dynamixel at every joint adds: said, understood and converted.

    Nothing is on a wire: the servos answer at once, and always the same.

    Returns:
        "tick_and_codec" and of it "codec", each with the keys of `Loop.lateness`.

    Raises:
        ValueError: no samples or no ticks.
    """

# -- grasp forces --------------------------------------------------------------------------------

class GraspForceStatus(IntEnum):
    """What became of a wrench that the fingers shall exert together."""

    SOLVED = 0
    """Met, with the least forces."""
    INFEASIBLE = 1
    """Out of reach: these forces come closest, with least effort (see `closeness`)."""
    NOT_CONVERGED = 2
    """The input is no problem, or the steps ran out: forces within their limits, no more."""
    UNFINISHED = 3
    """The work is spent, the next solve goes on: forces within their limits till then."""

class GraspForceConfig:
    """How grasp forces are optimised."""

    def __init__(
        self,
        *,
        length: float = 0.04,
        wrench_tolerance: float = 2e-8,
        closeness: float = 1e-4,
        max_iterations: int = 60,
        max_work: int = 2147483647,
    ) -> None:
        """Checks what it is given.

        Args:
            length: lever [m] at which a torque counts as a force.
            wrench_tolerance: what may be missing of the wrench, of 1 N plus its size.
            closeness: a wrench out of reach gets the forces with the least of half the missing
                wrench squared plus `closeness` times half their weighted squares.
            max_iterations: Newton steps.
            max_work: of one solve, in units of about 20 ns.

        Raises:
            ValueError: naming the setting that is not positive.
        """

    @property
    def length(self) -> float: ...
    @property
    def wrench_tolerance(self) -> float: ...
    @property
    def closeness(self) -> float: ...
    @property
    def max_iterations(self) -> int: ...
    @property
    def max_work(self) -> int: ...

class GraspContact:
    """Where a finger touches an object, and what force it can exert there."""

    def __init__(
        self,
        position: _Vector,
        normal: _Vector,
        *,
        friction: float = 0.5,
        force_min: float = 0.0,
        force_max: float = 20.0,
        weight: float = 1.0,
        torque_arm: _Array = ...,
        torque_low: _Array = ...,
        torque_high: _Array = ...,
    ) -> None:
        """Checks what it is given.

        Args:
            position: [m], shape (3,).
            normal: unit vector from the pad into the object, shape (3,).
            friction: tangential over normal force at which the pad slips.
            force_min: least normal force [N].
            force_max: largest normal force [N].
            weight: what a squared newton of this contact costs.
            torque_arm: [m], shape (rows, 3), at most 8: `torque_arm @ force` is the torque that
                the force costs joints of this finger alone.
            torque_low: what is left below [N m], shape (rows,).
            torque_high: what is left above [N m], shape (rows,).

        Raises:
            ValueError: naming what does not fit.
        """

class GraspResiduals:
    """An answer's faults, found by code that shares nothing with the solver."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Refuses: a solver makes them."""

    @property
    def cone(self) -> float:
        """Tangential force beyond friction times the normal force [N]."""

    @property
    def bound(self) -> float:
        """Normal force outside its bounds [N]."""

    @property
    def torque(self) -> float:
        """Torque beyond what is left to a joint [N m]."""

    @property
    def wrench(self) -> float:
        """Missing wrench [N], torque divided by the length of the configuration."""

    @property
    def gap(self) -> float:
        """What the answer may cost at most above the least [N²].

        The cost is half the weighted square of the forces; out of reach half the square of the
        missing wrench over `closeness` comes on top.
        """

class GraspForceResult:
    """Forces that the fingers shall exert."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Refuses: a solver makes them."""

    @property
    def status(self) -> GraspForceStatus: ...
    @property
    def torque_relaxed(self) -> bool:
        """Torque rows of a contact could not be met together; they let its least force through."""

    @property
    def iterations(self) -> int:
        """Newton steps."""

    @property
    def work(self) -> int:
        """What the solve has cost, in the unit of `max_work`."""

    @property
    def residual(self) -> GraspResiduals: ...
    @property
    def force(self) -> _Array:
        """What each pad exerts on the object [N], shape (contacts, 3)."""

class GraspForceSolver:
    """Finds the least contact forces of a wanted wrench in exact friction cones.

    Starts from its last answer: use one for each hand.
    """

    def __init__(self, config: GraspForceConfig = ...) -> None: ...
    def solve(
        self, contacts: Sequence[GraspContact], wrench: _Vector, origin: _Vector = ...
    ) -> GraspForceResult:
        """Shares a wrench among the fingers.

        Args:
            contacts: at most 5.
            wrench: force [N] then torque [N m] that the pads together exert, shape (6,).
            origin: the point [m] about which the torque is meant, shape (3,).

        Returns:
            Forces; what is not a number ends in NOT_CONVERGED with the least forces.

        Raises:
            ValueError: too many contacts.
        """

    def reset(self) -> None:
        """Forgets its last answer."""

def best_times(controller: Controller, samples: Sequence[HandState], passes: int = 3) -> _Array:
    """Of every sample the least of its times in several passes, each from a reset on.

    What the machine did in between is stripped; what the sample itself costs stays.

    Returns:
        [µs], shape (samples,).

    Raises:
        ValueError: no samples or no passes.
    """

def batch_times(controller: Controller, sample: HandState, ticks: int, batches: int) -> _Array:
    """Mean time of a tick on one sample, without reading the clock between the ticks.

    Returns:
        [µs], one per batch, shape (batches,).

    Raises:
        ValueError: no ticks or no batches.
    """

def trace_ticks(
    controller: Controller, samples: Sequence[HandState], stride: int = 1
) -> dict[str, float]:
    """Ticks through samples in a copy of this process and looks at every instruction of some ticks.

    Exact, and some microseconds slow per instruction. The controller here stays as it is.

    Args:
        controller: With any law.
        samples: To tick through.
        stride: Every how many-th tick is traced, counted from the last.

    Returns:
        "ticks" traced, "instructions" per tick, "instructions_max" of the longest tick, and how
        many "allocations" (and releases) and "system_calls" there were in all of them.

    Raises:
        ValueError: no samples or no stride.
        RuntimeError: this system does not let one process trace another.
    """

def page_faults(controller: Controller, samples: Sequence[HandState]) -> int:
    """Page faults, minor and major, while ticking through samples once.

    Memory touched before causes none, so tick through them once before.
    """

# -- plants, episodes, loops ---------------------------------------------------------------------

class SensorModel:
    """How the sensors of a simulated hand deviate from the truth; perfect by default."""

    seed: int
    delay: int
    """[control periods], from sample to reading, 0 to 63."""
    position_noise: float
    """[rad], standard deviation."""
    velocity_noise: float
    """[rad/s], standard deviation."""
    force_noise: float
    """[N], standard deviation per axis."""
    force_gain_error: float
    """Standard deviation of a gain drawn once per finger."""
    slip_noise: float
    """[m/s], standard deviation."""
    current_noise: float
    """[A], standard deviation."""
    def __init__(self) -> None: ...

class SimPlantIds:
    """Where in a model the hand is; `BoundHand.plant_ids` fills it in."""

    def __init__(
        self,
        joint: Sequence[int],
        actuator: Sequence[int],
        tip: Sequence[int],
        contact: Sequence[int] = ...,
        tactile: Sequence[int] = ...,
        torque_constant: Sequence[float] = ...,
        drives: HandFigures = ...,
    ) -> None:
        """Ids of joints, of one actuator per joint, of fingertip sites and their sensors.

        With torque constants [N m/A], one per actuator, the plant reports currents. With `drives`
        the actuators are real ones; the plant then reports temperatures, too.
        """

INERTIA_BEHIND_PLAY: float
"""Part of an actuator's inertia that turns with its joint where its gear gives."""

class ActuatorCommand(IntEnum):
    """What an actuator is told."""

    TORQUE = 0
    """A torque [N m], of a drive that controls its current."""
    VOLTAGE = 1
    """The voltage [V] that its bridge makes of the nominal supply."""
    STANDSTILL_TORQUE = 2
    """A torque [N m], of a drive that sets the voltage which makes it at standstill."""

class EncoderSide(IntEnum):
    """Where an encoder sits: behind the backlash or before it."""

    OUTPUT = 0
    MOTOR = 1

class ActuatorFigures:
    """A real actuator for a simulated hand, as seen at its output.

    The model then needs a plain motor on a joint whose armature holds `inertia`.
    """

    command: ActuatorCommand
    torque_constant: float
    """[N m/A]."""
    back_emf: float
    """[V s/rad]."""
    resistance: float
    """[ohm], at 25 deg C."""
    inductance: float
    """[H]; 0: the current follows at once."""
    voltage: float
    """[V], nominal supply."""
    current_max: float
    """[A], of its drive."""
    rail: int
    """Index of the supply it shares, 0 to 3; one without voltage is its own."""
    supply_resistance: float
    """[ohm], between rail and bridge, of this one alone."""
    inertia: float
    """[kg m2], rotor and gear."""
    backlash: float
    """[rad], from end to end."""
    stiffness: float
    """[N m/rad], of the gear and what joins it to its joint; 0: they do not give."""
    friction: Friction
    thermal: Thermal
    encoder_side: EncoderSide
    resolution: float
    """[rad], of a count; 0: as fine as can be."""
    command_delay: float
    """[s], from a command to the bridge; in whole steps of the model, at most 63."""
    sensing_delay: float
    """[s], from the shaft to its reading; in whole control periods."""
    def __init__(self) -> None: ...

class HandFigures:
    """The real actuators of a hand, and the supplies they share."""

    def __init__(
        self,
        actuators: Sequence[ActuatorFigures | None] = ...,
        rails: Sequence[Rail] = ...,
        ambient: float = ...,
    ) -> None:
        """Copies what it is given.

        Args:
            actuators: one per motor, None for one that is ideal; empty where all are.
            rails: at most 4.
            ambient: [deg C].

        Raises:
            ValueError: a figure cannot be.
        """

    @property
    def actuators(self) -> list[ActuatorFigures | None]: ...
    @property
    def ambient(self) -> float:
        """[deg C]."""

class Plant:
    """Anything with a hand on it that a `Loop` can drive."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Only the kinds of it can be made.

        Raises:
            TypeError: always.
        """

class SimPlant(Plant):
    """The hand in MuJoCo, with the sensors it would have.

    While a loop drives it, everything raises RuntimeError: `Loop.stop` comes first.
    """

    def __init__(
        self,
        model: mujoco.MjModel,
        ids: SimPlantIds,
        sensors: SensorModel,
        control_period: float,
        tendon_friction: CapstanFriction = ...,
    ) -> None:
        """Keeps the model alive.

        Args:
            model: the scene; `start` takes data of it.
            ids: where the hand is in it.
            sensors: their errors; copied.
            control_period: [s], a whole number of the model's time steps, or a step is a whole
                number of control periods. Between the steps the sample stays the same and grows
                older; a step takes the torques written last.
            tendon_friction: the truth, from the true state; needs tendons; none by default.

        Raises:
            ValueError: ids, delay, control period or friction do not fit the model.
        """

    def start(self, data: mujoco.MjData) -> None:
        """Starts a run on `data`, which is in its initial state, and keeps it alive until the next.

        Raises:
            ValueError: `data` was made for another model.
        """

    def add_track(
        self, target: TrackTarget, id: int, component: int, time: _Vector, value: _Vector
    ) -> None:
        """Drives one number of the simulation along straight lines, from the next start on.

        Args:
            target: what is driven.
            id: of the body, actuator or equality constraint.
            component: world axis, 0 to 2, of a wrench 0 to 5; else not used.
            time: [s], not decreasing, shape (keys,).
            value: in the unit of `target`, shape (keys,).

        Raises:
            ValueError: the model has no such thing, or keys are out of order.
        """

    def inject(
        self,
        kind: SensorFaultKind,
        index: int = 0,
        begin: float = 0.0,
        end: float = ...,
        value: float = 0.0,
    ) -> None:
        """Lets a sensor fail between two times [s] of every run from now on.

        Raises:
            ValueError: the hand has no such joint, finger or motor.
        """

    @property
    def now(self) -> float:
        """[s], advances by one control period with every `advance`.

        Raises:
            RuntimeError: not started, or its episode has ended. So do the methods below.
        """

    def read(self) -> HandState:
        """Takes the newest sample; once per control period, since the delay counts readings."""

    def write(self, effort: _Vector) -> None:
        """Sets what each motor shall do, [N m] or [N], shape (motors,).

        Raises:
            ValueError: another length.
        """

    def prepare_step(self) -> None:
        """For physics elsewhere, before a step: tracks and tendon friction, into model and data.

        Raises:
            RuntimeError: nothing was started, or another thread works with it.
        """

    def advance(self) -> bool:
        """Steps by one control period. False: the simulation has diverged."""

class SensorFaultKind(IntEnum):
    """How a sensor fails on purpose."""

    NOT_A_NUMBER = 0
    """Joint `index` reads NaN."""
    FROZEN_JOINT = 1
    """Joint `index` keeps the reading with which the fault began."""
    FROZEN_FINGER = 2
    """Finger `index` keeps the contact with which the fault began."""
    STALE = 3
    """Samples are `value` [s] older than they should be."""
    POSITION = 4
    """`value` [rad] is added to the position of joint `index`."""
    VELOCITY = 5
    """`value` [rad/s] is added to the velocity of joint `index`."""
    FORCE = 6
    """`value` [N] is added to the normal force of finger `index`."""
    TEMPERATURE = 7
    """Motor `index` reads `value` [deg C]; motors that report nothing, the room's 25."""
    EMERGENCY_STOP = 8
    """Somebody presses the button."""

class TrackTarget(IntEnum):
    """What a track drives."""

    BODY_MASS = 0
    """[kg]; the inertia scales with it."""
    BODY_FORCE = 1
    """[N] and [N m], one component of the external wrench on a body: world axes, force first."""
    MOCAP_POSITION = 2
    """[m], one world axis of a mocap body."""
    CONTROL = 3
    """Of an actuator, in its own unit."""
    EQUALITY = 4
    """Whether an equality constraint holds: while above one half."""

class Episode:
    """One closed-loop run with a log: in one go by `run_episodes`, or in portions.

    Portions begin with `begin` and go on with `advance_episodes`, or, where the physics is
    elsewhere, with `control` and `sense` by turns. However a run is cut up, it is the same to the
    bit.

    While it runs, or while a loop drives its plant or controller, all but `channels`, `ticks` and
    `period` raises RuntimeError. After a run its plant has no data.
    """

    def __init__(
        self,
        model: mujoco.MjModel,
        ids: SimPlantIds,
        sensors: SensorModel,
        hand: HandModel,
        config: ControllerConfig,
        logged_sensors: Sequence[int],
        ticks: int,
        tendon_friction: CapstanFriction = ...,
    ) -> None:
        """Keeps the model alive, copies the rest.

        Args:
            model: the scene, of this episode alone: tracks change it.
            ids: where the hand is in it.
            sensors: their errors.
            hand: what the controller computes with.
            config: of the controller; its period is that of a tick.
            logged_sensors: ids of sensors to log as they are, without noise or delay.
            ticks: length of the run, at least 1.
            tendon_friction: the simulated hand's, as for `SimPlant`.

        Raises:
            ValueError: something does not fit the model or the hand.
        """

    @property
    def controller(self) -> Controller: ...
    @property
    def plant(self) -> SimPlant: ...
    def record_samples(self) -> list[HandState]:
        """Runs the episode in this thread; returns every sample that its controller was given."""

    def set_initial_qpos(self, qpos: _Vector) -> None:
        """Sets the initial state, shape (nq,).

        Raises:
            ValueError: another length.
        """

    def add_track(
        self, target: TrackTarget, id: int, component: int, time: _Vector, value: _Vector
    ) -> None:
        """Drives one number of the simulation along straight lines between keys.

        Args:
            target: what is driven.
            id: of the body, actuator or equality constraint.
            component: world axis, 0 to 2, of a wrench 0 to 5; else not used.
            time: [s], not decreasing, shape (keys,).
            value: in the unit of `target`, shape (keys,).

        Raises:
            ValueError: the model has no such thing, or keys are out of order.
        """

    def stop_outside(self, column: int, low: float, high: float) -> None:
        """Ends the run after the tick in which a column of the log leaves [low, high].

        Raises:
            ValueError: the log has no such column.
        """

    @property
    def model(self) -> mujoco.MjModel:
        """What it runs on, which tracks change."""

    def begin(self, data: mujoco.MjData | None = None) -> None:
        """Puts the run at its beginning: controller, log and simulation.

        Args:
            data: to run on, of the same model, kept alive meanwhile; None: the episode's own.

        Raises:
            ValueError: the data was made for another model.
            RuntimeError: MuJoCo stopped the simulation.
        """

    def control(self) -> None:
        """For physics elsewhere: ticks the controller on `sample`, logs, writes torques into data.

        Raises:
            RuntimeError: it has not begun, or is over.
        """

    def sense(self, moved: bool = True) -> None:
        """For physics elsewhere: takes the next sample from data in which one period has passed.

        Args:
            moved: False: the simulation diverged.

        Raises:
            RuntimeError: it has not begun, or is over.
        """

    def copy_data(self, data: mujoco.MjData) -> None:
        """Copies the simulation as it stands, of an episode that begins on data of its own.

        Raises:
            ValueError: the data was made for another model.
            RuntimeError: it has not begun.
        """

    @property
    def under_way(self) -> bool:
        """It has begun, and neither a watch nor its length nor a divergence has ended it."""

    @property
    def sample(self) -> HandState:
        """What the controller is given next, or would be if the run went on; a copy."""

    @property
    def ticks(self) -> int:
        """Length of the whole run."""

    @property
    def period(self) -> float:
        """From tick to tick [s]."""

    @property
    def diverged(self) -> bool:
        """The simulation could not go on."""

    @property
    def final_qpos(self) -> _Array:
        """Positions of the whole model where the last run, portion or replay ended, shape (nq,)."""

    @property
    def channels(self) -> dict[str, tuple[int, int]]:
        """First column and width in `log` of every channel."""

    @property
    def log(self) -> _Array:
        """One row per tick, shape (ticks done, columns); a read-only view."""

def run_episodes(episodes: Sequence[Episode], threads: int = 0) -> None:
    """Runs episodes from their initial states on MuJoCo's thread pool; 0 threads: one per core.

    The GIL is released meanwhile. Results do not depend on the number of threads.

    Raises:
        ValueError: an episode is listed twice, two share one model, or they are not of copies of
            one model.
        RuntimeError: an episode is in use, or MuJoCo stopped a simulation.
    """

def begin_episodes(episodes: Sequence[Episode], threads: int = 0) -> None:
    """Puts episodes at their beginnings, each on data of its own; they may be of different models.

    Raises:
        ValueError: an episode is listed twice, or two share one model.
        RuntimeError: an episode is in use, or MuJoCo stopped a simulation.
    """

def advance_episodes(episodes: Sequence[Episode], ticks: int, threads: int = 0) -> None:
    """Goes on with those that are under way, by `ticks` control ticks at most; others stay.

    The GIL is released meanwhile. Results depend neither on `threads` nor on how a run is cut up.

    Raises:
        ValueError: an episode is listed twice, two share one model, or `ticks` is negative.
        RuntimeError: an episode is in use or has not begun, or MuJoCo stopped a simulation; the
            others of the batch are at the end of their portions.
    """

def replay_episodes(episodes: Sequence[Episode], threads: int = 0) -> None:
    """Takes the same steps with the recorded torques, to compare speeds.

    Raises:
        ValueError: as `run_episodes`.
        RuntimeError: an episode is in use, or MuJoCo stopped a simulation.
    """

class LoopStatus:
    """What a loop did so far."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Only a loop makes one.

        Raises:
            TypeError: always.
        """

    @property
    def ticks(self) -> int: ...
    @property
    def missed(self) -> int:
        """Deadlines that had passed before their tick began."""

    @property
    def time(self) -> float:
        """[s], on the plant's clock."""

    @property
    def safety(self) -> SafetyState: ...
    @property
    def fault(self) -> Fault: ...
    @property
    def fault_index(self) -> int:
        """Index of the joint, finger or motor that the fault names, -1 if none."""

    @property
    def q(self) -> list[float]:
        """Joint positions of the last sample [rad]."""

    @property
    def torque(self) -> list[float]:
        """Torques of the last tick [N m]."""

    @property
    def current(self) -> list[float]:
        """What the motors report [A]; empty where they report nothing."""

    @property
    def normal_force(self) -> list[float]:
        """Of each fingertip, as it is felt [N]."""

class Loop:
    """Owns time: lockstep on a simulated clock, or a thread of its own on the wall clock."""

    def __init__(self, plant: Plant, controller: Controller) -> None:
        """Keeps both alive; they are the loop's alone while it runs.

        Raises:
            RuntimeError: the simulated plant has no data.
            ValueError: plant and controller differ in joints, fingers, motors or period, the period
                is less than a microsecond, or servos are told currents by a controller whose motors
                are ideal.
        """

    def run(self, ticks: int) -> int:
        """Runs in lockstep in this thread: as fast as it goes, but for hardware at its period.

        Servos stay as they were told last, until their watchdogs stop them: end with `stop`.

        Returns:
            The ticks done, fewer when the plant could not go on.

        Raises:
            RuntimeError: a loop, maybe this one, drives the plant or the controller already, the
                simulated plant has no data, or servos are not engaged.
        """

    def start(self, max_ticks: int = 0, realtime: bool = False) -> None:
        """Starts the thread; 0 ticks run until `stop`. `realtime` asks for SCHED_FIFO.

        However the thread ends, servos are without torque then, or hold their posture where
        `BusPlantConfig.at_end` says so and nothing was wrong.

        Raises:
            RuntimeError: a loop, maybe this one, drives the plant or the controller already, the
                simulated plant has no data, or servos are not engaged.
        """

    def emergency_stop(self) -> None:
        """Zero torque from the next tick on, until the controller is reset; from any thread."""

    def stop(self) -> None:
        """Limp, then quiet; plant and controller are free again. Safe to call twice.

        Also after a loop that came to its own end, before its plant and controller are used.
        """

    @property
    def black_box(self) -> tuple[dict[str, tuple[int, int]], _Array]:
        """The last seconds of a loop that does not run, and how an earlier incident began.

        Returns:
            Channels by name, as (first column, width), and rows, shape (ticks, columns).

        Raises:
            RuntimeError: the loop is running.
        """

    @property
    def running(self) -> bool: ...
    @property
    def status(self) -> LoopStatus: ...
    @property
    def realtime_message(self) -> str:
        """What was granted of what `realtime` asked for."""

    @property
    def lateness(self) -> dict[str, Any]:
        """From deadline to start of tick [µs].

        "count", "p50", "p99", "p99.9", "max", and "buckets": times and how often each, shape
        (k, 2), ascending.
        """

    @property
    def duration(self) -> dict[str, Any]:
        """Of a tick [µs], as `lateness`."""

    @property
    def response(self) -> dict[str, Any]:
        """From asking the plant for its sample until it has its command [µs], as `lateness`."""

# -- servos on a line ------------------------------------------------------------------------------

class ServoOutcome(IntEnum):
    """What became of a question to a servo."""

    ANSWERED = 0
    SILENT = 1
    """No answer in time."""
    DAMAGED = 2
    """An answer came, but not in one piece."""
    SKIPPED = 3
    """It was silent before, and is asked again only now and then."""
    NOT_ASKED = 4
    """Too many others were silent, or its family cannot say that."""
    GONE = 5
    """The line is gone: unplugged."""

class ServoProtocol(IntEnum):
    """What is spoken on a line."""

    DYNAMIXEL2 = 0
    FEETECH = 1
    FEETECH_SCS = 2
    """As FEETECH, but without sync read."""

class KeptOnReset(IntEnum):
    """What a factory reset leaves as it is; of Feetech servos the maker does not say."""

    NOTHING = 0
    ID = 1
    ID_AND_BAUD = 2

class ServoAnswer:
    """What one servo said."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Only a line has them.

        Raises:
            TypeError: always.
        """

    @property
    def id(self) -> int: ...
    @property
    def outcome(self) -> ServoOutcome: ...
    @property
    def refusal(self) -> int:
        """Why the servo did not do it, a number of its family; 0: it did."""

    @property
    def alarms(self) -> int:
        """What the servo reports about itself, bits of its family; 0: it is well."""

    @property
    def data(self) -> bytes:
        """What was read this time; empty where nothing was."""

class Wire:
    """A half-duplex line, seen from the host."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Only the kinds of it can be made.

        Raises:
            TypeError: always.
        """

class SerialWire(Wire):
    """A serial port that somebody else has opened."""

    def __init__(self, descriptor: int, baud: int) -> None:
        """Takes a port as it is set up.

        Args:
            descriptor: non-blocking, and open for as long as the wire is used.
            baud: its rate [bit/s], for how long bytes take.
        """

class LineConfig:
    """How long a line waits for its servos, and how it asks them."""

    def __init__(
        self,
        *,
        return_delay: float = ...,
        patience: float = ...,
        silences: int = ...,
        probe_every: float = ...,
        fast: bool = ...,
    ) -> None:
        """As `ServoLine`."""

class ServoGroup:
    """Blocks of registers that are read together, one of each servo."""

    def __init__(self, blocks: Sequence[tuple[int, int, int]]) -> None:
        """Takes id, address and size [bytes] of each.

        Raises:
            ValueError: none or more than 64, a servo twice, or a block of none or over 64 bytes.
        """

    def __len__(self) -> int: ...

class ServoLine:
    """Requests to the servos of one wire. May be used from several threads, which take turns."""

    def __init__(
        self,
        wire: Wire,
        protocol: ServoProtocol,
        *,
        return_delay: float = ...,
        patience: float = ...,
        silences: int = ...,
        probe_every: float = ...,
        fast: bool = ...,
    ) -> None:
        """Sets up a line; nothing is said yet.

        Args:
            wire: what it speaks on.
            protocol: what is spoken.
            return_delay: [s], the longest that is set in a servo of this line.
            patience: [s], for an answer, beyond what delay and bytes take.
            silences: in a row, until a servo of a group is skipped.
            probe_every: [s], one of those skipped.
            fast: group reads are answered in one packet, which all servos must know.

        Raises:
            ValueError: a time is negative or no number.
        """

    def ping(self, id: int) -> ServoAnswer:
        """Its data: of a Dynamixel, model number (2) and firmware (1); of a Feetech servo none."""

    def ping_all(self, duration: float) -> list[ServoAnswer]:
        """Asks who is there, and listens for `duration` [s]."""

    def read(self, id: int, address: int, size: int) -> ServoAnswer:
        """Reads one block of registers."""

    def write(self, id: int, address: int, data: bytes) -> ServoAnswer:
        """Writes one block of registers."""

    def reg_write(self, id: int, address: int, data: bytes) -> ServoAnswer:
        """Writes one block of registers once `action` comes."""

    def action(self) -> bool:
        """Lets all servos do what `reg_write` told them. False: the line is gone."""

    def reboot(self, id: int) -> ServoAnswer:
        """Feetech servos do not answer to it."""

    def factory_reset(self, id: int, kept: KeptOnReset) -> ServoAnswer:
        """Sets the EEPROM back. NOT_ASKED where the family cannot keep that."""

    def clear_turns(self, id: int) -> ServoAnswer:
        """Brings the position back within one turn."""

    def read_group(self, group: ServoGroup) -> list[ServoAnswer]:
        """Reads all blocks of a group, in its order. A silent servo costs its time only."""

    def write_group(self, blocks: Sequence[tuple[int, int, bytes]]) -> bool:
        """Writes id, address and data of each in one packet, which nobody answers.

        Returns:
            False: the line is gone.

        Raises:
            ValueError: the family cannot say this in one packet.
        """

# -- a hand on its servos --------------------------------------------------------------------------

class RawEncoding(IntEnum):
    """How a family writes a number."""

    UNSIGNED = 0
    TWOS_COMPLEMENT = 1
    SIGN_MAGNITUDE = 2

class RawField:
    """Where in a block of registers a number stands."""

    def __init__(
        self,
        offset: int,
        size: int,
        encoding: RawEncoding = ...,
        *,
        sign_bit: int = 15,
        big_endian: bool = False,
    ) -> None:
        """Takes offset and size [bytes]; of size 0 it is not there.

        Args:
            offset: from the beginning of the block.
            size: 1 to 8, or 0.
            encoding: two's complement by default.
            sign_bit: of sign and magnitude.
            big_endian: Feetech's SCS.
        """

class ServoMode(IntEnum):
    """What a servo is told."""

    CURRENT = 0
    """The current that the controller asks for."""
    CURRENT_POSITION = 1
    """The same as a bound on the current, and a goal `lead` ahead in its direction."""
    POSITION = 2
    """A goal ahead of the joint by torque / stiffness."""
    VOLTAGE = 3
    """The part of its supply that makes the current, back-EMF made up for."""

class ServoDrive:
    """How one servo moves one joint, and what it is told and asked for that."""

    def __init__(
        self,
        *,
        id: int,
        read: tuple[int, int],
        write: tuple[int, bytes],
        position: RawField,
        position_unit: float,
        line: int = 0,
        mode: ServoMode = ...,
        ratio: float = 1.0,
        zero: float = 0.0,
        current_limit: float = 0.0,
        stiffness: float = 0.0,
        lead: float = 0.35,
        velocity: RawField = ...,
        velocity_unit: float = 0.0,
        current: RawField = ...,
        current_unit: float = 0.0,
        temperature: RawField = ...,
        temperature_unit: float = 1.0,
        goal_position: RawField = ...,
        goal_current: RawField = ...,
        torque: int | None = None,
        watchdog: tuple[int, int] | None = None,
        distrusted_alarms: int = 255,
        health: tuple[int, int] = ...,
        health_temperature: RawField = ...,
        health_voltage: RawField = ...,
        health_error: RawField = ...,
        voltage_unit: float = 0.1,
        goal_pwm: RawField = ...,
        pwm_unit: float = 0.0,
        motor: tuple[float, float, float] = (0.0, 0.0, 0.0),
        senses_supply: bool = False,
        emf_compensation: float = 1.0,
    ) -> None:
        """Describes a servo; `BusPlant` checks it.

        A joint's angle is (servo angle - zero) / ratio.

        Args:
            id: of the servo, on its line.
            read: address and size [bytes] of what is read in every cycle.
            write: address and first contents of what is written in every cycle; only the goals in
                it ever change.
            position: in what is read, as `velocity`, `current` and `temperature`.
            position_unit: [rad] of the servo, per raw unit.
            line: place of its wire in those of the plant.
            mode: what it is told; it must have been set to that operating mode.
            ratio: servo angle per joint angle, negative where it turns the other way.
            zero: servo angle [rad] where the joint is at zero.
            current_limit: [A] > 0, but for POSITION.
            stiffness: [N m/rad] of the joint, > 0 for POSITION, with which it holds its goal.
            lead: [rad], how far ahead of the joint a goal may be.
            velocity: optional.
            velocity_unit: [rad/s] of the servo.
            current: optional.
            current_unit: [A], of what is read and of the goal.
            temperature: optional.
            temperature_unit: [°C].
            goal_position: in what is written; CURRENT needs none.
            goal_current: in what is written; POSITION needs none.
            torque: address of the byte that switches its torque on (1) and off (0).
            watchdog: address and value of the byte that makes it stop when nobody speaks.
            distrusted_alarms: bits of `ServoAnswer.alarms` after which it counts as gone, so that
                the hand goes to HOLD and LIMP.
            health: address and size [bytes] of what is read now and then; none by default.
            health_temperature: in that block, in `temperature_unit`; instead of `temperature`.
            health_voltage: in that block.
            health_error: in that block.
            voltage_unit: [V].
            goal_pwm: in what is written, for VOLTAGE.
            pwm_unit: part of the supply's voltage.
            motor: resistance [ohm], back-EMF [V s/rad] and supply [V], of the servo's output shaft;
                for VOLTAGE, and with `senses_supply`.
            senses_supply: its currents are those of its supply, as in the X330 series.
            emf_compensation: part of the back-EMF that VOLTAGE makes up for, 0 to 1; what it leaves
                brakes the joint, without any delay.
        """

    @property
    def id(self) -> int: ...
    @property
    def line(self) -> int: ...
    @property
    def mode(self) -> ServoMode: ...

class AtEnd(IntEnum):
    """What a hand does when a run is over and nothing was wrong."""

    RELEASE = 0
    """Torque off."""
    HOLD = 1
    """Servos that hold a position keep it, without watchdog; the others let go."""

class DeratingConfig:
    """How a servo gets less torque than it is asked for, to guard it."""

    full_until: float
    """[°C], from which on it gets less."""
    half_at: float
    """[°C], on a straight line that goes on to nothing."""
    over_current: float
    """Part of `ServoDrive.current_limit`, beyond 1, that no command explains."""
    over_current_after: float
    """[s], of that, until half is taken away."""
    recovery: float
    """[s], in which that half comes back."""
    def __init__(self) -> None: ...

class BusPlantConfig:
    """How a hand on servos is driven; times in seconds."""

    period: float
    """Between two ticks."""
    ramp: float
    """In which torque grows from nothing after a start."""
    blind_after: float
    """Without an answer, until a servo is told to let go."""
    rewake_after: float
    """Without a command, after which watchdogs may have run out: they are set again, and torque
    grows from nothing. Shorter than any watchdog."""
    health_every: int
    """Ticks, until the next servo is asked for its health; 0: never."""
    at_end: AtEnd
    derating: DeratingConfig
    def __init__(self) -> None: ...

class DriveReading:
    """What is known of one servo."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Only a plant has them.

        Raises:
            TypeError: always.
        """

    @property
    def outcome(self) -> ServoOutcome:
        """Of the last cycle."""

    @property
    def alarms(self) -> int:
        """As `ServoAnswer.alarms`."""

    @property
    def age(self) -> float:
        """[s], at the last cycle, of its last answer without an alarm that is distrusted.

        Infinite where there was none.
        """

    @property
    def temperature(self) -> float:
        """[°C]; NaN until it is known, as `voltage`."""

    @property
    def voltage(self) -> float:
        """[V]."""

    @property
    def error(self) -> int:
        """Bits of its family, as its health said last."""

    @property
    def allowance(self) -> float:
        """Part of its torque, 0 to 1, that derating leaves it."""

class BusPlant(Plant):
    """The hand on its servos, one per joint.

    While a loop drives it, all but `readings` and `engaged` raises RuntimeError: `Loop.stop` comes
    first. Nobody else may use its wires meanwhile, and ports may be closed only after torque is
    off, which the end of a loop, `release` and the end of this object see to.
    """

    def __init__(
        self,
        wires: Sequence[Wire],
        protocols: Sequence[ServoProtocol],
        drives: Sequence[ServoDrive],
        config: BusPlantConfig,
        *,
        lines: Sequence[LineConfig] = ...,
    ) -> None:
        """Takes servos as they are set up, without torque; nothing is said yet.

        Args:
            wires: kept alive.
            protocols: one per wire.
            drives: one per joint, in the order of the controller's joints and motors.
            config: copied.
            lines: one per wire; the usual ones by default.

        Raises:
            ValueError: drives and wires do not fit; the message names the servo.
        """

    def start(self) -> None:
        """Time is zero now, and torque grows from nothing again."""

    def read(self) -> HandState:
        """Asks all servos; what was never answered is NaN."""

    def engage(self) -> list[int]:
        """Torque on, as the last step before a loop.

        First every servo is told a goal that does not move it, then its watchdog is set, then
        torque, each read back.

        Returns:
            The joints whose servos do not answer, report an error, or did not confirm. If there
            are any, no servo has torque.
        """

    def release(self) -> list[int]:
        """Torque off everywhere.

        Returns:
            The joints whose servos did not confirm.
        """

    def hold(self) -> list[int]:
        """Servos that hold a position keep it, without watchdog; the others let go.

        Until `release` or `engage`.

        Returns:
            The joints whose servos did not confirm.

        Raises:
            RuntimeError: it is not engaged.
        """

    @property
    def now(self) -> float:
        """[s], since the last `start` or `engage`."""

    @property
    def engaged(self) -> bool:
        """Whether a loop may drive it. False from the first tick in LIMP on."""

    @property
    def readings(self) -> list[DriveReading]:
        """Of the last cycle, one per joint; also while a loop runs."""

# -- cycles on a bus, timed ----------------------------------------------------------------------

class ServoCycles:
    """What a hand on its bus does in each tick, with the controller left out.

    X-series Dynamixels are read (current, velocity, position) and written, on a line of their own.
    """

    def __init__(
        self,
        wire: Wire,
        ids: Sequence[int],
        *,
        goal: str = ...,
        fast: bool = ...,
        return_delay: float = ...,
        patience: float = ...,
    ) -> None:
        """Sets up; nothing is said yet.

        Args:
            wire: what is spoken on.
            ids: 1 to 32 servos.
            goal: that is written: "current", which is 0, or "position", where they stand.
            fast: all answer in one packet.
            return_delay: [s], the longest that is set in a servo.
            patience: [s], for an answer, beyond what delay and bytes take.

        Raises:
            ValueError: too many servos, twice the same, or another goal.
        """

    def run(self, count: int) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """Runs cycles without the interpreter's lock.

        Returns:
            Of each cycle the time [s], and how many servos answered in it.
        """

def raw_servo_cycles(
    descriptor: int, ids: Sequence[int], *, goal: str = ..., fast: bool = ..., count: int
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """The same packets written, waited for and read, and nothing understood.

    Args:
        descriptor: of a serial port.
        ids: as `ServoCycles`.
        goal: as `ServoCycles`.
        fast: as `ServoCycles`.
        count: of cycles.

    Returns:
        As `ServoCycles.run`.

    Raises:
        ValueError: another goal.
        RuntimeError: no answer came within a second.
    """

def time_codec(servos: int, *, fast: bool = ..., cycles: int) -> dict[str, Any]:
    """What the bus's part of a tick costs, with no wire in between.

    Returns:
        With the keys of `Loop.lateness` [µs].

    Raises:
        ValueError: not 1 to 32 servos, or no cycles.
    """

class BenchResponder:
    """Dynamixels behind a pseudo-terminal that have their answers ready.

    Whatever ids they are asked for, they answer sync reads, plain and fast, and nothing else. Also
    a context manager, which stops at its end.
    """

    def __init__(self, *, baud: int = ..., core: int = ...) -> None:
        """Starts at once, in a thread that needs no interpreter.

        Args:
            baud: [bit/s] at which bytes take time on the line, 62 at once; 0: they take none.
            core: that the thread stays on; -1: any.

        Raises:
            RuntimeError: the system has no pseudo-terminal left.
        """

    @property
    def path(self) -> str:
        """Of the device to open."""

    def stop(self) -> None:
        """Nobody answers any more. Safe to call twice."""

    def __enter__(self) -> BenchResponder: ...
    def __exit__(self, *args: object) -> None: ...

# -- virtual servos ------------------------------------------------------------------------------

class Role(IntEnum):
    """What a register of a servo is, whatever its address."""

    NONE = 0
    MODEL_NUMBER = 1
    FIRMWARE = 2
    ID = 3
    BAUD = 4
    RETURN_DELAY = 5
    DRIVE_MODE = 6
    OPERATING_MODE = 7
    HOMING_OFFSET = 8
    MOVING_THRESHOLD = 9
    TEMPERATURE_LIMIT = 10
    MAX_VOLTAGE = 11
    MIN_VOLTAGE = 12
    PWM_LIMIT = 13
    CURRENT_LIMIT = 14
    VELOCITY_LIMIT = 15
    MAX_POSITION = 16
    MIN_POSITION = 17
    SHUTDOWN = 18
    TORQUE_ENABLE = 19
    STATUS_RETURN_LEVEL = 20
    REGISTERED = 21
    HARDWARE_ERROR = 22
    VELOCITY_I = 23
    VELOCITY_P = 24
    POSITION_D = 25
    POSITION_I = 26
    POSITION_P = 27
    FEEDFORWARD_2 = 28
    FEEDFORWARD_1 = 29
    BUS_WATCHDOG = 30
    GOAL_PWM = 31
    GOAL_CURRENT = 32
    GOAL_VELOCITY = 33
    PROFILE_ACCELERATION = 34
    PROFILE_VELOCITY = 35
    GOAL_POSITION = 36
    REALTIME_TICK = 37
    MOVING = 38
    MOVING_STATUS = 39
    PRESENT_PWM = 40
    PRESENT_CURRENT = 41
    PRESENT_VELOCITY = 42
    PRESENT_POSITION = 43
    VELOCITY_TRAJECTORY = 44
    POSITION_TRAJECTORY = 45
    PRESENT_VOLTAGE = 46
    PRESENT_TEMPERATURE = 47
    PRESENT_LOAD = 48
    TORQUE_LIMIT = 49
    EEPROM_LOCK = 50
    SECONDARY_ID = 51
    GOAL_TIME = 52
    MAX_TORQUE = 53
    PROTECTION_CURRENT = 54
    INITIAL_POSITION_P = 55
    INITIAL_POSITION_D = 56
    INITIAL_POSITION_I = 57
    STARTUP_CONFIGURATION = 58
    BACKUP_READY = 59
    INDIRECT_ADDRESS = 60

UNSIGNED: int
TWOS_COMPLEMENT: int

class RegisterSpec:
    """One register of a servo's control table."""

    def __init__(
        self,
        address: int,
        size: int,
        *,
        eeprom: bool = False,
        writable: bool = True,
        sign: int = 255,
        min: int = 0,
        max: int = 255,
        initial: int = 0,
        role: Role = Role.NONE,
        allowed: Sequence[int] = (),
        big_endian: bool = False,
    ) -> None:
        """Describe a register.

        Args:
            address: of its lowest byte.
            size: 1, 2 or 4 bytes.
            eeprom: outlasts the power, and is locked while torque is on.
            writable: by the host.
            sign: `UNSIGNED`, `TWOS_COMPLEMENT`, or the bit that is the sign.
            min: least value a host may write.
            max: greatest value a host may write.
            initial: as it leaves the factory.
            role: what the servo does with it.
            allowed: the only values it takes, each 0 to 31; none: all from `min` to `max`.
            big_endian: the highest byte comes first.
        """

    @property
    def address(self) -> int: ...
    @property
    def size(self) -> int: ...
    @property
    def eeprom(self) -> bool: ...
    @property
    def writable(self) -> bool: ...
    @property
    def sign(self) -> int: ...
    @property
    def min(self) -> int: ...
    @property
    def max(self) -> int: ...
    @property
    def initial(self) -> int: ...
    @property
    def role(self) -> Role: ...
    @property
    def allowed(self) -> list[int]: ...
    @property
    def big_endian(self) -> bool: ...

class HeatFigures:
    """How a servo's motor gets warm: winding, housing, room.

    Attributes:
        winding_resistance: winding to housing [K/W].
        housing_resistance: housing to room [K/W].
        winding_capacity: [J/K]
        housing_capacity: [J/K]
        ambient: [°C]
    """

    def __init__(self) -> None: ...
    winding_resistance: float
    housing_resistance: float
    winding_capacity: float
    housing_capacity: float
    ambient: float

class MotorFigures:
    """A servo's motor, seen from its output shaft.

    Attributes:
        resistance: of the winding at 25 °C [ohm].
        torque_constant: [N m/A]
        back_emf: [V s/rad]
        supply_resistance: between the supply of its plug and the bridge [ohm].
        standby_current: of the electronics [A].
        brown_out_voltage: below which the electronics stop [V].
        senses_supply: whether the current that is reported is the supply's, not the winding's.
        heat: of winding and housing.
    """

    def __init__(self) -> None: ...
    resistance: float
    torque_constant: float
    back_emf: float
    supply_resistance: float
    standby_current: float
    brown_out_voltage: float
    senses_supply: bool
    heat: HeatFigures

class GearFigures:
    """A servo's gear and what hangs on it, seen from its output shaft.

    Attributes:
        inertia: of rotor, gear and load [kg m²].
        coulomb: dry friction [N m].
        viscous: [N m s/rad]
        backlash: from end to end [rad].
        friction: in place of the two above: what hangs on the load, too.
    """

    def __init__(self) -> None: ...
    inertia: float
    coulomb: float
    viscous: float
    backlash: float
    friction: Friction | None

class Controlled(Enum):
    """What an operating mode of a Feetech controls."""

    POSITION = 0
    VELOCITY = 1
    PWM = 2
    STEP = 3
    CURRENT = 4

class VirtualServoModel:
    """A kind of servo: registers, units, motor and gear.

    Attributes:
        registers: all that there are; a copy out, a copy in.
        indirect: blocks of (first address, first byte of data, slots); a copy likewise.
        bauds: [bit/s], by the value of the baud register.
        modes: of a Feetech, by the value of its operating mode; none: position, and PWM while both
            position limits are 0.
        counts_per_turn: of its position sensor; where twice the middle is less, it has two ends.
        middle: what the sensor reads at a shaft position of 0 [counts].
        pwm_unit: part of the supply voltage in one unit.
        current_unit: [A]
        velocity_unit: [counts/ms]
        acceleration_unit: [counts/ms²]
        fast_read_firmware: the first firmware that knows the fast reads.
        overload_error: the bit that a stalled servo sets.
        answers_groups: whether a Feetech knows sync read and broadcast ping.
        stands_at_zero_velocity: a Feetech's goal velocity of 0 is that, not the greatest.
        position_gain: duty per error and unit of the position P gain [1/rad]; 0: as its maker says.
        duty_max: of its bridge.
        command_delay: from a goal to the bridge [s], in whole milliseconds up to 63.
        sensing_delay: from the shaft to its reading [s], likewise.
        resolution: of an encoder that is coarser than a count of its register [rad]; 0: it is not.
        encoder_at_motor: whether the encoder sits before the play of the gear, not behind it.
        motor: its motor.
        gear: its gear.
    """

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Starts from one of the kinds below.

        Raises:
            TypeError: always.
        """
    registers: Sequence[RegisterSpec]
    indirect: Sequence[tuple[int, int, int]]
    bauds: Sequence[int]
    modes: Sequence[Controlled]
    counts_per_turn: float
    middle: int
    pwm_unit: float
    current_unit: float
    velocity_unit: float
    acceleration_unit: float
    fast_read_firmware: int
    overload_error: int
    answers_groups: bool
    stands_at_zero_velocity: bool
    position_gain: float
    duty_max: float
    command_delay: float
    sensing_delay: float
    resolution: float
    encoder_at_motor: bool
    motor: MotorFigures
    gear: GearFigures

    @staticmethod
    def x430() -> VirtualServoModel:
        """Dynamixel X430 series with current control, after the XM430-W350 on 12 V."""

    @staticmethod
    def x330(firmware: int = 53) -> VirtualServoModel:
        """Dynamixel X330 series, after the XL330-M288 on 5 V; 20 indirect slots up to 52."""

    @staticmethod
    def sts3215() -> VirtualServoModel:
        """Feetech STS3215 on 7.4 V."""

class VirtualServoConfig:
    """One servo of a virtual bus.

    Attributes:
        id: under which it is addressed.
        baud: [bit/s], one of those its model knows.
        position: at which it stands first [rad]; 0 is the middle of the encoder's turn.
        stops: how far its shaft can turn, the lower one first [rad]; infinite without.
        gear: inertia and friction of its shaft, those of its model unless others are given.
    """

    def __init__(
        self,
        model: VirtualServoModel,
        *,
        id: int = 1,
        baud: int = 57600,
        position: float = 0.0,
        stops: tuple[float, float] | None = None,
        gear: GearFigures | None = None,
    ) -> None:
        """Describe a servo.

        Raises:
            ValueError: the stops are in the wrong order.
        """

    id: int
    baud: int
    position: float
    @property
    def stops(self) -> tuple[float, float]: ...
    @stops.setter
    def stops(self, stops: tuple[float, float] | None) -> None: ...
    @property
    def gear(self) -> GearFigures: ...

class VirtualBus:
    """Virtual servos on one half-duplex line with one supply, in simulated time.

    Time passes while bytes are sent or waited for, by `advance`, or on the wall clock while a
    `PtyServer` runs. The same calls give the same bytes.
    """

    def __init__(
        self,
        servos: Sequence[VirtualServoConfig],
        *,
        supply_voltage: float = 12.0,
        supply_resistance: float = 0.05,
        host_baud: int = 57600,
        seed: int = 1,
    ) -> None:
        """Start all servos.

        Args:
            servos: all of one protocol.
            supply_voltage: [V]
            supply_resistance: of source and cable [ohm].
            host_baud: of the lockstep host [bit/s]; behind a terminal it is the client's.
            seed: of the noise.

        Raises:
            ValueError: two protocols on one bus, a baud rate the servo does not know, or a
                register that does not fit into a table.
        """

    def __len__(self) -> int: ...
    @property
    def time(self) -> float:
        """Simulated time [s]."""

    @property
    def host_baud(self) -> int:
        """At which the lockstep host speaks and listens [bit/s]."""

    @host_baud.setter
    def host_baud(self, baud: int) -> None: ...
    @property
    def supply_voltage(self) -> float:
        """At the servos, under their present load [V]."""

    def advance(self, time: float) -> None:
        """Let `time` [s] pass.

        Raises:
            RuntimeError: a server runs the bus. `send` and `receive` raise it, too.
        """

    def send(self, data: bytes) -> None:
        """Put a host's bytes on the line; time passes until the last has left."""

    def receive(self, timeout: float) -> bytes:
        """What has come from the servos; waits for the first byte, up to `timeout` [s]."""

    def position(self, servo: int) -> float:
        """Of the output shaft [rad]; servos are counted in the order they were given.

        Raises:
            IndexError: there is no such servo. All that take one raise it.
        """

    def velocity(self, servo: int) -> float:
        """Of the output shaft [rad/s]."""

    def current(self, servo: int) -> float:
        """In the winding [A]."""

    def temperature(self, servo: int) -> float:
        """Of the housing [°C]."""

    def register(self, servo: int, role: Role) -> int:
        """What stands in a register, in its own unit; 0 where the servo has none like it."""

    def load(self, servo: int, torque: float) -> None:
        """Pull at an output shaft with a torque [N m], from now on."""

    def hang(self, servo: int, inertia: float, torque: float) -> None:
        """Hang an arm on an output shaft, which rests at position 0.

        Args:
            servo: which.
            inertia: of the arm about the shaft [kg m2].
            torque: that holds it level [N m].

        Raises:
            ValueError: a negative inertia.
            RuntimeError: the servos turn a hand.
        """

    def kill(self, servo: int, dead: bool) -> None:
        """Make a servo's electronics fail; a mended one starts like one that was rebooted."""

    def jam(self, servo: int, jammed: bool) -> None:
        """Make a gear stick."""

    def plug(self, servo: int, plugged: bool) -> None:
        """Take a servo off the data line, or put it back. Its supply stays."""

    def heat(self, servo: int, temperature: float) -> None:
        """Set winding and housing to a temperature [°C]."""

    def noise(self, *, bit_flip: float = 0.0, byte_loss: float = 0.0) -> None:
        """Set the probabilities with which bits flip and bytes are lost, from now on."""

    def burst(self, time: float) -> None:
        """Make all bytes random for `time` [s]."""

    def unplug(self, time: float) -> None:
        """Take the host off the line for `time` [s]."""

    def supply(self, voltage: float) -> None:
        """Set the voltage of the source [V]. Below what its electronics need, a servo resets."""

class JointShaft:
    """Which joint of a simulated hand a servo turns: its shaft stands at ratio q + zero."""

    def __init__(self, joint: int, *, ratio: float = 1.0, zero: float = 0.0) -> None:
        """For one servo.

        Args:
            joint: in the order of the hand.
            ratio: turns of the shaft per turn of the joint, negative for the other way round.
            zero: of the shaft where the joint is at zero [rad].
        """

class SimulatedHand:
    """The hand of a `SimPlant` behind virtual servos, in place of one inertia for each of them."""

    def __init__(self, plant: SimPlant) -> None:
        """Stands still until `begin`.

        Args:
            plant: started, with a control period of 0.001 s and one motor per joint; nobody else
                may step it.

        Raises:
            ValueError: the plant has another period, or its motors pull tendons.
            RuntimeError: the plant has no data.
        """

    def begin(self) -> None:
        """Let it move, with the servos' time."""

    @property
    def sound(self) -> bool:
        """False once the simulation has diverged."""

class HilPlant(Plant):
    """A simulated hand on virtual servos, driven through its bus and judged like one without.

    What happens is recorded every millisecond; `log` and `channels` are those of an `Episode`.
    """

    def __init__(
        self,
        servos: Plant,
        hand: SimulatedHand,
        controller: Controller,
        *,
        touches: bool,
        sensors: Sequence[int],
        capacity: int,
    ) -> None:
        """The hand moves from the first command on.

        Args:
            servos: the hand on its bus, a `BusPlant` on `LockstepWire`s.
            hand: the same hand in simulation.
            controller: the one that will drive it; logged.
            touches: its fingertips feel, as in simulation; else only the servos tell of forces.
            sensors: ids of sensors to log as they are, without noise or delay.
            capacity: rows of the log; further ones are not kept.

        Raises:
            ValueError: the model has no such sensor.
        """

    @property
    def diverged(self) -> bool:
        """The simulation could not go on."""

    @property
    def channels(self) -> dict[str, tuple[int, int]]:
        """First column and width in `log` of every channel."""

    @property
    def log(self) -> _Array:
        """A row for each millisecond, read-only, shape (rows, columns)."""

class VirtualWorld:
    """Several buses of virtual servos on one clock; with a hand, they all turn that."""

    def __init__(self, hand: SimulatedHand | None = None) -> None:
        """Without a bus yet.

        Args:
            hand: what the shafts turn. None: an inertia each.
        """

    def add_bus(
        self,
        servos: Sequence[VirtualServoConfig],
        *,
        shafts: Sequence[JointShaft] = (),
        supply_voltage: float = 12.0,
        supply_resistance: float = 0.05,
        host_baud: int = 57600,
        seed: int = 1,
    ) -> VirtualBus:
        """One more, before any time has passed; see `VirtualBus`.

        Args:
            servos: all of one protocol.
            shafts: with a hand: what each servo turns.
            supply_voltage: [V]
            supply_resistance: of source and cable [ohm].
            host_baud: of the lockstep host [bit/s]; behind a terminal it is the client's.
            seed: of the noise.

        Raises:
            ValueError: as `VirtualBus`, or shafts and servos do not go together.
            RuntimeError: time has passed already, or a server runs.
        """

class LockstepWire(Wire):
    """A wire to a bus of virtual servos whose clock stands still but while somebody waits."""

    def __init__(self, bus: VirtualBus) -> None:
        """Lockstep: the same calls give the same bytes, however fast the machine is.

        Raises:
            RuntimeError: a server runs the bus.
        """

class PtyServer:
    """Serves buses on pseudo-terminals: programs for real servos open them like serial ports.

    Also a context manager, which stops at its end.
    """

    @overload
    def __init__(self, bus: VirtualBus, *, follows_baud: bool = True) -> None: ...
    @overload
    def __init__(self, world: VirtualWorld, *, follows_baud: bool = True) -> None:
        """Start at once, in a thread that needs no interpreter.

        Args:
            bus: it, and others of its world; until `stop`, their time is the wall clock's.
            world: all of its buses.
            follows_baud: servos understand only a client that has set their baud rate. Off: any
                client, which talks at the `host_baud` of the bus.

        Raises:
            RuntimeError: another server runs them, or the system has no pseudo-terminal left.
        """

    @property
    def path(self) -> str:
        """What to open, such as "/dev/pts/3", for the first bus."""

    @property
    def paths(self) -> list[str]:
        """The same for each bus."""

    def stop(self) -> None:
        """Give the bus back. Safe to call twice."""

    def __enter__(self) -> PtyServer: ...
    def __exit__(self, *args: object) -> None: ...
