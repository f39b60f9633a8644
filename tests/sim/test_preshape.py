"""How a hand goes about a cup: thumb against fingers, on the surface, from open to closed."""

from collections.abc import Callable
from functools import partial

import mujoco
import numpy as np
import pytest

from handloop import _core
from handloop.controller import Hand
from handloop.controller.preshape import FINGER_SPACING
from handloop.sim.tasks import cup
from handloop.sim.tasks.cup import CupScene
from handloop.sim.tasks.cup_preshape import cup_preshape

HANDS = [f"{hand}_{side}" for hand in ("hand27", "hand22") for side in ("right", "left")]
SIZES = [0.025, 0.03, 0.04, 0.045]  # [m]


class Pose:
    """Fingertips of one posture around the cylinder."""

    def __init__(self, scene: CupScene, posture: str) -> None:
        self.q = getattr(scene.preshape, posture)
        cylinder = scene.preshape.cylinder
        hand = _core.HandKinematics(scene.bound.hand_model)
        hand.update_position(self.q)
        fingers = range(hand.finger_count)
        self.tips = np.array([hand.tip_position(f) for f in fingers])
        self.pads = np.array([hand.tip_rotation(f)[:, 2] for f in fingers])
        offset = self.tips - cylinder.center
        self.height = offset @ cylinder.axis
        radial = offset - np.outer(self.height, cylinder.axis)
        distance = np.linalg.norm(radial, axis=1)
        self.outward = radial / distance[:, None]
        self.depth = cylinder.radius - distance


def check(scene: CupScene) -> None:
    low, high = scene.bound.position_range.T
    poses = {name: Pose(scene, name) for name in ("opened", "touching", "closed")}
    for pose in poses.values():
        assert np.all((low <= pose.q) & (pose.q <= high))
    touching = poses["touching"]
    assert np.abs(touching.depth).max() < 0.002
    assert (touching.pads * -touching.outward).sum(axis=1).min() > np.cos(np.radians(30))
    thumb, share = int(np.argmax(scene.share)), scene.share.copy()
    share[thumb] = 0.0
    assert touching.outward[thumb] @ (share @ touching.outward) < -np.cos(np.radians(15))
    # What the thumb pushes with must not tip the cup over what the fingers push back with.
    assert touching.height[thumb] == pytest.approx(share @ touching.height, abs=0.003)
    fingers = np.delete(touching.tips, thumb, axis=0)
    spacing = np.linalg.norm(np.diff(fingers, axis=0), axis=1)
    assert spacing.min() > FINGER_SPACING - 0.001
    # Every fingertip moves straight in: clear of the surface, on it, under it.
    clear, under = poses["opened"].depth, poses["closed"].depth
    np.testing.assert_allclose(touching.depth - clear, 0.012, atol=0.002)
    np.testing.assert_allclose(under - touching.depth, 0.003, atol=0.0005)


@pytest.mark.parametrize("name", HANDS)
def test_the_thumb_opposes_the_fingers(name: str, cup_scene: Callable[[str], CupScene]) -> None:
    check(cup_scene(name))


@pytest.mark.parametrize("radius", SIZES)
def test_other_sizes(
    radius: float, load_hand: Callable[[str], Hand], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cup, "cup_preshape", partial(cup_preshape, radius=radius))
    scene = CupScene.build(load_hand("hand27_right"))
    assert scene.preshape.cylinder.radius == radius
    check(scene)


@pytest.mark.parametrize("hand", ["hand27", "hand22"])
def test_left_mirrors_right(hand: str, cup_scene: Callable[[str], CupScene]) -> None:
    right, left = (cup_scene(f"{hand}_{side}").preshape for side in ("right", "left"))
    for posture in ("opened", "touching", "closed"):
        np.testing.assert_allclose(getattr(left, posture), getattr(right, posture), atol=1e-6)
    np.testing.assert_allclose(left.cylinder.center, right.cylinder.center * [1, -1, 1], atol=1e-9)


@pytest.mark.parametrize("name", HANDS)
def test_an_open_hand_touches_nothing(name: str, cup_scene: Callable[[str], CupScene]) -> None:
    scene = cup_scene(name)
    data = mujoco.MjData(scene.model)
    data.qpos[scene.bound.qpos] = scene.preshape.opened
    mujoco.mj_forward(scene.model, data)
    bodies = {
        scene.model.body(int(scene.model.geom_bodyid[geom])).name
        for contact in data.contact
        for geom in contact.geom
    }
    assert bodies <= {"cup", "coaster"}


@pytest.mark.parametrize("radius", [0.08, 0.15])
def test_a_size_out_of_reach(
    radius: float, load_hand: Callable[[str], Hand], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cup, "cup_preshape", partial(cup_preshape, radius=radius))
    message = (
        rf"this hand cannot oppose its thumb around a cylinder of radius {radius} m: a fingertip "
        r"stays \d+\.\d mm off; choose another size or rest posture"
    )
    with pytest.raises(ValueError, match=message):
        CupScene.build(load_hand("hand27_right"))
