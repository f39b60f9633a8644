"""Budgets: what is let pass, what is complained of, what is written."""

from pathlib import Path

import pytest

from handloop.latency.budget import BudgetFile, TickCost, complaint, difference

USUAL = TickCost(1000.0, {"place": 700.0, "limit": 300.0})


@pytest.mark.parametrize(("instructions", "passes"), [(900, True), (1029.9, True), (1030.1, False)])
def test_three_percent_more_is_too_much(instructions: float, passes: bool) -> None:
    assert (complaint("hand", USUAL, TickCost(instructions)) is None) == passes


def test_the_function_that_grew_is_named_first() -> None:
    said = complaint("hand", USUAL, TickCost(1100.0, {"place": 690.0, "limit": 380.0, "new": 30.0}))
    assert said
    assert said.index("limit +80") < said.index("new +30") < said.index("place -10")
    assert "1,100 instructions instead of 1,000 (+10.0 %)" in said


def test_what_did_not_change_is_not_named() -> None:
    assert "limit" not in difference(USUAL, TickCost(1100.0, {"place": 800.0, "limit": 300.0}))


def test_a_file_keeps_the_budgets_of_other_toolchains(tmp_path: Path) -> None:
    path = tmp_path / "budget.json"
    file = BudgetFile.read(path)
    file.toolchains = {"gcc": {"hand": USUAL}, "clang": {"hand": TickCost(900.04)}}
    file.write()
    again = BudgetFile.read(path)
    assert again.of("gcc", "hand") == USUAL
    assert again.of("clang", "hand") == TickCost(900.0, {})
    assert again.of("msvc", "hand") is None
    assert again.of("gcc", "foot") is None
