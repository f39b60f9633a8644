"""The files in `models/`: they are what the builder writes, and they are hands."""

from pathlib import Path

import mujoco
import numpy as np
import pytest

from handloop import models
from handloop.sim.hands.actuation import drive_of
from handloop.sim.hands.anatomy import DIGITS, HAND_MASS
from handloop.sim.hands.builder import ALL_HANDS, HandSpec, build, joints_of
from handloop.sim.hands.mjcf import document

MODELS = Path(models.__file__).parent
NAMES = [hand.name for hand in ALL_HANDS]
ONE_MOTOR_PER_JOINT = [hand for hand in ALL_HANDS if hand.actuation != "tendon"]
DEGREES_OF_FREEDOM = {"hand27": 27, "hand22": 22}


@pytest.mark.parametrize("hand", ALL_HANDS, ids=NAMES)
def test_a_file_is_what_the_builder_writes(hand):
    assert (MODELS / f"{hand.name}.xml").read_text(encoding="utf-8") == document(hand)


@pytest.mark.parametrize("hand", ALL_HANDS, ids=NAMES)
def test_a_file_compiles_to_what_the_builder_builds(hand):
    built = build(hand).compile()
    read = mujoco.MjModel.from_xml_path(str(MODELS / f"{hand.name}.xml"))
    for field in ("body_mass", "body_inertia", "jnt_range", "jnt_axis", "body_pos", "geom_size"):
        np.testing.assert_allclose(getattr(read, field), getattr(built, field), atol=1e-5)
    for field in ("actuator_gainprm", "actuator_ctrlrange", "dof_armature", "sensor_dim"):
        np.testing.assert_allclose(getattr(read, field), getattr(built, field), rtol=1e-4)
    np.testing.assert_allclose(read.mesh_vert, built.mesh_vert, atol=1e-6)


@pytest.mark.parametrize("hand", ALL_HANDS, ids=NAMES)
def test_a_hand_has_as_many_joints_as_its_name_says(hand, compiled):
    model = compiled(hand.name)
    assert model.nq == model.nv == DEGREES_OF_FREEDOM[hand.variant]
    names = [model.joint(index).name for index in range(model.njnt)]
    assert names == [joint.name for joint in joints_of(hand.variant)]


@pytest.mark.parametrize("hand", ONE_MOTOR_PER_JOINT, ids=lambda hand: hand.name)
def test_every_joint_has_its_motor(hand, compiled):
    model = compiled(hand.name)
    names = [joint.name for joint in joints_of(hand.variant)]
    assert [model.actuator(index).name for index in range(model.nu)] == [
        f"{name}_motor" for name in names
    ]


@pytest.mark.parametrize("hand", ALL_HANDS, ids=NAMES)
def test_every_joint_and_every_motor_is_limited(hand, compiled):
    model = compiled(hand.name)
    assert model.jnt_limited.all()
    assert (np.diff(model.jnt_range) > np.radians(15)).all()
    assert model.actuator_ctrllimited.all()
    low, high = model.actuator_ctrlrange.T
    pulls = model.actuator_trntype == int(mujoco.mjtTrn.mjTRN_TENDON)
    assert (low == np.where(pulls, 0.0, -high)).all()


@pytest.mark.parametrize("hand", ONE_MOTOR_PER_JOINT, ids=lambda hand: hand.name)
def test_torques_are_those_of_a_strong_grasp(hand, compiled):
    model = compiled(hand.name)
    limit = {model.joint(j).name: model.actuator_ctrlrange[j, 1] for j in range(model.njnt)}
    mcp, pip = (0.7, 0.6) if hand.actuation == "light" else (1.0, 0.6)
    assert min(limit[f"{digit}_mcp_flexion"] for digit in DIGITS) >= mcp
    assert min(limit[f"{finger}_pip_flexion"] for finger in DIGITS[1:]) >= pip


def test_a_light_servo_is_asked_for_no_more_than_it_can_do(compiled):
    model = compiled("hand22_right_light")
    for joint in joints_of("hand22"):
        motor = model.actuator(f"{joint.name}_motor").id
        stall = drive_of(joint, "light").stall_torque
        assert model.actuator_ctrlrange[motor, 1] <= 0.8 * stall + 1e-3


@pytest.mark.parametrize("name", NAMES)
def test_the_hand_weighs_what_a_hand_weighs(name, compiled):
    model = compiled(name)
    assert model.body("palm").subtreemass[0] == pytest.approx(HAND_MASS, rel=0.01)
    if name.startswith("hand27"):
        assert model.body_subtreemass[1] - HAND_MASS == pytest.approx(1.2, rel=0.01)
    for body in range(1, model.nbody):
        a, b, c = sorted(model.body_inertia[body])
        assert 0.0 < a and a + b >= c * (1 - 1e-9), model.body(body).name


def test_fingers_differ_in_length(compiled):
    model = compiled("hand27_right")
    data = mujoco.MjData(model)
    mujoco.mj_kinematics(model, data)
    reach = [
        np.linalg.norm(data.site(f"{finger}_tip").xpos - data.body(f"{finger}_proximal").xpos)
        for finger in ("middle", "ring", "index", "little")
    ]
    assert (np.diff(reach) < -0.001).all()


@pytest.mark.parametrize("variant", ["hand27", "hand22"])
def test_the_left_hand_mirrors_the_right(variant, compiled):
    right, left = compiled(f"{variant}_right"), compiled(f"{variant}_left")
    np.testing.assert_allclose(left.body_mass, right.body_mass, rtol=1e-9)
    np.testing.assert_allclose(left.body_inertia, right.body_inertia, rtol=1e-6, atol=1e-12)
    np.testing.assert_array_equal(left.jnt_range, right.jnt_range)
    a, b = mujoco.MjData(right), mujoco.MjData(left)
    generator = np.random.default_rng(3)
    mirror = np.array([-1.0, 1.0, 1.0])
    for _ in range(50):
        a.qpos[:] = b.qpos[:] = generator.uniform(*right.jnt_range.T)
        mujoco.mj_kinematics(right, a)
        mujoco.mj_kinematics(left, b)
        np.testing.assert_allclose(b.site_xpos, a.site_xpos * mirror, atol=1e-8)
        normals = a.site_xmat.reshape(-1, 3, 3)[:, :, 2]
        np.testing.assert_allclose(
            b.site_xmat.reshape(-1, 3, 3)[:, :, 2], normals * mirror, atol=1e-7
        )


def test_conventions_of_the_right_hand(compiled):
    model = compiled("hand27_right")
    data = mujoco.MjData(model)
    mujoco.mj_kinematics(model, data)
    tips = {digit: data.site(f"{digit}_tip").xpos.copy() for digit in DIGITS}
    assert tips["thumb"][0] > tips["index"][0] > tips["middle"][0] > tips["ring"][0]
    assert tips["middle"][2] > data.body("palm").xpos[2] + 0.15
    for finger in DIGITS[1:]:
        np.testing.assert_allclose(
            data.site(f"{finger}_tip").xmat.reshape(3, 3)[:, 2], [0, -1, 0], atol=1e-6
        )
    data.joint("index_mcp_flexion").qpos = 0.5
    data.joint("middle_mcp_abduction").qpos = 0.3
    mujoco.mj_kinematics(model, data)
    assert data.site("index_tip").xpos[1] < tips["index"][1] - 0.02
    assert data.site("middle_tip").xpos[0] > tips["middle"][0] + 0.02


def test_keyframes_touch_nothing(compiled):
    for name in ("hand27_right", "hand22_left"):
        model = compiled(name)
        data = mujoco.MjData(model)
        for key in ("open", "rest", "fist"):
            mujoco.mj_resetDataKeyframe(model, data, model.key(key).id)
            mujoco.mj_fwdPosition(model, data)
            assert all(contact.dist > -1e-3 for contact in data.contact), key


def test_files_stay_small():
    sizes = {hand.name: (MODELS / f"{hand.name}.xml").stat().st_size for hand in ALL_HANDS}
    assert max(sizes.values()) < 100_000, sizes


@pytest.mark.filterwarnings("ignore:Attach conflict")
def test_a_hand_can_be_attached_twice():
    scene = mujoco.MjSpec()
    for side in ("right", "left"):
        frame = scene.worldbody.add_frame(pos=[0.3 if side == "right" else -0.3, 0, 0])
        scene.attach(build(HandSpec("hand27", side, "motor")), frame=frame, prefix=f"{side}_")
    assert scene.compile().nv == 54
