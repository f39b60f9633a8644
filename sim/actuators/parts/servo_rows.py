"""Rows of a servo's sheet, one for each voltage, predicted from the one at nominal voltage.

One winding has one R, one motor behind one gear one torque per ampere and one back-EMF: so stall
current, stall torque and no-load speed go with the voltage. Sheets print few digits: what these
leave open is not held against a row, and what is left beyond that shows rows that contradict.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .servo_sheet import Row, ServoDrive

TOLERANCE: Final = 0.05
"""Above which a row contradicts the nominal one."""
_FIGURES: Final = ("stall_torque", "stall_current", "no_load_rpm")


@dataclass(frozen=True)
class Prediction:
    """A figure of a row.

    Attributes:
        row: Servo and voltage.
        figure: Its name.
        error: Printed over predicted, less one.
        beyond_rounding: The least size of the error that the printed digits leave.
    """

    row: str
    figure: str
    error: float
    beyond_rounding: float

    @property
    def flagged(self) -> bool:
        """Whether it contradicts the nominal row; no motor and gear is like that."""
        return self.beyond_rounding > TOLERANCE


def row_predictions(name: str, motor: ServoDrive) -> Iterator[Prediction]:
    """All figures of all rows but the nominal one."""
    nominal = motor.nominal
    for figure in _FIGURES:
        open_ = 0.5 * 10.0 ** -max(_decimals(getattr(p, figure)) for p in motor.points)
        for row in motor.points:
            if row.voltage != nominal.voltage:
                yield _prediction(name, row, nominal, figure, open_)


def _prediction(name: str, row: Row, nominal: Row, figure: str, open_: float) -> Prediction:
    scale = row.voltage / nominal.voltage
    printed: float = getattr(row, figure)
    predicted: float = getattr(nominal, figure) * scale
    left = max(abs(printed - predicted) - open_ * (1.0 + scale), 0.0)
    return Prediction(
        row=f"{name} at {row.voltage:g} V",
        figure=figure,
        error=printed / predicted - 1.0,
        beyond_rounding=left / predicted,
    )


def _decimals(value: float) -> int:
    """Digits after the point, as a sheet that prints no more of them has it."""
    text = f"{value:g}"
    return len(text.partition(".")[2])
