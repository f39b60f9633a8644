"""Hands that others built: what the files in `models/` say against what is published of them."""

from collections.abc import Callable

import mujoco
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import least_squares

from handloop.controller import Hand
from handloop.sim.tasks.cup import CupScene

Array = NDArray[np.float64]
LoadHand = Callable[[str], Hand]

HANDS = ["leap_right", "orca_right"]
DEPTH = 1e-3  # [m], of one part in another

# LEAP: links of the maker's URDF, per finger and of the thumb [kg], and from axis to axis [m].
LEAP_MASS = 0.237 + 3 * (0.044 + 0.032 + 0.037 + 0.016) + 0.032 + 0.003 + 0.038 + 0.049
LEAP_BONES = (0.0381 + 0.015, 0.0361, 0.0385)  # MCP to PIP, to DIP, to the middle of the tip
LEAP_DEPTH = 0.0008  # of the MCP's axis behind the PIP's and the DIP's
LEAP_SPACING = 0.0455

# ORCA: MCP to PIP of orca_core's v2_kinematics.yaml, along the finger and back from it [m].
ORCA_PROXIMAL = {
    "index": (0.037, 0.0015),
    "middle": (0.040, 0.002),
    "ring": (0.040, 0.002),
    "little": (0.031, 0.001),
}
ORCA_PIP_OF_MIDDLE = (0.00586307, 0.0050234, 0.13836866)  # from the wrist's axis, at zero


class Poser:
    """A hand that takes postures."""

    def __init__(self, hand: Hand) -> None:
        self.hand, self.model = hand, hand.model
        self.data = mujoco.MjData(self.model)

    def pose(self, **angles: float) -> None:
        """Joints at zero but for these [rad]."""
        self.data.qpos[:] = 0.0
        for joint, angle in angles.items():
            self.data.joint(joint).qpos = angle
        mujoco.mj_fwdPosition(self.model, self.data)

    def tip(self, finger: str) -> Array:
        return np.array(self.data.site(f"{finger}_tip").xpos)

    def normal(self, finger: str) -> Array:
        return np.array(self.data.site(f"{finger}_tip").xmat.reshape(3, 3)[:, 2])

    def deepest(self) -> float:
        """How deep one part is in another [m]."""
        return max((-contact.dist for contact in self.data.contact), default=0.0)


@pytest.fixture
def leap(load_hand: LoadHand) -> Poser:
    return Poser(load_hand("leap_right"))


@pytest.fixture
def orca(load_hand: LoadHand) -> Poser:
    return Poser(load_hand("orca_right"))


@pytest.fixture(params=HANDS)
def either(request: pytest.FixtureRequest, load_hand: LoadHand) -> Poser:
    return Poser(load_hand(request.param))


def test_leap_weighs_what_its_links_weigh(leap: Poser) -> None:
    assert leap.model.body_subtreemass[0] == pytest.approx(LEAP_MASS, rel=1e-6)


def test_orca_weighs_what_is_published_of_its_first_version(orca: Poser) -> None:
    assert orca.model.body_subtreemass[0] == pytest.approx(1.117, abs=0.001)


def test_every_link_could_be(either: Poser) -> None:
    for body in range(1, either.model.nbody):
        a, b, c = sorted(either.model.body_inertia[body])
        assert 0.0 < a and a + b >= c * (1 - 1e-9), either.model.body(body).name


def leap_tip(mcp: float, pip: float, dip: float) -> tuple[float, float]:
    """Height and depth of a finger's pad over the MCP's axis [m]: three bones in a plane."""
    proximal, middle, distal = LEAP_BONES
    bend = np.cumsum([mcp, pip, dip])
    along = np.array([np.cos(bend), -np.sin(bend)])
    back = np.array([np.sin(bend), np.cos(bend)])
    pad = proximal * along[:, 0] - LEAP_DEPTH * back[:, 0]
    pad += middle * along[:, 1] + distal * along[:, 2] - 0.011 * back[:, 2]
    return float(pad[0]), float(pad[1])


@pytest.mark.parametrize("bend", [(0.0, 0.0, 0.0), (0.5, 0.7, 0.3), (2.23, 1.885, 2.042)])
def test_leap_fingers_bend_as_their_bones_do(bend: tuple[float, float, float], leap: Poser) -> None:
    for finger in ("index", "middle", "ring"):
        joints = [f"{finger}_{part}_flexion" for part in ("mcp", "pip", "dip")]
        leap.pose(**dict(zip(joints, bend, strict=True)))
        knuckle = leap.data.joint(joints[0]).xanchor
        height, depth = leap_tip(*bend)
        np.testing.assert_allclose(
            leap.tip(finger) - knuckle, [0.0, depth, height], atol=1e-4, err_msg=finger
        )


def test_leap_knuckles_stand_as_far_apart_as_published(leap: Poser) -> None:
    knuckles = [leap.model.body(f"{finger}_base").pos[0] for finger in ("index", "middle", "ring")]
    np.testing.assert_allclose(-np.diff(knuckles), LEAP_SPACING, atol=1e-4)


def test_leap_thumb_points_sideways_at_zero_and_reaches_as_far_as_published(leap: Poser) -> None:
    leap.pose()
    base, tip = leap.data.body("thumb_base").xpos, leap.data.body("thumb_pad").xpos
    np.testing.assert_allclose(tip - base, [0.0143 + 0.017 + 0.0466 + 0.0512, 0, 0], atol=1e-6)


def test_orca_bones_are_as_long_as_published(orca: Poser) -> None:
    for finger, (along, back) in ORCA_PROXIMAL.items():
        np.testing.assert_allclose(orca.model.body(f"{finger}_distal").pos, [0.0, back, along])
    orca.pose()
    wrist = orca.data.body("palm").xpos
    pip = orca.data.body("middle_distal").xpos - wrist
    np.testing.assert_allclose(pip, ORCA_PIP_OF_MIDDLE, atol=1e-6)


def test_orca_pads_face_where_its_touch_sensors_do(orca: Poser) -> None:
    # 20 degrees back towards the palm, which is how far the stiff DIP joint is bent; little 35.5.
    for finger, angle in {"index": 20.0, "middle": 20.0, "ring": 20.0, "little": 35.5}.items():
        orca.pose()
        along = orca.data.body(f"{finger}_distal").xmat.reshape(3, 3)[:, 2]
        assert np.degrees(np.arcsin(-along @ orca.normal(finger))) == pytest.approx(angle, abs=0.1)


def test_positive_is_what_the_makers_call_positive(either: Poser) -> None:
    fingers = [finger for finger in either.hand.finger_names if finger != "thumb"]
    for finger in fingers:
        either.pose()
        straight = either.tip(finger)
        either.pose(**{f"{finger}_mcp_flexion": 0.4})
        assert either.tip(finger)[1] < straight[1] - 0.015  # towards the palm
        either.pose(**{f"{finger}_mcp_abduction": 0.2})
        assert either.tip(finger)[0] < straight[0] - 0.01  # away from the thumb
    either.pose()
    sides = [either.tip(finger)[0] for finger in fingers]
    assert (np.diff(sides) < 0.0).all()
    assert either.tip("thumb")[0] > either.tip("middle")[0]


@pytest.mark.parametrize("key", ["open", "rest", "fist"])
def test_nothing_touches_in_a_named_posture(key: str, either: Poser) -> None:
    either.data.qpos[:] = either.model.key(key).qpos
    mujoco.mj_fwdPosition(either.model, either.data)
    assert either.deepest() <= 0.0
    low, high = either.model.jnt_range.T
    assert ((low <= either.data.qpos) & (either.data.qpos <= high)).all()


def test_fingers_bend_through_their_ranges_without_cutting_into_the_hand(either: Poser) -> None:
    for joint in either.hand.joint_names:
        if "thumb" in joint or not joint.endswith("flexion"):
            continue
        for angle in np.linspace(*either.model.joint(joint).range, 25):
            either.data.qpos[:] = either.model.key("open").qpos
            either.data.joint(joint).qpos = angle
            mujoco.mj_fwdPosition(either.model, either.data)
            assert either.deepest() < DEPTH, (joint, angle)


@pytest.mark.parametrize(
    ("name", "finger"),
    [("leap_right", finger) for finger in ("index", "middle", "ring")]
    + [("orca_right", finger) for finger in ("index", "middle", "ring", "little")],
)
def test_the_thumb_opposes_every_finger(name: str, finger: str, load_hand: LoadHand) -> None:
    poser = Poser(load_hand(name))
    low, high = poser.model.jnt_range.T
    rest = poser.model.key("rest").qpos

    def apart(q: Array) -> Array:
        poser.data.qpos[:] = q
        mujoco.mj_kinematics(poser.model, poser.data)
        facing = poser.normal("thumb") + poser.normal(finger)
        gap = poser.tip("thumb") - poser.tip(finger)
        return np.concatenate([1e3 * gap, 2.0 * facing, 0.1 * (q - rest)])

    met = apart(least_squares(apart, rest, bounds=(low, high)).x)
    assert np.linalg.norm(met[:3]) < 1.0  # [mm]


def test_it_reaches_around_the_cup(either: Poser) -> None:
    scene = CupScene.build(either.hand)
    low, high = scene.bound.position_range.T
    assert (low <= scene.preshape.closed).all() and (scene.preshape.closed <= high).all()
