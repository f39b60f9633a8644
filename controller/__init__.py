"""What a controller is, seen from Python: hand descriptions, configuration, control laws."""

from .description import HandDescription
from .errors import HandError
from .hand import BoundHand, Hand, packaged_hands

__all__ = ["BoundHand", "Hand", "HandDescription", "HandError", "packaged_hands"]
