"""The kernel's own lateness, from cyclictest where it is installed (Debian: rt-tests)."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import Final

_MISSING: Final = "not installed (apt-get install rt-tests)"
_LINE: Final = re.compile(r"C:\s*(\d+) Min:\s*(\d+) Act:\s*\d+ Avg:\s*(\d+) Max:\s*(\d+)")


@dataclass(frozen=True)
class CyclicTest:
    """What cyclictest says of this machine, in whole microseconds; None where it did not run.

    Attributes:
        cycles: Done.
        refusal: Why it did not run; None if it did.
    """

    cycles: int = 0
    min: int | None = None
    mean: int | None = None
    max: int | None = None
    refusal: str | None = None

    @classmethod
    def read(cls, output: str) -> CyclicTest:
        """From what `cyclictest --quiet` prints for one thread."""
        found = _LINE.search(output)
        if not found:
            return cls(refusal=output.strip().splitlines()[0] if output.strip() else "said nothing")
        cycles, least, mean, most = map(int, found.groups())
        return cls(cycles, least, mean, most)

    @classmethod
    def run(cls, cycles: int, period: float) -> CyclicTest:
        """Runs it as our loop runs: locked memory, SCHED_FIFO 80, one thread.

        Args:
            cycles: How many.
            period: [s].
        """
        program = shutil.which("cyclictest")
        if not program:
            return cls(refusal=_MISSING)
        options = ["--mlockall", "--priority=80", f"--interval={round(1e6 * period)}"]
        run = subprocess.run(
            [program, *options, f"--loops={cycles}", "--quiet"],
            capture_output=True,
            text=True,
            check=False,
        )
        return cls.read(run.stdout + run.stderr)
