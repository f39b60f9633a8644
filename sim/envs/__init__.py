"""Gymnasium environments: the tasks of the benchmark for policies that learn above the controller.

Importing this registers one environment per task, `handloop/Cup-v0` for the task `cup`:

    import gymnasium
    import handloop.sim.envs

    env = gymnasium.make("handloop/Cup-v0", hand="hand27_right")
    many = gymnasium.make_vec("handloop/Cup-v0", num_envs=16)  # on the native batch

Where a trial of the benchmark is more than one run, one of them is played: see `bout.py`.

gymnasium loads no plugins by itself: `make("handloop.sim.envs:handloop/Cup-v0")` does the import.
"""

try:
    import gymnasium as _gymnasium  # noqa: F401  whether it is there is said here, once
except ImportError as error:
    raise ImportError(
        "handloop.sim.envs needs gymnasium, which is not installed; pip install 'handloop[gym]'"
    ) from error

from .bout import NoEnvironmentError, Settings, Steppable
from .registration import environment_id, register_all
from .task_env import TaskEnv
from .vector_env import TaskVectorEnv

__all__ = [
    "NoEnvironmentError",
    "Settings",
    "Steppable",
    "TaskEnv",
    "TaskVectorEnv",
    "environment_id",
]

register_all()
