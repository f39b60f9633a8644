"""What candidates are made of servos by: the part of `firmware_bridge.servo.ServoModel` they need.

The bus catalogue is in another room, which this one does not import.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol


class Row(Protocol):
    """What a servo's sheet states for one voltage; of the output shaft."""

    @property
    def voltage(self) -> float:
        """[V]."""

    @property
    def stall_torque(self) -> float:
        """[N m]."""

    @property
    def stall_current(self) -> float:
        """[A]."""

    @property
    def no_load_rpm(self) -> float:
        """[rev/min]."""

    @property
    def no_load_speed(self) -> float:
        """[rad/s]."""

    @property
    def no_load_current(self) -> float | None:
        """[A]. None: not stated."""


class ServoDrive(Protocol):
    """Motor and gear of a servo."""

    @property
    def winding(self) -> str:
        """`coreless` or `cored`."""

    @property
    def gear_ratio(self) -> float | None:
        """Turns of the motor for one of the output. None: not stated."""

    @property
    def nominal(self) -> Row:
        """The row at nominal voltage."""

    @property
    def points(self) -> Sequence[Row]:
        """All rows."""

    def doubts(self) -> Iterator[str]:
        """Where the figures contradict physics or each other."""


class ServoPrice(Protocol):
    """What one cost."""

    @property
    def amount(self) -> float:
        """In `currency`."""

    @property
    def currency(self) -> str:
        """Three letters."""


class Servo(Protocol):
    """A servo of the bus catalogue."""

    @property
    def name(self) -> str:
        """As it is sold."""

    @property
    def family(self) -> str:
        """Of its protocol."""

    @property
    def motor(self) -> ServoDrive | None:
        """None: no sheet was found."""

    @property
    def mass(self) -> float | None:
        """[kg]. None: not known."""

    @property
    def size(self) -> tuple[float, float, float] | None:
        """[m]. None: not known."""

    @property
    def price(self) -> ServoPrice | None:
        """None: not known."""

    @property
    def source(self) -> str:
        """Where the figures are from."""
