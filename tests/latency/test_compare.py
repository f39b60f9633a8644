"""Comparing two trees, on trivial timings."""

from collections.abc import Callable

import pytest
from compare import in_turn, time_growth, verdicts, worktree


def timing(p50: float, p99: float = 2.0, reference: float = 1.0) -> dict[str, float]:
    return {"p50": p50, "p99": p99, "reference": reference}


def test_runs_take_turns_and_change_order() -> None:
    order: list[str] = []

    def run(name: str) -> Callable[[], dict[str, float]]:
        return lambda: order.append(name) or timing(len(order))

    base, head = in_turn([run("base"), run("head")], 3)
    assert order == ["base", "head", "head", "base", "base", "head"]
    assert [t["p50"] for t in base] == [1, 4, 5]
    assert [t["p50"] for t in head] == [2, 3, 6]


def test_a_machine_that_slows_down_slows_the_reference_too() -> None:
    base = [timing(1.0, 2.0, 1.0)]
    head = [timing(3.0, 6.6, 3.0)]
    found = time_growth(base, head)
    assert found["p50"] == pytest.approx(0.0)
    assert found["p99"] == pytest.approx(0.1)


def test_one_disturbed_run_does_not_count() -> None:
    found = time_growth([timing(1.0)] * 3, [timing(1.0), timing(50.0), timing(1.1)])
    assert found["p50"] == pytest.approx(0.1)


def test_what_is_too_slow() -> None:
    result = {
        "well": {"time": {"p50": 0.2, "p99": 0.24}, "instructions": 0.02, "difference": ""},
        "slow": {"time": {"p50": 0.3, "p99": 0.0}, "instructions": -0.5, "difference": ""},
        "more": {"time": {"p50": 0.0, "p99": 0.0}, "instructions": 0.05, "difference": "f +9"},
        "uncounted": {"time": {"p50": 0.0, "p99": 0.0}},
    }
    assert list(verdicts(result)) == ["slow: p50 +30 %", "more: f +9"]


def test_an_unknown_revision_is_named() -> None:
    with pytest.raises(SystemExit, match="BASE=no-such-branch"), worktree("no-such-branch"):
        pass
