"""Servo files that a user adds to the catalogue."""

from collections.abc import Callable
from pathlib import Path

import pytest

from handloop.firmware_bridge import CatalogueError, ServoCatalogue

CATALOGUE = ServoCatalogue.packaged()

GOOD = """
schema = 1
[models.Mine]
extends = "XM430-W350"
numbers = [4000]
aliases = ["my servo"]
source = "my bench"
lacks = ["led"]
registers.current_limit.max = 800
units.current.scale = 0.003
[models.Mine.motor]
points = [{ voltage = 12.0, stall_torque = 4.0, stall_current = 2.0, no_load_rpm = 40 }]
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def write_file(text: str) -> Path:
        file = tmp_path / "mine.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return write_file


def test_a_servo_of_ones_own_extends_a_packaged_one(write: Callable[[str], Path]) -> None:
    mine = CATALOGUE.with_file(write(GOOD)).named("My Servo")
    goal = mine.register("goal_current")
    assert goal.from_raw(goal.maximum) == pytest.approx(2.4)
    assert mine.nominal.torque_constant == pytest.approx(2.0)
    assert mine.motor is not None
    assert mine.motor.gear_ratio == 353.5
    assert mine.mass == 0.082
    assert not mine.has("led")
    assert CATALOGUE.named("XM430-W350").has("led")


def test_a_file_adds_to_a_catalogue_and_leaves_it_as_it_was(write: Callable[[str], Path]) -> None:
    more = CATALOGUE.with_file(write(GOOD))
    assert more.numbered(4000).name == "Mine"
    assert len(more) == len(CATALOGUE) + 1
    with pytest.raises(CatalogueError, match="no servo 'Mine'"):
        CATALOGUE.named("Mine")


def test_a_file_may_extend_a_servo_of_another_file(
    write: Callable[[str], Path], tmp_path: Path
) -> None:
    other = tmp_path / "other.toml"
    other.write_text('schema = 1\n[models.Other]\nextends = "Mine"\nmass = 0.1', encoding="utf-8")
    model = CATALOGUE.with_file(write(GOOD)).with_file(other).named("Other")
    assert (model.mass, model.aliases) == (0.1, ())


FAULTS = [
    (("schema = 1", "schema = "), "is not valid TOML"),
    (("schema = 1", "schema = 2"), "schema: .*say schema = 1"),
    (("[models.Mine]", "[model.Mine]"), "model: no key 'model' in a servo file; .*'models'"),
    (("[models.Mine]", "[models]\nOther = 3\n[models.Mine]"), r"models: .*\[models\.NAME\]"),
    (('"XM430-W350"', '"XM430-W35"'), "Mine: extends: .*did you mean 'XM430-W350'"),
    (('"XM430-W350"', '"Mine"'), "Mine: extends: goes round in a circle"),
    (('extends = "XM430-W350"', ""), r"models\.Mine\.baud_rates: is missing"),
    (("numbers", "number"), r"models\.Mine\.number: no key .*did you mean 'numbers'"),
    (("scale = 0.003", "scale = -1.0"), r"Mine\.units\.current\.scale: .*greater than 0"),
    (("scale = 0.003", "scale = nan"), r"Mine\.units\.current\.scale: .*finite number"),
    (("current_limit.max", "current_limit.maxx"), r"limit\.maxx: .*did you mean 'max'"),
    (('extends = "XM430-W350"', 'extend = "XM430-W350"'), r"Mine\.extend: .*mean 'extends'"),
    (
        ("current_limit.max = 800", "current_limit.max = 70000"),
        r"registers\.current_limit: 0 to 70000 does not fit; the bytes hold 0 to 65535",
    ),
    (
        ("current_limit.max = 800", "current_limit.default = -1"),
        r"registers\.current_limit\.default: -1 does not fit",
    ),
    (
        ("current_limit.max = 800", "goal_current.within = 'limit'"),
        r"goal_current\.within: no register 'limit' in registers",
    ),
    (
        ("current_limit.max = 800", "goal_current.unit = 'curent'"),
        r"goal_current\.unit: .*did you mean 'current'",
    ),
    (
        ("current_limit.max = 800", "goal_current.sign_bit = 16"),
        r"goal_current\.sign_bit: 16 is not in 2 bytes",
    ),
    (
        ("current_limit.max = 800", "goal_pwm.address = 103"),
        r"registers\.\w+: overlaps '\w+' at 10[34]; put one of them in `lacks`",
    ),
    (("voltage = 12.0", "voltage = 11.0"), r"motor\.nominal_voltage: no point at 12 V; .*11 V"),
    (("voltage = 12.0", "volts = 12.0"), r"motor\.points\[0\]\.volts: .*did you mean 'voltage'"),
    (("stall_current = 2.0, ", ""), r"motor\.points\[0\]\.stall_current: is missing"),
    (('lacks = ["led"]', 'lacks = ["leds"]'), r"lacks\[\d\]: .*did you mean 'led'"),
    (("[models.Mine]", "[tables.dynamixel-x]"), "'dynamixel-x' is in the catalogue; give it"),
    (
        ("[models.Mine]", "[models.Yours]\nextends = 'STS3250'\naliases = ['mine']\n[models.Mine]"),
        "give it",
    ),
    (('"my servo"', '"XL330-M288-T"'), "'XL330-M288-T' is the XL330-M288 already; give it"),
]


@pytest.mark.parametrize(("change", "message"), FAULTS)
def test_a_faulty_file_is_refused_by_file_key_and_mend(
    write: Callable[[str], Path], change: tuple[str, str], message: str
) -> None:
    assert GOOD.count(change[0]) >= 1
    file = write(GOOD.replace(*change))
    with pytest.raises(CatalogueError, match=message) as error:
        CATALOGUE.with_file(file)
    assert str(error.value).startswith(f"{file}: ")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"none\.toml: cannot be read: No such file"):
        CATALOGUE.with_file(tmp_path / "none.toml")
