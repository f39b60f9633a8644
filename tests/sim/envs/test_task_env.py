"""The environment: gymnasium's rules, the benchmark's trials, what a policy can do and see."""

from __future__ import annotations

import subprocess
import sys
import warnings
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from handloop import _core
from handloop.sim.bench.contestant import Entry
from handloop.sim.bench.engine import load_contestant
from handloop.sim.bench.registry import TASK_NAMES
from handloop.sim.bench.task import CannotTakePartError, Options, Task
from handloop.sim.bench.trial import CLOSED, RIGID, Result, Trial
from handloop.sim.envs import NoEnvironmentError, TaskEnv, environment_id

from .conftest import CASES, LENGTH, PERIOD, ReachTask

STILL = np.zeros(28)
ONE_SCENE = {"taxonomy": "7 prismatic 3 finger, 0.1 kg", "nist": "slip resistance"}


def to_the_end(env: TaskEnv, action: Any = STILL) -> list[tuple[Any, ...]]:
    steps = [env.step(action)]
    while not (steps[-1][2] or steps[-1][3]):
        steps.append(env.step(action))
    return steps


# -- gymnasium's rules -----------------------------------------------------------------------------


def test_it_passes_gymnasiums_own_check(reach: ReachTask) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(TaskEnv(reach), skip_render_check=True)


def test_the_cup_passes_it_too() -> None:
    env = gymnasium.make("handloop/Cup-v0", hand="hand22_right")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(env.unwrapped, skip_render_check=True)
    env.close()


@pytest.mark.slow
@pytest.mark.parametrize("name", TASK_NAMES)
def test_every_task_passes_it(name: str) -> None:
    env = TaskEnv(name, case=ONE_SCENE.get(name))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(env, skip_render_check=True)


def test_every_task_of_the_benchmark_is_registered() -> None:
    assert environment_id("cup-flex") == "handloop/CupFlex-v0"
    for name in TASK_NAMES:
        spec = gymnasium.spec(environment_id(name))
        assert spec.kwargs == {"task": name}
        assert spec.vector_entry_point


def test_without_gymnasium_one_error_says_what_to_install() -> None:
    code = "import sys; sys.modules['gymnasium'] = None; import handloop.sim.envs"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode
    assert run.stderr.splitlines()[-1] == (
        "ImportError: handloop.sim.envs needs gymnasium, which is not installed; "
        "pip install 'handloop[gym]'"
    )


@pytest.mark.filterwarnings("ignore::glfw.GLFWError")  # what it says where there is no display
def test_a_picture_or_none(reach: ReachTask) -> None:
    env = TaskEnv(reach, render_mode="rgb_array")
    env.reset(seed=1)
    picture = env.render()
    if picture is not None:  # there is OpenGL
        assert picture.shape[2] == 3
        assert picture.std() > 1.0
    env.close()
    assert TaskEnv(reach).render() is None


# -- the benchmark's trials ------------------------------------------------------------------------


def test_a_still_policy_gets_the_benchmarks_trial_to_the_bit(reach: ReachTask) -> None:
    contestant = load_contestant(Entry("hand27_right"))
    env = TaskEnv(reach)
    for seed, case in ((1, "slow"), (10, "fast"), (2, "late")):
        trial = Trial(CLOSED, next(c for c in CASES if c.name == case), seed)
        scene, episode = reach.prepared(contestant, trial)
        _core.run_episodes([episode], 1)
        expected = reach.judge(scene, trial, episode)
        env.reset(seed=seed, options={"case": case})
        *_, end = to_the_end(env)
        assert env.bout.episode.log.tobytes() == episode.log.tobytes()
        assert end[1] == float(expected.success)
        assert end[4] == {
            "seed": seed,
            "case": case,
            "outcome": expected.outcome,
            "success": expected.success,
            "metrics": expected.metrics,
        }


def test_time_up_truncates_and_a_watch_terminates(reach: ReachTask) -> None:
    env = TaskEnv(reach)
    env.reset(seed=1, options={"case": "slow"})
    steps = to_the_end(env)
    assert len(steps) == np.ceil(LENGTH / PERIOD / 20)
    assert [step[1:4] for step in steps] == [(0.0, False, False)] * 12 + [(1.0, False, True)]
    env.reset(seed=5, options={"case": "late"})
    steps = to_the_end(env)
    assert len(steps) == 6
    assert steps[-1][1:4] == (0.0, True, False)
    assert steps[-1][4]["outcome"] == "missed"


def test_trials_are_drawn_from_the_headline_by_the_seed(reach: ReachTask) -> None:
    env = TaskEnv(reach)
    drawn = [env.reset(seed=seed)[1] for seed in range(20)]
    assert [info["seed"] for info in drawn] == list(range(20))
    assert {info["case"] for info in drawn} == {"slow", "fast"}
    assert drawn == [env.reset(seed=seed)[1] for seed in range(20)]
    later = env.reset(seed=7), env.reset(), env.reset()
    again = env.reset(seed=7), env.reset(), env.reset()
    assert [info for _, info in later] == [info for _, info in again]
    assert len({info["seed"] for _, info in later}) == 3
    assert TaskEnv(reach, case="late").reset(seed=3)[1]["case"] == "late"


# -- what a policy can do and see ------------------------------------------------------------------


def test_actions_scale_the_grip_and_lead_the_joints(reach: ReachTask) -> None:
    plain, guided = TaskEnv(reach, case="slow"), TaskEnv(reach, case="slow")
    joint = reach.goal(plain.bout.scene) < plain.bout.scene.bound.position_range[:, 1] - 0.15
    action = np.concatenate([[-1.0], 0.5 * joint])
    for env in (plain, guided):
        env.reset(seed=1)
    still = to_the_end(plain)[-1][0]
    moved = to_the_end(guided, action)[-1][0]
    led = (moved["q"] - still["q"])[joint]
    assert np.median(led) == pytest.approx(0.1, abs=0.02)
    wanted = np.array(plain.bout.episode.controller.wanted_force)
    assert np.array(guided.bout.episode.controller.wanted_force) == pytest.approx(wanted / 2.0)
    np.testing.assert_array_equal(moved["action"], action)


def test_actions_are_cut_off_and_nonsense_is_refused(reach: ReachTask) -> None:
    env = TaskEnv(reach)
    env.reset(seed=1)
    observation = env.step(np.full(28, 7.0))[0]
    assert observation["action"].max() == 1.0
    for nonsense in (np.zeros(3), np.full(28, np.nan)):
        with pytest.raises(ValueError, match="an action is 28 numbers, the grip and an offset"):
            env.step(nonsense)


def test_what_is_seen_is_noisy_late_and_within_bounds(reach: ReachTask) -> None:
    env = TaskEnv(reach)
    first = env.reset(seed=1, options={"case": "slow"})[0]
    assert first["time"][0] == 0.0
    observation = env.step(STILL)[0]
    assert observation["time"][0] == pytest.approx(0.018)  # 2 ms late
    assert observation in env.observation_space
    true = env.bout.episode.final_qpos[env.bout.scene.bound.qpos]
    off = np.abs(observation["q"] - true)
    assert 1e-6 < off.max() < 0.05
    assert set(observation) == {"q", "dq", "force", "slip", "action", "time"}


def test_a_simulation_that_diverges_terminates_with_numbers(reach: ReachTask) -> None:
    env = TaskEnv(reach)
    env.reset(seed=1)
    target, body = _core.TrackTarget.BODY_FORCE, env.bout.scene.model.body("carriage").id
    env.bout.episode.add_track(target, body, 1, [0.0], [1e15])
    observation, _, terminated, truncated, info = env.step(STILL)
    assert (terminated, truncated) == (True, False)
    assert observation in env.observation_space
    assert info["outcome"] in {"held", "missed"}


# -- what cannot be --------------------------------------------------------------------------------


class Story(Task):
    """No runs at all."""

    name = "story"

    def trials(self, options: Options) -> Any:
        return [Trial(CLOSED, CASES[0], seed) for seed in options.seeds]

    def run(self, contestant: Any, trials: Any) -> list[Result]:
        return []

    def snapshot(self, contestant: Any, trial: Any) -> None:
        return None

    def physics(self, contestant: Any) -> dict[str, float | int | str]:
        return {}


class Impossible(ReachTask):
    def episode(self, scene: Any, trial: Trial) -> _core.Episode:
        raise CannotTakePartError("it has no thumb")


def test_what_cannot_be_an_environment_says_so_when_it_is_made(reach: ReachTask) -> None:
    with pytest.raises(NoEnvironmentError, match="'story' cannot be taken in steps"):
        TaskEnv(Story())
    with pytest.raises(NoEnvironmentError, match="'reach' has no closed loop that a policy"):
        TaskEnv(ReachTask((RIGID,)))
    with pytest.raises(CannotTakePartError, match="no thumb"):
        TaskEnv(Impossible())
    with pytest.raises(ValueError, match="no task 'cap'"):
        TaskEnv("cap")
    with pytest.raises(ValueError, match="case 'slw'"):
        TaskEnv(reach, case="slw")
    with pytest.raises(ValueError, match=r"no whole number of control periods of 0\.001 s"):
        TaskEnv(reach, rate=300.0)
    with pytest.raises(ValueError, match="rate must be > 0 Hz"):
        TaskEnv(reach, rate=0.0)
    with pytest.raises(RuntimeError, match="before it has begun"):
        TaskEnv(reach).step(STILL)
