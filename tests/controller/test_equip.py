"""Motors and pads that a hand.toml puts on a hand whose MJCF was made for something else."""

from collections.abc import Callable
from pathlib import Path

import mujoco
import numpy as np
import pytest

from handloop import _core
from handloop.controller import Hand, HandError
from handloop.controller.gains import CARRIER, DAMPING_RATIO, STIFFNESS

# Two fingers on servos: with a limit, on a tendon that pulls two joints, and with a gain only. It
# stands on a table, beside a ball, and cannot collide but in pairs.
MJCF = """
<mujoco>
  <compiler angle="radian" autolimits="true"/>
  <option timestep="0.004" integrator="Euler" cone="pyramidal"/>
  <default><geom conaffinity="0" condim="1"/></default>
  <worldbody>
    <light pos="0 0 1"/>
    <geom name="table" type="plane" size="1 1 1"/>
    <body name="ball" pos="0.5 0 0"><freejoint/><geom size="0.02"/></body>
    <body name="palm" pos="0.1 0.2 0.3">
      <joint name="wrist" range="-1 1"/>
      <geom size="0.03"/>
      <body name="thumb_link" pos="0.05 0 0">
        <joint name="thumb_a" range="-1 1" damping="0.1" frictionloss="0.01"/>
        <geom type="capsule" size="0.01 0.02"/>
        <site name="thumb_end" pos="0 -0.01 0.01" euler="1.5707963267948966 0 0"/>
      </body>
      <body name="index_link" pos="-0.05 0 0">
        <joint name="index_a" range="0 1"/>
        <geom type="capsule" size="0.01 0.02"/>
        <body name="index_far" pos="0 0 0.04">
          <joint name="index_b" range="0 1"/>
          <geom type="capsule" size="0.01 0.02"/>
        </body>
      </body>
    </body>
  </worldbody>
  <tendon>
    <fixed name="both"><joint joint="index_a" coef="2"/><joint joint="index_b" coef="1"/></fixed>
  </tendon>
  <actuator>
    <position name="A0" joint="wrist" kp="20" ctrlrange="-1 1" forcerange="-4 4"/>
    <position name="A1" joint="thumb_a" kp="3" ctrlrange="0 1"/>
    <position name="A2" tendon="both" kp="9" forcerange="-0.5 0.5"/>
  </actuator>
  <sensor><actuatorfrc actuator="A0"/><tendonpos tendon="both"/></sensor>
</mujoco>
"""

TOML = """
schema = 1
name = "pincer"
mjcf = "pincer.xml"
palm = "palm"
[joints]
names = ["wrist", "thumb_a", "index_a", "index_b"]
[equip]
root = "palm"
motors = "ideal"
pads = { radius = 0.009, thickness = 0.002 }
[[fingers]]
name = "thumb"
tip = "thumb_end"
joints = ["thumb_a"]
[[fingers]]
name = "index"
tip = { body = "index_far", offset = [0.0, -0.01, 0.02], quat = [1.0, 1.0, 0.0, 0.0] }
joints = ["index_a", "index_b"]
[grip]
thumb = "thumb"
share = { index = 1.0 }
"""


class Pincer:
    """The hand, whose description a test may change before loading it."""

    def __init__(self, folder: Path) -> None:
        self.toml = folder / "pincer.toml"
        self.toml.write_text(TOML)
        (folder / "pincer.xml").write_text(MJCF)

    def load(self, *changes: tuple[str, str]) -> Hand:
        text = TOML
        for old, new in changes:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        self.toml.write_text(text)
        return Hand.load(self.toml)

    def refusal(self, *changes: tuple[str, str]) -> str:
        with pytest.raises(HandError) as error:
            self.load(*changes)
        return str(error.value)


@pytest.fixture
def pincer(tmp_path: Path) -> Pincer:
    return Pincer(tmp_path)


def test_motors_take_the_place_of_servos_and_tendons(pincer: Pincer) -> None:
    hand = pincer.load()
    model = hand.model
    assert (model.nu, model.ntendon) == (4, 0)
    assert [model.actuator(i).name for i in range(4)] == [f"{j}_motor" for j in hand.joint_names]
    assert not model.dof_frictionloss.any()
    assert model.dof_damping[1] == 0.1  # of the joint, which stays


def test_a_motor_is_as_strong_as_what_it_replaces(pincer: Pincer) -> None:
    # A limit of force, a gain of 3 N m/rad over half of 1 rad, and a tendon's force times its arms.
    assert pincer.load().controller_config().safety.torque_max.tolist() == [4.0, 1.5, 1.0, 0.5]
    given = pincer.load(("[equip]", "[limits]\ntorque = 0.7\n[equip]"))
    assert given.controller_config().safety.torque_max.tolist() == [0.7] * 4
    assert given.model.actuator_ctrlrange[:, 1].tolist() == [0.7] * 4


def test_only_the_hand_is_left(pincer: Pincer) -> None:
    model = pincer.load().model
    assert model.nq == 4
    assert model.nlight == 0
    assert model.body("palm").pos.tolist() == [0.0, 0.0, 0.0]
    whole = pincer.load(('root = "palm"\n', "")).model
    assert whole.nq == 4 + 7


def test_physics_are_those_of_our_own_hands(
    pincer: Pincer, load_hand: Callable[[str], Hand]
) -> None:
    model, ours = pincer.load().model, load_hand("hand27_right").model
    for option in (
        "timestep", "integrator", "cone", "jacobian", "impratio", "noslip_iterations",
        "iterations", "tolerance",
    ):  # fmt: skip
        assert getattr(model.opt, option) == getattr(ours.opt, option), option
    for pad, of in (("pad", "index_pad"), ("geom", "palm_collision_carpus")):
        mine = model.geom("index_pad").id if pad == "pad" else model.geom_bodyid.tolist().index(1)
        theirs = ours.geom(of).id
        for figure in ("condim", "friction", "solref", "solimp", "solmix", "margin"):
            one, other = getattr(model, f"geom_{figure}"), getattr(ours, f"geom_{figure}")
            assert np.array_equal(one[mine], other[theirs]), (pad, figure)


def test_pads_stand_out_of_the_fingertips(pincer: Pincer) -> None:
    hand = pincer.load()
    model, data = hand.model, mujoco.MjData(hand.model)
    mujoco.mj_forward(model, data)
    for tip, body, height in (
        ("thumb_end", "thumb_link", 0.01),
        ("handloop_index_tip", "index_far", 0.02),
    ):
        local = data.body(body).xmat.reshape(3, 3).T @ (data.site(tip).xpos - data.body(body).xpos)
        assert local == pytest.approx([0.0, -0.012, height], abs=1e-12)
        outward = data.site(tip).xmat.reshape(3, 3)[:, 2]
        finger = "thumb" if body == "thumb_link" else "index"
        center = data.geom(f"{finger}_pad").xpos
        assert data.site(tip).xpos - center == pytest.approx(0.009 * outward, abs=1e-12)


def test_pads_feel_force_and_slip(pincer: Pincer) -> None:
    """They report the force and the speed of a plate that is pressed on one and drawn over it."""
    hand = pincer.load()
    scene = mujoco.MjSpec()
    scene.option = hand.spec().option
    scene.option.gravity = np.zeros(3)
    scene.attach(hand.spec(), frame=scene.worldbody.add_frame(), prefix="hand/")
    data = mujoco.MjData(hand.model)
    mujoco.mj_forward(hand.model, data)
    tip = data.site("thumb_end").xpos
    plate = scene.worldbody.add_body(name="plate", pos=tip - [0.0, 0.0101, 0.0])
    for axis in np.eye(3):
        plate.add_joint(type=mujoco.mjtJoint.mjJNT_SLIDE, axis=axis)
    plate.add_geom(
        type=mujoco.mjtGeom.mjGEOM_BOX,
        size=[0.015, 0.01, 0.015],
        mass=1.0,
        priority=1,
        friction=[0.5, 0.02, 0.0001],
        solref=[0.05, 1.0],  # soft, or it lifts off where it slides
    )
    model = scene.compile()
    model.dof_damping[model.jnt_dofadr[:4]] = 1e3  # holds the hand
    bound = hand.bind(model, "hand/")
    plant = _core.SimPlant(model, bound.plant_ids(), _core.SensorModel(), 0.001)
    data = mujoco.MjData(model)
    plant.start(data)
    for drawn, steps in ((0.0, 500), (1.5, 150)):  # [N], more than friction holds
        data.xfrc_applied[model.body("plate").id, 1:3] = 2.0, drawn
        for _ in range(steps):
            plant.advance()
    contact = plant.read().contact(0)
    assert contact.touching
    assert contact.force[0] == pytest.approx(2.0, rel=0.05)
    assert np.hypot(*contact.force[1:]) == pytest.approx(1.0, rel=0.05)  # by friction
    speed = float(np.linalg.norm(data.cvel[model.body("plate").id, 3:]))
    assert speed > 0.05
    assert contact.slip_speed == pytest.approx(speed, rel=0.15)


def test_gains_follow_the_rule(pincer: Pincer) -> None:
    hand = pincer.load()
    law, bound = hand.controller_config().law, hand.bind(hand.model)
    factor = np.array([CARRIER, 1.0, 1.0, 1.0])  # the wrist moves both fingers
    assert law.stiffness == pytest.approx(STIFFNESS * factor * [4.0, 1.5, 1.0, 0.5])
    data = mujoco.MjData(hand.model)
    data.qpos[bound.qpos] = bound.position_range.mean(axis=1)
    inertia = np.zeros((4, 4))
    mujoco.mj_forward(hand.model, data)
    mujoco.mj_fullM(hand.model, data, inertia)
    wanted = 2.0 * DAMPING_RATIO * np.sqrt(law.stiffness * np.diag(inertia))
    assert law.damping == pytest.approx(np.maximum(wanted - hand.model.dof_damping, 0.0))
    assert law.damping[1] == 0.0  # has more than enough of its own


def test_given_gains_stay(pincer: Pincer) -> None:
    given = pincer.load(("[equip]", "[gains]\nstiffness = 2.0\ndamping = 0.01\n[equip]"))
    assert given.controller_config().law.stiffness.tolist() == [2.0] * 4


def test_a_law_can_drive_it(pincer: Pincer) -> None:
    hand = pincer.load()
    bound = hand.bind(hand.model)
    _core.Controller(bound.hand_model, hand.controller_config())
    assert bound.contact_ids.size == bound.tactile_ids.size == 2


@pytest.mark.parametrize(
    ("old", "new", "key", "message"),
    [
        ('root = "palm"', 'root = "plam"', "equip.root", "did you mean 'palm'?"),
        ('root = "palm"', 'root = "index_link"', "equip.root", "no body 'index_link'"),
        ('motors = "ideal"', 'motors = "servo"', "equip.motors", "'ideal'"),
        ('motors = "ideal"', "", "joints.actuators", "kinematics only"),
        ("thickness = 0.002", "thickness = 0.0", "equip.pads.thickness", "greater than 0"),
        ("radius", "raduis", "equip.pads.raduis", "did you mean 'radius'?"),
        ('root = "palm"', "mount = 1", "equip.mount", "no key 'mount' in equip"),
        (
            '"index_b"]\n[equip]',
            '"index_b"]\nactuators = []\n[equip]',
            "joints.actuators",
            "others",
        ),
        ('tip = "thumb_end"', 'tip = "thumb_tip"', "fingers[0].tip", "did you mean 'thumb_end'?"),
        (
            'tip = "thumb_end"',
            'tip = "thumb_end"\ntactile = "skin"',
            "fingers[0].tactile",
            "equip.pads puts on another",
        ),
        ("[grip]", '[transmission]\nkind = "direct"\n[grip]', "transmission", "leave out equip"),
        ('names = ["wrist"', 'names = ["wirst"', "joints.names[0]", "did you mean 'wrist'?"),
    ],
)
def test_what_does_not_fit_is_refused(
    pincer: Pincer, old: str, new: str, key: str, message: str
) -> None:
    change = (old, new)
    if key == "joints.actuators" and "kinematics" in message:
        with pytest.raises(HandError) as error:
            pincer.load(change).controller_config()
        text = str(error.value)
    else:
        text = pincer.refusal(change)
    lines = [t for t in text.splitlines() if t.startswith(f"{pincer.toml}: {key}: ")]
    assert any(message in line for line in lines), text


def test_a_joint_of_unknown_strength_is_refused(pincer: Pincer) -> None:
    xml = pincer.toml.with_suffix(".xml")
    xml.write_text(MJCF.replace(' kp="3" ctrlrange="0 1"', ' kp="3"'))
    text = pincer.refusal()
    assert "limits.torque: missing, and no actuator in pincer.xml says how strong 'thumb_a'" in text


@pytest.mark.parametrize(
    ("name", "strongest", "weakest"), [("shadow_right", 10.0, 1.0), ("adroit_right", 7.0, 0.26)]
)
def test_foreign_hands_can_be_driven(
    name: str, strongest: float, weakest: float, load_hand: Callable[[str], Hand]
) -> None:
    hand = load_hand(name)
    bound, config = hand.bind(hand.model), hand.controller_config()
    assert hand.model.nu == hand.model.nq == len(bound.actuator_ids) == 24
    assert bound.contact_ids.size == bound.tactile_ids.size == 5
    assert config.safety.torque_max.max() == pytest.approx(strongest)
    assert config.safety.torque_max.min() == pytest.approx(weakest)
    _core.Controller(bound.hand_model, config)
    _core.SimPlant(hand.model, bound.plant_ids(), _core.SensorModel(), config.period)


def test_pads_of_a_foreign_hand_collide_with_what_it_is_to_hold(
    load_hand: Callable[[str], Hand],
) -> None:
    model = load_hand("adroit_right").model
    for finger in load_hand("adroit_right").finger_names:
        assert model.geom(f"{finger}_pad").conaffinity[0] == 1
    own = [g for g in range(model.ngeom) if model.geom(g).name.startswith("C_")]
    assert len(own) == 20
    assert (model.geom_contype[own] == 1).all()  # meets the 1 of every object's conaffinity
