"""Instructions per tick and function, counted by callgrind.

Almost all of a tick is inlined into one symbol, so callgrind's own table would name that one. Its
costs per address are attributed here to the innermost inlined function of ours instead; what Eigen
does counts for who asked for it.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from handloop.latency.budget import TickCost

COUNTED = "handloop_counted_tick"
_OURS = re.compile(r"/cpp/(include|bench)/")

# The C library picks its functions by what the processor offers: always the same ones, here.
SAME_LIBRARY_EVERYWHERE = "glibc.cpu.hwcaps=-AVX2,-AVX512F,-AVX512VL,-AVX,-FMA,-FMA4,-ERMS,-FSRM"
SAME_LIBRARY_EVERYWHERE += ",-AVX_Fast_Unaligned_Load"


@dataclass(frozen=True)
class Count:
    """Of one configuration.

    Attributes:
        toolchain: Compiler and libraries.
        cost: Of a tick, mean over the corpus.
    """

    toolchain: str
    cost: TickCost


def configurations(executable: Path) -> list[str]:
    """Names of what can be counted."""
    run = subprocess.run([executable, "list"], capture_output=True, text=True, check=True)
    return run.stdout.split()


def count_instructions(executable: Path, configuration: str, out: Path, burden: int = 0) -> Count:
    """Counts one pass of the corpus; `out` is callgrind's own file, for kcachegrind."""
    run = subprocess.run(
        [
            "valgrind",
            "--tool=callgrind",
            f"--toggle-collect={COUNTED}",
            "--dump-instr=yes",
            "--compress-strings=no",
            "--compress-pos=no",
            f"--callgrind-out-file={out}",
            *(str(executable), "count", configuration, str(burden)),
        ],
        capture_output=True,
        text=True,
        env={**os.environ, "GLIBC_TUNABLES": SAME_LIBRARY_EVERYWHERE},
        check=False,
    )
    if run.returncode:
        raise RuntimeError(f"valgrind failed on {configuration}: {run.stderr[-2000:]}")
    said = json.loads(run.stdout)
    total = Counter[str]()
    for name, cost in _functions(out.read_text(), executable):
        total[name] += cost
    per_tick = {name: cost / said["ticks"] for name, cost in total.items()}
    return Count(said["toolchain"], TickCost(sum(per_tick.values()), per_tick))


def _functions(text: str, executable: Path) -> Iterator[tuple[str, int]]:
    costs = list(_self_costs(text))
    inside = {c.address for c in costs if c.object.endswith(executable.name)}
    names = _innermost_functions(executable, inside)
    for cost in costs:
        ours = names.get(cost.address) if cost.object.endswith(executable.name) else None
        yield _short(ours or cost.function), cost.instructions


@dataclass(frozen=True)
class _SelfCost:
    object: str
    function: str
    address: int
    instructions: int


def _self_costs(text: str) -> Iterator[_SelfCost]:
    """The lines of a callgrind file that are no calls: what a function itself executes."""
    where, function, of_call = "", "", False
    for line in text.splitlines():
        if line.startswith("ob="):
            where = line[3:]
        elif line.startswith("fn="):
            function = line[3:]
        elif line.startswith("calls="):
            of_call = True  # the next line is what the callee costs
        elif line.startswith("0x"):
            address, _, instructions = line.split()
            if not of_call:
                yield _SelfCost(where, function, int(address, 16), int(instructions))
            of_call = False


def _innermost_functions(executable: Path, addresses: Iterable[int]) -> dict[int, str]:
    """Of every address that has one, the innermost inlined function whose source is ours."""
    lines = subprocess.run(
        ["addr2line", "-e", str(executable), "-a", "-i", "-f", "-C"],
        input="\n".join(map(hex, sorted(addresses))),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    names: dict[int, str] = {}
    address = -1
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        if re.fullmatch(r"0x[0-9a-f]+", line):
            address = int(line, 16)
        elif address not in names and _OURS.search(after):
            names[address] = line
    return names


def _short(function: str) -> str:
    """`handloop::Grip::update(...) const` as `Grip::update`; no arguments, no templates."""
    name = function.partition("(")[0].partition("@")[0].replace("handloop::", "")
    return re.sub(r"<[^<>]*>", "", name) if "operator" not in name else name
