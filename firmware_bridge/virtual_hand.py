"""The servos of a hand without the hand: virtual ones, as its `[bus]` has them.

What they turn is an inertia each, with end stops where the joints have theirs, or the hand in
simulation. On the wall clock they are served on pseudo-terminals; in lockstep their clock is that
of whoever waits for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from .. import _core
from ..controller import Hand
from ..controller.description_bus import JointServo
from .bus import ServoBus
from .bus_lines import BusLines
from .catalogue import ServoCatalogue
from .hand_ports import bus_of
from .servo import ServoModel
from .virtual import virtual_model
from .virtual_faults import VirtualFault


class VirtualHand:
    """Virtual servos for every joint of a hand.

    Attributes:
        world: all of them, on one clock.
        buses: by line, to look at them and to break them.
        ids: of the servos of each line, in the order of its bus.
    """

    def __init__(
        self, hand: Hand, world: _core.VirtualWorld, buses: Mapping[str, _core.VirtualBus]
    ) -> None:
        """Use `VirtualHand.build`."""
        self.hand, self.world, self.buses = hand, world, dict(buses)
        bus = bus_of(hand)
        self.ids = {
            line: [bus.servos[j].id for j in hand.joint_names if bus.line_of(j) == line]
            for line in buses
        }

    def suffer(self, fault: VirtualFault) -> None:
        """Lets something go wrong now.

        Raises:
            ValueError: there is no such line or servo.
        """
        fault.act(self.buses, self.ids)

    @classmethod
    def build(
        cls,
        hand: Hand,
        simulated: _core.SimulatedHand | None = None,
        catalogue: ServoCatalogue | None = None,
        *,
        seed: int = 1,
    ) -> Self:
        """All servos, as they come up after power-on, at the rate of their line.

        Args:
            hand: with a `[bus]`.
            simulated: the hand that they turn. None: an inertia each.
            catalogue: which servos there are. None: the packaged ones.
            seed: of the noise.

        Raises:
            HandError: the hand has no `[bus]`.
            CatalogueError: the catalogue does not know one of its servos.
        """
        catalogue = catalogue or ServoCatalogue.packaged()
        world = _core.VirtualWorld(simulated)
        ranges = hand.bind(hand.model).position_range
        buses = {}
        for number, (name, line) in enumerate(bus_of(hand).lines.items()):
            servos, shafts, models = [], [], []
            for i, joint in enumerate(hand.joint_names):
                if bus_of(hand).line_of(joint) != name:
                    continue
                place = bus_of(hand).servos[joint]
                models.append(catalogue.named(place.model))
                low, high = (float(q) for q in ranges[i])
                servos.append(_servo(place, models[-1], line.baud, (low, high)))
                shafts.append(_core.JointShaft(i, ratio=place.ratio, zero=place.offset))
            buses[name] = world.add_bus(
                servos,
                shafts=shafts if simulated else [],
                supply_voltage=_supply(models),
                host_baud=line.baud,
                seed=seed + number,
            )
        return cls(hand, world, buses)

    def serve(self, *, follows_baud: bool = True) -> tuple[_core.PtyServer, dict[str, str]]:
        """On the wall clock, behind pseudo-terminals.

        Args:
            follows_baud: servos understand only who talks at their rate.

        Returns:
            The server, to be stopped at the end, and the ports by line.
        """
        server = _core.PtyServer(self.world, follows_baud=follows_baud)
        return server, dict(zip(self.buses, server.paths, strict=True))

    def lockstep(self, catalogue: ServoCatalogue | None = None) -> dict[str, ServoBus]:
        """On a clock that stands still but while somebody waits: the same run to the bit."""
        chosen = catalogue or ServoCatalogue.packaged()
        lines = bus_of(self.hand).lines
        return {
            name: ServoBus(
                BusLines(LockstepPort(name, bus, lines[name].baud), lines[name].protocol), chosen
            )
            for name, bus in self.buses.items()
        }


class LockstepPort:
    """A port to virtual servos in lockstep; see `ports.BusPort`."""

    latency = 0.0
    advice = ""
    descriptor: int | None = None

    def __init__(self, line: str, bus: _core.VirtualBus, baud: int) -> None:
        """Takes a bus that no server runs."""
        self.path, self.baud = f"virtual line '{line}'", baud
        self._bus = bus

    def wire(self) -> _core.Wire:
        """To speak on."""
        return _core.LockstepWire(self._bus)

    def set_baud(self, baud: int) -> None:
        """Goes on at another rate."""
        self._bus.host_baud = self.baud = baud

    def reopen(self) -> None:
        """It is never gone."""

    def close(self) -> None:
        """Nothing is held."""


def _servo(
    place: JointServo, model: ServoModel, baud: int, limits: tuple[float, float]
) -> _core.VirtualServoConfig:
    low, high = sorted(place.ratio * q + place.offset for q in limits)
    return _core.VirtualServoConfig(
        virtual_model(model),
        id=place.id,
        baud=baud,
        position=min(max(place.offset, low), high),
        stops=(low, high),
    )


def _supply(models: list[ServoModel]) -> float:
    """[V]: what the servos of a line want; of several kinds, the least."""
    return min(model.nominal.voltage for model in models)
