"""A hand.toml that does not fit is refused with its file, the key and the mend."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import mujoco
import numpy as np
import pytest
from pydantic import ValidationError

from handloop import _core
from handloop.controller import Hand, HandError, packaged_hands

MJCF = """
<mujoco>
  <compiler angle="radian" autolimits="true"/>
  <worldbody>
    <body name="palm">
      <joint name="wrist" range="-1 1"/>
      <geom size="0.03"/>
      <body name="thumb_link" pos="0.05 0 0">
        <joint name="thumb_a" range="-1 1"/>
        <joint name="thumb_b" axis="1 0 0" range="-1 1"/>
        <geom name="thumb_pad" type="capsule" size="0.01 0.02"/>
        <site name="thumb_tip"/>
      </body>
      <body name="index_link" pos="-0.05 0 0">
        <joint name="index_a" range="0 1"/>
        <geom name="index_pad" type="capsule" size="0.01 0.02"/>
        <site name="index_tip"/>
      </body>
      <body name="middle_link" pos="-0.05 0.05 0">
        <joint name="middle_a" range="0 1"/>
        <geom name="middle_pad" type="capsule" size="0.01 0.02"/>
        <site name="middle_tip"/>
      </body>
    </body>
  </worldbody>
  <actuator>
    <motor name="wrist_motor" joint="wrist" ctrlrange="-5 5"/>
    <motor name="thumb_a_motor" joint="thumb_a" ctrlrange="-2 2"/>
    <motor name="thumb_b_motor" joint="thumb_b" forcerange="-1.5 1"/>
    <motor name="index_a_motor" joint="index_a" ctrlrange="-1 1"/>
    <motor name="middle_a_motor" joint="middle_a" ctrlrange="-1 1"/>
    <position name="servo" joint="middle_a" kp="3"/>
  </actuator>
  <sensor>
    <contact name="thumb_contact" geom1="thumb_pad" data="found force pos normal tangent"/>
    <contact name="index_contact" geom1="index_pad" data="found force pos normal tangent"/>
    <contact name="middle_contact" geom1="middle_pad" data="found force pos normal tangent"/>
  </sensor>
</mujoco>
"""

TOML = """
schema = 1
name = "claw"
mjcf = "claw.xml"
palm = "palm"
[joints]
names = ["wrist", "thumb_a", "thumb_b", "index_a", "middle_a"]
actuators = ["wrist_motor", "thumb_a_motor", "thumb_b_motor", "index_a_motor", "middle_a_motor"]
[gains]
stiffness = [20, 3, 3, 2, 2]
damping = 0.02
[limits]
velocity = 50.0
[[fingers]]
name = "thumb"
tip = "thumb_tip"
joints = ["thumb_a", "thumb_b"]
contact = "thumb_contact"
[[fingers]]
name = "index"
tip = "index_tip"
joints = ["index_a"]
contact = "index_contact"
[[fingers]]
name = "middle"
tip = "middle_tip"
joints = ["middle_a"]
contact = "middle_contact"
[grip]
thumb = "thumb"
share = { index = 0.6, middle = 0.4 }
margin = 0.2
[safety]
limp_after = 0.2
"""

Changes = Sequence[tuple[str, str]]


class Claw:
    """A small hand whose files a test may change before loading it."""

    def __init__(self, folder: Path) -> None:
        self.toml, self.mjcf = folder / "claw.toml", folder / "claw.xml"
        self.toml.write_text(TOML)
        self.mjcf.write_text(MJCF)

    def change(self, old: str, new: str) -> None:
        file = self.toml if old in TOML else self.mjcf
        text = file.read_text()
        assert text.count(old) >= 1, old
        file.write_text(text.replace(old, new, 1))

    def refusal(self, *changes: tuple[str, str]) -> str:
        for old, new in changes:
            self.change(old, new)
        with pytest.raises(HandError) as error:
            Hand.load(self.toml).controller_config()
        text = str(error.value)
        assert text.startswith(str(self.toml.parent)), text
        return text


@pytest.fixture
def claw(tmp_path: Path) -> Claw:
    return Claw(tmp_path)


def test_what_is_said_arrives(claw: Claw) -> None:
    hand = Hand.load(claw.toml)
    assert hand.name == "claw"
    assert hand.finger_names == ("thumb", "index", "middle")
    assert "5 joints" in repr(hand)
    config = hand.controller_config(period=0.002)
    assert config.period == 0.002
    assert config.law.stiffness.tolist() == [20, 3, 3, 2, 2]
    assert config.law.damping.tolist() == [0.02] * 5
    assert config.task.thumb == 0
    assert config.grip.share == [1.0, 0.6, 0.4, 0.0, 0.0]
    assert config.grip.margin == 0.2
    assert config.safety.limp_after == 0.2
    assert config.safety.velocity_max == 50.0


def test_what_is_not_said_comes_from_the_mjcf_and_the_core(claw: Claw) -> None:
    config = Hand.load(claw.toml).controller_config()
    assert config.safety.torque_max.tolist() == [5, 2, 1, 1, 1]  # the weaker side of -1.5 1
    assert config.safety.position_min.tolist() == [-1, -1, -1, 0, 0]
    assert config.safety.position_max.tolist() == [1] * 5
    assert config.safety.hold_after == _core.SafetyConfig().hold_after
    assert config.grip.force_max == _core.GripConfig().force_max


def test_what_is_said_goes_before_the_mjcf(claw: Claw) -> None:
    claw.change("[limits]", "[limits]\ntorque = 0.5\nposition.wrist = [-0.2, 0.3]")
    config = Hand.load(claw.toml).controller_config()
    assert config.safety.torque_max.tolist() == [0.5] * 5
    assert config.safety.position_max.tolist() == [0.3, 1, 1, 1, 1]


def test_integral_gain_leaves_the_thumb_as_anchor(claw: Claw) -> None:
    claw.change("[safety]", "[law]\nintegral_gain = 5.0\n[safety]")
    law = Hand.load(claw.toml).controller_config().law
    assert law.integral_gain == [0.0, 5.0, 5.0, 0.0, 0.0]


# Key, part of the message, and the changes that provoke it.
BAD_TOML: list[tuple[str, str, Changes]] = [
    ("", "is not valid TOML", [("schema = 1", "schema = ")]),
    ("schema", "input should be 1 (is 2)", [("schema = 1", "schema = 2")]),
    ("palm", "is missing", [('palm = "palm"', "")]),
    ("joints", "is missing", [("[joints]", "[joint]")]),
    ("joint", "no key 'joint' in a hand.toml; did you mean 'joints'?", [("[joints]", "[joint]")]),
    ("gains.stifness", "did you mean 'stiffness'?", [("stiffness =", "stifness =")]),
    ("grip.margn", "no key 'margn' in this table; did you mean 'margin'?", [("margin", "margn")]),
    ("safety.limp_aftr", "did you mean 'limp_after'?", [("limp_after", "limp_aftr")]),
    ("fingers[1].tip", "is missing", [('tip = "index_tip"', "")]),
    ("fingers[1].tipp", "did you mean 'tip'?", [('tip = "index_tip"', 'tipp = "index_tip"')]),
    ("gains.stiffness", "has 4 entries for 5 joints", [("[20, 3, 3, 2, 2]", "[20, 3, 3, 2]")]),
    ("gains.damping", "has 1 entries for 5 joints", [("= 0.02", "= [0.02]")]),
    ("gains.stiffness[2]", "greater than or equal to 0 (is -3)", [("3, 2, 2]", "-3, 2, 2]")]),
    ("gains.damping", "finite number (is nan)", [("= 0.02", "= nan")]),
    ("gains.stiffness[0]", "finite number (is inf)", [("[20", "[inf")]),
    ("grip.share", "is empty; give at least 1", [("{ index = 0.6, middle = 0.4 }", "{}")]),
    ("fingers[1].joints", "is empty; give at least 1", [('["index_a"]', "[]")]),
    ("gains.damping", "valid number", [("= 0.02", '= "high"')]),
    ("gains.damping", "not true or false", [("= 0.02", "= true")]),
    ("limits.torque", "greater than 0 (is 0)", [("[limits]", "[limits]\ntorque = 0")]),
    ("limits.torque[1]", "greater than 0", [("[limits]", "[limits]\ntorque = [1, -1, 1, 1, 1]")]),
    ("limits.torque", "has 2 entries", [("[limits]", "[limits]\ntorque = [1, 1]")]),
    ("limits.velocity", "greater than 0", [("50.0", "0.0")]),
    (
        "limits.position.wrist",
        "[1.0, -1.0] is empty",
        [("[limits]", "[limits]\nposition.wrist = [1, -1]")],
    ),
    (
        "limits.position.wirst",
        "did you mean 'wrist'?",
        [("[limits]", "[limits]\nposition.wirst = [0, 1]")],
    ),
    ("joints.names", "'thumb_a' given twice", [('"thumb_b", "index_a"', '"thumb_a", "index_a"')]),
    ("joints.actuators", "'wrist_motor' given twice", [('"thumb_a_motor"', '"wrist_motor"')]),
    ("joints.actuators", "has 4 entries for 5 joints", [('"wrist_motor", ', "")]),
    ("fingers", "'index' given twice", [('name = "middle"', 'name = "index"')]),
    (
        "fingers[1].joints",
        "'thumb_b' belongs to finger 'thumb' already",
        [('["index_a"]', '["index_a", "thumb_b"]')],
    ),
    (
        "fingers[1].joints",
        "no joint 'index_b' in joints.names; did you mean 'index_a'?",
        [('["index_a"]', '["index_b"]')],
    ),
    ("fingers[0].joints", "given twice", [('["thumb_a", "thumb_b"]', '["thumb_a", "thumb_a"]')]),
    ("fingers", "middle without 'contact'", [('contact = "middle_contact"\n', "")]),
    ("grip.share", "the shares sum to 0.9; they must sum to 1", [("0.4 }", "0.3 }")]),
    ("grip.share.middle", "less than or equal to 1", [("0.4 }", "1.4 }")]),
    ("grip.share", "no finger 'ring' in fingers", [("middle = 0.4 }", "ring = 0.4 }")]),
    ("grip.share", "leave out 'thumb'", [("index = 0.6", "thumb = 0.6")]),
    ("grip.thumb", "did you mean 'thumb'?", [('thumb = "thumb"', 'thumb = "thum"')]),
    ("grip.margin", "finite number (is nan)", [("margin = 0.2", "margin = nan")]),
    ("safety.velocity_max", "no key 'velocity_max'", [("limp_after", "velocity_max")]),
    ("grip", "missing; a controller needs", [(TOML[TOML.index("[grip]") :], "")]),
    (
        "gains",
        "missing; a controller needs",
        [("[gains]\nstiffness = [20, 3, 3, 2, 2]", ""), ("damping = 0.02", "")],
    ),
]


@pytest.mark.parametrize(("key", "message", "changes"), BAD_TOML)
def test_bad_toml(key: str, message: str, changes: Changes, claw: Claw) -> None:
    text = claw.refusal(*changes)
    start = f"{claw.toml}: {key}: " if key else f"{claw.toml}: "
    assert any(line.startswith(start) and message in line for line in text.splitlines()), text


WRIST_SENSOR = '<sensor><jointpos name="wrist_position" joint="wrist"/>'

# The same for descriptions that are sound alone but do not fit their MJCF.
BAD_MATCH: list[tuple[str, str, Changes]] = [
    (
        "fingers[1].tip",
        "no site 'indx_tip' in claw.xml; did you mean 'index_tip'? "
        "Sites: thumb_tip, index_tip, middle_tip",
        [('tip = "index_tip"', 'tip = "indx_tip"')],
    ),
    ("fingers[2].tip", "no site 'middle_tip' in claw.xml", [('<site name="middle_tip"/>', "")]),
    (
        "palm",
        "no body 'plam' in claw.xml; did you mean 'palm'?",
        [('palm = "palm"', 'palm = "plam"')],
    ),
    (
        "joints.names[0]",
        "no joint 'wirst' in claw.xml; did you mean 'wrist'?",
        [('names = ["wrist"', 'names = ["wirst"')],
    ),
    (
        "joints.actuators[1]",
        "no actuator 'thumb_motor' in claw.xml; did you mean",
        [('"thumb_a_motor"', '"thumb_motor"')],
    ),
    (
        "joints.actuators[1]",
        "actuator 'thumb_b_motor' does not drive joint 'thumb_a'",
        [('"thumb_a_motor", "thumb_b_motor"', '"thumb_b_motor", "thumb_a_motor"')],
    ),
    (
        "joints.actuators[4]",
        "actuator 'servo' turns its control into something else than torque",
        [('"middle_a_motor"]', '"servo"]')],
    ),
    (
        "joints.actuators[0]",
        "a control of 1 gives 2 N m",
        [('joint="wrist" ctrl', 'joint="wrist" gear="2" ctrl')],
    ),
    (
        "fingers[0].contact",
        "no sensor 'thumb_touch' in claw.xml",
        [('"thumb_contact"', '"thumb_touch"')],
    ),
    (
        "fingers[0].contact",
        "sensor 'thumb_contact' does not report a contact as the controller reads it",
        [
            (
                'geom1="thumb_pad" data="found force pos',
                'geom1="thumb_pad" data="found force dist pos',
            )
        ],
    ),
    (
        "fingers[0].contact",
        "sensor 'wrist_position' does not report a contact",
        [('"thumb_contact"', '"wrist_position"'), ("<sensor>", WRIST_SENSOR)],
    ),
    (
        "fingers[0].tactile",
        "sensor 'wrist_position' is no tactile sensor",
        [
            ('contact = "thumb', 'tactile = "wrist_position"\ncontact = "thumb'),
            ('contact = "index', 'tactile = "wrist_position"\ncontact = "index'),
            ('contact = "middle', 'tactile = "wrist_position"\ncontact = "middle'),
            ("<sensor>", WRIST_SENSOR),
        ],
    ),
    (
        "limits.position.wrist",
        "joint 'wrist' has no limits; add range= to it in claw.xml",
        [('<joint name="wrist" range="-1 1"/>', '<joint name="wrist"/>')],
    ),
    (
        "limits.torque",
        "actuator 'wrist_motor' has no ctrlrange or forcerange",
        [(' ctrlrange="-5 5"', "")],
    ),
    (
        "fingers[0].joints",
        "list them base first: thumb_a, thumb_b",
        [('["thumb_a", "thumb_b"]', '["thumb_b", "thumb_a"]')],
    ),
    (
        "fingers[0].joints",
        "'index_a' does not move the tip 'thumb_tip'; "
        "these do, base first: wrist, thumb_a, thumb_b",
        [
            ('["thumb_a", "thumb_b"]', '["index_a"]'),
            ('["index_a"]\ncontact = "index', '["thumb_a"]\ncontact = "index'),
        ],
    ),
    (
        "joints.names",
        "joint 'wrist' is out of order",
        [('"wrist", "thumb_a", ', '"thumb_a", "wrist", '), ("actuators = ", "#")],
    ),
    (
        "joints.names",
        "joint 'wrist' has more than one axis",
        [
            ('<joint name="wrist" range="-1 1"/>', '<joint name="wrist" type="ball" range="0 1"/>'),
            ("actuators = ", "#"),
        ],
    ),
    ("mjcf", "MuJoCo cannot read", [("<mujoco>", "<mujoco><compilr/>")]),
    ("mjcf", "MuJoCo cannot compile", [('<geom size="0.03"/>', "")]),
]


@pytest.mark.parametrize(("key", "message", "changes"), BAD_MATCH)
def test_bad_match(key: str, message: str, changes: Changes, claw: Claw) -> None:
    text = claw.refusal(*changes)
    assert text.startswith(f"{claw.toml}: {key}: "), text
    assert message in text


# The motors of the claw, and what is wrong with them.
MOTORS = """
[motors]
kind = "small"
[motors.kinds.small]
torque_constant = 1.0
rail = "main"
[motors.kinds.small.friction]
coulomb = 0.1
[motors.rails.main]
voltage = 12.0
[safety]
"""
BAD_MOTORS = [
    (
        "motors.kinds.small.resistence",
        "did you mean 'resistance'?",
        "rail =",
        "resistence = 1\nrail =",
    ),
    ("motors.kinds.small.friction.viscos", "did you mean 'viscous'?", "coulomb", "viscos"),
    ("motors.rails.main.voltge", "did you mean 'voltage'?", "voltage =", "voltage = 1\nvoltge ="),
    ("motors.kinds.small.rail", "no rail 'man' in motors.rails", '"main"', '"man"'),
    (
        "motors.kinds.small.friction.stribeck_speed",
        "should be greater than 0 (is 0)",
        "coulomb",
        "stribeck_speed = 0\n#",
    ),
    (
        "motors.friction_compensation",
        "must be in [0, 1]",
        "kind =",
        "friction_compensation = 2\nkind =",
    ),
]


@pytest.mark.parametrize(("key", "message", "old", "new"), BAD_MOTORS)
def test_bad_motors(key: str, message: str, old: str, new: str, claw: Claw) -> None:
    claw.change("[safety]", MOTORS)
    claw.toml.write_text(claw.toml.read_text().replace(old, new, 1))
    with pytest.raises(HandError) as error:
        Hand.load(claw.toml)
    assert f"{claw.toml}: {key}: " in str(error.value)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("key", "message", "changes"),
    [
        ("grip.margin", "must be in [0, 1), not 1.5", [("margin = 0.2", "margin = 1.5")]),
        ("grip.release_time", "must be > 0", [("margin", "release_time = 0\nmargin")]),
        (
            "force_feedback.touch_off",
            "at most force_feedback.touch_on",
            [("[safety]", "[force_feedback]\ntouch_off = 9\n[safety]")],
        ),
        (
            "object.friction.gain",
            "must be in [0, 1], not 7.0",
            [("[safety]", "[object.friction]\ngain = 7\n[safety]")],
        ),
    ],
)
def test_a_range_that_only_the_core_knows_is_told_on_loading(
    key: str, message: str, changes: Changes, claw: Claw
) -> None:
    for old, new in changes:
        claw.change(old, new)
    with pytest.raises(HandError) as error:
        Hand.load(claw.toml)
    assert str(error.value).startswith(f"{claw.toml}: {key}: ")
    assert message in str(error.value)


def test_what_there_is_is_told_in_the_plural(claw: Claw) -> None:
    assert "Bodies: " in claw.refusal(('palm = "palm"', 'palm = "xyz"'))
    assert "Keys: " in claw.refusal(("stiffness =", "stifness ="))


def test_every_fault_is_told_at_once(claw: Claw) -> None:
    text = claw.refusal(("= 0.02", "= -1"), ("velocity = 50.0", "speed = 50.0"))
    assert "gains.damping: " in text
    assert "limits.speed: " in text


def test_no_mjcf(claw: Claw) -> None:
    claw.mjcf.unlink()
    assert f"{claw.toml}: mjcf: no such file: {claw.mjcf}" in claw.refusal()


def test_no_such_description(tmp_path: Path) -> None:
    missing = tmp_path / "none.toml"
    with pytest.raises(HandError, match=re.escape(f"{missing}: cannot be read: No such file")):
        Hand.load(missing)
    with pytest.raises(HandError, match=r"no hand 'hand72_right'.*did you mean 'hand2\d_right'"):
        Hand.load("hand72_right")
    with pytest.raises(HandError, match="cannot be read: Is a directory"):
        Hand.load(tmp_path)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(HandError, match="is not valid TOML"):
        Hand.load(file)


def test_package_not_installed(claw: Claw) -> None:
    text = claw.refusal(('"claw.xml"', '"package:no_such_hands/hand.xml"'))
    assert "pip install --no-deps no-such-hands" in text


@pytest.mark.parametrize("name", ["package:handloop/none.xml", "package:", "package:a.b/c.xml"])
def test_package_without_the_file(name: str, claw: Claw) -> None:
    text = claw.refusal(('"claw.xml"', f'"{name}"'))
    assert text.startswith(f"{claw.toml}: mjcf: ")
    assert "''" not in text


def test_package_is_found_without_importing_it(
    claw: Claw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "lib" / "claw_models"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise ImportError('it needs a hundred other things')")
    (package / "claw.xml").write_text(MJCF)
    monkeypatch.syspath_prepend(package.parent)
    claw.change('"claw.xml"', '"package:claw_models/claw.xml"')
    assert Hand.load(claw.toml).description.mjcf == package / "claw.xml"


# -- one file that extends another ---------------------------------------------------------------


def extend(claw: Claw, text: str) -> Path:
    folder = claw.toml.parent / "variants"
    folder.mkdir(exist_ok=True)
    file = folder / "other.toml"
    file.write_text('extends = "../claw.toml"\n' + text)
    return file


def test_extending_overrides_key_by_key(claw: Claw) -> None:
    hand = Hand.load(extend(claw, 'name = "other"\n[gains]\ndamping = 0.5\n'))
    assert hand.name == "other"
    assert hand.description.gains is not None
    assert hand.description.gains.damping == 0.5
    assert hand.description.gains.stiffness == (20, 3, 3, 2, 2)
    assert hand.description.mjcf == claw.mjcf  # relative to the file that names it


def test_a_fault_is_told_of_the_file_it_is_in(claw: Claw) -> None:
    file = extend(claw, "[gains]\ndamping = -1\n")
    claw.change("margin = 0.2", "margin = -1")
    with pytest.raises(HandError) as error:
        Hand.load(file)
    assert f"{file}: gains.damping: " in str(error.value)
    assert "claw.toml: grip.margin: " in str(error.value)


@pytest.mark.parametrize(
    ("extends", "message"),
    [
        ('"none.toml"', "extends: no such file: 'none.toml'"),
        ("7", "extends: no such file: 7"),
        ('"claw.toml"', "extends: goes round in a circle"),
    ],
)
def test_bad_extends(extends: str, message: str, claw: Claw) -> None:
    assert message in claw.refusal(("schema = 1", f"schema = 1\nextends = {extends}"))


# -- in a scene ----------------------------------------------------------------------------------


def scene_with(hand: Hand, prefix: str) -> mujoco.MjModel:
    scene = mujoco.MjSpec()
    scene.worldbody.add_body(name="table").add_geom(size=[0.1, 0.1, 0.1])
    scene.attach(hand.spec(), prefix=prefix, frame=scene.worldbody.add_frame(pos=[0, 0, 1]))
    return scene.compile()


def test_two_hands_in_a_scene(claw: Claw) -> None:
    hand = Hand.load(claw.toml)
    scene = mujoco.MjSpec()
    for prefix in ("left/", "right/"):
        scene.attach(hand.spec(), prefix=prefix, frame=scene.worldbody.add_frame())
    model = scene.compile()
    left, right = hand.bind(model, "left/"), hand.bind(model, "right/")
    assert left.joint_ids.tolist() == list(range(5))
    assert right.joint_ids.tolist() == list(range(5, 10))
    assert right.dof.tolist() == right.qpos.tolist() == list(range(5, 10))
    assert model.body(right.palm_id).name == "right/palm"
    assert model.site(right.tip_ids[1]).name == "right/index_tip"
    assert model.sensor(right.contact_ids[2]).name == "right/middle_contact"
    assert right.tactile_ids.size == 0
    assert model.actuator(right.actuator_ids[0]).name == "right/wrist_motor"
    assert isinstance(right.plant_ids(), _core.SimPlantIds)
    assert right.torque_max().tolist() == [5, 2, 1, 1, 1]
    assert right.position_range.shape == (5, 2)


def test_wrong_prefix(claw: Claw) -> None:
    hand = Hand.load(claw.toml)
    model = scene_with(hand, "my/")
    with pytest.raises(HandError, match="did you mean 'my/wrist'"):
        hand.bind(model)


def test_tip_without_a_site(claw: Claw) -> None:
    claw.change('<site name="index_tip"/>', "")
    claw.change(
        'tip = "index_tip"',
        'tip = { body = "index_link", offset = [0.0, 0.01, 0.02], quat = [0, 1, 0, 0] }',
    )
    hand = Hand.load(claw.toml)
    for model, prefix in ((hand.model, ""), (scene_with(hand, "my/"), "my/")):
        site = model.site(hand.bind(model, prefix).tip_ids[1])
        assert model.body(site.bodyid[0]).name == f"{prefix}index_link"
        assert site.pos.tolist() == [0.0, 0.01, 0.02]
        assert site.quat.tolist() == [0, 1, 0, 0]
    bare = mujoco.MjModel.from_xml_path(str(claw.mjcf))
    with pytest.raises(HandError, match=r"fingers\[1\]\.tip: .*attach Hand\.spec\(\)"):
        hand.bind(bare)


@pytest.mark.parametrize(
    ("tip", "key", "message"),
    [
        ('{ body = "index_lnk", offset = [0, 0, 0] }', "tip.body", "did you mean 'index_link'?"),
        ('{ body = "index_link" }', "tip.offset", "is missing"),
        ('{ body = "index_link", offset = [0, nan, 0] }', "tip.offset[1]", "finite number"),
        ('{ body = "index_link", offset = [0, 0] }', "tip.offset[2]", "is missing"),
        (
            '{ body = "index_link", offset = [0, 0, 0], quat = [0, 0, 0, 0] }',
            "tip.quat",
            "no length",
        ),
        ('{ boddy = "index_link", offset = [0, 0, 0] }', "tip.boddy", "did you mean 'body'?"),
        ("7", "tip", "valid string"),
    ],
)
def test_bad_tip_without_a_site(tip: str, key: str, message: str, claw: Claw) -> None:
    text = claw.refusal(('tip = "index_tip"', f"tip = {tip}"))
    lines = [t for t in text.splitlines() if t.startswith(f"{claw.toml}: fingers[1].{key}: ")]
    assert any(message in line for line in lines), text


def test_without_actuators_for_kinematics_only(claw: Claw) -> None:
    claw.change("actuators = ", "#")
    hand = Hand.load(claw.toml)
    assert not hand.can_be_driven
    bound = hand.bind(hand.model)
    assert bound.hand_model.joint_count == 5
    with pytest.raises(HandError, match=r"joints\.actuators: .*kinematics only"):
        hand.controller_config()
    with pytest.raises(HandError, match=r"joints\.actuators: .*kinematics only"):
        bound.plant_ids()


def test_a_description_never_changes(claw: Claw) -> None:
    hand = Hand.load(claw.toml)
    with pytest.raises(ValidationError, match="frozen"):
        hand.description.name = "other"  # type: ignore[misc]


# -- what comes with handloop --------------------------------------------------------------------

OWN = [
    f"{hand}_{side}{drive}"
    for hand in ("hand27", "hand22")
    for side in ("right", "left")
    for drive in ("", "_servo", "_light", "_tendon")
    if (hand, drive) not in {("hand22", "_tendon"), ("hand27", "_light")}
]
BUILT = ["leap_right", "orca_right", "hand27_right_real"]  # over the MJCF of another


def test_packaged_hands() -> None:
    assert set(packaged_hands()) == {*OWN, *BUILT, "shadow_right", "adroit_right"}


@pytest.mark.parametrize("name", OWN)
def test_own_hands_can_be_driven(name: str, load_hand: Callable[[str], Hand]) -> None:
    hand = load_hand(name)
    assert hand.name == name == hand.model.names[: len(name)].decode()
    assert len(hand.joint_names) == int(name[4:6])
    bound, config = hand.bind(hand.model), hand.controller_config()
    assert bound.contact_ids.size == bound.tactile_ids.size == 5
    _core.Controller(bound.hand_model, config)
    _core.SimPlant(hand.model, bound.plant_ids(), _core.SensorModel(), config.period)


@pytest.mark.parametrize("name", [*OWN, *BUILT[:2]])
def test_damping_ratios(name: str, load_hand: Callable[[str], Hand]) -> None:
    # The files say how their damping was obtained; a new hand from the builder must not undo it.
    hand = load_hand(name)
    bound, law = hand.bind(hand.model), hand.controller_config().law
    core = _core.HandKinematics(bound.hand_model)
    core.update_position(bound.position_range.mean(axis=1))
    own = hand.model.dof_damping[bound.dof]
    critical = 2.0 * np.sqrt(law.stiffness * np.diag(core.joint_inertia()))
    assert (law.damping + own) / critical == pytest.approx(0.8, abs=0.1)


@pytest.mark.parametrize(("name", "joints"), [("shadow_right", 24), ("adroit_right", 24)])
def test_foreign_hands_load_with_only_a_description(
    name: str, joints: int, load_hand: Callable[[str], Hand]
) -> None:
    hand = load_hand(name)
    assert len(hand.joint_names) == joints
    assert hand.bind(hand.model).hand_model.finger_count == 5
