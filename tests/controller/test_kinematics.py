"""The controller's own kinematics and dynamics against MuJoCo's."""

from collections.abc import Callable
from pathlib import Path

import mujoco
import numpy as np
import pytest

from handloop import _core
from handloop.controller import BoundHand, Hand

HANDS = [
    "hand27_right",
    "hand27_left",
    "hand22_right",
    "hand22_left",
    "leap_right",
    "orca_right",
    "shadow_right",
    "adroit_right",
]
STATES = 1000
GEOMETRY = 1e-10  # [m], [m/rad] and [1]
DYNAMICS = 1e-9  # of the largest entry


class Twins:
    """One hand in MuJoCo and in the core, put into the same states."""

    def __init__(self, bound: BoundHand, seed: int) -> None:
        self.bound = bound
        self.model = bound.model
        self.data = mujoco.MjData(self.model)
        self.core = _core.HandKinematics(bound.hand_model)
        self.rng = np.random.default_rng(seed)
        self.dq = self.ddq = np.zeros(0)

    def move(self) -> None:
        low, high = self.bound.position_range.T
        q = self.rng.uniform(low, high)
        self.dq = self.rng.normal(scale=5.0, size=q.size)
        self.ddq = self.rng.normal(scale=100.0, size=q.size)
        self.data.qpos[self.bound.qpos] = q
        self.data.qvel[self.bound.dof] = self.dq
        mujoco.mj_kinematics(self.model, self.data)
        mujoco.mj_comPos(self.model, self.data)
        mujoco.mj_makeM(self.model, self.data)
        mujoco.mj_comVel(self.model, self.data)
        self.core.update_position(q)

    def geometry(self, finger: int) -> list[tuple[str, np.ndarray, np.ndarray]]:
        site, dof = self.bound.tip_ids[finger], self.bound.dof
        linear, angular = np.zeros((2, 3, self.model.nv))
        mujoco.mj_jacSite(self.model, self.data, linear, angular, site)
        rotation = self.data.site_xmat[site].reshape(3, 3)
        core = self.core
        return [
            ("position", core.tip_position(finger), self.data.site_xpos[site]),
            ("rotation", core.tip_rotation(finger), rotation),
            ("jacobian", core.tip_jacobian(finger), linear[:, dof]),
            ("rotation jacobian", core.tip_rotation_jacobian(finger), angular[:, dof]),
        ]

    def anchors(self) -> tuple[str, np.ndarray, np.ndarray]:
        hinge = self.model.jnt_type[self.bound.joint_ids] == int(mujoco.mjtJoint.mjJNT_HINGE)
        anchors = self.data.xanchor[self.bound.joint_ids]
        return "joint position", self.core.joint_positions()[hinge], anchors[hinge]

    def dynamics(self) -> list[tuple[str, np.ndarray, np.ndarray]]:
        model, data, dof = self.model, self.data, self.bound.dof
        inertia = np.zeros((model.nv, model.nv))
        mujoco.mj_fullM(model, data, inertia)
        bias, force = np.zeros((2, model.nv))
        mujoco.mj_rne(model, data, 0, bias)
        acceleration = np.zeros(model.nv)
        acceleration[dof] = self.ddq
        mujoco.mj_mulM(model, data, force, acceleration)
        data.qvel[:] = 0.0
        mujoco.mj_comVel(model, data)
        gravity = np.zeros(model.nv)
        mujoco.mj_rne(model, data, 0, gravity)
        core = self.core
        return [
            ("inertia", core.joint_inertia(), inertia[np.ix_(dof, dof)]),
            ("bias", core.bias_torque(self.dq), bias[dof]),
            ("gravity", core.gravity_torque(), gravity[dof]),
            ("inverse", core.inverse_dynamics(self.dq, self.ddq), (force + bias)[dof]),
        ]


def worst_errors(twins: Twins, states: int) -> dict[str, float]:
    worst: dict[str, float] = {}

    def note(name: str, error: float) -> None:
        worst[name] = max(worst.get(name, 0.0), error)

    for _ in range(states):
        twins.move()
        for finger in range(len(twins.bound.tip_ids)):
            for name, ours, theirs in [twins.anchors(), *twins.geometry(finger)]:
                note(name, float(np.abs(ours - theirs).max()) / GEOMETRY)
        for name, ours, theirs in twins.dynamics():
            note(name, float(np.abs(ours - theirs).max() / np.abs(theirs).max()) / DYNAMICS)
    return worst


def assert_agree(twins: Twins, states: int) -> None:
    errors = worst_errors(twins, states)
    assert max(errors.values()) < 1.0, f"in units of the tolerance: {errors}"


@pytest.mark.parametrize("name", HANDS)
def test_agrees_with_mujoco(name: str, load_hand: Callable[[str], Hand]) -> None:
    hand = load_hand(name)
    assert_agree(Twins(hand.bind(hand.model), seed=1), STATES)


@pytest.mark.filterwarnings("ignore:Attach conflict")
@pytest.mark.parametrize("name", ["hand27_right", "shadow_right"])
def test_agrees_in_a_scene(name: str, load_hand: Callable[[str], Hand]) -> None:
    # Tilted, named with a prefix, with other things around it and gravity askew.
    scene = mujoco.MjSpec()
    scene.option.gravity = [1.0, -3.0, -9.0]
    ball = scene.worldbody.add_body(name="ball", pos=[0.0, 0.0, 3.0])
    ball.add_freejoint()
    ball.add_geom(size=[0.01, 0.0, 0.0])
    mount = scene.worldbody.add_frame(pos=[0.1, 0.2, 0.3], quat=[0.6, 0.0, 0.8, 0.0])
    hand = load_hand(name)
    scene.attach(hand.spec(), prefix="my/", frame=mount)
    assert_agree(Twins(hand.bind(scene.compile(), "my/"), seed=2), 50)


@pytest.mark.parametrize("without", ["wrist", "thumb"])
def test_joints_outside_the_hand_stay_at_their_reference(
    without: str, tmp_path: Path, load_hand: Callable[[str], Hand]
) -> None:
    whole = load_hand("hand27_right")
    own = [j for j in whole.joint_names if not j.startswith((without, "forearm"))]
    fingers = [f for f in whole.description.fingers if f.name != without]
    file = tmp_path / "part.toml"
    file.write_text(
        f'schema = 1\nname = "part"\nmjcf = "{whole.description.mjcf}"\npalm = "palm"\n'
        f"joints.names = {own}\n"
        + "".join(
            f'[[fingers]]\nname = "{f.name}"\ntip = "{f.tip}"\njoints = {list(f.joints)}\n'
            for f in fingers
        )
    )
    part = Hand.load(file)
    assert part.bind(part.model).hand_model.joint_count == len(own)
    assert_agree(Twins(part.bind(part.model), seed=3), 50)


SLIDER = """
<mujoco>
  <compiler angle="radian"/>
  <worldbody>
    <body name="palm" pos="0.1 0 0" euler="0.3 0 0">
      <joint name="slide" type="slide" axis="1 1 0" range="-0.1 0.1" ref="0.02" armature="0.1"/>
      <geom size="0.02" pos="0.01 0 0"/>
      <body pos="0 0.05 0" euler="0 0.5 0">
        <joint name="hinge" axis="0 1 1" pos="0.01 0.02 0" range="-1 1" ref="0.3"/>
        <joint name="second" type="slide" axis="0 0 1" range="-0.1 0.1"/>
        <geom type="capsule" size="0.01 0.03" pos="0 0 0.03"/>
        <body pos="0 0 0.06"><geom size="0.01"/><site name="tip" euler="0.2 0.3 0.4"/></body>
      </body>
    </body>
  </worldbody>
  <actuator>
    <motor joint="hinge" gear="3" armature="0.01"/>
    <motor jointinparent="second" gear="-2" armature="0.02"/>
  </actuator>
</mujoco>
"""


def test_slides_anchors_references_rotors_and_welded_bodies(tmp_path: Path) -> None:
    (tmp_path / "slider.xml").write_text(SLIDER)
    file = tmp_path / "slider.toml"
    file.write_text(
        'schema = 1\nname = "slider"\nmjcf = "slider.xml"\npalm = "palm"\n'
        'joints.names = ["slide", "hinge", "second"]\n'
        '[[fingers]]\nname = "one"\ntip = "tip"\njoints = ["slide", "hinge", "second"]\n'
    )
    hand = Hand.load(file)
    assert_agree(Twins(hand.bind(hand.model), seed=4), STATES)


def test_mass_is_that_of_all_that_moves(load_hand: Callable[[str], Hand]) -> None:
    hand = load_hand("hand27_right")
    moving = hand.model.body("forearm").subtreemass[0] - hand.model.body("forearm").mass[0]
    assert hand.bind(hand.model).hand_model.mass == pytest.approx(moving)


def test_a_fresh_hand_is_at_its_reference(load_hand: Callable[[str], Hand]) -> None:
    hand = load_hand("hand27_right")
    fresh = _core.HandKinematics(hand.bind(hand.model).hand_model)
    moved = _core.HandKinematics(hand.bind(hand.model).hand_model)
    moved.update_position(hand.model.qpos0)
    assert fresh.tip_position(1).tolist() == moved.tip_position(1).tolist()
    assert fresh.gravity_torque().tolist() == moved.gravity_torque().tolist()


def test_input_is_checked(load_hand: Callable[[str], Hand]) -> None:
    hand = load_hand("hand22_right")
    core = _core.HandKinematics(hand.bind(hand.model).hand_model)
    with pytest.raises(ValueError, match="q has 3 entries, the hand 22 joints"):
        core.update_position([0.0] * 3)
    with pytest.raises(IndexError, match="finger 5 of a hand with 5"):
        core.tip_position(5)
    for wrong in ("hand.xml", mujoco.MjData(hand.model)):
        with pytest.raises(TypeError, match=r"expected a mujoco\.MjModel"):
            _core.HandModel(wrong, [0], [0])
    for joints, tips, message in (
        ([999], [0], "no joint 999"),
        ([-1], [0], "no joint -1"),
        ([0], [999], "no site 999"),
        ([], [0], "1 to 32 joints, not 0"),
        ([0], [], "1 to 5 fingertips, not 0"),
        ([1, 0], [0], "out of order"),
    ):
        with pytest.raises(ValueError, match=message):
            _core.HandModel(hand.model, joints, tips)
