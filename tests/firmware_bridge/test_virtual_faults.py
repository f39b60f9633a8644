"""Faults of virtual servos, as they are spelled on a command line."""

import pytest

from handloop._core import Role, VirtualBus, VirtualServoConfig, VirtualServoModel
from handloop.commands.virtual import FAULTS
from handloop.firmware_bridge.virtual_faults import KINDS, VirtualFault

IDS = {"left": [1, 2], "right": [2, 3]}


@pytest.fixture
def buses() -> dict[str, VirtualBus]:
    model = VirtualServoModel.x330()
    return {
        line: VirtualBus([VirtualServoConfig(model, id=i) for i in ids], supply_voltage=5.0)
        for line, ids in IDS.items()
    }


def test_a_fault_says_what_where_and_when() -> None:
    assert VirtualFault.parse("dead=3@2.5") == VirtualFault(2.5, "dead", None, 3, 0.0)
    assert VirtualFault.parse("hot=left/2:85") == VirtualFault(0.0, "hot", "left", 2, 85.0)
    assert VirtualFault.parse(" unplug=right/0.5@1\n") == VirtualFault(
        1.0, "unplug", "right", None, 0.5
    )


@pytest.mark.parametrize("kind", KINDS)
def test_every_example_can_be_spelled_and_suffered(kind: str, buses: dict[str, VirtualBus]) -> None:
    fault = VirtualFault.parse(KINDS[kind].example)
    assert fault.kind == kind
    fault.act(buses, IDS)
    for bus in buses.values():
        bus.advance(0.05)
    assert KINDS[kind].example in FAULTS  # the help of the commands


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("ded=3", "did you mean 'dead'"),
        ("dead", r"not spelled as dead=3@SECONDS"),
        ("dead=x", "not spelled as"),
        ("unplug", "not spelled as unplug=0.5@SECONDS"),
        ("hot=3:warm", "not spelled as"),
        ("dead=3@-1", "before the beginning"),
        ("", "no fault"),
    ],
)
def test_what_is_misspelled_is_told(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        VirtualFault.parse(text)


def test_it_happens_to_the_servo_that_is_named_and_to_no_other(
    buses: dict[str, VirtualBus],
) -> None:
    VirtualFault.parse("hot=left/2:90").act(buses, IDS)
    for bus in buses.values():
        bus.advance(0.1)
    errors = {
        (line, i): buses[line].register(place, Role.HARDWARE_ERROR) != 0
        for line, ids in IDS.items()
        for place, i in enumerate(ids)
    }
    assert [servo for servo, wrong in errors.items() if wrong] == [("left", 2)]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("dead=9", "no servo 9; name it LINE/ID"),
        ("dead=2", "more than one servo 2; name it LINE/ID"),
        ("unplug=middle/1", "no line 'middle'"),
    ],
)
def test_who_is_not_there_is_told(text: str, complaint: str, buses: dict[str, VirtualBus]) -> None:
    with pytest.raises(ValueError, match=complaint):
        VirtualFault.parse(text).act(buses, IDS)
