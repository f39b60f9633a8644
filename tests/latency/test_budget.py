"""Budgets: what is let pass, what is complained of, what is written."""

from pathlib import Path

import pytest
from gates import same_system, skip_gate

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


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"gcc": []}',
        '{"gcc": {"hand": 5}}',
        '{"gcc": {"hand": {}}}',
        '{"gcc": {"hand": {"instructions": "many"}}}',
        '{"gcc": {"hand": {"instructions": 0}}}',
        '{"gcc": {"hand": {"instructions": 9, "functions": []}}}',
    ],
)
def test_a_file_without_budgets_is_refused_with_its_name_and_the_mend(
    text: str, tmp_path: Path
) -> None:
    path = tmp_path / "budget.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"budget\.json holds no budgets .*; delete it, then"):
        BudgetFile.read(path)


def test_another_compiler_of_a_known_system_needs_a_budget() -> None:
    known = ["GNU 12.2.0, glibc 2.36, Eigen 3.4.1"]
    assert same_system("GNU 13.1.0, glibc 2.36, Eigen 3.4.1", known)
    assert not same_system("GNU 12.2.0, glibc 2.41, Eigen 3.4.1", known)


@pytest.mark.parametrize(
    ("wanted", "expected", "outcome"),
    [
        ("required", True, pytest.fail.Exception),
        ("required", False, pytest.skip.Exception),
        ("", True, pytest.skip.Exception),
    ],
)
def test_a_gate_that_cannot_be_held_fails_only_where_it_must(
    wanted: str, expected: bool, outcome: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HANDLOOP_GATES", wanted)
    with pytest.raises(outcome, match="no valgrind"):
        skip_gate("no valgrind", expected)
