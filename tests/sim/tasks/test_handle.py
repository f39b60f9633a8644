"""Grips of handles: what is planned, what is drawn, what is judged."""

from dataclasses import replace

import numpy as np
import pytest

from handloop import _core
from handloop.controller import Hand
from handloop.sim.bench.trial import CLOSED, RIGID
from handloop.sim.tasks.handle import LOADED, HandleScene
from handloop.sim.tasks.handle_build import build_scene
from handloop.sim.tasks.handle_force import GripForces, _cone
from handloop.sim.tasks.handle_load import Hold, Ladder, load_body
from handloop.sim.tasks.handle_object import Handle, HandleTrial
from handloop.sim.tasks.handle_wrap import HANDLE, HandAround

PULL = [0.0, 0.0, 1.0, 0.0, 0.0, 0.0]


@pytest.fixture(scope="module")
def scene() -> HandleScene:
    hand = Hand.load("hand27_right")
    depths = np.array([-0.025])
    return build_scene(hand, Handle(0.04, 0.12, 0.2), [PULL], lambda *_: None, depths)


def held(scene: HandleScene, friction: float, monkeypatch: pytest.MonkeyPatch) -> Hold:
    """Pulled along the handle by 1 N more every 10 ms, up to 100 N."""
    trial = replace(HandleTrial.draw(0), friction=friction)
    monkeypatch.setattr(HandleTrial, "draw", lambda seed: trial)
    ladder = Ladder.ramp(100.0, 100.0)
    episode, model = scene.episode(0, CLOSED, ladder.end)
    load_body(episode, model.body(HANDLE).id, 2, ladder)
    _core.run_episodes([episode], 1)
    return Hold.read(scene, episode)


def test_a_cone_has_its_edges_on_the_cone() -> None:
    normal = np.array([0.6, 0.8, 0.0])
    edges = _cone(normal, 0.5)
    assert edges @ normal == pytest.approx(np.ones(len(edges)))
    tangential = np.linalg.norm(edges - normal, axis=1)
    assert tangential == pytest.approx(np.full(len(edges), 0.5))


def test_strength_is_inverse_to_the_load_and_grows_with_friction(scene: HandleScene) -> None:
    around = HandAround(scene.bound)
    forces = [GripForces(around, scene.grip.wrap, friction) for friction in (0.05, 0.3, 0.6)]
    pulls = [f.strength(PULL) for f in forces]
    assert pulls[0] < pulls[1] < pulls[2]
    assert forces[1].strength(2.0 * np.array(PULL)) == pytest.approx(pulls[1] / 2.0, rel=1e-6)


def test_the_squeeze_stays_within_the_joints_limits_and_leaves_the_wrist(
    scene: HandleScene,
) -> None:
    assert np.abs(scene.grip.squeeze).max() == pytest.approx(1.0)
    assert not scene.grip.squeeze[scene.wrist].any()
    assert scene.grip.force > 100.0


def test_what_friction_holds_is_held_and_what_it_cannot_hold_is_not(
    scene: HandleScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = GripForces(HandAround(scene.bound), scene.grip.wrap, 0.9).strength(PULL)
    firm = held(scene, 0.9, monkeypatch)
    borne = 100.0 * (firm.until - LOADED)
    assert 50.0 < borne < 1.3 * most
    greasy = held(scene, 0.05, monkeypatch)
    assert greasy.ended in {"slipped", "missed"}
    assert 100.0 * (greasy.until - LOADED) < 0.25 * borne


def test_a_rigid_gripper_does_not_let_a_handle_creep(scene: HandleScene) -> None:
    ladder = Ladder.ramp(50.0, 50.0)
    episode, model = scene.episode(3, RIGID, ladder.end)
    load_body(episode, model.body(HANDLE).id, 2, ladder)
    _core.run_episodes([episode], 1)
    hold = Hold.read(scene, episode)
    assert hold.ended == "held"
    assert hold.slip < 1e-4


def test_rungs_grow_and_the_last_that_was_over_counts() -> None:
    ladder = Ladder.steps(2.0, 1.5, 4)
    assert ladder.worth == pytest.approx([2.0, 3.0, 4.5, 6.75])
    assert ladder.borne(LOADED) == 0.0
    assert ladder.borne(float(ladder.rung[1])) == 3.0
    assert ladder.borne(float(ladder.rung[2]) - 1e-3) == 3.0
    assert ladder.borne(ladder.end) == 6.75


def test_a_trial_is_drawn_within_its_bounds_and_again_the_same() -> None:
    draws = [HandleTrial.draw(seed) for seed in range(200)]
    assert draws == [HandleTrial.draw(seed) for seed in range(200)]
    frictions = [draw.friction for draw in draws]
    assert 0.5 <= min(frictions) < 0.53
    assert 0.87 < max(frictions) <= 0.9
    assert all(np.linalg.norm(draw.tilt) == pytest.approx(1.0) for draw in draws)
