"""The `[motors]` table: what the core is given, and what is refused."""

from collections.abc import Callable
from pathlib import Path

import mujoco
import numpy as np
import pytest

from handloop import _core, models
from handloop.controller import Hand, HandError


def test_a_hand_without_the_table_has_ideal_motors(load_hand: Callable[[str], Hand]) -> None:
    config = load_hand("hand27_right").controller_config()
    assert config.motors.motors == []
    assert config.observer.force_source is _core.ForceSource.SENSORS


@pytest.mark.parametrize(
    "name", ["hand27_right_servo", "hand22_left_servo", "leap_right", "orca_right"]
)
def test_every_packaged_servo_can_hold_the_limit_of_its_joint(
    load_hand: Callable[[str], Hand], name: str
) -> None:
    hand = load_hand(name)
    bound, config = hand.bind(hand.model), hand.controller_config().motors
    rails = config.rails
    for actuator, motor in zip(bound.actuator_ids, config.motors, strict=True):
        stall = motor.torque_constant * rails[motor.rail].voltage / motor.resistance
        limit = hand.model.actuator_ctrlrange[hand.model.actuator_ctrladr[actuator], 1]
        assert stall >= limit
    assert {motor.thermal.winding_max for motor in config.motors} == {100.0}


def write(folder: Path, table: str) -> Path:
    file = folder / "hand.toml"
    base = Path(models.__file__).parent / "hand22_right.toml"
    file.write_text(f'schema = 1\nextends = "{base}"\n{table}', encoding="utf-8")
    return file


FAULTS = [
    ('kind = "b"\n[motors.kinds.a]\ntorque_constant = 1.0', r"motors\.kind: .*'b'"),
    ('kind = ["a"]\n[motors.kinds.a]\ntorque_constant = 1.0', r"motors\.kind: has 1 entries"),
    ('kind = "a"\n[motors.kinds.a]\ntorque_constant = 0.0', r"motors\.kinds\.a\.torque_constant"),
    (
        'kind = "a"\n[motors.kinds.a]\ntorque_constant = 1.0\nrail = "5 V"',
        r"motors\.kinds\.a\.rail: .*'5 V'",
    ),
    (
        'kind = "a"\n[motors.kinds.a]\ntorque_constant = 1.0\nfriction = { colomb = 0.1 }',
        r"motors\.kinds\.a\.friction\.colomb: .*coulomb",
    ),
    (
        'kind = "a"\n[motors.kinds.a]\ntorque_constant = 1.0\n'
        "[motors.rails.main]\nvoltage = 5.0\nvoltage_min = 6.0",
        r"motors\.rails\.main\.voltage_min: 6 V is above",
    ),
]


@pytest.mark.parametrize(("table", "message"), FAULTS)
def test_errors_name_file_and_key(tmp_path: Path, table: str, message: str) -> None:
    file = write(tmp_path, f"[motors]\n{table}\n")
    with pytest.raises(HandError, match=message) as error:
        Hand.load(file)
    assert str(file) in str(error.value)


def test_one_kind_serves_for_all_joints(tmp_path: Path) -> None:
    table = (
        '[motors]\nkind = "a"\nambient = 30.0\n[motors.kinds.a]\ntorque_constant = 1.5\n'
        'rail = "main"\nfriction = { coulomb = 0.1 }\n[motors.rails.main]\nvoltage = 5.0\n'
        '[observer]\nforce_source = "motors"\ntouch_on = 0.4\n'
    )
    hand = Hand.load(write(tmp_path, table))
    config = hand.controller_config()
    assert len(config.motors.motors) == len(hand.joint_names)
    assert config.motors.motors[-1].friction.coulomb == 0.1
    assert config.motors.rails[config.motors.motors[-1].rail].voltage == 5.0
    assert config.motors.ambient == 30.0
    assert config.observer.force_source is _core.ForceSource.MOTORS
    assert config.observer.touch_on == 0.4
    _core.Controller(hand.bind(hand.model).hand_model, config)


def test_friction_is_that_of_an_actuators_file_or_has_short_names(tmp_path: Path) -> None:
    def friction(written: str) -> _core.Friction:
        table = f'[motors]\nkind = "a"\n[motors.kinds.a]\ntorque_constant = 1.5\n{written}\n'
        return Hand.load(write(tmp_path, table)).controller_config().motors.motors[0].friction

    whole = friction(
        "friction = { load_motor = 0.1, load_external = 0.2, stribeck_coulomb = 0.3, "
        "stribeck_speed = 0.4, stribeck_exponent = 0.5, quadratic_external = 3.0 }"
    )
    assert (whole.load_motor, whole.load_external, whole.stribeck_coulomb) == (0.1, 0.2, 0.3)
    assert (whole.stribeck_speed, whole.stribeck_exponent) == (0.4, 0.5)
    assert whole.quadratic_external == 3.0
    short = friction("friction = { load = 0.2, stiction = 0.3 }")
    assert (short.load_motor, short.load_external, short.stribeck_coulomb) == (0.0, 0.2, 0.3)


def test_motors_are_counted_as_the_transmission_has_them(load_hand: Callable[[str], Hand]) -> None:
    hand = load_hand("hand27_right_tendon")
    bound, config = hand.bind(hand.model), hand.controller_config()
    count = len(config.transmission.effort_max)
    assert count > len(hand.joint_names)
    for motors in (count, len(hand.joint_names)):
        config.motors.motors = [_core.Motor()] * motors
        if motors == count:
            controller = _core.Controller(bound.hand_model, config)
            controller.tick(_core.HandState(27), 0.0)
            assert controller.command.current.shape == (count,)
            np.testing.assert_array_equal(controller.command.current, controller.effort)
        else:
            with pytest.raises(
                ValueError, match=f"27 entries.* one for each of its {count} motors"
            ):
                _core.Controller(bound.hand_model, config)


def test_one_kind_serves_for_all_tendons(tmp_path: Path, load_hand: Callable[[str], Hand]) -> None:
    base = Path(models.__file__).parent / "hand27_right_tendon.toml"
    file = tmp_path / "hand.toml"
    file.write_text(
        f'schema = 1\nextends = "{base}"\n[motors]\nkind = "winch"\n'
        "[motors.kinds.winch]\ntorque_constant = 40.0\n",
        encoding="utf-8",
    )
    hand = Hand.load(file)
    bound, config = hand.bind(hand.model), hand.controller_config()
    assert len(config.motors.motors) == len(config.transmission.effort_max)
    controller = _core.Controller(bound.hand_model, config)
    plant = _core.SimPlant(hand.model, bound.plant_ids(), _core.SensorModel(), 0.001)
    plant.start(mujoco.MjData(hand.model))
    assert _core.Loop(plant, controller).run(10) == 10
    assert len(plant.read().current) == len(config.motors.motors)


def test_a_plant_reports_the_currents_of_known_motors(load_hand: Callable[[str], Hand]) -> None:
    hand = load_hand("hand22_right_servo")
    plant = _core.SimPlant(
        hand.model, hand.bind(hand.model).plant_ids(), _core.SensorModel(), 0.001
    )
    data = mujoco.MjData(hand.model)
    plant.start(data)
    torque = np.full(len(hand.joint_names), 0.05)
    plant.write(torque.tolist())
    assert plant.advance()
    constants = [m.torque_constant for m in hand.controller_config().motors.motors]
    assert np.allclose(plant.read().current, torque / constants)
