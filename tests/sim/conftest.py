"""Scenes, built once per test session."""

from collections.abc import Callable
from functools import cache

import pytest

from handloop.controller import Hand
from handloop.sim.tasks.cup import CupScene


@cache
def _cup(name: str) -> CupScene:
    return CupScene.build(Hand.load(name))


@pytest.fixture(scope="session")
def cup_scene() -> Callable[[str], CupScene]:
    """The cup before a packaged hand; treat it as read-only."""
    return _cup
