"""Servos: catalogue, bus, virtual servos, calibration and hardware-in-the-loop runs."""

from .._core import ServoOutcome
from .bus import ServoBus
from .bus_errors import BusError, PortError, RefusalError
from .bus_servo import Servo
from .catalogue import ServoCatalogue
from .driver import HandDriver
from .hand_servo import HandServo
from .hand_servos import HandServos
from .ports import PortInfo, find_ports
from .register import Register
from .scan import FoundServo
from .servo import IndirectBlock, ServoModel
from .servo_answer import ServoReading, hardware_errors
from .servo_errors import CatalogueError
from .servo_motor import Motor, OperatingPoint
from .virtual import virtual_model

__all__ = [
    "BusError",
    "CatalogueError",
    "FoundServo",
    "HandDriver",
    "HandServo",
    "HandServos",
    "IndirectBlock",
    "Motor",
    "OperatingPoint",
    "PortError",
    "PortInfo",
    "RefusalError",
    "Register",
    "Servo",
    "ServoBus",
    "ServoCatalogue",
    "ServoModel",
    "ServoOutcome",
    "ServoReading",
    "find_ports",
    "hardware_errors",
    "virtual_model",
]
