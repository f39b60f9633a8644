"""Many environments on the native batch: each the single one's to the bit."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from handloop.sim.envs import TaskEnv, TaskVectorEnv

from .conftest import ReachTask

STEPS = 30  # more than two trials of some


def same(a: Any, b: Any) -> None:
    if isinstance(a, dict):
        assert a.keys() == b.keys()
        for key in a:
            same(a[key], b[key])
    elif isinstance(a, tuple):
        for one, other in zip(a, b, strict=True):
            same(one, other)
    else:
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(("threads", "count"), [(1, 3), (2, 3), (3, 2)])
def test_it_is_gymnasiums_serial_one_to_the_bit(reach: ReachTask, threads: int, count: int) -> None:
    many = TaskVectorEnv(reach, num_envs=count, threads=threads)
    serial = SyncVectorEnv([lambda: TaskEnv(reach)] * count)
    assert many.observation_space == serial.observation_space
    assert many.action_space == serial.action_space
    assert many.metadata == serial.metadata
    same(many.reset(seed=4), serial.reset(seed=4))  # the second one is stopped half way
    rng = np.random.default_rng(0)
    ends = 0
    for _ in range(STEPS):
        actions = rng.uniform(-1.0, 1.0, many.action_space.shape)
        ours, theirs = many.step(actions), serial.step(actions)
        same(ours, theirs)
        ends += int((ours[2] | ours[3]).sum())
    assert ends >= 2 * count
    assert many.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP
    many.close()


def test_gymnasium_makes_it_by_name() -> None:
    many = gymnasium.make_vec("handloop/Cup-v0", num_envs=2, hand="hand22_right", threads=1)
    assert isinstance(many, TaskVectorEnv)
    observation, info = many.reset(seed=[8, None])
    assert observation in many.observation_space
    assert info["seed"][0] == 8
    observation, reward, *_ = many.step(many.action_space.sample())
    assert observation in many.observation_space
    assert reward.shape == (2,)
    assert len(many.render() or ()) == 2
    many.close()


def test_what_does_not_fit(reach: ReachTask) -> None:
    with pytest.raises(ValueError, match="has at least one, not 0"):
        TaskVectorEnv(reach, num_envs=0)
    with pytest.raises(ValueError, match="2 environments need as many seeds, not 3"):
        TaskVectorEnv(reach, num_envs=2).reset(seed=[1, 2, 3])
