"""One run for all tests here."""

from pathlib import Path

import pytest

from .bench_run import make_run


@pytest.fixture(scope="session")
def bench_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two trials of `nist`, in which all fingers move; treat it as read-only but for its loads."""
    return make_run(tmp_path_factory.mktemp("bench") / "run", "nist", 2, "touch sensitivity")
