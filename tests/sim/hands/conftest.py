"""Compiled hands, one copy per test session."""

from functools import cache

import mujoco
import pytest

from handloop.sim.hands import HandSpec, build


@cache
def _compiled(name: str) -> mujoco.MjModel:
    variant, side, *actuation = name.split("_")
    return build(HandSpec(variant, side, *(actuation or ["motor"]))).compile()


@pytest.fixture(scope="session")
def compiled():
    """Compiles a hand by its file name, for example `hand27_right`; treat it as read-only."""
    return _compiled
