"""Hold a posture: a hand in MuJoCo, the native controller, and the loop on the wall clock."""

import time

import mujoco

from handloop import Controller, Hand, Loop, SensorModel, SimPlant

hand = Hand.load("hand27_right")
bound = hand.bind(hand.model)
config = hand.controller_config(period=0.001)

controller = Controller(bound.hand_model, config)
rest = hand.model.key("rest").qpos[bound.qpos]
fist = hand.model.key("fist").qpos[bound.qpos]
controller.set_trajectory([0.0, 0.5, 1.0], [rest, fist, rest])

plant = SimPlant(hand.model, bound.plant_ids(), SensorModel(), config.period)
data = mujoco.MjData(hand.model)
data.qpos[bound.qpos] = rest
plant.start(data)

loop = Loop(plant, controller)
loop.start(realtime=False)  # a C++ thread at 1 kHz; Python is free from here on
for _ in range(3):
    time.sleep(0.4)
    status = loop.status
    print(f"t = {status.time:.2f} s, index MCP at {status.q[9]:+.2f} rad, {status.safety.name}")
loop.stop()
print(f"stopped: {loop.status.safety.name}, largest torque {max(map(abs, loop.status.torque))} N m")
