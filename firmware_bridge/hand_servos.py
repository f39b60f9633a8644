"""The servos of a hand: its description, the catalogue and open buses put together.

In the order of a run: `open`, look at `preflight`, `configure`, `locate`, build the native plant
from `drives` and `period`, drive, `release`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ..controller import Hand
from ..controller.description import Gains
from .bus import ServoBus
from .catalogue import ServoCatalogue
from .hand_ports import bus_of, line_ports
from .hand_roll_call import call_roll
from .hand_servo import HandServo
from .servo_drive import DriveFigures, drive_figures, initial_registers
from .servo_errors import CatalogueError
from .wire_time import LineTraffic, shortest_period, traffic


class HandServos:
    """The servos of a hand, in the order of its joints; also a context manager.

    At its end torque is off, unless `keeps_torque`, and the ports are given back.

    Attributes:
        hand: what they belong to.
        bus: its `[bus]`.
        buses: open, by line.
        catalogue: which servos there are.
        patience: [s] to wait for an answer. None: what the adapter takes, and some.
        keeps_torque: the end of the context leaves torque as it is.
    """

    def __init__(
        self,
        hand: Hand,
        buses: Mapping[str, ServoBus],
        joints: Sequence[HandServo],
        catalogue: ServoCatalogue,
        patience: float | None = None,
    ) -> None:
        """For buses that are open already; see `HandServos.open`."""
        self.hand = hand
        self.bus = bus_of(hand)
        self.buses = dict(buses)
        self.catalogue = catalogue
        self.patience = patience
        self.keeps_torque = False
        self._joints = {servo.joint: servo for servo in joints}

    @classmethod
    def open(
        cls,
        hand: Hand,
        ports: Mapping[str, str] | None = None,
        catalogue: ServoCatalogue | None = None,
        *,
        patience: float | None = None,
    ) -> Self:
        """Opens the ports and finds every servo where `hand.toml` says it is. Nothing moves.

        Args:
            hand: with a `[bus]`.
            ports: paths by line. None: those of `hand.toml`.
            catalogue: which servos there are. None: the packaged ones.
            patience: [s] to wait for an answer. None: what the adapter takes, and some.

        Raises:
            HandError: the hand has no `[bus]`, or a servo of it that cannot be as it says.
            PortError: a line has no port, or one that cannot be opened.
            BusError: servos are missing or others; the message names each, and the mend.
        """
        catalogue = catalogue or ServoCatalogue.packaged()
        paths = line_ports(hand, ports or {})
        with ExitStack() as opened:
            buses = {}
            for name, line in bus_of(hand).lines.items():
                buses[name] = opened.enter_context(
                    ServoBus.open(
                        paths[name],
                        line.baud,
                        line.protocol,
                        catalogue=catalogue,
                        patience=patience,
                    )
                )
            servos = cls.on(hand, buses, catalogue, patience=patience)
            opened.pop_all()
        return servos

    @classmethod
    def on(
        cls,
        hand: Hand,
        buses: Mapping[str, ServoBus],
        catalogue: ServoCatalogue | None = None,
        *,
        patience: float | None = None,
    ) -> Self:
        """The same on buses that are open, by line.

        Raises:
            HandError: as `open`.
            BusError: as `open`.
        """
        catalogue = catalogue or ServoCatalogue.packaged()
        servos = cls(hand, buses, call_roll(hand, buses, catalogue), catalogue, patience)
        servos.locate()
        return servos

    def close(self) -> None:
        """Gives the ports back; servos go on with what they were told. Safe to call twice."""
        for bus in self.buses.values():
            bus.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self.keeps_torque:
            self.release()
        self.close()

    def __iter__(self) -> Iterator[HandServo]:
        return iter(self._joints.values())

    def __len__(self) -> int:
        return len(self._joints)

    def __getitem__(self, joint: str) -> HandServo:
        """The servo of a joint.

        Raises:
            KeyError: the hand has no such joint.
        """
        return self._joints[joint]

    def on_line(self, line: str) -> list[HandServo]:
        """Those on one line."""
        return [servo for servo in self if servo.line == line]

    def locate(self) -> NDArray[np.float64]:
        """Finds out where the joints are, and how often each servo has turned round.

        Returns:
            [rad], of the joints, shape (joints,).

        Raises:
            BusError: a servo does not answer.
        """
        angles = {}
        for bus in self.buses.values():
            for i, reading in bus.read("present_position", mirror=False).items():
                angles[bus, i] = reading.require()["present_position"]
        for servo in self:
            servo.count_turns(angles[servo.bus, servo.servo.id])
        return np.array([s.joint_angle(angles[s.bus, s.servo.id]) for s in self])

    def drives(self) -> list[DriveFigures]:
        """What the native loop has to know of each servo, in the order of the joints.

        Raises:
            HandError: a servo cannot be driven as `hand.toml` says; the message names the joint.
            BusError: a servo does not answer.
        """
        text, lines = self.hand.description, list(self.buses)
        gains = text.gains or Gains(stiffness=0.0, damping=0.0)
        stiffness, damping = text.per_joint(gains.stiffness), text.per_joint(gains.damping)
        drives = [
            self._drive(servo, lines.index(servo.line), k, d)
            for servo, k, d in zip(self, stiffness, damping, strict=True)
        ]
        for i, (line, bus) in enumerate(self.buses.items()):
            if bus.lines.protocol == "feetech":
                check_alike(self.hand, line, [drive for drive in drives if drive.line == i])
        return drives

    def _drive(self, servo: HandServo, line: int, stiffness: float, damping: float) -> DriveFigures:
        target, place = servo.servo.target, servo.place
        try:
            raws = servo.servo.read(*initial_registers(target, place.mode)).raws
            return drive_figures(
                place,
                target,
                line=line,
                zero=servo.zero,
                stiffness=stiffness,
                damping=damping,
                raws=raws,
            )
        except CatalogueError as error:
            raise self.hand.error(("bus", "servos", servo.joint), str(error)) from None

    def traffic(self, drives: Sequence[DriveFigures]) -> list[LineTraffic]:
        """What goes over each line in one cycle."""
        return [
            traffic(
                name,
                bus.baud,
                bus.lines.protocol,
                [drive for drive in drives if drive.line == i],
                fast=self.answers_fast(name),
                latency=bus.lines.port.latency,
            )
            for i, (name, bus) in enumerate(self.buses.items())
        ]

    def answers_fast(self, line: str) -> bool:
        """All servos of a line can answer in one packet."""
        servos = [s.servo for s in self.on_line(line)]
        return len(servos) > 1 and all(s.model.can_fast_sync_read(s.firmware) for s in servos)

    def period(self, drives: Sequence[DriveFigures]) -> float:
        """[s], from tick to tick: `bus.period`, else the shortest that all lines keep up with.

        Raises:
            HandError: a line cannot keep `bus.period`; the message has the numbers.
        """
        lines = self.traffic(drives)
        shortest = shortest_period(lines)
        if self.bus.period is None:
            return shortest
        slowest = max(lines, key=lambda line: line.time)
        if self.bus.period < slowest.time:
            raise self.hand.error(
                ("bus", "period"),
                f"{1e3 * self.bus.period:g} ms is too short for {slowest}; give at least "
                f"{shortest:g}, a higher baud rate, or a second line",
            )
        return self.bus.period

    def release(self) -> list[str]:
        """Switches torque off everywhere, whatever happens.

        Returns:
            The servos that did not confirm it.
        """
        for bus in self.buses.values():  # all at once, before each is asked whether it heard
            with suppress(OSError, ValueError):
                bus.write("torque_enable", 0, raw=True)
        left = []
        for servo in self:
            try:
                servo.servo.write("torque_enable", raw=0)
            except OSError:
                left.append(servo.name)
        return left


def check_alike(hand: Hand, line: str, drives: Sequence[DriveFigures]) -> None:
    """Feetech servos are read and told together only where their blocks are the same.

    Raises:
        HandError: those of a line are not; the message names it.
    """
    shapes = {(d.read.address, d.read.size, d.write.address, d.write.size) for d in drives}
    if len(shapes) > 1:
        raise hand.error(
            ("bus", "lines", line),
            "its servos have different registers or modes, which their protocol cannot ask for "
            "together; put them on lines of their own",
        )
