"""Hands whose motors are simulated as their actuators' files have them."""

from pathlib import Path

import mujoco
import numpy as np
import pytest

from handloop import _core
from handloop.controller import Hand, HandError
from handloop.controller.actuator import Actuator
from handloop.controller.motors import core_drives

HEAD = 'schema = 1\nextends = "hand27_right_servo"\nname = "own"\n'
KINDS = ("XM540-W270", "XM430-W210", "XC330-M288", "XC330-M181")


def hand_of(folder: Path, *lines: str) -> Hand:
    file = folder / "own.toml"
    file.write_text(HEAD + "\n".join(lines))
    return Hand.load(file)


def with_actuators(*more: str) -> list[str]:
    tables = [f'[motors.kinds."{kind}"]\nactuator = "{kind.lower()}"' for kind in KINDS]
    return ["[motors]", *more, *tables]


def test_an_actuators_file_gives_the_controller_its_figures(tmp_path: Path) -> None:
    hand = hand_of(tmp_path, *with_actuators())
    motor = hand.controller_config().motors.motors[0]
    actuator = Actuator.read("xm540-w270")
    assert motor.torque_constant == actuator.motor.torque_constant
    assert motor.resistance == actuator.motor.resistance
    assert motor.friction.coulomb > 0.0
    assert motor.thermal.winding_resistance == 6.0
    assert motor.current_max == 4.4
    assert not hand.simulates_motors
    assert hand.bind(hand.model).plant_ids() is not None
    gear = hand.model.actuator_gaintype
    assert set(gear) == {int(mujoco.mjtGain.mjGAIN_DCMOTOR)}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "backlash =",
            "baklash =",
            "gear.baklash: no key 'baklash' in gear; did you mean 'backlash'?",
        ),
        ("[gear]", "[gears]", "gears: no key 'gears' in an actuator file; did you mean 'gear'?"),
        ("schema = 1", "shema = 1", "did you mean 'schema'?"),
        ("[gear]", "[gears]", "gear: is missing"),
        ("inertia = ", "inertia = -", "gear.inertia: input should be greater than 0 (is -"),
    ],
)
def test_what_is_wrong_in_an_actuators_file_is_told_with_what_was_meant(
    old: str, new: str, message: str, tmp_path: Path
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(Actuator.read("xl330-m288").toml().replace(old, new, 1))
    with pytest.raises(HandError) as error:
        Actuator.read(file)
    assert str(error.value).startswith(f"{file}: ")
    assert message in str(error.value)
    assert "extends" not in str(error.value)


def test_a_file_of_ones_own_lies_beside_the_hand(tmp_path: Path) -> None:
    own = Actuator.read("xc330-m181")
    motor = own.motor.model_copy(update={"current_max": 0.5})
    (tmp_path / "mine.toml").write_text(own.model_copy(update={"motor": motor}).toml())
    lines = ['[motors.kinds."XC330-M181"]', 'actuator = "mine.toml"', "gear = 2.0"]
    kind = hand_of(tmp_path, *lines).description.motors.kinds["XC330-M181"]
    assert kind.current_max == 0.5
    assert kind.torque_constant == pytest.approx(2.0 * own.motor.torque_constant)
    assert kind.actuator.gear.inertia == pytest.approx(4.0 * own.gear.inertia)


def test_what_sticks_at_rest_is_what_is_pushed_through(tmp_path: Path) -> None:
    own = Actuator.read("xc330-m181")
    sticky = own.friction.model_copy(update={"coulomb": 0.01, "stribeck_coulomb": 0.02})
    (tmp_path / "mine.toml").write_text(own.model_copy(update={"friction": sticky}).toml())
    kind = ['[motors.kinds."XC330-M181"]', 'actuator = "mine.toml"', "[law]", "friction_rate = 5.0"]
    hand = hand_of(tmp_path, *kind)
    joint = hand.description.motors.kind.index("XC330-M181")
    assert hand.controller_config().law.dry_friction[joint] == pytest.approx(0.03)


@pytest.mark.parametrize("name", ["hand27_right", "hand27_right_tendon"])
def test_without_motors_in_the_joints_there_is_no_friction_to_push_through(
    name: str, tmp_path: Path
) -> None:
    file = tmp_path / "hand.toml"
    file.write_text(f'extends = "{name}"\nname = "mine"\n[law]\nfriction_rate = 5.0\n')
    with pytest.raises(HandError, match=r"law\.friction_rate: goes by the friction of motors"):
        Hand.load(file)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            ['[motors.kinds."XC330-M181"]', 'actuator = "xc330-m118"'],
            r"motors\.kinds\.XC330-M181\.actuator: .*xc330-m118.*xc330-m181",
        ),
        (["[motors]", "real = true"], r"motors\.kinds\.XM540-W270: needs actuator = "),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, lines: list[str], message: str) -> None:
    with pytest.raises(HandError, match=message):
        hand_of(tmp_path, *lines)


@pytest.fixture(scope="module")
def real() -> Hand:
    return Hand.load("hand27_right_real")


def test_a_real_hand_has_ports_for_its_actuators_and_their_rotors(real: Hand) -> None:
    bound = real.bind(real.model)
    assert set(real.model.actuator_gaintype[bound.actuator_ids]) == {
        int(mujoco.mjtGain.mjGAIN_FIXED)
    }
    kinds = [real.description.motors.kinds[kind] for kind in real.description.motors.kind]
    inertia = [_core.INERTIA_BEHIND_PLAY * kind.actuator.gear.inertia for kind in kinds]
    np.testing.assert_allclose(real.model.dof_armature[bound.dof], inertia)
    servo = Hand.load("hand27_right_servo")
    ranges = [m.actuator_ctrlrange for m in (real.model, servo.model)]
    np.testing.assert_array_equal(*ranges)


def test_driven_by_voltage_its_servos_brake_themselves_enough(real: Hand) -> None:
    bound, law = real.bind(real.model), real.controller_config().law
    core = _core.HandKinematics(bound.hand_model)
    core.update_position(bound.position_range.mean(axis=1))
    drives = core_drives(real.description).actuators
    rotor = [(1.0 - _core.INERTIA_BEHIND_PLAY) * drive.inertia for drive in drives]
    braking = [drive.torque_constant * drive.back_emf / drive.resistance for drive in drives]
    own = real.model.dof_damping[bound.dof]
    critical = 2.0 * np.sqrt(law.stiffness * (np.diag(core.joint_inertia()) + rotor))
    assert np.all((law.damping + own + braking) / critical > 0.75)


def test_its_plant_holds_a_posture_tells_heat_and_leaves_the_model_as_it_was(real: Hand) -> None:
    bound, model = real.bind(real.model), real.model
    config = real.controller_config()
    plant = _core.SimPlant(model, bound.plant_ids(), _core.SensorModel(), config.period)
    data = mujoco.MjData(model)
    before = model.dof_solimp.copy()
    plant.start(data)
    assert not np.array_equal(model.dof_solimp, before)
    for _ in range(300):
        plant.write(np.full(len(real.joint_names), 0.05))
        plant.advance()
    state = plant.read()
    assert len(state.temperature) == len(real.joint_names)
    assert np.all(np.asarray(state.temperature) > 25.0)
    counts = np.asarray(state.q) / Actuator.read("xm540-w270").encoder.resolution
    np.testing.assert_allclose(counts, np.round(counts), atol=1e-9)
    del plant
    np.testing.assert_array_equal(model.dof_solimp, before)


def test_two_batches_of_a_real_hand_are_the_same_to_the_bit(real: Hand) -> None:
    def run() -> np.ndarray:
        bound, config = real.bind(real.model), real.controller_config()
        episodes = []
        for _ in range(3):
            model = real.spec().compile()
            own = real.bind(model)
            episodes.append(
                _core.Episode(
                    model, own.plant_ids(), _core.SensorModel(), bound.hand_model, config, [], 60
                )
            )
        _core.run_episodes(episodes, 2)
        first = np.array(episodes[0].log)
        for episode in episodes[1:]:
            np.testing.assert_array_equal(first, episode.log)
        return first

    np.testing.assert_array_equal(run(), run())
