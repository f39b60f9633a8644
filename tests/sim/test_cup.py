"""The cup: what happens in the scene, and what the hands achieve."""

import copy
import dataclasses
import math
from collections.abc import Callable

import mujoco
import numpy as np
import pytest

from handloop import _core
from handloop._core import Fault, SafetyState
from handloop.controller import Hand
from handloop.controller.description import Joints
from handloop.sim.episode_log import Log
from handloop.sim.tasks import cup, cup_object, cup_trial
from handloop.sim.tasks.cup import CupScene
from handloop.sim.tasks.cup_result import Contacts, CupResult, judge, sides
from handloop.sim.tasks.cup_trial import CupTrial

CupOf = Callable[[str], CupScene]
Runs = tuple[list[_core.Episode], list[CupResult]]
SEEDS = range(6)


@pytest.fixture(scope="module")
def scene(cup_scene: CupOf) -> CupScene:
    return cup_scene("hand27_right")


def run(scene: CupScene, trials: list[CupTrial], squeeze: float | None = None) -> Runs:
    episodes = [scene.episode(trial, squeeze) for trial in trials]
    _core.run_episodes(episodes)
    return episodes, [judge(scene, t, e) for t, e in zip(trials, episodes, strict=True)]


@pytest.fixture(scope="module")
def closed_loop(scene: CupScene) -> Runs:
    return run(scene, [CupTrial.draw(seed) for seed in SEEDS])


# -- what happens in the scene -------------------------------------------------------------------


def test_the_wrist_is_shaken_as_asked(closed_loop: Runs) -> None:
    for episode in closed_loop[0]:
        log = Log(episode)
        time = log["time"]
        full = (time > cup.SHAKEN[0] + 0.35) & (time < cup.SHAKEN[1] - 0.35)
        acceleration = log["carriage_acceleration"][full, 1]
        phase = 2.0 * np.pi * cup.SHAKE_RATE * time[full]
        waves = np.column_stack([np.sin(phase), np.cos(phase), np.ones_like(phase)])
        fit = np.linalg.lstsq(waves, acceleration, rcond=None)[0]
        assert np.hypot(fit[0], fit[1]) == pytest.approx(cup_trial.SHAKE, rel=0.03)
        assert np.abs(acceleration - waves @ fit).max() < 0.05 * cup_trial.SHAKE
        before = (time > cup.SINK[1]) & (time < cup_trial.DROP_IN)
        assert np.abs(log["carriage_acceleration"][before, :2]).max() < 0.05


def test_nothing_but_the_pads_touches_the_cup(scene: CupScene, closed_loop: Runs) -> None:
    model, data = scene.model, mujoco.MjData(scene.model)
    free = model.jnt_qposadr[model.body("cup").jntadr[0]]
    geom = model.geom("cup").id
    for episode in closed_loop[0][:3]:
        log = Log(episode)
        joints = np.column_stack([log[f"hand/{name}_pos"] for name in scene.hand.joint_names])
        touching: set[str] = set()
        for i in range(round(cup.SINK[1] / cup.PERIOD), round(cup.SHAKEN[0] / cup.PERIOD), 10):
            data.qpos[scene.bound.qpos] = joints[i]
            data.qpos[free : free + 3] = log["cup_position"][i]
            data.qpos[free + 3 : free + 7] = log["cup_orientation"][i]
            mujoco.mj_fwdPosition(model, data)
            pairs = data.contact.geom  # all that comes closer than its margin
            others = pairs[(pairs == geom).any(axis=1)].ravel()
            touching |= {model.geom(int(g)).name for g in others if g != geom}
        touching.discard("coaster")
        assert touching == {f"hand/{finger}_pad" for finger in scene.hand.finger_names}


@pytest.mark.parametrize("friction", [0.4, 0.6, 0.9])
def test_a_pad_slips_at_the_friction_that_is_set(
    friction: float, scene: CupScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cup, "END", 5.0)
    trial = dataclasses.replace(CupTrial.draw(1), friction=friction)
    (episode,), (result,) = run(scene, [trial], squeeze=1.0)
    assert result.outcome == "dropped"
    log = Log(episode)
    contacts = Contacts.read(scene, log)
    pressed = (contacts.normal > 0.1) & (log["time"] > cup.SINK[1])[:, None]
    ratio = contacts.tangential / np.maximum(contacts.normal, 1e-9)
    assert ratio[pressed].max() < 1.001 * friction
    slipping = pressed & (np.linalg.norm(contacts.velocity, axis=2) > 0.01)
    for finger in range(len(scene.share)):
        slips = slipping[:, finger]
        assert slips.sum() > 50
        assert np.median(ratio[slips, finger]) == pytest.approx(friction, rel=0.03)


def test_a_quiet_grasp_creeps_little(scene: CupScene, monkeypatch: pytest.MonkeyPatch) -> None:
    # 0.3 kg, no landing to speak of, no shake. What is left comes from fingers that go on sharing
    # the load out among themselves, at 0.1 mm/s: a tenth of a drop in the longest wait.
    monkeypatch.setattr(cup, "SHAKEN", (20.0, 22.0))
    trial = dataclasses.replace(CupTrial.draw(1), mass_scale=(1.0, 0.25 / 0.45, 1e-3))
    (episode,), (result,) = run(scene, [trial])
    assert result.outcome == "held"
    log = Log(episode)
    quiet = log["time"] >= 8.0
    for side in sides(Contacts.read(scene, log).velocity, scene.share):
        way = np.cumsum(side[quiet] * cup.PERIOD, axis=0)
        assert np.linalg.norm(way, axis=1).max() < 3e-4


# -- what the hands achieve ----------------------------------------------------------------------


def test_force_feedback_holds_the_cup(closed_loop: Runs) -> None:
    results = closed_loop[1]
    assert [result.outcome for result in results] == ["held"] * len(results)
    assert np.mean([result.safety_margin for result in results]) <= 0.30
    reactions = np.concatenate([result.reactions.times for result in results])
    assert len(reactions) >= len(results)
    assert np.median(reactions) <= 0.015
    assert all(0.0 < result.slip < cup_trial.DROPPED for result in results)
    for episode in closed_loop[0]:
        log = Log(episode)
        assert not log["safety"].any()


def test_torques_stay_within_their_limits(scene: CupScene, closed_loop: Runs) -> None:
    limit = scene.hand.controller_config().safety.torque_max
    for episode in closed_loop[0]:
        log = Log(episode)
        assert np.isfinite(log._rows).all()
        assert (np.abs(log["torque"]) <= limit).all()


@pytest.mark.parametrize(("squeeze", "outcome"), [(1.0, "dropped"), (20.0, "crushed")])
def test_a_blind_squeeze_fails_either_way(squeeze: float, outcome: str, scene: CupScene) -> None:
    results = run(scene, [CupTrial.draw(seed) for seed in range(2)], squeeze)[1]
    assert [result.outcome for result in results] == [outcome] * 2


def test_only_a_hand_that_feels_reacts(scene: CupScene, closed_loop: Runs) -> None:
    assert all(result.reactions.unanswered == 0 for result in closed_loop[1])
    blind = run(scene, [CupTrial.draw(seed) for seed in range(6)], 5.5)[1]
    assert sum(result.reactions.unanswered for result in blind) >= 3
    assert all(result.reactions.times == () for result in blind)


def test_a_run_may_end_with_its_failure(scene: CupScene) -> None:
    trial = CupTrial.draw(0)
    episodes = [scene.episode(trial, 20.0, until_failure=flag) for flag in (False, True)]
    _core.run_episodes(episodes)
    whole, short = episodes
    assert len(short.log) < len(whole.log)
    assert [judge(scene, trial, episode).outcome for episode in episodes] == ["crushed"] * 2


def test_a_squeeze_and_a_configuration_exclude_each_other(scene: CupScene) -> None:
    config = scene.hand.controller_config(cup.PERIOD)
    with pytest.raises(ValueError, match="squeeze and config exclude each other"):
        scene.episode(CupTrial.draw(0), 6.0, config=config)
    assert config.grip.adaptive


@pytest.mark.parametrize("filling", [2.0, 5.0, 50.0])
def test_a_cup_too_heavy_is_dropped(
    filling: float, scene: CupScene, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where MuJoCo puts its log, should the cup break the floor
    trial = dataclasses.replace(
        CupTrial.draw(1), mass_scale=(1.0, filling / cup_object.FILLING, 1.0)
    )
    (episode,), (result,) = run(scene, [trial])
    assert result.outcome == "dropped"
    log = Log(episode)
    assert (log["wanted_force"] <= scene.hand.controller_config().grip.force_max).all()
    limit = scene.hand.controller_config().safety.torque_max
    assert (np.abs(log["torque"]) <= limit).all()


@pytest.mark.slow
def test_half_the_physics_step_changes_no_outcome(scene: CupScene, closed_loop: Runs) -> None:
    model = copy.copy(scene.model)
    model.opt.timestep = 0.5 * scene.model.opt.timestep
    finer = dataclasses.replace(scene, model=model)
    results = run(finer, [CupTrial.draw(seed) for seed in range(4)])[1]
    for fine, coarse in zip(results, closed_loop[1][:4], strict=True):
        assert fine.outcome == coarse.outcome
        assert fine.safety_margin == pytest.approx(coarse.safety_margin, abs=0.05)


@pytest.mark.parametrize(
    "name", ["hand27_left", "hand22_right", "hand22_left", "hand27_right_tendon"]
)
def test_the_other_hands_hold_it_too(name: str, cup_scene: CupOf) -> None:
    results = run(cup_scene(name), [CupTrial.draw(seed) for seed in (1, 3)])[1]
    assert [result.outcome for result in results] == ["held"] * 2


@pytest.mark.parametrize("name", ["hand27_right_servo", "hand22_right_servo"])
def test_servos_do_not_drop_it(name: str, cup_scene: CupOf) -> None:
    # They do crush some cups: their rotors are too heavy to follow when the lump lands.
    results = run(cup_scene(name), [CupTrial.draw(seed) for seed in range(2)])[1]
    assert all(result.slip < cup_trial.DROPPED for result in results)
    assert {result.outcome for result in results} <= {"held", "crushed"}


def test_light_servos_hold_it(cup_scene: CupOf) -> None:
    results = run(cup_scene("hand22_right_light"), [CupTrial.draw(seed) for seed in range(3)])[1]
    assert [result.outcome for result in results] == ["held"] * 3


def test_the_pad_gives_the_same_whatever_turns_the_finger(cup_scene: CupOf) -> None:
    # MuJoCo's contacts get stiffer with the mass behind them, which rotors make up to ten times
    # that of a finger.
    time = {
        hand: float(cup_scene(hand).model.geom("cup").solref[0])
        for hand in ("hand27_right", "hand22_right", "hand22_right_light", "hand27_right_servo")
    }
    assert time["hand27_right"] == time["hand22_right"] == 0.02
    assert 0.02 < time["hand22_right_light"] < time["hand27_right_servo"]
    assert cup_object.contact_time(4 * 0.0228) == pytest.approx(2 * 0.02)


def test_a_hand_without_actuators_cannot_hold(load_hand: Callable[[str], Hand]) -> None:
    hand = load_hand("hand27_right")
    without = hand.changed(joints=Joints(names=hand.joint_names))
    with pytest.raises(ValueError, match=r"joints\.actuators: .*kinematics only"):
        CupScene.build(without)


# -- sensors that fail with the cup in the hand --------------------------------------------------


class Holding:
    """A cup in the hand and the coaster gone, driven tick by tick from Python."""

    def __init__(self, scene: CupScene) -> None:
        self.model = copy.copy(scene.model)
        self.model.geom("cup").friction[0] = 0.8
        for part, mass in (("filling", 0.1), ("lump", 1e-4)):
            self.model.body(part).mass[0] = mass
        self.data = mujoco.MjData(self.model)
        self.data.qpos[scene.bound.qpos] = scene.preshape.opened
        config = scene.hand.controller_config()
        self.limit = config.safety.torque_max
        self.controller = _core.Controller(scene.bound.hand_model, config)
        self.controller.set_trajectory(
            [0.0, cup.CLOSED], [scene.preshape.opened, scene.preshape.closed]
        )
        sensors = _core.SensorModel()
        sensors.delay = 2
        self.plant = _core.SimPlant(self.model, scene.bound.plant_ids(), sensors, config.period)
        self.plant.start(self.data)
        self.torque = np.zeros(0)
        self.run(1.0)
        top = self.data.mocap_pos[0, 2]
        for i in range(600):
            self.data.mocap_pos[0, 2] = top - 0.1 * (i / 600) ** 2
            self.tick()
        self.height = self.data.body("cup").xpos[2]

    def tick(self, spoil: Callable[[_core.HandState], None] | None = None) -> None:
        state = self.plant.read()
        if spoil:
            spoil(state)
        self.torque = self.controller.tick(state, self.plant.now)
        assert np.isfinite(self.torque).all()
        assert (np.abs(self.torque) <= self.limit).all()
        self.plant.write(self.torque)
        assert self.plant.advance()

    def run(self, seconds: float, spoil: Callable[[_core.HandState], None] | None = None) -> None:
        for _ in range(round(1e3 * seconds)):
            self.tick(spoil)

    @property
    def sunk(self) -> float:
        return float(self.height - self.data.body("cup").xpos[2])


@pytest.fixture
def holding(scene: CupScene) -> Holding:
    return Holding(scene)


def nan_position(state: _core.HandState) -> None:
    q = state.q
    q[12] = math.nan
    state.q = q


def nan_velocity(state: _core.HandState) -> None:
    state.dq = np.full_like(state.dq, math.inf)


def nan_force(state: _core.HandState) -> None:
    state.contact(1).force = [math.nan, 0.0, 0.0]


@pytest.mark.parametrize("spoil", [nan_position, nan_velocity, nan_force])
def test_a_sensor_that_fails_while_the_hand_holds(
    spoil: Callable[[_core.HandState], None], holding: Holding
) -> None:
    controller = holding.controller
    holding.run(0.2)
    assert holding.sunk < 0.01
    assert (controller.safety_state, controller.fault) == (SafetyState.OK, Fault.NONE)
    holding.run(0.003, spoil)  # bridged
    assert (controller.safety_state, controller.fault) == (SafetyState.DEGRADED, Fault.NOT_A_NUMBER)
    holding.run(0.2)
    assert (controller.safety_state, controller.fault) == (SafetyState.OK, Fault.NONE)
    assert holding.sunk < 0.01
    holding.run(0.02, spoil)
    assert (controller.safety_state, controller.fault) == (SafetyState.HOLD, Fault.NOT_A_NUMBER)
    assert np.any(holding.torque)
    holding.run(0.3)  # good samples again: it goes on holding, and the cup stays
    assert (controller.safety_state, controller.fault) == (SafetyState.HOLD, Fault.NOT_A_NUMBER)
    assert holding.sunk < 0.01
    holding.run(0.15, spoil)  # and in the end lets go
    assert (controller.safety_state, controller.fault) == (SafetyState.LIMP, Fault.NOT_A_NUMBER)
    assert not np.any(holding.torque)
