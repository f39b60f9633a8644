"""One actuator on one hinge of a simulated plant, as tests turn it."""

import mujoco

from handloop import _core
from handloop.controller.actuator import Actuator
from handloop.controller.actuator_core import core_actuator

STEP = 0.001  # [s]


class PlantRig:
    """A hinge with an actuator and a disc; no gravity.

    A disc that is balanced about its axis is simple to MuJoCo: its inertia is taken as constant.
    """

    def __init__(
        self,
        actuator: Actuator,
        command: _core.ActuatorCommand,
        disc: float = 1e-6,
        balanced: bool = True,
    ) -> None:
        mass, centre = (1.0, 0.0) if balanced else (1e-9, 1e-3)
        self.model = mujoco.MjModel.from_xml_string(
            f"""<mujoco><option timestep="{STEP}" integrator="implicitfast" gravity="0 0 0"/>
            <worldbody><body><joint name="j" axis="0 0 1" armature="{actuator.gear.inertia}"/>
            <inertial pos="{centre} 0 0" mass="{mass}" diaginertia="{disc} {disc} {disc}"/></body>
            </worldbody><actuator><motor joint="j"/></actuator></mujoco>"""
        )
        self.data = mujoco.MjData(self.model)
        figures = core_actuator(actuator)
        figures.command = command
        ids = _core.SimPlantIds(
            [0], [0], [], torque_constant=[1.0], drives=_core.HandFigures([figures])
        )
        self.plant = _core.SimPlant(self.model, ids, _core.SensorModel(), STEP)
        self.plant.start(self.data)

    def run(self, time: float, told: float) -> None:
        """For some time [s]."""
        self.plant.write([told])
        for _ in range(round(time / STEP)):
            self.plant.advance()

    def load(self, torque: float) -> None:
        """From outside [N m]."""
        self.data.xfrc_applied[1, 5] = torque

    @property
    def current(self) -> float:
        """[A]."""
        return float(self.plant.read().current[0])

    @property
    def housing(self) -> float:
        """[deg C]."""
        return float(self.plant.read().temperature[0])

    @property
    def position(self) -> float:
        """[rad]."""
        return float(self.data.qpos[0])

    @property
    def speed(self) -> float:
        """[rad/s]."""
        return float(self.data.qvel[0])
