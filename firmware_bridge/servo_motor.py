"""The motor and gear of a servo as its sheet has them, and whether the sheet can be true.

All figures are seen at the output shaft. A motor's torque constant is its back-EMF constant in SI
units (Hughes and Drury 2013, Electric Motors and Drives, ch. 3); a gear takes torque away, and
without load a motor still lags a little. So the torque per ampere at stall is at most the supply
over the no-load speed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

_ROUNDING = 0.03  # a sheet's two or three digits can be this far off
_SPREAD = 1.2  # between rows, or of a row and the sheet's own constants

_Positive = Annotated[float, Field(gt=0.0, allow_inf_nan=False)]


class _Figures(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class OperatingPoint(_Figures):
    """What a sheet states for one supply voltage."""

    voltage: _Positive
    """[V]."""
    stall_torque: _Positive
    """[N m]."""
    stall_current: _Positive
    """[A]."""
    no_load_rpm: _Positive
    """[rev/min], as sheets print it."""
    no_load_current: _Positive | None = None
    """[A]."""

    @property
    def no_load_speed(self) -> float:
        """[rad/s], of the output shaft."""
        return self.no_load_rpm * 2.0 * math.pi / 60.0

    @property
    def torque_constant(self) -> float:
        """[N m/A], at stall, what the gear takes included."""
        return self.stall_torque / self.stall_current

    @property
    def resistance(self) -> float:
        """[ohm], of winding, bridge and cable."""
        return self.voltage / self.stall_current

    @property
    def back_emf(self) -> float:
        """[V s/rad], with the drop of the no-load current counted in: an upper bound."""
        return self.voltage / self.no_load_speed

    @property
    def efficiency(self) -> float:
        """Of gear and motor as the row implies it; no real one passes 1."""
        return self.torque_constant / self.back_emf


class Motor(_Figures):
    """Motor and gear."""

    winding: Literal["coreless", "cored"]
    gear_ratio: _Positive | None = None
    """Turns of the motor for one of the output. None: not stated."""
    supply: tuple[_Positive, _Positive]
    """[V], lowest and highest."""
    nominal_voltage: _Positive
    """[V], that the maker recommends."""
    points: Annotated[tuple[OperatingPoint, ...], Field(min_length=1)]
    """One for each voltage that the sheet has."""
    stated_resistance: _Positive | None = None
    """[ohm], where the sheet has it besides its stall currents."""
    stated_torque_constant: _Positive | None = None
    """[N m/A], at the output, where the sheet has it besides its stall torques."""

    @cached_property
    def nominal(self) -> OperatingPoint:
        """The row at the nominal voltage."""
        return next(p for p in self.points if p.voltage == self.nominal_voltage)

    def doubts(self) -> Iterator[str]:
        """Where the figures contradict physics or each other."""
        for point in self.points:
            if point.efficiency > 1.0 + _ROUNDING:
                yield (
                    f"at {point.voltage:g} V, {point.stall_torque:g} N m for "
                    f"{point.stall_current:g} A is {point.torque_constant:.3g} N m/A, but "
                    f"{point.no_load_rpm:g} rpm without load allow {point.back_emf:.3g} at most: "
                    f"{point.efficiency:.0%} efficiency"
                )
        resistances = {p.voltage: p.resistance for p in self.points}
        if max(resistances.values()) > _SPREAD * min(resistances.values()):
            rows = ", ".join(f"{r:.3g} ohm at {v:g} V" for v, r in resistances.items())
            yield f"the stall currents of its rows are not of one winding: {rows}"
        yield from self._doubts_about("resistance", "ohm", self.stated_resistance)
        yield from self._doubts_about("torque_constant", "N m/A", self.stated_torque_constant)

    def _doubts_about(self, name: str, unit: str, stated: float | None) -> Iterator[str]:
        if stated is None:
            return
        implied: float = getattr(self.nominal, name)
        if not 1.0 / _SPREAD < implied / stated < _SPREAD:
            yield (
                f"its {name.replace('_', ' ')} of {stated:.3g} {unit} does not agree with the "
                f"{implied:.3g} {unit} of its stall at {self.nominal_voltage:g} V"
            )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        voltages = [p.voltage for p in self.points]
        if self.nominal_voltage not in voltages:
            given = ", ".join(f"{v:g}" for v in voltages)
            message = f"no point at {self.nominal_voltage:g} V; it is one of {given} V"
            raise PydanticCustomError(
                "misfit", "{message}", {"key": ("nominal_voltage",), "message": message}
            )
        return self
