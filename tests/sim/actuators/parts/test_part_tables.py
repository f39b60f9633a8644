"""Files of motors and gearheads: what is packaged, what users add, what is wrong."""

from pathlib import Path

import pytest

from handloop.controller.errors import HandError
from handloop.sim.actuators.parts.part_tables import Parts

GEAR = """
schema = 1
[gearheads."own 10"]
maker = "own"
series = "10"
source = "a drawing"
stages = 2
ratios = [16]
load = { torque_continuous = 0.1, torque_intermittent = 0.15, efficiency = 0.8 }
body = { diameter = 0.01, mass = 0.008 }
"""


def test_the_packaged_table_covers_small_motors_of_two_makers_with_their_sources() -> None:
    parts = Parts.packaged()
    diameters = [m.body.diameter for m in parts.motors.values()]
    assert min(diameters) <= 0.006
    assert {m.maker for m in parts.motors.values()} == {"maxon", "Faulhaber"}
    assert len(parts.motors) >= 40
    assert len(parts.gearheads) >= 30
    rows = [*parts.motors.values(), *parts.gearheads.values()]
    assert all(row.source.startswith(row.maker) for row in rows)


@pytest.mark.parametrize(
    ("name", "resistance", "torque_constant", "rpm", "inner", "outer"),
    [  # read from the makers' own sheets once more, not from the file
        ("Faulhaber 1524T012SR", 19.8, 11.5e-3, 9800, 10, 29),
        ("Faulhaber 0816K006SR", 21.2, 4.12e-3, 13500, 20, 48),
    ],
)
def test_rows_are_those_of_the_sheet(
    name: str, resistance: float, torque_constant: float, rpm: float, inner: float, outer: float
) -> None:
    motor = Parts.packaged().motors[name]
    assert motor.electrical.resistance == pytest.approx(resistance)
    assert motor.electrical.torque_constant == pytest.approx(torque_constant, rel=0.02)
    assert motor.electrical.no_load_rpm == pytest.approx(rpm, rel=0.02)
    assert motor.heat
    assert (motor.heat.winding_housing, motor.heat.housing_ambient) == (inner, outer)


def test_a_users_file_adds_to_the_table(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(GEAR)
    parts = Parts.packaged().with_file(file)
    assert parts.gearheads["own 10"].ratios == (16.0,)
    assert len(parts.gearheads) == len(Parts.packaged().gearheads) + 1


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (GEAR.replace("schema = 1", ""), "schema"),
        (GEAR.replace("0.8 }", "1.2 }"), r"load\.efficiency"),
        (GEAR.replace("mass = 0.008", "weight = 0.008"), r"body\.weight"),
        (GEAR.replace("[16]", "[]"), "ratios"),
        (GEAR.replace("own 10", "maxon GPX 10, 3 stages"), "is in the catalogue"),
        ("= 3", "is not valid TOML"),
    ],
)
def test_a_wrong_file_is_refused_with_the_key(tmp_path: Path, wrong: str, message: str) -> None:
    file = tmp_path / "own.toml"
    file.write_text(wrong)
    with pytest.raises(HandError, match=message):
        Parts.packaged().with_file(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(HandError, match=r"none\.toml: cannot be read"):
        Parts.packaged().with_file(tmp_path / "none.toml")
