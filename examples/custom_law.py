"""A control law of one's own: how one joint steps under it, and under the built-in law."""

import mujoco
import numpy as np

from handloop import Controller, Hand, Loop, SensorModel, SimPlant, control_law


@control_law(parameters=[0.5])
def soft(q, dq, reference, gravity, stiffness, damping, parameters, torque):
    """A part of the hand's own stiffness, with all of its damping."""
    for i in range(len(q)):
        spring = parameters[0] * stiffness[i] * (reference[i] - q[i])
        torque[i] = gravity[i] + spring - damping[i] * dq[i]


hand = Hand.load("hand27_right")
bound, config = hand.bind(hand.model), hand.controller_config()
joint, goal = hand.joint_names.index("index_mcp_flexion"), hand.model.key("rest").qpos[bound.qpos]
goal[joint] += 0.2
for name, law in {"built-in": None, "soft": soft}.items():
    plant = SimPlant(hand.model, bound.plant_ids(), SensorModel(), config.period)
    plant.start(mujoco.MjData(hand.model))
    controller = Controller(bound.hand_model, config)
    controller.set_trajectory([0.0], [goal])
    controller.set_law(law)
    loop = Loop(plant, controller)
    q = np.array([loop.status.q[joint] for _ in range(1000) if loop.run(1)]) / goal[joint]
    print(f"{name}: at 90 % after {np.argmax(q > 0.9)} ms, overshoot {max(q.max(), 1.0) - 1:.1%}")
