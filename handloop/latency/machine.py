"""Where a measurement was taken, and whether that place was quiet enough to believe it."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

BUSY: Final = 0.1  # part of the processors that others may use before it is worth a warning
STOLEN: Final = 0.01  # part that the host may take


@dataclass(frozen=True)
class Machine:
    """Where this was measured; None for what the system does not tell.

    Attributes:
        processor: Its name.
        cores: That this process may use.
        kernel: Release.
        preemption: Of the kernel: "PREEMPT_RT", "PREEMPT_DYNAMIC", ...
        governor: Of the first core's frequency.
        virtual: A guest of a hypervisor.
        load: Runnable processes, mean of the last minute before.
    """

    processor: str | None
    cores: int
    kernel: str
    preemption: str | None
    governor: str | None
    virtual: bool
    load: float

    @classmethod
    def here(cls) -> Machine:
        """This one, now."""
        words = platform.version().split()
        return cls(
            _processor(),
            len(os.sched_getaffinity(0)),
            platform.release(),
            next((word for word in words if word.startswith("PREEMPT")), None),
            _read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
            any("hypervisor" in line for line in _cpuinfo("flags")),
            os.getloadavg()[0],
        )

    def doubts(self) -> Iterator[str]:
        """Why times measured here should not be trusted."""
        if self.virtual:
            yield "a virtual machine: the host takes the processor away unseen"
        if self.governor is None and not self.virtual:
            yield "the frequency governor is unknown"
        elif self.governor not in {None, "performance"}:
            yield f"frequency governor '{self.governor}': the clock rate moves; set 'performance'"
        if self.load > 0.5 * self.cores:
            yield f"busy before it began: load {self.load:.1f} on {self.cores} cores"


class Watch:
    """Sees what else the processors did while something was measured.

    Attributes:
        stolen: Part of their time that the host took.
        others: Part that other processes took.
    """

    stolen: float = 0.0
    others: float = 0.0

    def __enter__(self) -> Self:
        self._began = (_processor_times(), _own_time())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        before, own = self._began
        spent = [b - a for a, b in zip(before, _processor_times(), strict=True)]
        total = max(sum(spent), 1e-9)
        idle, steal = spent[3] + spent[4], spent[7]
        mine = _own_time() - own
        self.stolen = steal / total
        self.others = max(total - idle - steal - mine, 0.0) / total

    def doubts(self) -> Iterator[str]:
        """Why times measured meanwhile should not be trusted."""
        if self.stolen > STOLEN:
            yield f"the host stole {100 * self.stolen:.0f} % of the processors meanwhile"
        if self.others > BUSY:
            yield f"others used {100 * self.others:.0f} % of the processors meanwhile"


def _own_time() -> float:
    """[s] that this process and the ones it waited for took of all processors."""
    return sum(os.times()[:4])


def _processor_times() -> list[float]:
    """[s] of all processors: user, nice, system, idle, iowait, irq, softirq, steal."""
    first = (_read("/proc/stat") or "cpu" + 8 * " 0").splitlines()[0]
    ticks = os.sysconf("SC_CLK_TCK")
    return [int(word) / ticks for word in first.split()[1:9]]


def _processor() -> str | None:
    names = [line.partition(":")[2].strip() for line in _cpuinfo("model name")]
    return names[0] if names else platform.processor() or None


def _cpuinfo(key: str) -> list[str]:
    return [s for s in (_read("/proc/cpuinfo") or "").splitlines() if s.startswith(key)]


def _read(path: str) -> str | None:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return None
