"""Many trials at once on the native batch, as one gymnasium vector environment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space, concatenate, create_empty_array, iterate
from numpy.typing import NDArray

from ... import _core
from ..bench.task import Task
from .bout import Observation
from .task_env import Action, TaskEnv

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]


class TaskVectorEnv(VectorEnv[Observation, Action, NDArray[Any]]):
    """The environments of `TaskEnv`, stepped together in C++ threads, each the same to the bit.

    Resets at the next step (`AutoresetMode.NEXT_STEP`): the step after an end ignores that
    environment's action and begins its next trial, with reward 0.

    Attributes:
        envs: The single environments.
    """

    def __init__(
        self,
        task: str | Task,
        hand: str = "hand27_right",
        num_envs: int = 2,
        threads: int = 0,
        **settings: Any,
    ) -> None:
        """Makes the environments.

        Args:
            task: Its name in the benchmark, or a task.
            hand: A packaged hand, or the path of a hand.toml.
            num_envs: At least 1.
            threads: 0: one per core. Results do not depend on it.
            settings: All else that `TaskEnv` takes.

        Raises:
            ValueError: Fewer than one environment; else as `TaskEnv`.
        """
        if num_envs < 1:
            raise ValueError(f"a vector environment has at least one, not {num_envs}")
        self.envs = tuple(TaskEnv(task, hand, **settings) for _ in range(num_envs))
        first = self.envs[0]
        self.num_envs, self._threads = num_envs, threads
        self.metadata = first.metadata | {"autoreset_mode": AutoresetMode.NEXT_STEP}
        self.render_mode = first.render_mode
        self.single_action_space = first.action_space
        self.single_observation_space = first.observation_space
        self.action_space = batch_space(first.action_space, num_envs)
        self.observation_space = batch_space(first.observation_space, num_envs)
        self._over = np.zeros(num_envs, dtype=np.bool_)

    def reset(
        self,
        *,
        seed: int | Sequence[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[Observation, dict[str, Any]]:
        """Begins a trial in each.

        Args:
            seed: Of the trials: one for each, or the first of consecutive ones, or None: drawn.
            options: As for `TaskEnv`.

        Raises:
            ValueError: Another number of seeds.
        """
        if seed is None or isinstance(seed, int | np.integer):
            seed = [None if seed is None else int(seed) + i for i in range(self.num_envs)]
        if len(seed) != self.num_envs:
            raise ValueError(f"{self.num_envs} environments need as many seeds, not {len(seed)}")
        for env, own in zip(self.envs, seed, strict=True):
            env.draw(own, options)
        _core.begin_episodes([env.bout.episode for env in self.envs], self._threads)
        self._over[:] = False
        infos: dict[str, Any] = {}
        for i, env in enumerate(self.envs):
            infos = self._add_info(infos, env.info(), i)
        return self._batch([env.observation() for env in self.envs]), infos

    def step(self, actions: Action) -> tuple[Observation, Numbers, Flags, Flags, dict[str, Any]]:
        """Goes on until the next actions.

        Args:
            actions: Shape (environments, 1 + joints).
        """
        self._advance(actions)
        seen: list[Observation] = []
        rewards = np.zeros(self.num_envs)
        terminated, truncated = np.zeros((2, self.num_envs), dtype=np.bool_)
        infos: dict[str, Any] = {}
        for i, env in enumerate(self.envs):
            if self._over[i]:
                observation, info = env.observation(), env.info()
            else:
                observation, rewards[i], terminated[i], truncated[i], info = env.outcome()
            seen.append(observation)
            infos = self._add_info(infos, info, i)
        self._over = terminated | truncated
        return self._batch(seen), rewards, terminated, truncated, infos

    def render(self) -> tuple[NDArray[np.uint8] | None, ...]:  # type: ignore[override]
        """A picture of each."""
        return tuple(env.render() for env in self.envs)

    def close_extras(self, **kwargs: Any) -> None:
        """Closes each."""
        for env in self.envs:
            env.close()

    def _advance(self, actions: Action) -> None:
        """Takes one step with those under way, and begins anew with those that are over."""
        portions: dict[int, list[_core.Episode]] = defaultdict(list)
        anew = []
        for env, action, over in zip(
            self.envs, iterate(self.action_space, actions), self._over, strict=True
        ):
            if over:
                env.draw(None, None)
                anew.append(env.bout.episode)
            else:
                env.bout.aim(action)
                portions[env.bout.ticks].append(env.bout.episode)
        _core.begin_episodes(anew, self._threads)
        for ticks, episodes in portions.items():
            _core.advance_episodes(episodes, ticks, self._threads)

    def _batch(self, observations: list[Observation]) -> Observation:
        space = self.single_observation_space
        batch = create_empty_array(space, self.num_envs)
        assert isinstance(batch, dict)
        concatenate(space, observations, batch)
        return batch
