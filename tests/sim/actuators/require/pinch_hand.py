"""A hand whose every figure can be worked out by hand, and loads for it.

Its finger has two hinges about z, a massless link of 50 mm, and one of 40 mm with all of the mass
at its tip; the thumb is one hinge. Tendons of the finger's second hinge come down to a guide beside
it, turn a right angle and end beyond the hinge: guide and end lie on a circle about its axis.
"""

from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from handloop.controller import Hand
from handloop.sim.actuators.require.loads import LoadHistory

JOINTS = ("mcp", "pip", "thumb")
LEVERS = (0.09, 0.04)  # [m], of the finger's hinges on its tip while it is straight
MASS = 0.02  # [kg], at that tip
ROTOR = 1e-5  # [kg m2]
ARM = 0.01  # [m], of either tendon while the finger is straight
BEND = np.pi / 2.0  # [rad], at its guide then
FRICTION, TURN, PRETENSION = 0.1, 0.02, 3.0  # [1], [m/s], [N]

_TENDON = '<spatial name="{0}">{1}</spatial>'
_PATH = "".join(f'<site site="{{0}}_{site}"/>' for site in ("motor", "guide", "end"))
_MJCF = f"""<mujoco><compiler angle="radian" inertiafromgeom="false"/>
  <default><joint axis="0 0 1" range="-2 2" armature="{ROTOR}"/></default>
  <worldbody><body name="palm">
    <body><joint name="mcp"/>
      <inertial pos="0 0 0" mass="1e-9" diaginertia="1e-12 1e-12 1e-12"/>
      <site name="in_motor" pos="0.04 0.05 0"/><site name="in_guide" pos="0.04 0.01 0"/>
      <site name="out_motor" pos="0.04 -0.05 0"/><site name="out_guide" pos="0.04 -0.01 0"/>
      <body pos="0.05 0 0"><joint name="pip"/>
        <inertial pos="0.04 0 0" mass="{MASS}" diaginertia="1e-12 1e-12 1e-12"/>
        <site name="in_end" pos="0.01 0.01 0"/><site name="out_end" pos="0.01 -0.01 0"/>
        <site name="finger_tip" pos="0.04 0 0"/></body></body>
    <body pos="0 -0.03 0"><joint name="thumb"/>
      <inertial pos="0.05 0 0" mass="{MASS}" diaginertia="1e-12 1e-12 1e-12"/>
      <site name="thumb_tip" pos="0.05 0 0"/></body>
  </body></worldbody>
  <tendon>{"".join(_TENDON.format(way, _PATH.format(way)) for way in ("in", "out"))}</tendon>
  <actuator>
    {"".join(f'<motor name="{j}_motor" joint="{j}" ctrlrange="-1 1"/>' for j in JOINTS)}
    {"".join(f'<motor name="{t}" tendon="{t}" gear="-1" ctrlrange="0 90"/>' for t in ("in", "out"))}
  </actuator>
</mujoco>"""
_TOML = """
schema = 1
name = "pinch"
mjcf = "pinch.xml"
palm = "palm"
gains = {{ stiffness = 0.01, damping = 0.001 }}
grip = {{ thumb = "thumb", share = {{ finger = 1.0 }} }}
{moved}
[[fingers]]
name = "finger"
tip = "finger_tip"
joints = ["mcp", "pip"]
[[fingers]]
name = "thumb"
tip = "thumb_tip"
joints = ["thumb"]
"""
_DIRECT = """
joints.names = ["mcp", "pip", "thumb"]
joints.actuators = ["mcp_motor", "pip_motor", "thumb_motor"]
"""
_TENDONS = f"""
joints.names = ["mcp", "pip", "thumb"]
limits.torque = 1.0
[transmission]
kind = "tendons"
motors = ["mcp_motor", "in", "out", "thumb_motor"]
pretension = {PRETENSION}
friction = {FRICTION}
friction_velocity = {TURN}
"""


def pinch_hand(folder: Path, tendons: bool = False) -> Hand:
    """The hand, with motors in its joints, or tendons at the finger's second one."""
    (folder / "pinch.xml").write_text(_MJCF)
    file = folder / "pinch.toml"
    file.write_text(_TOML.format(moved=_TENDONS if tendons else _DIRECT))
    return Hand.load(file)


def loads(
    q: ArrayLike = 0.0,
    dq: ArrayLike = 0.0,
    torque: ArrayLike = 0.0,
    force: ArrayLike = 0.0,
    tension: ArrayLike = 0.0,
    ticks: int = 1000,
    task: str = "by hand",
) -> LoadHistory:
    """Loads of every millisecond, spread over ticks and over joints, fingertips or motors."""
    given = {"q": (q, 3), "dq": (dq, 3), "torque": (torque, 3), "force": (force, 2),
             "tension": (tension, 4)}  # fmt: skip
    columns = {
        name: np.array(np.broadcast_to(np.asarray(values, dtype=np.float32), (ticks, wide)))
        for name, (values, wide) in given.items()
    }
    return LoadHistory(task, "", 0, 0.001, **columns)


def in_joint(joint: str, values: ArrayLike) -> np.ndarray:
    """Of one joint over time, the others at zero, shape (n, 3)."""
    column = np.asarray(values, dtype=float)
    return np.outer(column, [name == joint for name in JOINTS])
