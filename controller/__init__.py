"""What a controller is, seen from Python: hand descriptions, configuration, control laws."""

from .bound_hand import BoundHand
from .description import HandDescription
from .description_file import packaged_hands
from .errors import HandError
from .hand import Hand
from .law import ControlLaw, control_law
from .law_errors import LawError

__all__ = [
    "BoundHand",
    "ControlLaw",
    "Hand",
    "HandDescription",
    "HandError",
    "LawError",
    "control_law",
    "packaged_hands",
]
