"""How a motor gets warm, as its `hand.toml` or its own file tells of it."""

from __future__ import annotations

from .description_table import Positive, Table


class Thermal(Table):
    """How a motor gets warm."""

    winding_resistance: Positive
    """[K/W], winding to housing."""
    housing_resistance: Positive
    """[K/W], housing to room."""
    winding_capacity: Positive
    """[J/K]."""
    housing_capacity: Positive
    """[J/K]."""
    winding_max: Positive
    """[deg C], that the winding may not pass."""
