"""Logs of servos whose parameters are known."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from handloop._core import RigLoad, RigLog, simulate_rigs
from handloop.controller.servo_log import ArmLoad, ServoLog
from handloop.firmware_bridge.excitation import excitation
from handloop.sim.actuators.identify.parameters import Values, servo_of

PERIOD = 0.005  # [s]
VOLTAGE = 6.0
COUNT = 2.0 * np.pi / 4096
GAIN = 0.004  # [1/rad]
SERVO = {
    "torque_constant": 0.36,
    "resistance": 3.6,
    "inertia": 0.0015,
    "coulomb": 0.012,
    "viscous": 0.0025,
    "gain": GAIN,
}

BAM = Path(__file__).parents[5] / "shared/data/bam-xl330"
NO_BAM = "the logs of a real XL330 are not at hand"
needs_bam = pytest.mark.skipif(not BAM.is_dir(), reason=NO_BAM)


def synthetic_logs(
    values: Values,
    masses: Sequence[float] = (0.1, 0.25),
    gains: Sequence[float] = (100.0, 400.0),
    trajectories: Sequence[str] = ("sin_time_square", "lift_and_drop"),
    seconds: float = 3.0,
    currents: bool = True,
) -> list[ServoLog]:
    """With the counts of an encoder, and noise on the currents."""
    return [
        synthetic_log(values, mass, gain, name, seconds, currents)
        for mass in masses
        for gain in gains
        for name in trajectories
    ]


def synthetic_log(
    values: Values, mass: float, gain: float, name: str, seconds: float, currents: bool
) -> ServoLog:
    drive, time = excitation(name), np.arange(0.0, seconds, PERIOD)
    goal = np.array([1.2 * drive.goal(t) for t in time])
    driven, voltage = time < drive.let_go, np.full_like(time, VOLTAGE)
    load = RigLoad()
    load.mass, load.length = mass, 0.1
    told = RigLog(load, time, goal, np.full_like(time, gain), voltage, driven.tolist())
    position, velocity, current, duty = simulate_rigs([servo_of(values)], [told], 2e-4)[0].T
    noise = np.random.default_rng(int(1000 * mass + gain)).normal(0.0, 0.005, len(time))
    return ServoLog(
        f"{name}-{gain:g}-{mass:g}kg",
        "XL330-M288",
        "synthetic",
        name,
        ArmLoad(mass, 0.1),
        VOLTAGE,
        True,
        time,
        goal,
        COUNT * np.round(position / COUNT),
        np.full_like(time, gain),
        driven.astype(float),
        velocity=velocity,
        current=np.abs(duty) * current + noise if currents else None,
        voltage=voltage,
        duty=np.round(885.0 * duty) / 885.0,
    )
