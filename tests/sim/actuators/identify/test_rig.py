"""The native rig against MuJoCo's `dcmotor`, where both know the physics."""

import mujoco
import numpy as np
import pytest

from handloop._core import Friction, RigLoad, RigLog, RigServo, simulate_rigs

STEP = 2e-4  # [s]
SAMPLES = 1200  # 5 ms apart
VOLTAGE = 7.4

RIG = """
<mujoco>
  <option timestep="{step}" integrator="implicitfast" solver="Newton" iterations="50"/>
  <worldbody>
    <body>
      <joint name="j" axis="0 1 0" armature="0.0016" damping="0.004" frictionloss="{dry}"
             solreffriction="0.0004 1" solimpfriction="0.9999 0.9999 0.001"/>
      <geom type="sphere" size="0.0001" pos="0 0 -0.1" mass="0.4"/>
    </body>
  </worldbody>
  <actuator><dcmotor joint="j" resistance="3.4" motorconst="0.4" input="voltage"/></actuator>
</mujoco>
"""


def drive(time: np.ndarray) -> np.ndarray:
    """Duties that lift, swing and turn round at several speeds."""
    slow = 0.35 * np.sin(2.0 * np.pi * 0.4 * time)
    return np.asarray(slow + 0.25 * np.sin(2.0 * np.pi * 1.7 * time))


@pytest.mark.parametrize("dry", [0.0, 0.02])
def test_it_agrees_with_a_dcmotor_of_mujoco(dry: float) -> None:
    time = 0.005 * np.arange(SAMPLES)
    model = mujoco.MjModel.from_xml_string(RIG.format(step=STEP, dry=dry))
    data = mujoco.MjData(model)
    expected = []
    for duty in drive(time):
        expected.append(float(data.qpos[0]))
        data.ctrl[0] = duty * VOLTAGE
        mujoco.mj_step(model, data, 25)

    servo, load, friction = RigServo(), RigLoad(), Friction()
    friction.coulomb, friction.viscous = dry, 0.004
    servo.friction, servo.inertia = friction, 0.0016
    load.mass, load.length = 0.4, 0.1
    load.inertia = float(model.body_inertia[1, 1])  # of MuJoCo's ball
    always = [1.0] * SAMPLES
    log = RigLog(
        load, time, always, always, VOLTAGE * np.ones(SAMPLES), [True] * SAMPLES, drive(time)
    )
    found = simulate_rigs([servo], [log], STEP)[0, :, 0]
    reach = np.ptp(expected)
    worst = np.max(np.abs(found - expected)) / reach
    assert reach > 1.0
    assert worst < 1e-3, f"they differ by {worst:.2%} of {reach:.2f} rad"


def test_a_delay_is_felt_however_long_the_steps_are() -> None:
    time = 0.005 * np.arange(300)
    goal = np.sin(9.0 * time)
    load, servo = RigLoad(), RigServo()
    load.mass, load.length = 0.2, 0.1
    ones = np.ones_like(time)
    log = RigLog(load, time, goal, 400.0 * ones, 6.0 * ones, [True] * len(time))

    def position(delay: float, step: float) -> np.ndarray:
        servo.delay = delay
        return np.asarray(simulate_rigs([servo], [log], step)[0, :, 0])

    for delay in (0.0004, 0.0021, 0.0077):
        exact = position(delay, 1e-5)
        for step in (1e-3, 3e-3):
            assert np.abs(position(delay, step) - exact).mean() < 1e-4, (delay, step)
    slope = (position(0.0025, 1e-3) - position(0.0024, 1e-3)) / 1e-4
    assert np.abs(slope).mean() == pytest.approx(np.abs(np.gradient(goal, time)).mean(), rel=0.3)


def test_what_cannot_be_simulated_is_refused() -> None:
    with pytest.raises(ValueError, match="rising"):
        RigLog(RigLoad(), [0.0, 0.0], [0.0] * 2, [1.0] * 2, [5.0] * 2, [True] * 2)
    with pytest.raises(ValueError, match="one size"):
        RigLog(RigLoad(), [0.0, 0.1], [0.0], [1.0] * 2, [5.0] * 2, [True] * 2)
    with pytest.raises(ValueError, match="duty_max must be > 0"):
        RigLog(RigLoad(), [0.0], [0.0], [1.0], [5.0], [True], duty_max=0.0)
    log = RigLog(RigLoad(), [0.0, 0.1], [0.0] * 2, [1.0] * 2, [5.0] * 2, [True] * 2)
    servo = RigServo()
    servo.inertia = 0.0
    with pytest.raises(ValueError, match="inertia must be > 0"):
        simulate_rigs([servo], [log])


def test_threads_change_no_bit() -> None:
    time = 0.005 * np.arange(200)
    ones = [1.0] * 200
    logs = [
        RigLog(RigLoad(), time, np.sin(f * time), ones, 5.0 * np.ones(200), [True] * 200)
        for f in (3.0, 5.0, 7.0)
    ]
    servos = [RigServo() for _ in range(4)]
    for k, servo in enumerate(servos):
        servo.gain = 0.5 + k
    alone = simulate_rigs(servos, logs)
    assert alone.shape == (4, 600, 4)
    assert np.array_equal(alone, simulate_rigs(servos, logs, threads=3))
