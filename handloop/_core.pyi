"""Native core of handloop.

SI units throughout: rad, rad/s, N m, N, m, s. A vector over joints has shape (joints,), one over
fingers (fingers,), both in the order of the hand description. Arrays read from an object are
copies: to change a vector, assign it as a whole.
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import TypeAlias

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

    def joint_inertia(self) -> _Array:
        """Joint-space inertia with armature [kg m²], shape (joints, joints)."""

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
    JOINT_LIMIT = 3
    OVER_SPEED = 4
    TORQUE_NOT_A_NUMBER = 5
    STOP_REQUESTED = 6

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
    def __init__(self) -> None: ...
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

class SafetyConfig:
    """What the controller does not accept, and how long it bridges it."""

    velocity_max: float
    """[rad/s]."""
    position_margin: float
    """[rad], beyond the range before it is a fault."""
    stale_after: float
    """[s], age from which a sample is stale."""
    hold_after: float
    """[s], without a good sample before HOLD."""
    limp_after: float
    """[s], without a good sample before LIMP."""
    def __init__(self) -> None: ...
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

class ControllerConfig:
    """Everything a controller has to be told; `Hand.controller_config` fills it in."""

    period: float
    """[s], from tick to tick."""
    force_feedback: ForceFeedbackConfig
    task: PostureTaskConfig
    law: ForceLawConfig
    grip: GripConfig
    safety: SafetyConfig
    def __init__(self) -> None: ...

class Controller:
    """One tick: model, force feedback, task, grasp force, law, safety.

    While a loop drives it, whatever would change it raises RuntimeError: `Loop.stop` comes first.
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

    def set_trajectory(self, times: _Vector, postures: Sequence[_Vector] | _Array) -> None:
        """Sets the waypoints to follow, at rest in each, minimum jerk in between.

        Args:
            times: [s], increasing, shape (points,), at most 32.
            postures: [rad], shape (points, joints).

        Raises:
            ValueError: shapes do not fit or times do not increase.
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
    def fault_joint(self) -> int:
        """Index of the joint that the fault names, -1 if none."""

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
        """Normal force wanted of every finger [N]."""

def instruction_counter_refusal() -> str:
    """Why instructions cannot be counted on this machine; empty where they can."""

def time_ticks(
    controller: Controller, samples: Sequence[HandState], ticks: int
) -> dict[str, float | None]:
    """Measures ticks on recorded samples, over and over.

    Times include reading the clock once, instructions do not.

    Returns:
        "ticks", their "p50", "p99", "p99.9" and "max" [µs], and "instructions" per tick, None where
        the machine does not count them.

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

class GraspForceConfig:
    """How grasp forces are optimised."""

    def __init__(
        self,
        *,
        length: float = 0.04,
        wrench_tolerance: float = 2e-8,
        closeness: float = 1e-4,
        max_iterations: int = 60,
    ) -> None:
        """Checks what it is given.

        Args:
            length: lever [m] at which a torque counts as a force.
            wrench_tolerance: what may be missing of the wrench, of 1 N plus its size.
            closeness: a wrench out of reach gets the forces with the least of half the missing
                wrench squared plus `closeness` times half their weighted squares.
            max_iterations: Newton steps.

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
    ) -> None:
        """Ids of joints, of one actuator per joint, of fingertip sites and their sensors."""

class SimPlant:
    """The hand in MuJoCo, with the sensors it would have.

    While a loop drives it, all but `now` raises RuntimeError: `Loop.stop` comes first.
    """

    def __init__(
        self,
        model: mujoco.MjModel,
        ids: SimPlantIds,
        sensors: SensorModel,
        control_period: float,
    ) -> None:
        """Keeps the model alive.

        Args:
            model: the scene; `start` takes data of it.
            ids: where the hand is in it.
            sensors: their errors; copied.
            control_period: [s], a whole number of the model's time steps, or a step is a whole
                number of control periods. Between the steps the sample stays the same and grows
                older; a step takes the torques written last.

        Raises:
            ValueError: ids, delay or control period do not fit the model.
        """

    def start(self, data: mujoco.MjData) -> None:
        """Starts a run on `data`, which is in its initial state, and keeps it alive.

        Raises:
            ValueError: `data` was made for another model.
        """

    @property
    def now(self) -> float:
        """[s], advances by one control period with every `advance`.

        Raises:
            RuntimeError: not started yet. So do the methods below.
        """

    def read(self) -> HandState:
        """Takes the newest sample; once per control period, since the delay counts readings."""

    def write(self, torque: _Vector) -> None:
        """Sets the torques [N m], shape (joints,).

        Raises:
            ValueError: another length.
        """

    def advance(self) -> bool:
        """Steps by one control period. False: the simulation has diverged."""

class TrackTarget(IntEnum):
    """What a track drives."""

    BODY_MASS = 0
    """[kg]; the inertia scales with it."""
    BODY_FORCE = 1
    """[N], one world axis of the external force on a body."""
    MOCAP_POSITION = 2
    """[m], one world axis of a mocap body."""
    CONTROL = 3
    """Of an actuator, in its own unit."""

class Episode:
    """One closed-loop run with a log."""

    def __init__(
        self,
        model: mujoco.MjModel,
        ids: SimPlantIds,
        sensors: SensorModel,
        hand: HandModel,
        config: ControllerConfig,
        logged_sensors: Sequence[int],
        ticks: int,
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

        Raises:
            ValueError: something does not fit the model or the hand.
        """

    @property
    def controller(self) -> Controller: ...
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
            id: of the body or actuator.
            component: world axis, 0 to 2; not used for masses and controls.
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
    def diverged(self) -> bool:
        """The simulation could not go on."""

    @property
    def final_qpos(self) -> _Array:
        """Positions of the whole model where the last run or replay ended, shape (nq,)."""

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
        RuntimeError: MuJoCo stopped a simulation.
    """

def replay_episodes(episodes: Sequence[Episode], threads: int = 0) -> None:
    """Takes the same steps with the recorded torques, to compare speeds.

    Raises:
        ValueError: as `run_episodes`.
        RuntimeError: MuJoCo stopped a simulation.
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
    def q(self) -> list[float]:
        """Joint positions of the last sample [rad]."""

    @property
    def torque(self) -> list[float]:
        """Torques of the last tick [N m]."""

class Loop:
    """Owns time: lockstep on a simulated clock, or a thread of its own on the wall clock."""

    def __init__(self, plant: SimPlant, controller: Controller) -> None:
        """Keeps both alive; they are the loop's alone while it runs.

        Raises:
            RuntimeError: the plant has not been started.
            ValueError: plant and controller differ in joints, fingers or period, or the period is
                less than a microsecond.
        """

    def run(self, ticks: int) -> int:
        """Runs in lockstep, as fast as it goes.

        Returns:
            The ticks done, fewer when the plant could not go on.

        Raises:
            RuntimeError: a loop, maybe this one, drives the plant or the controller already.
        """

    def start(self, max_ticks: int = 0, realtime: bool = False) -> None:
        """Starts the thread; 0 ticks run until `stop`. `realtime` asks for SCHED_FIFO.

        Raises:
            RuntimeError: a loop, maybe this one, drives the plant or the controller already.
        """

    def stop(self) -> None:
        """Limp, then quiet; plant and controller are free again. Safe to call twice.

        Also after a loop that came to its own end, before its plant and controller are used.
        """

    @property
    def running(self) -> bool: ...
    @property
    def status(self) -> LoopStatus: ...
    @property
    def realtime_message(self) -> str:
        """What was granted of what `realtime` asked for."""

    @property
    def lateness(self) -> dict[str, float]:
        """From deadline to start of tick [µs]: "count", "p50", "p99", "p99.9", "max"."""

    @property
    def duration(self) -> dict[str, float]:
        """Of a tick [µs]: "count", "p50", "p99", "p99.9", "max"."""
