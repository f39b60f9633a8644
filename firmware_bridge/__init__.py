"""Servos: catalogue, bus, virtual servos, calibration and hardware-in-the-loop runs."""

from .catalogue import ServoCatalogue
from .register import Register
from .servo import IndirectBlock, ServoModel
from .servo_errors import CatalogueError
from .servo_motor import Motor, OperatingPoint

__all__ = [
    "CatalogueError",
    "IndirectBlock",
    "Motor",
    "OperatingPoint",
    "Register",
    "ServoCatalogue",
    "ServoModel",
]
