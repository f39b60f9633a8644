"""The gate: no tick takes more instructions than budgeted, and the gate itself would notice."""

import json
from pathlib import Path

import pytest
from callgrind import configurations, count_instructions
from gates import same_system, skip_gate
from update_budget import BUDGET

from handloop.latency.budget import BudgetFile, complaint, growth


def count(bench: Path, name: str, folder: Path, burden: int = 0):
    return count_instructions(bench, name, folder / "callgrind.out", burden)


def test_every_tick_keeps_its_budget(tick_bench: Path, tmp_path: Path) -> None:
    file = BudgetFile.read(BUDGET)
    complaints = []
    for name in configurations(tick_bench):
        found = count(tick_bench, name, tmp_path)
        if found.toolchain not in file.toolchains:
            known = "; ".join(file.toolchains)
            skip_gate(
                f"no budget for {found.toolchain}, only for {known}; `make latency-compare "
                "BASE=<revision>` tells exactly what a change costs, with any compiler",
                expected=same_system(found.toolchain, file.toolchains),
            )
        budget = file.of(found.toolchain, name)
        assert budget, f"'{name}' has no budget: make latency-budget"
        complaints += filter(None, [complaint(name, budget, found.cost)])
    assert not complaints, "\n".join(complaints)


def test_counts_repeat_exactly(tick_bench: Path, tmp_path: Path) -> None:
    first, again = (count(tick_bench, "pinch", tmp_path).cost for _ in range(2))
    assert first == again
    assert sum(first.functions.values()) == pytest.approx(first.instructions)


def test_a_slower_tick_is_caught_and_named(tick_bench: Path, tmp_path: Path) -> None:
    usual = count(tick_bench, "pinch", tmp_path).cost
    slowed = count(tick_bench, "pinch", tmp_path, burden=30).cost
    assert growth(usual, slowed) > 0.03
    said = complaint("pinch", usual, slowed)
    assert said
    assert "bench::deliberate_burden +" in said
    assert "renew the budget" in said


def test_a_little_slower_is_let_pass(tick_bench: Path, tmp_path: Path) -> None:
    usual = count(tick_bench, "hand27", tmp_path).cost
    slowed = count(tick_bench, "hand27", tmp_path, burden=30).cost
    assert 0.0 < growth(usual, slowed) < 0.03
    assert complaint("hand27", usual, slowed) is None


def test_the_names_are_those_of_the_source(tick_bench: Path, tmp_path: Path) -> None:
    functions = count(tick_bench, "hand27", tmp_path).cost.functions
    assert "HandPose::place_link" in functions
    assert "Safety::limit" in functions
    assert "memcpy" in functions  # called, not inlined


def test_the_budget_holds_every_configuration(tick_bench: Path) -> None:
    names = set(configurations(tick_bench))
    for toolchain, budgets in json.loads(BUDGET.read_text()).items():
        assert set(budgets) == names, toolchain
