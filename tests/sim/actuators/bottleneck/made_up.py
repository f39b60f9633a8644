"""Small catalogues and hands whose bottlenecks are known, and trials that need no simulation."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from handloop.sim.actuators.bottleneck.pairs import Pairs
from handloop.sim.actuators.require.requirement import JointRequirement, Requirements
from handloop.sim.bench.engine import MUJOCO, Chunk, Done
from handloop.sim.bench.trial import Result


def pairs_of(
    motor: list[float],
    gear: list[float],
    mass: float = 0.03,
    speed: float = 30.0,
    motor_family: list[int] | None = None,
    inertia: float = 0.0,
) -> Pairs:
    """Pairs of one mass whose motors and gears bear what is given [N m]."""
    n = len(motor)
    first, second = np.array(motor), np.array(gear)
    return Pairs(
        source="made up",
        motor_mass=np.full(n, mass / 2),
        gear_mass=np.full(n, mass / 2),
        speed=np.full(n, speed),
        motor_continuous=first,
        motor_peak=3.0 * first,
        stall=6.0 * first,
        motor_constant=first,
        gear_continuous=second,
        gear_peak=2.0 * second,
        inertia=np.full(n, inertia),
        motor_family=np.array(motor_family or range(n)),
        gear_family=np.arange(n),
        price=np.full(n, np.nan),
        names=[f"pair {i}" for i in range(n)],
        makers=np.array(["one"] * n),
    )


def requirements_of(**torques: float) -> Requirements:
    """Joints that must bear so much [N m] for good, twice as much for a moment, at 5 rad/s."""
    joints = tuple(
        JointRequirement(
            joint=name,
            rms_torque=torque,
            peak_torque=2.0 * torque,
            peak_speed=5.0,
            cloud=np.array([[torque, 5.0], [2.0 * torque, 0.0]]),
            duty=0.5,
            mean_square=torque**2,
            thermal=np.zeros((0, 2)),
            resolution=1e-3,
            bandwidth=10.0,
            inertia_max=1.0,
        )
        for name, torque in torques.items()
    )
    return Requirements("hand27_right", "made up", joints)


def write_dataset(folder: Path) -> Path:
    """Two motors, the second without a torque, three gearheads, and what fits what."""
    motors = (
        "key,manufacturer,type,V,k_t,R,mass,inertia,omega_nl,I_nom,max_int_torque\n"
        "A_1,A,DC,12,0.01,4.0,0.02,1e-7,1200,0.5,inf\n"
        "A_2,A,DC,12,0.01,4.0,0.02,1e-7,1200,,inf\n"
    )
    gears = (
        "key,manufacturer,type,stages,ratio,mass,inertia,efficiency,max_int_torque,max_cont_torque\n"
        "A_G_R10,A,planetary,1,10,0.01,2e-8,0.9,0.2,0.1\n"
        "A_G_R100,A,planetary,2,100,0.012,,0.8,0.4,0.3\n"
        "A_H,A,planetary,2,50,0.012,,0.8,0.4,0.3\n"
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a_motors.csv").write_text(motors)
    (folder / "a_gearboxes.csv").write_text(gears)
    (folder / "a_compatibility.csv").write_text("A_1,A_G_R*\nA_2,A_H\nA_9,A_H\n")
    return folder


class Fake:
    """Bears its seed, and one more where the hand is another; even seeds are held, then all."""

    simulator = MUJOCO

    def __init__(self) -> None:
        self.remarks: dict[str, list[str]] = {}
        self.ran = 0

    def run(self, chunks: Iterable[Chunk]) -> Iterator[Done]:
        for chunk in chunks:
            self.ran += len(chunk.trials)
            scaled = chunk.entry.hand.endswith(".toml")
            results = [
                Result(
                    "held" if scaled or t.seed % 2 == 0 else "slipped", self.metrics(t.seed, scaled)
                )
                for t in chunk.trials
            ]
            yield Done(results, {})

    @staticmethod
    def metrics(seed: int, scaled: bool) -> dict[str, float]:
        return {"moment_nm": seed + float(scaled)}
