"""The executable whose instructions are counted."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from gates import skip_gate

BUILD = Path(__file__).parents[2] / "build/cpp"


@pytest.fixture(scope="session")
def tick_bench() -> Path:
    """`handloop_tick_bench`, brought up to date; skips where it was never built."""
    if not shutil.which("valgrind"):
        skip_gate("counting instructions needs valgrind: apt-get install valgrind")
    if not (BUILD / "build.ninja").is_file():
        skip_gate("there is nothing to count yet: make cpp-test")
    cmake = Path(sys.executable).with_name("cmake")
    subprocess.run([cmake, "--build", BUILD, "--target", "handloop_tick_bench"], check=True)
    return BUILD / "cpp/bench/handloop_tick_bench"
