"""Whether every servo of a hand is where `hand.toml` says, and what to do where it is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..controller import Hand
from ..controller.description_bus import JointServo
from .bus import ServoBus
from .bus_errors import BusError
from .catalogue import ServoCatalogue
from .hand_ports import bus_of
from .hand_servo import HandServo
from .scan import FoundServo
from .servo import ServoModel
from .servo_drive import check_mode
from .servo_errors import CatalogueError


def call_roll(
    hand: Hand, buses: Mapping[str, ServoBus], catalogue: ServoCatalogue
) -> list[HandServo]:
    """Adds the servo of every joint to its bus.

    Returns:
        In the order of the hand's joints.

    Raises:
        HandError: the catalogue has no such servo, or it cannot be driven so.
        BusError: servos are missing or others; the message names each, and the mend.
    """
    text = bus_of(hand)
    models = {joint: _model(hand, joint, catalogue) for joint in hand.joint_names}
    found = {j: buses[text.line_of(j)].ping(text.servos[j].id) for j in hand.joint_names}
    troubles = [*_troubles(hand, buses, models, found)]
    if troubles:
        raise BusError("\n".join(troubles))
    ranges = hand.bind(hand.model).position_range
    servos = []
    for joint, (low, high) in zip(hand.joint_names, ranges, strict=True):
        place, line = text.servos[joint], text.line_of(joint)
        servo = buses[line].add(place.id, models[joint])
        servos.append(HandServo(joint, line, place, (float(low), float(high)), buses[line], servo))
    return servos


def _model(hand: Hand, joint: str, catalogue: ServoCatalogue) -> ServoModel:
    text = bus_of(hand)
    place, line = text.servos[joint], text.line_of(joint)
    try:
        model = catalogue.named(place.model)
        check_mode(place, model)
    except CatalogueError as error:
        raise hand.error(("bus", "servos", joint), str(error)) from None
    if model.protocol != text.lines[line].protocol:
        raise hand.error(
            ("bus", "servos", joint, "model"),
            f"{model.name} speaks {model.protocol}, and line '{line}' "
            f"{text.lines[line].protocol}; set bus.lines.{line}.protocol",
        )
    return model


def _troubles(
    hand: Hand,
    buses: Mapping[str, ServoBus],
    models: Mapping[str, ServoModel],
    found: Mapping[str, FoundServo | None],
) -> Iterator[str]:
    text = bus_of(hand)
    for line, bus in buses.items():
        where = f"line '{line}' ({bus.lines.port.path}, {bus.baud} baud)"
        joints = [joint for joint in found if text.line_of(joint) == line]
        missing = [joint for joint in joints if found[joint] is None]
        if len(missing) == len(joints):
            yield (
                f"none of the {len(joints)} servos on {where} answers; check their power, the "
                "cable, and the baud rate: `handloop bus scan` looks at all rates"
            )
            continue
        others = _strangers(bus, [text.servos[joint] for joint in joints]) if missing else []
        for joint in missing:
            yield _missing(joint, text.servos[joint], where, models[joint], others)
        for joint in joints:
            one, model = found[joint], models[joint]
            if one and model.numbers and one.number not in model.numbers:  # some state none
                yield (
                    f"{joint}: servo {one.id} on {where} is no {model.name}: it says it is "
                    f"{one.name}; correct bus.servos.{joint}, or exchange the servo"
                )


def _missing(
    joint: str, place: JointServo, where: str, model: ServoModel, others: list[FoundServo]
) -> str:
    alike = [str(other.id) for other in others if other.number in model.numbers]
    mend = "check its power and cable"
    if alike:
        mend = (
            f"there is a {model.name} with id {' and '.join(alike)} that no joint has: if it is "
            f"that one, `handloop bus set-id` gives it id {place.id}; else {mend}"
        )
    return f"{joint}: no servo {place.id} on {where}; {mend}"


def _strangers(bus: ServoBus, places: list[JointServo]) -> list[FoundServo]:
    """Who is there besides."""
    ours = {place.id for place in places}
    return [found for found in bus.scan([bus.baud]) if found.id not in ours]
