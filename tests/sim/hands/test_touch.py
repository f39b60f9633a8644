"""What fingertips feel and how hard they press."""

import mujoco
import numpy as np
import pytest

from handloop.sim.hands import HandSpec, build
from handloop.sim.hands.anatomy import DIGITS, FINGERS
from handloop.sim.hands.measure import press_force, press_torque

POSTURES = {"straight": (10, 10, 5), "curved": (40, 40, 20), "hooked": (60, 75, 40)}
FORCE = {"straight": 15.0, "curved": 19.0, "hooked": 21.0}  # [N], of every fingertip


def posed(model: mujoco.MjModel, posture: str) -> mujoco.MjData:
    data = mujoco.MjData(model)
    mcp, pip, dip = np.radians(POSTURES[posture])
    for finger in FINGERS:
        data.joint(f"{finger}_mcp_flexion").qpos = mcp
        data.joint(f"{finger}_pip_flexion").qpos = pip
        data.joint(f"{finger}_dip_flexion").qpos = dip
    data.joint("thumb_cmc_flexion").qpos = np.radians(20)
    data.joint("thumb_cmc_abduction").qpos = np.radians(30)
    data.joint("thumb_mcp_flexion").qpos = 0.8 * mcp
    data.joint("thumb_ip_flexion").qpos = 0.8 * pip
    mujoco.mj_forward(model, data)
    return data


@pytest.mark.parametrize("variant", ["hand27", "hand22"])
@pytest.mark.parametrize("posture", POSTURES)
def test_torque_limits_give_each_posture_its_force_at_every_fingertip(variant, posture, compiled):
    model = compiled(f"{variant}_right")
    data = posed(model, posture)
    forces = {digit: press_force(model, data, digit) for digit in DIGITS}
    assert min(forces.values()) >= FORCE[posture], forces


@pytest.mark.parametrize("digit", DIGITS)
def test_a_finger_presses_a_fixed_plate_with_ten_newtons(digit, compiled):
    posture = "curved"
    target = posed(compiled("hand27_right"), posture)
    site = target.site(f"{digit}_tip")
    normal = site.xmat.reshape(3, 3)[:, 2]
    spec = build(HandSpec("hand27", "right", "motor"))
    plate = spec.worldbody.add_geom(
        name="plate",
        type=mujoco.mjtGeom.mjGEOM_BOX,
        size=[0.012, 0.012, 0.002],
        pos=site.xpos + 0.0025 * normal,
    )
    mujoco.mju_mat2Quat(plate.quat, site.xmat)
    model = spec.compile()
    data = mujoco.MjData(model)
    data.qpos[:] = target.qpos
    limit = model.actuator_ctrlrange[:, 1]
    force = 0.95 * press_force(compiled("hand27_right"), target, digit)
    for _ in range(800):
        mujoco.mj_fwdPosition(model, data)
        torque = force * press_torque(model, data, digit) + data.qfrc_bias
        torque += 2.0 * limit * (target.qpos - data.qpos) - 0.02 * limit * data.qvel
        data.ctrl[:] = np.clip(torque, -limit, limit)
        mujoco.mj_step(model, data)
    contact = data.sensor(f"{digit}_contact").data
    assert contact[0] == 1
    # The plate does not follow, so the finger settles a little beside the posture of the formula.
    assert 10.0 <= contact[1] <= 1.1 * force


# --- one pad against one object ------------------------------------------------------------------

OBJECTS = {
    "sphere": (mujoco.mjtGeom.mjGEOM_SPHERE, (0.010, 0, 0), 0.010),
    "cylinder": (mujoco.mjtGeom.mjGEOM_CYLINDER, (0.008, 0.008, 0), 0.008),
    "box": (mujoco.mjtGeom.mjGEOM_BOX, (0.008, 0.003, 0.008), 0.003),
}


class Slider:
    """An object on three slides in front of the index fingertip of a hand that stands still."""

    def __init__(self, shape: str) -> None:
        spec = build(HandSpec("hand27", "right", "motor"))
        spec.option.gravity = [0, 0, 0]
        model = spec.compile()
        data = mujoco.MjData(model)
        mujoco.mj_forward(model, data)
        tip = data.site("index_tip").xpos.copy()
        kind, size, depth = OBJECTS[shape]
        body = spec.worldbody.add_body(name="object", pos=tip - [0, depth + 0.001, 0])
        for name, axis in (("x", [1, 0, 0]), ("y", [0, 1, 0]), ("z", [0, 0, 1])):
            body.add_joint(name=name, type=mujoco.mjtJoint.mjJNT_SLIDE, axis=axis)
        body.add_geom(type=kind, size=size, mass=1.0, condim=4, solref=[0.003, 1])
        for key in list(spec.keys):
            spec.delete(key)
        self.model = spec.compile()
        self.data = mujoco.MjData(self.model)
        self.model.dof_armature[:-3] = 1e3  # the hand does not give way

    def run(self, seconds: float, press: float, velocity: tuple[float, float] = (0.0, 0.0)) -> None:
        """Presses with a force [N] while sliding along x and z [m/s]."""
        data = self.data
        for _ in range(round(seconds / self.model.opt.timestep)):
            x, y, z = data.qvel[-3:]
            data.qfrc_applied[-3:] = (
                900 * (velocity[0] - x),
                press - 60 * y,
                900 * (velocity[1] - z),
            )
            mujoco.mj_step(self.model, data)
        mujoco.mj_forward(self.model, data)

    def read(self, name: str) -> np.ndarray:
        return self.data.sensor(f"index_{name}").data.copy()


@pytest.mark.parametrize("shape", OBJECTS)
def test_a_pressed_pad_has_one_contact_and_its_sensors_agree(shape):
    slider = Slider(shape)
    slider.run(0.6, press=10.0)
    contact = slider.read("contact")
    assert slider.data.ncon == 1
    assert contact[0] == 1
    assert contact[1] == pytest.approx(10.0, rel=0.02)
    np.testing.assert_allclose(contact[7:10], [0, -1, 0], atol=0.05)  # out of the pad
    np.testing.assert_allclose(slider.read("tip_force"), [0, 0, 10.0], atol=0.3)
    np.testing.assert_allclose(slider.read("pad_force")[1:], [0, -10.0, 0], atol=0.3)
    assert abs(slider.data.contact[0].dist) < 0.5e-3


def test_nothing_is_felt_before_touch():
    slider = Slider("box")
    mujoco.mj_forward(slider.model, slider.data)
    assert not slider.read("contact").any()
    assert not slider.read("pad_force").any()
    assert not slider.read("tactile").any()


@pytest.mark.parametrize("shape", OBJECTS)
def test_taxels_light_up_where_the_pad_is_pressed(shape):
    slider = Slider(shape)
    slider.run(0.4, press=10.0)
    depth, *slip = slider.read("tactile").reshape(3, -1)
    assert 2 <= (depth > 0).sum() < len(depth)
    assert 0.3e-3 < depth.max() < 2e-3
    assert np.max(slip) < 1e-3


SLIDES = [
    ("cylinder", (0.0, 0.05)),
    ("cylinder", (0.0, -0.1)),
    ("box", (0.05, 0.0)),
    ("box", (0.0, 0.05)),
    ("box", (0.03, 0.04)),
]


@pytest.mark.parametrize(("shape", "velocity"), SLIDES)
def test_taxels_report_the_speed_of_sliding(shape, velocity):
    slider = Slider(shape)
    slider.run(0.3, press=5.0)
    slider.run(0.02, press=5.0, velocity=velocity)
    depth, first, second = slider.read("tactile").reshape(3, -1)
    lit = depth > 0
    true = np.linalg.norm(slider.data.qvel[[-3, -1]])
    assert true > 0.5 * np.hypot(*velocity)  # friction holds it back a little
    np.testing.assert_allclose(np.hypot(first, second)[lit].max(), true, rtol=0.05)
    across = slider.read("contact")[14:16]
    assert np.linalg.norm(across) == pytest.approx(true, rel=0.05)
