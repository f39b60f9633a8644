"""The pytest plugin, in a project of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

import handloop.latency.checks  # noqa: F401  here, because numpy loads once per process

pytest_plugins = ["pytester"]

CHECKS = 6

SOFT_GRASP = """
from handloop import control_law

@control_law
def soft_grasp(q, dq, reference, gravity, torque):
    for i in range(len(q)):
        torque[i] = gravity[i] + 0.5 * (reference[i] - q[i]) - 0.01 * dq[i]

def plain(q, torque): ...
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.setattr("handloop.latency.checks.STRIDE", 1000)  # two ticks are enough here
    return pytester


def test_a_run_without_a_hand_loads_nothing_of_handloop() -> None:
    code = (
        "import sys, handloop_pytest\n"
        "print(*{'handloop', 'handloop._core', 'mujoco', 'numpy', 'numba'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


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


def test_a_law_is_found_in_the_folder_that_pytest_runs_in(project: pytest.Pytester) -> None:
    project.makepyfile(my_laws=SOFT_GRASP)
    hand = ("--handloop-latency", "hand22_right", "--handloop-law", "my_laws:soft_grasp")
    command = Path(sys.executable).with_name("pytest")  # python -m pytest looks there anyway
    done = project.run(command, *hand, "-k", "loads or torque_limited")
    done.assert_outcomes(passed=2, deselected=CHECKS - 2)


@pytest.mark.parametrize(
    ("law", "complaint"),
    [
        ("os:getcwd", "*os:getcwd: <built-in function getcwd> is no control law*@control_law*"),
        ("unmarked_laws:plain", "*is no control law; put @control_law above it"),
        ("no_such_laws:soft", "*No module named 'no_such_laws'; name it as module:law"),
        ("os", "*--handloop-law os: *; name it as module:law"),
    ],
)
def test_what_is_no_law_is_refused_with_the_mend(
    project: pytest.Pytester, law: str, complaint: str
) -> None:
    project.makepyfile(unmarked_laws=SOFT_GRASP)
    result = project.runpytest_inprocess(
        "--handloop-latency", "hand22_right", "--handloop-law", law, "-k", "loads"
    )
    result.assert_outcomes(failed=1, deselected=CHECKS - 1)
    result.stdout.fnmatch_lines([complaint])


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


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        (["--handloop-law", "my_laws:soft_grasp"], "--handloop-latency"),
        (["--handloop-latency-budget", "latency.json"], "--handloop-latency"),
        (["--handloop-latency-update"], "--handloop-latency-budget"),
    ],
)
def test_an_option_without_the_one_it_needs_is_refused(
    project: pytest.Pytester, arguments: list[str], needed: str
) -> None:
    result = project.runpytest_inprocess(*arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*{arguments[0]} needs {needed}"])
