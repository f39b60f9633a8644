"""`handloop hil`: the cup held through codec, line, virtual servos and the simulated hand."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from handloop import _core
from handloop.cli import app
from handloop.controller import Hand
from handloop.firmware_bridge import HandServos
from handloop.firmware_bridge.virtual_hand import VirtualHand
from handloop.hil import HilSetup
from handloop.hil.cup import HilRunner, spread
from handloop.sim.tasks.cup import CupScene
from handloop.sim.tasks.cup_trial import CupTrial

HAND = "hand22_right_light"
COUNT = 2.0 * np.pi / 4096.0  # [rad], of an encoder


@pytest.fixture(scope="module")
def scene() -> CupScene:
    return CupScene.build(Hand.load(HAND))


def test_the_cup_is_held_through_the_bus_and_again_to_the_bit(scene: CupScene) -> None:
    runner = HilRunner(scene, HilSetup(4_000_000, 2), creep=0.0)
    period, result = runner.run(CupTrial.draw(5))
    assert (period, result.outcome) == (0.001, "held")
    assert result.reactions.slips > 0
    assert runner.run(CupTrial.draw(5)) == (period, result)


def test_a_slower_line_ticks_seldom(scene: CupScene) -> None:
    period, result = HilRunner(scene, HilSetup(1_000_000, 1), creep=0.0).run(CupTrial.draw(5))
    assert period == pytest.approx(0.0055)  # 22 servos are 432 bytes: 4.32 ms, and some
    assert result.outcome in {"held", "crushed", "dropped"}
    assert result.slip > 0.0


def test_without_a_bus_it_is_the_cup_of_the_demo(scene: CupScene) -> None:
    trial = CupTrial.draw(5)
    episode = scene.episode(trial)
    _core.run_episodes([episode], 1)
    from handloop.sim.tasks.cup_result import judge

    assert HilRunner(scene, HilSetup(0, 0), 0.0).run(trial)[1] == judge(scene, trial, episode)


def test_servos_are_spread_evenly_and_keep_their_ids(scene: CupScene) -> None:
    hand = spread(scene.hand, HilSetup(2_000_000, 3))
    bus, before = hand.description.bus, scene.hand.description.bus
    assert bus is not None
    assert before is not None
    lines = [bus.line_of(joint) for joint in hand.joint_names]
    assert sorted(lines.count(line) for line in bus.lines) == [7, 7, 8]
    assert {line.baud for line in bus.lines.values()} == {2_000_000}
    assert all(bus.servos[j].id == before.servos[j].id for j in hand.joint_names)


class Scene:
    """A simulated hand behind virtual servos in lockstep."""

    def __init__(self, scene: CupScene, trial: CupTrial) -> None:
        self.plant, self.data = scene.plant(trial)
        self.simulated = _core.SimulatedHand(self.plant)
        self.hand = spread(scene.hand, HilSetup(4_000_000, 2))
        self.virtual = VirtualHand.build(self.hand, self.simulated)
        self.servos = HandServos.on(self.hand, self.virtual.lockstep())
        self.qpos = scene.bound.qpos

    @property
    def posture(self) -> np.ndarray:
        return np.array(self.data.qpos[self.qpos])

    def wait(self, seconds: float) -> None:
        next(iter(self.virtual.buses.values())).advance(seconds)


def test_encoders_see_the_joints(scene: CupScene) -> None:
    behind = Scene(scene, CupTrial.draw(0))
    ratio = np.array([abs(servo.place.ratio) for servo in behind.servos])
    assert np.all(np.abs(behind.servos.locate() - behind.posture) * ratio <= 1.01 * COUNT)


def test_the_hand_stands_still_until_it_begins_and_then_falls_with_all_its_joints(
    scene: CupScene,
) -> None:
    behind = Scene(scene, CupTrial.draw(0))
    before, time = behind.posture, behind.data.time
    behind.wait(0.05)
    assert np.array_equal(behind.posture, before)
    behind.simulated.begin()
    behind.wait(0.05)
    assert behind.data.time == pytest.approx(time + 0.05)  # once a millisecond for both lines
    assert np.abs(behind.posture - before).max() > 1e-3


def test_a_stuck_gear_stops_its_joint_alone(scene: CupScene) -> None:
    behind = Scene(scene, CupTrial.draw(0))
    behind.virtual.buses["line1"].jam(1, True)
    before = behind.posture
    behind.simulated.begin()
    behind.wait(0.1)
    moved = np.abs(behind.posture - before)
    assert moved[1] < 1e-4
    assert np.delete(moved, 1).max() > 1e-3
    behind.virtual.buses["line1"].jam(1, False)
    behind.wait(0.3)
    assert np.abs(behind.posture - before)[1] > 1e-4


def test_what_turns_a_hand_is_not_loaded_by_hand(scene: CupScene) -> None:
    behind = Scene(scene, CupTrial.draw(0))
    with pytest.raises(RuntimeError, match="load the hand"):
        behind.virtual.buses["line1"].load(0, 0.1)


def test_a_hand_that_does_not_fit_behind_servos_is_refused(scene: CupScene) -> None:
    model = scene.model
    other = _core.SimPlant(model, scene.bound.plant_ids(), _core.SensorModel(), 0.002)
    early = _core.SimPlant(model, scene.bound.plant_ids(), _core.SensorModel(), 0.001)
    with pytest.raises(RuntimeError, match=r"start\(data\)"):
        _core.SimulatedHand(early)
    with pytest.raises(ValueError, match=r"control period must be 0\.001"):
        _core.SimulatedHand(other)
    plant, _data = scene.plant(CupTrial.draw(0))
    world = _core.VirtualWorld(_core.SimulatedHand(plant))
    servo = _core.VirtualServoConfig(_core.VirtualServoModel.x330())
    with pytest.raises(ValueError, match="the joint that its shaft turns"):
        world.add_bus([servo])
    with pytest.raises(ValueError, match="no joint 99"):
        world.add_bus([servo], shafts=[_core.JointShaft(99)])


def test_the_command_compares_ways_and_says_which_cannot_be_had(tmp_path: Path) -> None:
    numbers, picture = tmp_path / "hil.json", tmp_path / "hil.png"
    words = ["hil", "--seeds", "1", "--baud", "4000000", "--baud", "4500000"]
    run = CliRunner().invoke(app, [*words, "--json", str(numbers), "--plot", str(picture)])
    assert run.exit_code == 0, run.output
    assert "no bus" in run.stdout
    assert "XC330-M181: no baud rate 4500000" in run.stdout
    found = json.loads(numbers.read_text())
    assert [way["baud"] for way in found["ways"]] == [None, 4_000_000]
    assert all(way["n"] == 1 for way in found["ways"])
    assert found["refused"][0]["baud"] == 4_500_000
    assert picture.stat().st_size > 10_000


def test_a_hand_without_a_bus_is_told_so() -> None:
    run = CliRunner().invoke(app, ["hil", "--hand", "hand22_right", "--seeds", "1"])
    assert run.exit_code == 1
    assert "[bus.lines]" in run.stderr
