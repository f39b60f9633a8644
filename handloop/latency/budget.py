"""Instruction budgets: what a tick may cost, exactly, and what grew when it costs more.

Counts of instructions do not change with the load of a machine, but they do with the compiler and
the libraries. So a budget belongs to a toolchain, and one file holds one budget per toolchain.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

TOLERANCE: Final = 0.03  # growth that is let pass
NAMED: Final = 5  # functions that a complaint names


@dataclass(frozen=True)
class TickCost:
    """What a tick of one configuration costs.

    Attributes:
        instructions: Per tick, mean.
        functions: Of these, those of every function by itself; empty where that is not known.
    """

    instructions: float
    functions: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def from_json(cls, text: Any) -> TickCost:
        """Back from `to_json`."""
        instructions = float(text["instructions"])
        if not instructions > 0.0:
            raise ValueError(f"{instructions:g} instructions")
        functions = {name: float(cost) for name, cost in text.get("functions", {}).items()}
        return cls(instructions, functions)

    def to_json(self) -> dict[str, Any]:
        """Rounded to a tenth; functions that cost less than one instruction are left out."""
        functions = {n: round(c, 1) for n, c in sorted(self.functions.items()) if c >= 1.0}
        return {"instructions": round(self.instructions, 1), "functions": functions}


@dataclass
class BudgetFile:
    """Budgets by toolchain and configuration, kept as JSON beside the tests."""

    path: Path
    toolchains: dict[str, dict[str, TickCost]]

    @classmethod
    def read(cls, path: Path) -> BudgetFile:
        """From a file; one that does not exist is an empty one.

        Raises:
            ValueError: It is no such file; naming it and the mend.
        """
        try:
            text = json.loads(path.read_text()) if path.exists() else {}
            toolchains = {
                toolchain: {name: TickCost.from_json(cost) for name, cost in costs.items()}
                for toolchain, costs in text.items()
            }
        except (ValueError, TypeError, AttributeError, LookupError) as error:
            raise ValueError(
                f"{path} holds no budgets ({type(error).__name__}: {error}); delete it, then have "
                "it written anew"
            ) from None
        return cls(path, toolchains)

    def write(self) -> None:
        """Writes all of it back."""
        text = {
            toolchain: {name: cost.to_json() for name, cost in costs.items()}
            for toolchain, costs in self.toolchains.items()
        }
        self.path.write_text(json.dumps(text, indent=1, sort_keys=True) + "\n")

    def of(self, toolchain: str, configuration: str) -> TickCost | None:
        """None: this toolchain has no budget for that."""
        return self.toolchains.get(toolchain, {}).get(configuration)


def growth(budget: TickCost, found: TickCost) -> float:
    """Relative change: 0.03 is three percent more than budgeted."""
    return found.instructions / budget.instructions - 1.0


def complaint(name: str, budget: TickCost, found: TickCost) -> str | None:
    """What to say of a tick that has outgrown its budget; None if it has not."""
    if growth(budget, found) <= TOLERANCE:
        return None
    return (
        f"a tick of '{name}' costs {difference(budget, found)}, more than "
        f"{100 * TOLERANCE:.0f} % over its budget; if it is worth that, renew the budget"
    )


def difference(budget: TickCost, found: TickCost) -> str:
    """Both counts, and the functions that changed most."""
    text = (
        f"{found.instructions:,.0f} instructions instead of {budget.instructions:,.0f} "
        f"({round(100 * growth(budget, found), 1) + 0.0:+.1f} %)"
    )
    changes = "; ".join(_changes(budget.functions, found.functions))
    return f"{text}: {changes}" if changes else text


def _changes(before: Mapping[str, float], after: Mapping[str, float]) -> Iterator[str]:
    change = {n: after.get(n, 0.0) - before.get(n, 0.0) for n in {*before, *after}}
    largest = sorted(change, key=lambda n: (-abs(change[n]), n))
    for name in largest[:NAMED]:
        if abs(change[name]) >= 1.0:
            yield f"{name} {change[name]:+,.0f}"
