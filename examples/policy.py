"""A policy above the controller: hold the cup a little harder than the controller would."""

import gymnasium
import numpy as np

import handloop.sim.envs  # noqa: F401  registers handloop/Cup-v0

env = gymnasium.make("handloop/Cup-v0", hand="hand27_right")
observation, info = env.reset(seed=0)
action = np.zeros(env.action_space.shape)
action[0] = 0.1  # grip: up to twice as hard at 1, half as hard at -1
ended = False
while not ended:
    observation, reward, terminated, truncated, info = env.step(action)
    ended = terminated or truncated
print(f"{info['outcome']}, reward {reward:g}, slip {info['metrics']['slip_mm']:.1f} mm")
