"""The serial ports of a hand: which line is where."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from ..controller import Hand
from ..controller.description_bus import Bus
from ..controller.errors import unknown
from .bus_errors import PortError
from .ports import find_ports


def bus_of(hand: Hand) -> Bus:
    """How a hand hangs on its servos.

    Raises:
        HandError: it hangs on none, or its motors do not turn one joint each.
    """
    text = hand.description
    if text.bus is None:
        raise hand.error(
            ("bus",), "is missing; add [bus.lines] and [bus.servos] to say which servo moves what"
        )
    if text.transmission.kind != "direct":
        raise hand.error(
            ("transmission", "kind"),
            f"is '{text.transmission.kind}', but on a bus each servo moves one joint; leave "
            "[transmission] out, and give bus.servos their gear or tendon",
        )
    return text.bus


def line_ports(hand: Hand, ports: Mapping[str, str]) -> dict[str, str]:
    """The port of every line.

    Args:
        hand: with a `[bus]`.
        ports: paths by line; they go before those of `hand.toml`.

    Raises:
        HandError: the hand has no such line, or no `[bus]`.
        PortError: a line has no port, or two lines have the same.
    """
    lines = bus_of(hand).lines
    for name in ports:
        if name not in lines:
            raise hand.error(("bus", "lines"), unknown("line", name, lines, "bus.lines"))
    found: dict[str, str] = {}
    for name, line in lines.items():
        path = ports.get(name, line.port)
        if path is None:
            raise PortError(
                f"line '{name}' has no port; give --port {name}=PATH, or bus.lines.{name}.port in "
                f"hand.toml: {_plugged_in()}"
            )
        for other, taken in found.items():
            if os.path.realpath(taken) == os.path.realpath(path):
                raise PortError(
                    f"lines '{other}' and '{name}' are both at {path}; each needs its own adapter"
                )
        found[name] = path
    return found


def parse_ports(hand: Hand, options: Iterable[str]) -> dict[str, str]:
    """`left=/dev/ttyUSB0` for each line, or a path alone where there is one line.

    Raises:
        ValueError: an option does not say which line it is for.
        HandError: the hand has no `[bus]`.
    """
    lines = list(bus_of(hand).lines)
    ports: dict[str, str] = {}
    for option in options:
        name, found, path = option.partition("=")
        if not found and len(lines) == 1:
            name, path = lines[0], option
        if not path:
            raise ValueError(f"--port {option}: name the line, too: --port {lines[0]}=PATH")
        if name in ports:
            raise ValueError(f"--port {option}: line '{name}' has a port already; give it one")
        ports[name] = path
    return ports


def _plugged_in() -> str:
    ports = [f"{port.path} ({port.description})" for port in find_ports()]
    return f"there is {', '.join(ports)}" if ports else "no USB serial adapter is plugged in"
