"""Hands that nobody here made, before the cup: they are held level and may try like any other."""

from collections.abc import Callable
from pathlib import Path

import mujoco
import numpy as np
import pytest

from handloop import _core
from handloop.controller import Hand
from handloop.sim.bench.contestant import Contestant, Entry
from handloop.sim.hand_frame import HandFrame
from handloop.sim.scene import PREFIX, hand_on_carriage
from handloop.sim.tasks.cup import CupScene
from handloop.sim.tasks.cup_result import judge
from handloop.sim.tasks.cup_trial import CupTrial

OTHERS = ["shadow_right", "adroit_right", "leap_right", "orca_right"]


@pytest.mark.parametrize("name", ["hand22_left", "hand27_right", *OTHERS])
def test_every_hand_is_held_level_with_the_thumb_up(
    name: str, load_hand: Callable[[str], Hand]
) -> None:
    hand = load_hand(name)
    model = hand_on_carriage(hand).compile()
    bound, data = hand.bind(model, PREFIX), mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    forward, palmar, thumbward = HandFrame.of(hand).in_world(bound, data)
    side = -1.0 if name.endswith("left") else 1.0
    assert forward == pytest.approx([1, 0, 0], abs=1e-9)
    assert palmar == pytest.approx([0, side, 0], abs=1e-9)
    assert thumbward == pytest.approx([0, 0, 1], abs=1e-9)
    tips, palm = data.site_xpos[bound.tip_ids], data.xpos[bound.palm_id]
    fingers = np.arange(len(tips)) != hand.thumb
    assert (tips[fingers, 0] > palm[0] + 0.1).all()
    assert tips[hand.thumb, 2] > tips[fingers, 2].mean()


@pytest.mark.parametrize("turn", [(0.5, 0.5, 0.5, 0.5), (0.9, 0.1, -0.2, 0.3)])
def test_the_frame_is_the_hands_not_that_of_its_mjcf(
    turn: tuple[float, ...], tmp_path: Path, load_hand: Callable[[str], Hand]
) -> None:
    """The same hand in a file that has it lying askew is held as before."""
    own = load_hand("leap_right")
    spec = own.spec()
    spec.body("palm").quat = np.array(turn) / np.linalg.norm(turn)
    (tmp_path / "askew.xml").write_text(spec.to_xml())
    (tmp_path / "askew.toml").write_text('extends = "leap_right"\nmjcf = "askew.xml"\n')
    askew = Hand.load(tmp_path / "askew.toml")
    for one, other in zip(
        vars(HandFrame.of(own)).values(), vars(HandFrame.of(askew)).values(), strict=True
    ):
        assert one == pytest.approx(other, abs=1e-9)


def test_a_crooked_palm_is_taken_as_it_is(tmp_path: Path, load_hand: Callable[[str], Hand]) -> None:
    """Where the palm's body has its axes anywhere, directions follow fingers and pads alone."""
    own = load_hand("leap_right")
    spec = own.spec()
    turn = np.array([np.cos(np.pi / 8), 0.0, np.sin(np.pi / 8), 0.0])  # 45 degrees
    spec.body("palm").add_body(name="crooked", quat=turn)
    (tmp_path / "crooked.xml").write_text(spec.to_xml())
    (tmp_path / "crooked.toml").write_text(
        'extends = "leap_right"\nmjcf = "crooked.xml"\npalm = "crooked"\n'
    )
    frame = HandFrame.of(Hand.load(tmp_path / "crooked.toml"))
    rotation = np.empty(9)
    mujoco.mju_quat2Mat(rotation, turn)
    back = rotation.reshape(3, 3) @ np.array([frame.forward, frame.palmar, frame.thumbward]).T
    assert back[:, 0] == pytest.approx([0, 0, 1], abs=0.12)
    assert back[:, 1] == pytest.approx([0, -1, 0], abs=0.12)
    assert back.T @ back == pytest.approx(np.eye(3), abs=1e-9)


@pytest.mark.parametrize("name", OTHERS)
def test_every_hand_may_try_the_cup(name: str, load_hand: Callable[[str], Hand]) -> None:
    scene = CupScene.build(load_hand(name))
    trial = CupTrial.draw(1)
    runs = [scene.episode(trial, until_failure=True) for _ in range(2)]
    _core.run_episodes(runs)
    assert np.array_equal(runs[0].log, runs[1].log)
    result = judge(scene, trial, runs[0])
    assert result.outcome in {"held", "crushed", "dropped"}
    assert result.peak_force > 1.0
    if name == "shadow_right":
        assert result.success


@pytest.mark.parametrize("name", ["leap_right", "orca_right"])
def test_a_hand_without_skin_may_be_given_one(name: str, tmp_path: Path) -> None:
    (tmp_path / "skin.toml").write_text('[observer]\nforce_source = "sensors"\n')
    contestant = Contestant.load(Entry(name, str(tmp_path / "skin.toml")))
    config = contestant.hand.controller_config()
    assert config.observer.force_source == _core.ForceSource.SENSORS
    bare = Hand.load(name).controller_config()
    assert bare.observer.force_source == _core.ForceSource.MOTORS
    assert (config.law.stiffness == bare.law.stiffness).all()
