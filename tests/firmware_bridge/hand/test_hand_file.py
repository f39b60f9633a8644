"""Writing calibrations into a hand.toml."""

import math

import pytest

from handloop.controller import Hand, HandError
from handloop.firmware_bridge.calibration import JointCalibration
from handloop.firmware_bridge.hand_file import check_own_file, write_calibration


def found(joint: str, offset: float, high: float = 1.1) -> JointCalibration:
    return JointCalibration(
        joint=joint,
        servo="servo 1 (XL330-M288)",
        effort="0.35 A",
        stops=(2.9, 4.3),
        spread=0.001,
        model_range=(-0.2, 1.2),
        offset_before=0.0,
        offset=offset,
        range=(-0.2, high),
    )


def test_only_offset_and_range_change(pincer) -> None:
    file = pincer.write()
    before = file.read_text().splitlines()
    write_calibration(file, [found("index", -0.7)])
    after = file.read_text().splitlines()
    changed = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
    assert changed == [
        (
            'index = { id = 2, model = "XL330-M288", sign = -1, offset = 0.5 }  # by hand',
            'index = { id = 2, model = "XL330-M288", sign = -1, offset = -0.7, '
            "range = [-0.2, 1.1]}  # by hand",
        )
    ]
    servo = Hand.load(file).description.bus.servos["index"]
    assert (servo.offset, servo.range) == (-0.7, (-0.2, 1.1))


def test_tables_of_their_own_are_written_into_too(pincer) -> None:
    file = pincer.write()
    text = file.read_text().replace("thumb = { id = 1,", "# thumb = { id = 1,")
    text += '[bus.servos.thumb]\nid = 1 # the first\nmodel = "XL330-M288"\n'
    file.write_text(text)
    write_calibration(file, [found("thumb", 0.3)])
    assert "id = 1 # the first" in file.read_text()
    assert Hand.load(file).description.bus.servos["thumb"].offset == 0.3


def test_what_is_inherited_is_laid_over(pincer) -> None:
    pincer.write()
    own = pincer.folder / "mine.toml"
    own.write_text('extends = "hand.toml"  # as delivered\nname = "mine"\n')
    write_calibration(own, [found("thumb", 0.3)])
    servos = Hand.load(own).description.bus.servos
    assert (servos["thumb"].offset, servos["thumb"].id, servos["index"].offset) == (0.3, 1, 0.5)
    assert "# as delivered" in own.read_text()
    assert Hand.load(pincer.folder / "hand.toml").description.bus.servos["thumb"].offset == 0.0


def test_a_file_that_would_not_load_is_not_replaced(pincer) -> None:
    file = pincer.write()
    before = file.read_text()
    with pytest.raises(HandError, match=r"range.*is empty"):
        write_calibration(file, [found("thumb", 0.3, high=-math.pi)])
    assert file.read_text() == before
    assert [path.name for path in sorted(pincer.folder.iterdir())] == ["hand.toml", "pincer.xml"]


def test_a_packaged_hand_is_not_written_to() -> None:
    with pytest.raises(HandError, match=r'says extends = "hand22_right"'):
        check_own_file("hand22_right")
