"""One task of the benchmark as a gymnasium environment."""

from __future__ import annotations

from typing import Any, Literal, cast

import gymnasium
import numpy as np
from gymnasium.spaces import Box, Dict, Space
from numpy.typing import NDArray

from ... import _core
from ...controller import Hand
from ..bench.contestant import BUILT_IN, Contestant, Entry
from ..bench.engine import load_contestant
from ..bench.registry import task as task_of
from ..bench.task import Task
from .bout import (
    BEYOND_RANGE,
    FORCE_MAX,
    SLIP_MAX,
    SPEED_MAX,
    TIME_MAX,
    Bout,
    Observation,
    Settings,
    closed_trials,
)
from .picture import Camera

Action = NDArray[np.float64]


class TaskEnv(gymnasium.Env[Observation, Action]):
    """A task for a policy that learns above the controller.

    * action: grip, then an offset per joint, in [-1, 1]; see `Settings`. It is reached on a
      straight line by the time of the next action.
    * observation: joint positions `q` and speeds `dq`; fingertip forces `force`, normal first, in
      the contact frame [N]; `slip` [m/s]; the last `action`; the sensors' `time` [s]. All as
      sensed, with noise and delay, cut off at the bounds of the space.
    * reward: 1 where the task's verdict on the run is success, else 0 throughout. There is no
      shaping: what would be rewarded on the way is the learner's idea, not the task's.
    * terminated: the task's watch ended the trial, or the simulation diverged.
    * truncated: the time was up, as it is in most successes.
    * info: `seed` and `case` of the trial; at the end its `outcome`, `success` and `metrics`.

    `reset(seed=s)` begins the task's trial of seed s; without a seed the next one is drawn.
    `reset(options={"case": name})` chooses a case; else one of the headline's is drawn.

    Attributes:
        bout: The trial under way.
        contestant: Hand and controller.
    """

    metadata: dict[str, Any] = {"render_modes": ["rgb_array"], "render_fps": 50}  # noqa: RUF012
    bout: Bout

    def __init__(
        self,
        task: str | Task,
        hand: str = "hand27_right",
        *,
        controller: str = BUILT_IN,
        case: str | None = None,
        rate: float = 50.0,
        grip_span: float = 2.0,
        offset_span: float = 0.2,
        render_mode: Literal["rgb_array"] | None = None,
    ) -> None:
        """Loads the hand and prepares a trial, so that what cannot be is refused now.

        Args:
            task: Its name in the benchmark, or a task.
            hand: A packaged hand, or the path of a hand.toml.
            controller: As for `handloop bench`.
            case: Of the task; None: any of its headline.
            rate: Actions per second [Hz].
            grip_span: See `Settings`.
            offset_span: See `Settings` [rad].
            render_mode: `rgb_array`: `render` gives a picture, None where there is no OpenGL.

        Raises:
            HandError: There is no such hand.
            NoEnvironmentError: The task cannot be taken in steps.
            CannotTakePartError: The hand cannot do the task.
            ValueError: There is no such task or case, or a number makes no sense.
        """
        self._task = task_of(task) if isinstance(task, str) else task
        self.contestant: Contestant = load_contestant(Entry(hand, controller))
        self._case = case
        self._settings = Settings(rate, grip_span, offset_span)
        self.render_mode = render_mode
        self.metadata = type(self).metadata | {"render_fps": round(rate)}
        self.action_space = Box(-1.0, 1.0, (1 + len(self.contestant.hand.joint_names),), np.float64)
        self._sensors = _observed(self.contestant.hand, self.action_space)
        self.observation_space = cast("Space[Observation]", self._sensors)
        self._camera = Camera()
        self.prepare(0, case)

    def prepare(self, seed: int, case: str | None) -> None:
        """Prepares the task's trial of a seed; it begins with `_core.begin_episodes`."""
        trials = closed_trials(self._task, seed, case)
        trial = trials[int(self.np_random.integers(len(trials)))] if len(trials) > 1 else trials[0]
        self.bout = Bout(self._task, self.contestant, trial, self._settings)

    def draw(self, seed: int | None, options: dict[str, Any] | None) -> None:
        """Prepares what `reset` asks for."""
        super().reset(seed=seed)
        if seed is None:
            seed = int(self.np_random.integers(2**31))
        self.prepare(seed, (options or {}).get("case", self._case))

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begins a trial.

        Args:
            seed: Of the trial; None: drawn.
            options: `case`: its name.

        Raises:
            ValueError: There is no such case.
        """
        self.draw(seed, options)
        _core.begin_episodes([self.bout.episode], 1)
        return self.observation(), self.info()

    def step(self, action: Action) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Goes on until the next action.

        Raises:
            ValueError: The action has another shape.
            RuntimeError: The trial has not begun; or MuJoCo stopped the simulation.
        """
        self.bout.aim(action)
        _core.advance_episodes([self.bout.episode], self.bout.ticks, 1)
        return self.outcome()

    def outcome(self) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """What a step has led to."""
        if not self.bout.over:
            return self.observation(), 0.0, False, False, self.info()
        result = self.bout.result()
        end = {"outcome": result.outcome, "success": result.success, "metrics": result.metrics}
        in_time = not self.bout.ran_out
        return self.observation(), float(result.success), in_time, not in_time, self.info() | end

    def observation(self) -> Observation:
        """What can be sensed, within the ranges of the sensors."""
        sensed = self.bout.observation()
        for name, space in self._sensors.spaces.items():
            assert isinstance(space, Box)
            sensed[name] = np.clip(np.nan_to_num(sensed[name]), space.low, space.high)
        return sensed

    def info(self) -> dict[str, Any]:
        """Of the trial."""
        return {"seed": self.bout.trial.seed, "case": self.bout.trial.case.name}

    def render(self) -> NDArray[np.uint8] | None:
        """A picture, shape (height, width, 3), with the OpenGL that MUJOCO_GL names."""
        if self.render_mode is None:
            return None
        return self._camera.picture(self.bout.scene.model, self.bout.episode)

    def close(self) -> None:
        """Lets go of the renderer."""
        self._camera.close()


def _observed(hand: Hand, action: Box) -> Dict:
    bound = hand.bind(hand.model)
    fingers = len(hand.finger_names)
    low, high = bound.position_range.T
    return Dict(
        {
            "q": Box(low - BEYOND_RANGE, high + BEYOND_RANGE, dtype=np.float64),
            "dq": Box(-SPEED_MAX, SPEED_MAX, low.shape, np.float64),
            "force": Box(-FORCE_MAX, FORCE_MAX, (fingers, 3), np.float64),
            "slip": Box(0.0, SLIP_MAX, (fingers,), np.float64),
            "action": Box(action.low, action.high, dtype=np.float64),
            "time": Box(0.0, TIME_MAX, (1,), np.float64),
        }
    )
