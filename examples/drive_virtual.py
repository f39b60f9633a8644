"""Drive a hand on its servos from Python; here virtual ones, so nothing real moves."""

import time

from handloop import Hand
from handloop.drive.virtual import scene_of, virtual_rig
from handloop.firmware_bridge import HandDriver, HandServos
from handloop.firmware_bridge.preflight import preflight, refuse_if_blocked
from handloop.firmware_bridge.preflight_settings import configure

hand = Hand.load("hand22_right_light")
fist = hand.model.key("fist").qpos[hand.bind(hand.model).qpos]
index = hand.joint_names.index("index_pip_flexion")

# With real servos: HandServos.open(hand, {"front": "/dev/ttyUSB0", "back": "/dev/ttyUSB1"})
with virtual_rig(hand, scene_of(hand)) as rig:
    with HandServos.open(hand, rig.ports, patience=0.1) as servos:
        configure(servos)
        refuse_if_blocked(preflight(servos, virtual=True))
        with HandDriver(servos) as driver:  # torque is on from here to the end of the block
            driver.controller.set_trajectory([0.0, 0.8], [driver.posture, fist])
            rig.begin()
            driver.start()  # a C++ thread; Python is free from here on
            for _ in range(3):
                time.sleep(0.4)
                status = driver.loop.status
                print(f"{status.time:.2f} s: {status.q[index]:+.2f} rad, {status.safety.name}")
print("did not confirm that they let go:", driver.unreleased or "none")
