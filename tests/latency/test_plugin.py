"""The pytest plugin, in a project of its own."""

from pathlib import Path

import pytest

import handloop.latency.exercise  # noqa: F401  here, because numpy loads once per process
from handloop import _core

pytest_plugins = ["pytester"]

CHECKS = 6


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.setattr("handloop.pytest_latency._STRIDE", 1000)  # two ticks are enough here
    return pytester


def test_nothing_is_added_unasked(project: pytest.Pytester) -> None:
    project.makepyfile("def test_own(): pass")
    project.runpytest_inprocess().assert_outcomes(passed=1)


def test_a_hand_is_checked_beside_the_own_tests(project: pytest.Pytester) -> None:
    project.makepyfile("def test_own(): pass")
    result = project.runpytest_inprocess("--handloop-latency", "hand22_right")
    result.assert_outcomes(passed=CHECKS, skipped=1)  # one more is the own test, one has no budget
    result.stdout.fnmatch_lines(["*handloop latency: hand22_right*", "tick *p50*µs*"])


def test_checks_can_be_chosen(project: pytest.Pytester) -> None:
    result = project.runpytest_inprocess("--handloop-latency", "hand22_right", "-k", "loads")
    result.assert_outcomes(passed=1, deselected=CHECKS - 1)


def test_a_hand_that_does_not_load_fails_with_the_mend(project: pytest.Pytester) -> None:
    project.makefile(".toml", my_hand="schema = 1\n")
    result = project.runpytest_inprocess("--handloop-latency", "my_hand.toml", "-k", "loads")
    result.assert_outcomes(failed=1, deselected=CHECKS - 1)
    result.stdout.fnmatch_lines(["*my_hand.toml*name*"])
    result.stdout.no_fnmatch_line("*Traceback*")


@pytest.mark.skipif(hasattr(_core.Controller, "set_law"), reason="this core takes laws")
def test_a_core_without_laws_says_so(project: pytest.Pytester) -> None:
    result = project.runpytest_inprocess(
        "--handloop-latency", "hand22_right", "--handloop-law", "os:getcwd", "-k", "loads"
    )
    result.assert_outcomes(failed=1, deselected=CHECKS - 1)
    result.stdout.fnmatch_lines(["*takes no laws*"])


def budgeted(project: pytest.Pytester, *more: str) -> pytest.RunResult:
    budget = ("--handloop-latency-budget", "budget.json")
    hand = ("--handloop-latency", "hand22_right", "-k", "instructions")
    return project.runpytest_inprocess(*hand, *budget, *more)


def test_a_budget_is_written_kept_and_defended(project: pytest.Pytester) -> None:
    if budgeted(project).parseoutcomes().get("skipped") != 1:
        pytest.fail("without a budget there is nothing to compare with")
    written = budgeted(project, "--handloop-latency-update")
    if "skipped" in written.parseoutcomes():
        pytest.skip("no tracing here")
    budgeted(project).assert_outcomes(passed=1, deselected=CHECKS - 1)
    file = Path("budget.json")
    lines = file.read_text().splitlines()
    key = next(i for i, line in enumerate(lines) if '"instructions":' in line)
    lines[key] = '"instructions": 1000.0'
    file.write_text("\n".join(lines))
    result = budgeted(project)
    result.assert_outcomes(failed=1, deselected=CHECKS - 1)
    result.stdout.fnmatch_lines(["*instructions instead of 1,000*--handloop-latency-update*"])


def test_an_update_needs_a_file(project: pytest.Pytester) -> None:
    result = project.runpytest_inprocess("--handloop-latency-update")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*needs --handloop-latency-budget*"])
