"""Every validation of the workbench's physics, one test each; its figure is in the message."""

import pytest

from handloop.firmware_bridge.catalogue import ServoCatalogue
from handloop.sim.actuators.parts.part_tables import Parts
from handloop.sim.actuators.parts.servo_rows import row_predictions
from handloop.sim.actuators.parts.validations import Validation, validations

ALL = validations(Parts.packaged(), ServoCatalogue.packaged())


@pytest.mark.parametrize("found", ALL, ids=lambda v: v.name)
def test_validation(found: Validation) -> None:
    said = f"{found.got:.3g} {found.unit} ({found.n}), {found.bound} {found.wanted:g}. {found.said}"
    print(said)
    assert found.met, said


def test_a_row_that_is_off_beyond_its_digits_is_flagged() -> None:
    catalogue = ServoCatalogue.packaged()
    true, false = catalogue.named("XM430-W350"), catalogue.named("XC330-M181")
    assert true.motor
    assert false.motor
    assert not any(p.flagged for p in row_predictions(true.name, true.motor))
    assert {p.figure for p in row_predictions(false.name, false.motor) if p.flagged} == {
        "stall_torque"
    }


def test_validations_are_met_or_not_by_their_bound() -> None:
    least = Validation("a", "at least", 85.0, 84.0, "%", 10, "b")
    most = Validation("a", "at most", 2.0, 0.6, "%", 10, "b")
    assert not least.met
    assert most.met
