"""Servos as the catalogue has them."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from handloop.firmware_bridge import (
    CatalogueError,
    Motor,
    OperatingPoint,
    Register,
    ServoCatalogue,
    ServoModel,
)

CATALOGUE = ServoCatalogue.packaged()
MODELS = [pytest.param(model, id=model.name) for model in CATALOGUE]
FIRMWARES = (36, 45, 52, 53)


def all_registers(model: ServoModel, firmware: int) -> list[Register]:
    slots = sum(block.slots for block in model.indirect_blocks(firmware))
    mirrored = [f"indirect_{kind}_{i + 1}" for kind in ("address", "data") for i in range(slots)]
    return [*model.registers.values(), *(model.register(name, firmware) for name in mirrored)]


def between(limits: tuple[int, int], part: float) -> int:
    low, high = limits
    return low + round(part * (high - low))


# --- every register of every servo


@pytest.mark.parametrize("model", MODELS)
@settings(max_examples=20, deadline=None)
@given(part=st.floats(0.0, 1.0))
def test_every_raw_number_survives_the_bus(model: ServoModel, part: float) -> None:
    for register in all_registers(model, firmware=53):
        raw = between(register.representable, part)
        assert len(register.encode(raw)) == register.size
        assert register.decode(register.encode(raw)) == raw


@pytest.mark.parametrize("model", MODELS)
@settings(max_examples=20, deadline=None)
@given(part=st.floats(0.0, 1.0))
def test_every_value_in_range_survives_its_units(model: ServoModel, part: float) -> None:
    for register in all_registers(model, firmware=53):
        raw = between((register.minimum, register.maximum), part)
        assert register.to_raw(register.from_raw(raw)) == raw


@pytest.mark.parametrize("firmware", FIRMWARES)
@pytest.mark.parametrize("model", MODELS)
def test_registers_share_no_address_and_stay_in_the_table(model: ServoModel, firmware: int) -> None:
    addresses = [a for r in all_registers(model, firmware) for a in r.span]
    assert len(addresses) == len(set(addresses))
    assert max(addresses) < (662 if model.protocol == "dynamixel2" else 128)


@pytest.mark.parametrize("model", MODELS)
def test_figures_of_a_register_are_within_its_bytes(model: ServoModel) -> None:
    for register in model.registers.values():
        low, high = register.representable
        assert low <= register.minimum <= register.maximum <= high
        assert register.default is None or low <= register.default <= high
        assert register.servo == model.name
        if register.access == "r":
            assert not register.name.startswith("goal_")


@pytest.mark.parametrize("model", MODELS)
def test_what_the_layers_above_rely_on_has_one_name_everywhere(model: ServoModel) -> None:
    for name, unit in {
        "torque_enable": "",
        "goal_position": "rad",
        "goal_velocity": "rad/s",
        "present_position": "rad",
        "present_velocity": "rad/s",
        "present_input_voltage": "V",
        "present_temperature": "degC",
        "hardware_error_status": "",
        "id": "",
        "baud_rate": "",
        "model_number": "",
    }.items():
        assert model.register(name).unit == unit
    assert model.has("present_current") or model.has("present_load")
    assert model.register("id").area == "eeprom"
    assert model.register("torque_enable").area == "ram"
    assert model.register("baud_rate").maximum == len(model.baud_rates) - 1


# --- figures that are known from elsewhere

CURRENT_UNITS = {  # [mA], and the most of goal_current in steps; e-Manual
    "XL330-M288": (1.0, 1750),
    "XC330-M181": (1.0, 2352),
    "XC330-T288": (1.0, 910),
    "XM430-W350": (2.69, 1193),
    "XH430-W210": (2.69, 648),
    "XH430-V350": (1.34, 689),
    "XW430-T333": (2.69, 2047),
    "XM540-W270": (2.69, 2047),
    "XH540-V150": (2.69, 1188),
    "HLS3930M": (6.5, 2047),
}


@pytest.mark.parametrize(("name", "figures"), CURRENT_UNITS.items())
def test_current_is_in_the_unit_of_the_model(name: str, figures: tuple[float, int]) -> None:
    milliampere, most = figures
    goal = CATALOGUE.named(name).register("goal_current")
    assert goal.from_raw(1) == pytest.approx(milliampere * 1e-3)
    assert (goal.minimum, goal.maximum) == (-most, most)


@pytest.mark.parametrize("model", [m for m in CATALOGUE if m.family == "dynamixel-x"])
def test_dynamixels_measure_in_the_units_of_the_manual(model: ServoModel) -> None:
    velocity = model.register("present_velocity").from_raw(1)
    assert model.register("present_position").from_raw(4096) == pytest.approx(2.0 * math.pi)
    assert velocity == pytest.approx(0.229 * 2.0 * math.pi / 60.0)
    assert model.register("goal_pwm").from_raw(885) == pytest.approx(1.0)
    assert model.register("profile_acceleration").from_raw(1) == pytest.approx(
        214.577 * 2.0 * math.pi / 60.0**2
    )
    assert model.register("bus_watchdog").to_raw(0.1) == 5
    assert model.register("bus_watchdog").decode(b"\xff") == -1


NUMBERS = {
    "XL330-M077": 1190,
    "XC330-M288": 1240,
    "XM430-W350": 1020,
    "XM430-W210": 1030,
    "XL430-W250": 1060,
    "XC430-W240": 1080,
    "XW540-T140": 1180,
    "XW430-T333": 1270,
    "STS3250": 2825,
    "SCS0009": 1284,
    "SM8512BL": 11272,
}


@pytest.mark.parametrize(("name", "number"), NUMBERS.items())
def test_a_model_number_names_the_model(name: str, number: int) -> None:
    model = CATALOGUE.numbered(number)
    assert model.name == name
    assert CATALOGUE.numbered(number, family=model.family) is model
    word = model.register("model_number").encode(number)
    assert word == number.to_bytes(2, "big" if name == "SCS0009" else "little")


def test_the_fastest_rate_and_its_code() -> None:
    assert CATALOGUE.named("XL330-M288").baud_rate_max == 4_000_000
    assert CATALOGUE.named("XM430-W350").baud_rate_max == 4_500_000
    assert CATALOGUE.named("XM430-W350").baud_code(57_600) == 1
    assert CATALOGUE.named("STS3215").baud_code(1_000_000) == 0
    with pytest.raises(CatalogueError, match="XL330-M288: no baud rate 4500000; it has 9600, "):
        CATALOGUE.named("XL330-M288").baud_code(4_500_000)


@pytest.mark.parametrize(
    ("name", "firmware", "able"),
    [
        ("XM430-W350", 44, False),
        ("XM430-W350", 45, True),
        ("XC330-T288", 45, False),
        ("XC330-T288", 46, True),
        ("2XL430", 200, False),
        ("STS3215", 200, False),
    ],
)
def test_fast_sync_read_comes_with_the_firmware(name: str, firmware: int, able: bool) -> None:
    assert CATALOGUE.named(name).can_fast_sync_read(firmware) is able


def test_scs_has_no_sync_read() -> None:
    assert [m.name for m in CATALOGUE if not m.sync_read] == ["SCS0009"]


@pytest.mark.parametrize(
    ("name", "firmware", "slot", "address", "data"),
    [
        ("XL330-M288", 52, 1, 168, 208),
        ("XL330-M288", 52, 20, 206, 227),
        ("XL330-M288", 53, 1, 168, 224),
        ("XL330-M288", 53, 28, 222, 251),
        ("XM430-W350", 40, 28, 222, 251),
        ("XM430-W350", 40, 29, 578, 634),
        ("XH540-W150", 45, 56, 632, 661),
    ],
)
def test_mirrored_bytes_lie_where_the_firmware_has_them(
    name: str, firmware: int, slot: int, address: int, data: int
) -> None:
    model = CATALOGUE.named(name)
    pointer = model.register(f"indirect_address_{slot}", firmware)
    assert (pointer.address, pointer.size, pointer.default) == (address, 2, data)
    assert model.register(f"indirect_data_{slot}", firmware).address == data


def test_a_mirrored_byte_is_refused_where_it_cannot_be_known() -> None:
    xl330 = CATALOGUE.named("XL330-M288")
    with pytest.raises(CatalogueError, match="indirect_data_1 moved with the firmware; say which"):
        xl330.register("indirect_data_1")
    with pytest.raises(CatalogueError, match="no indirect_data_21; it has 20 slots"):
        xl330.register("indirect_data_21", firmware=52)
    with pytest.raises(CatalogueError, match="no indirect_address_1; it has 0 slots"):
        CATALOGUE.named("STS3215").register("indirect_address_1")


# --- bytes


@pytest.mark.parametrize(
    ("servo", "name", "raw", "data"),
    [
        ("XM430-W350", "goal_current", -1, "ffff"),
        ("XM430-W350", "goal_position", -1, "ffffffff"),
        ("XM430-W350", "goal_position", 512, "00020000"),
        ("STS3215", "goal_velocity", 1000, "e803"),
        ("STS3215", "goal_velocity", -1000, "e883"),
        ("STS3215", "present_load", -300, "2c05"),
        ("STS3215", "homing_offset", -2047, "ff0f"),
        ("STS3215", "homing_offset", -1, "0108"),
        ("HLS3930M", "goal_current", -2047, "ff87"),
        ("SCS0009", "goal_position", 511, "01ff"),
        ("SCS0009", "present_load", -1, "0401"),
    ],
)
def test_signs_and_byte_order(servo: str, name: str, raw: int, data: str) -> None:
    register = CATALOGUE.named(servo).register(name)
    assert register.encode(raw).hex() == data
    assert register.decode(bytes.fromhex(data)) == raw


def test_minus_nothing_is_nothing() -> None:
    assert CATALOGUE.named("STS3215").register("present_velocity").decode(b"\x00\x80") == 0


def test_arrays_are_converted_as_single_values_are() -> None:
    register = CATALOGUE.named("XM430-W350").register("goal_current")
    values = np.array([[-1.0, 0.0], [0.5, 3.2]])
    raws = register.to_raws(values)
    assert raws.tolist() == [[register.to_raw(v) for v in row] for row in values]
    np.testing.assert_allclose(register.from_raws(raws), values, atol=register.scale / 2)


@pytest.mark.parametrize("value", [3.3, -3.3, math.nan, math.inf])
def test_a_value_out_of_range_is_refused_with_its_limits(value: float) -> None:
    with pytest.raises(CatalogueError) as error:
        CATALOGUE.named("XM430-W350").register("goal_current").to_raw(value)
    limits = "is out of range; give -3.20917 to 3.20917 A"
    assert str(error.value) == f"XM430-W350: goal_current: {value:g} A {limits}"


def test_bytes_that_do_not_fit_are_refused() -> None:
    register = CATALOGUE.named("XM430-W350").register("goal_current")
    with pytest.raises(CatalogueError, match="raw 65535 does not fit 2 bytes; it holds -32768 to"):
        register.from_raw(0xFFFF)
    with pytest.raises(CatalogueError, match="goal_current: raw 32768 does not fit"):
        register.encode(32768)
    with pytest.raises(CatalogueError, match="goal_current: 4 bytes read; it has 2, from 102 on"):
        register.decode(bytes(4))


# --- what a model lacks


def test_a_missing_register_names_those_that_have_it() -> None:
    with pytest.raises(CatalogueError) as error:
        CATALOGUE.named("XL430-W250").register("goal_current")
    assert str(error.value).startswith("XL430-W250 has no goal_current; XL330-M077, ")
    assert str(error.value).endswith("more have it")


def test_a_misspelt_register_is_put_right() -> None:
    with pytest.raises(CatalogueError, match="did you mean 'goal_current'"):
        CATALOGUE.named("XM430-W350").register("goal_curent")


def test_an_old_firmware_lacks_the_watchdog() -> None:
    model = CATALOGUE.named("XM430-W350")
    assert model.register("bus_watchdog", firmware=38).address == 98
    with pytest.raises(CatalogueError, match="firmware 37 has no bus_watchdog; it came with 38"):
        model.register("bus_watchdog", firmware=37)
    assert not model.has("bus_watchdog", firmware=37)


@pytest.mark.parametrize("name", ["XL430-W250", "XC430-W150", "2XL430", "2XC430"])
def test_servos_without_current_sensing_say_so(name: str) -> None:
    model = CATALOGUE.named(name)
    assert model.current_sensing is None
    assert model.register("present_load").address == 126
    assert not {"current", "current_based_position"} & model.operating_modes.keys()
    assert not any(model.has(f"{which}_current") for which in ("goal", "present"))
    with pytest.raises(CatalogueError, match="no operating mode 'current' in"):
        model.operating_mode("current")


def test_which_current_is_sensed() -> None:
    assert CATALOGUE.named("XC330-T288").current_sensing == "bus"
    assert CATALOGUE.named("XM430-W350").current_sensing == "phase"
    assert CATALOGUE.named("XM430-W350").operating_mode("current_based_position") == 5


# --- names


@pytest.mark.parametrize(
    "name", ["XM430-W350", "xm430_w350", "XM430 W350", "XM430-W350-R", "xm430w350-t"]
)
def test_names_may_be_spelt_freely(name: str) -> None:
    assert CATALOGUE.named(name) is CATALOGUE.named("XM430-W350")


def test_an_unknown_name_lists_the_nearest() -> None:
    with pytest.raises(CatalogueError, match=r"no servo 'XM430-W250' .*did you mean 'X.430-W"):
        CATALOGUE.named("XM430-W250")


def test_an_unknown_number_says_what_to_do() -> None:
    with pytest.raises(CatalogueError, match="no servo has model number 29; describe it in a"):
        CATALOGUE.numbered(29)
    with pytest.raises(CatalogueError, match="no servo of family feetech-sts has model number"):
        CATALOGUE.numbered(1020, family="feetech-sts")


def test_variants_of_one_number_have_to_be_named() -> None:
    both = CATALOGUE.all_numbered(777)
    assert [model.name for model in both] == ["STS3215-C001", "STS3215-C018"]
    with pytest.raises(CatalogueError, match="777 is STS3215-C001 or STS3215-C018; name the one"):
        CATALOGUE.numbered(777)


# --- motors


def test_sheets_that_contradict_physics_are_flagged_and_no_others() -> None:
    doubtful = {m.name for m in CATALOGUE if any("efficiency" in d for d in m.doubts())}
    assert doubtful == {"XL330-M077", "XC330-M181", "XC430-W150"}
    xl330 = CATALOGUE.named("XL330-M077").doubts()
    assert (
        "XL330-M077: at 5 V, 0.215 N m for 1.47 A is 0.146 N m/A, but 383 rpm without load allow "
        "0.125 at most: 117% efficiency" in xl330
    )


def test_a_resistance_that_the_stall_belies_is_flagged() -> None:
    assert CATALOGUE.named("HLS3930M").doubts() == [
        "HLS3930M: its resistance of 1 ohm does not agree with the 4.29 ohm of its stall at 12 V"
    ]


def test_rows_of_two_windings_are_flagged() -> None:
    rows = [
        OperatingPoint(voltage=v, stall_torque=1.0, stall_current=2.0, no_load_rpm=10.0 * v)
        for v in (6.0, 12.0)
    ]
    motor = Motor(winding="cored", supply=(6.0, 12.0), nominal_voltage=6.0, points=tuple(rows))
    assert list(motor.doubts()) == [
        "the stall currents of its rows are not of one winding: 3 ohm at 6 V, 6 ohm at 12 V"
    ]


@pytest.mark.parametrize("model", [m for m in CATALOGUE if m.motor is not None])
def test_every_motor_has_a_source_and_works_at_its_supply(model: ServoModel) -> None:
    assert model.source
    assert model.motor is not None
    low, high = model.motor.supply
    assert low <= model.motor.nominal_voltage <= high
    assert model.nominal.efficiency < 1.2


def test_a_motor_kind_stalls_and_spins_as_its_sheet_says() -> None:
    kind = CATALOGUE.named("XM430-W350").motor_kind(rail="main")
    stall = 12.0 / kind.resistance
    assert stall == pytest.approx(2.3)
    assert kind.torque_constant * stall == pytest.approx(4.1)
    assert 12.0 / kind.back_emf == pytest.approx(46 * 2.0 * math.pi / 60.0)
    assert kind.current_max == pytest.approx(1193 * 2.69e-3)
    assert kind.rail == "main"


def test_a_limit_on_the_supply_is_none_on_the_motor() -> None:
    assert CATALOGUE.named("XC330-T288").motor_kind().current_max is None


def test_a_servo_without_a_sheet_has_no_motor_kind() -> None:
    with pytest.raises(CatalogueError, match=r'SM8512BL: .*extends = "SM8512BL"'):
        CATALOGUE.named("SM8512BL").motor_kind()


def test_a_model_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        CATALOGUE.named("XM430-W350").mass = 0.0  # type: ignore[misc]
