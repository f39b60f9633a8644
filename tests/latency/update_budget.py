"""`make latency-budget`: counts every configuration, prints what changed, renews the budget."""

from __future__ import annotations

import sys
from pathlib import Path

from callgrind import configurations, count_instructions

from handloop.latency.budget import BudgetFile, difference

BUDGET = Path(__file__).parent / "budget.json"


def main(executable: Path, out: Path) -> None:
    """Writes the budget of the toolchain that built `executable`; callgrind's files go to `out`."""
    out.mkdir(parents=True, exist_ok=True)
    file = BudgetFile.read(BUDGET)
    found, toolchain = {}, ""
    for name in configurations(executable):
        count = count_instructions(executable, name, out / f"{name}.callgrind")
        found[name], toolchain = count.cost, count.toolchain
        before = file.of(toolchain, name)
        print(f"{name:<16} {difference(before, count.cost) if before else 'new: '}", end="")
        print("" if before else f"{count.cost.instructions:,.0f} instructions")
    file.toolchains[toolchain] = found
    file.write()
    print(f"{BUDGET}: {toolchain}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
