"""What is looked at before torque goes on, and what can be mended at once."""

import time

import pytest

from handloop._core import Role
from handloop.firmware_bridge import BusError
from handloop.firmware_bridge.preflight import Finding, preflight, refuse_if_blocked
from handloop.firmware_bridge.preflight_settings import configure

CALIBRATED = {
    "thumb": 'id = 1, model = "XL330-M288", offset = 0.0, range = [-0.2, 1.2]',
    "index": 'id = 2, model = "XL330-M288", sign = -1, offset = 0.5, range = [-0.2, 1.2]',
}


def told(findings: list[Finding], joint: str) -> dict[str, str]:
    return {f.what: f.severity for f in findings if f.joint == joint}


def test_servos_from_the_factory_need_their_settings(pincer) -> None:
    with pincer.on(pincer.bus(), CALIBRATED) as servos:
        found = preflight(servos)
        assert told(found, "thumb") == {
            "return delay time": "blocking",
            "operating mode": "blocking",
        }
        mode = next(f for f in found if f.what == "operating mode")
        assert (mode.found, mode.wanted, mode.mend) == ("position", "current", "--fix sets it")
        with pytest.raises(BusError, match=r"torque stays off:\nthumb, servo 1 .*return delay"):
            refuse_if_blocked(found)


def test_configuring_sets_them_and_says_what_it_changed(pincer) -> None:
    bus = pincer.bus()
    with pincer.on(bus, CALIBRATED) as servos:
        servos["thumb"].servo.write("torque_enable", 1)
        changes = configure(servos)
        assert [(c.joint, c.register, c.before, c.after) for c in changes] == [
            (joint, *change)
            for joint in ("thumb", "index")
            for change in (
                ("return_delay_time", "0.0005 s", "0 s"),
                ("operating_mode", "position", "current"),
            )
        ]
        assert bus.register(0, Role.TORQUE_ENABLE) == 0
        assert bus.register(0, Role.OPERATING_MODE) == 0
        assert preflight(servos) == []
        assert configure(servos) == []
        refuse_if_blocked([])


@pytest.mark.parametrize(
    ("fault", "what", "severity"),
    [
        (lambda bus: bus.heat(0, 65.0), "temperature", "warning"),
        (lambda bus: bus.heat(0, 90.0), "hardware error", "blocking"),
        (lambda bus: bus.supply(7.6), "supply", "blocking"),
        (lambda bus: bus.kill(0, True), "answer", "blocking"),
    ],
)
def test_what_is_wrong_with_a_servo_is_found(pincer, fault, what: str, severity: str) -> None:
    bus = pincer.bus()
    with pincer.on(bus, CALIBRATED) as servos:
        configure(servos)
        fault(bus)
        for _ in range(200):  # until the servo has noticed
            found = told(preflight(servos), "thumb")
            if what in found:
                break
        assert found[what] == severity


def test_a_reversed_servo_is_turned_round(pincer) -> None:
    with pincer.on(pincer.bus(), CALIBRATED) as servos:
        servos["thumb"].servo.write("drive_mode", raw=5)  # reversed, time-based
        assert told(preflight(servos), "thumb")["drive mode"] == "blocking"
        configure(servos)
        assert servos["thumb"].servo.read("drive_mode").raws["drive_mode"] == 4


def test_a_servo_that_counts_anew_moves_no_joint(pincer) -> None:
    bus = pincer.bus()
    with pincer.on(bus, CALIBRATED) as servos:
        bus.load(0, 0.1)  # more than a turn by hand
        while bus.position(0) < 7.0:
            time.sleep(0.01)
        bus.jam(0, True)
        before = servos.locate()
        assert servos["thumb"].turns > 0
        configure(servos)
        assert servos["thumb"].turns == 0
        assert servos.locate() == pytest.approx(before, abs=5e-3)


def test_where_a_joint_stands_is_looked_at(pincer) -> None:
    bus = pincer.bus(pincer.servo(1, position=2.0), pincer.servo(2, position=0.4))
    with pincer.on(bus, CALIBRATED) as servos:
        assert told(preflight(servos), "thumb")["position"] == "blocking"
        assert "position" not in told(preflight(servos), "index")
        assert "position" not in told(preflight(servos, placed=False), "thumb")


def test_what_is_not_calibrated_is_said(pincer) -> None:
    gear = {"index": 'id = 2, model = "XL330-M288", gear = 9.0, offset = 1.0'}
    with pincer.on(pincer.bus(), pincer.servos | gear) as servos:
        found = preflight(servos)
        assert told(found, "thumb")["calibration"] == "blocking"
        virtual = preflight(servos, virtual=True)  # they stand where the file says
        assert told(virtual, "thumb")["calibration"] == "warning"
        assert told(found, "index")["position after power-on"] == "warning"
        assert "calibration" not in told(found, "index")


def test_more_current_than_the_servo_allows_is_said(pincer) -> None:
    more = {"thumb": 'id = 1, model = "XL330-M288", current_limit = 1.5'}
    with pincer.on(pincer.bus(), CALIBRATED | more) as servos:
        servos["thumb"].servo.write("current_limit", 1.0)
        limit = next(f for f in preflight(servos) if f.what == "current limit")
        assert (limit.found, limit.wanted, limit.severity) == ("1 A", "1.5 A", "warning")
        assert limit.to_json()["joint"] == "thumb"


def test_position_limits_must_let_the_joint_move(pincer) -> None:
    held = {"thumb": 'id = 1, model = "XL330-M288", offset = 0.0, mode = "position"'}
    with pincer.on(pincer.bus(), CALIBRATED | held) as servos:
        servos["thumb"].servo.write("max_position_limit", 3.5)
        found = told(preflight(servos), "thumb")
        assert found["position limits"] == "blocking"


def test_loads_are_no_contact_forces(bench, make, pincer) -> None:
    from handloop.firmware_bridge.hand_servos import HandServos

    responder = bench.plug(make("xl430")(1, baud=1_000_000), make("xl430")(2, baud=1_000_000))
    places = {
        j: f'id = {i}, model = "XL430-W250", mode = "position"'
        for j, i in (("thumb", 1), ("index", 2))
    }
    hand = pincer.load(places, more='[observer]\nforce_source = "motors"')
    with HandServos.open(hand, {"all": responder.path}, patience=0.15) as servos:
        assert told(preflight(servos), "thumb")["current sensor"] == "blocking"
