"""The motors of a hand on servos, seen at its joints."""

import pytest

from handloop.controller import HandError
from handloop.firmware_bridge import ServoCatalogue
from handloop.firmware_bridge.hand_motors import motors_of

CATALOGUE = ServoCatalogue.packaged()


def test_a_gear_multiplies_torque_and_back_emf(pincer) -> None:
    hand = pincer.load(
        {
            "thumb": 'id = 1, model = "XM430-W350"',
            "index": 'id = 2, model = "XM430-W350", sign = -1, gear = 2.0, current_limit = 0.5',
        }
    )
    thumb, index = motors_of(hand, CATALOGUE).motors
    point = CATALOGUE.named("XM430-W350").nominal
    assert thumb.torque_constant == pytest.approx(point.torque_constant)
    assert index.torque_constant == pytest.approx(2.0 * point.torque_constant)
    assert index.back_emf == pytest.approx(2.0 * point.back_emf)
    assert index.resistance == pytest.approx(point.resistance)
    assert thumb.current_max == pytest.approx(1193 * 0.00269)
    assert index.current_max == 0.5


def test_motors_of_the_hand_itself_go_first(pincer) -> None:
    own = '[motors]\nkind = "m"\nkinds.m = { torque_constant = 7.0 }'
    motors = motors_of(pincer.load(more=own), CATALOGUE).motors
    assert [motor.torque_constant for motor in motors] == [7.0, 7.0]


def test_an_unknown_motor_is_named_with_its_joint(pincer) -> None:
    text = {"thumb": 'id = 1, model = "XL330-M288"', "index": 'id = 2, model = "XM335-T323"'}
    with pytest.raises(HandError, match=r"bus\.servos\.index\.model.*no motor for it"):
        motors_of(pincer.load(text), CATALOGUE)
