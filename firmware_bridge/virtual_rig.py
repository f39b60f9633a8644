"""A virtual servo that turns an arm, in lockstep: a rig to record logs from without having one."""

from __future__ import annotations

from .. import _core
from ..controller.actuator import Actuator
from ..controller.servo_log import ArmLoad
from .bus import ServoBus
from .bus_lines import BusLines
from .catalogue import ServoCatalogue
from .servo import ServoModel
from .virtual import virtual_model
from .virtual_actuator import set_actuator
from .virtual_hand import LockstepPort

_BAUD = 1_000_000
_CABLE = 0.05  # [ohm]
_GRAVITY = 9.81  # [m/s2]


class VirtualRig:
    """One virtual servo with an arm that hangs in the middle of its turn.

    Attributes:
        servos: the line, to look at it and to break it.
        bus: to talk to it; id 1 is added.
    """

    def __init__(self, model: ServoModel, load: ArmLoad, actuator: Actuator | None = None) -> None:
        """Powers it on.

        Args:
            model: of the catalogue.
            load: the arm.
            actuator: its physics and supply. None: what the catalogue says.
        """
        virtual, voltage, resistance = virtual_model(model), model.nominal.voltage, _CABLE
        if actuator:
            set_actuator(virtual, actuator)
            voltage, resistance = actuator.motor.voltage, 0.0  # the file states that of its cable
        config = _core.VirtualServoConfig(virtual, id=1, baud=_BAUD)
        self.servos = _core.VirtualBus(
            [config], supply_voltage=voltage, supply_resistance=resistance, host_baud=_BAUD
        )
        inertia = load.inertia + load.mass * load.length**2
        self.servos.hang(0, inertia, load.mass * _GRAVITY * load.length)
        lines = BusLines(LockstepPort("rig", self.servos, _BAUD), model.protocol)
        self.bus = ServoBus(lines, ServoCatalogue.packaged())
        self.bus.add(1, model)

    def now(self) -> float:
        """[s], of the virtual servo."""
        return self.servos.time

    def wait_until(self, when: float) -> None:
        """Lets its time pass."""
        if when > self.servos.time:
            self.servos.advance(when - self.servos.time)
