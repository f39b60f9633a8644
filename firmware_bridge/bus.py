"""A bus of servos on a serial port: who is on it, and reading and writing many at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Self

from .._core import ServoOutcome, Wire
from .bus_errors import BusError, RefusalError
from .bus_lines import BusLines, Protocol
from .bus_reader import BusReader
from .bus_servo import Servo
from .bus_servos import BusServos
from .bus_writer import write_group
from .catalogue import ServoCatalogue
from .plan import plan_read
from .ports import ServoPort
from .scan import MAX_ID, FoundServo, Progress, identify, scan
from .servo import ServoModel
from .servo_answer import ServoReading
from .servo_state import ServoState


class ServoBus(BusServos):
    """Servos on one serial port.

    May be used from several threads, which take turns. A mapping of sorts: `bus[3]` is the servo
    with id 3, once it was added.
    """

    def __init__(self, lines: BusLines, catalogue: ServoCatalogue) -> None:
        """For lines that are open already; see `ServoBus.open`."""
        super().__init__()
        self.lines = lines
        self.catalogue = catalogue
        self.lock = threading.RLock()
        self._readers: dict[tuple[object, ...], BusReader] = {}

    @classmethod
    def open(
        cls,
        path: str,
        baud: int,
        protocol: Protocol = "dynamixel2",
        *,
        catalogue: ServoCatalogue | None = None,
        patience: float | None = None,
    ) -> Self:
        """Opens a port; nothing is said yet.

        Args:
            path: of the port, such as `/dev/ttyUSB0` or a link below `/dev/serial/by-id`.
            baud: [bit/s].
            protocol: what the servos speak.
            catalogue: which servos there are. None: the packaged ones.
            patience: [s] to wait for an answer. None: what the adapter takes, and some.

        Raises:
            PortError: it is not there, not allowed, in use, or does not go at that rate.
        """
        lines = BusLines(ServoPort(path, baud), protocol, patience)
        return cls(lines, catalogue or ServoCatalogue.packaged())

    def close(self) -> None:
        """Gives the port back. Servos go on with what they were told; safe to call twice."""
        with self.lock:
            self.lines.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def baud(self) -> int:
        """[bit/s], of the port; to change it does not tell the servos."""
        return self.lines.port.baud

    @baud.setter
    def baud(self, rate: int) -> None:
        with self.lock:
            self.lines.set_baud(rate)

    def __repr__(self) -> str:
        return f"<ServoBus {self.lines.port.path} at {self.baud} baud, {len(self)} servos>"

    def scan(
        self,
        bauds: Sequence[int] | None = None,
        ids: Sequence[int] | None = None,
        progress: Progress | None = None,
    ) -> list[FoundServo]:
        """Looks for servos; none is added, and the rate is the same afterwards.

        Args:
            bauds: where to look [bit/s]. None: wherever such servos go, if the adapter does.
            ids: whom to ask. None: everybody.
            progress: called with how many requests are done, and of how many.

        Raises:
            PortError: the adapter does not go at one of the rates, or is gone.
            RefusalError: an id is out of range.
        """
        for i in ids or ():
            self._check_id(i)
        with self.lock:
            before = self.baud
            try:
                return scan(self.lines, self.catalogue, bauds, ids, progress)
            finally:
                self.lines.set_baud(before)

    def ping(self, id: int) -> FoundServo | None:
        """What a servo is; None: it does not answer."""
        self._check_id(id)
        with self.lock:
            answer = self.lines.one.ping(id)
            if answer.outcome != ServoOutcome.ANSWERED:
                return None
            return identify(self.lines, self.catalogue, answer)

    def add(self, id: int, model: str | ServoModel | None = None) -> Servo:
        """Takes in a servo, and reads from it what may be asked of it.

        Args:
            id: its id.
            model: what it is. None: what it says it is.

        Raises:
            BusError: it does not answer, or is another one.
            CatalogueError: no such model.
            RefusalError: the id is out of range.
        """
        chosen = self.catalogue.named(model) if isinstance(model, str) else model
        with self.lock:
            found = self.ping(id)
            if found is None:
                raise BusError(
                    f"no servo {id} on {self.lines.port.path} at {self.baud} baud; check power, "
                    "cable and baud rate: `handloop bus scan` looks at all rates"
                )
            if chosen is None:  # of variants the first, whose registers are alike
                models = found.models or (self.catalogue.numbered(found.number),)
                chosen = models[0]
            elif chosen.numbers and found.number not in chosen.numbers:
                raise BusError(f"servo {id} is no {chosen.name}: it says it is {found.name}")
            state = ServoState(f"servo {id} ({chosen.name})", chosen, found.firmware)
            servo = Servo(self, id, state)
            servo.refresh()
            self.file(servo)
            return servo

    def read(
        self, *names: str, ids: Sequence[int] | None = None, mirror: bool = True
    ) -> dict[int, ServoReading]:
        """Reads the same registers of several servos, in the fewest transactions.

        A servo that does not answer never raises: it is in the result, too, and says so. Called
        again with the same names it costs no planning.

        Args:
            names: of registers.
            ids: of servos that were added. None: all of them.
            mirror: whether servos may be told to mirror registers that lie far apart; False leaves
                mirrors of your own as they are.

        Raises:
            CatalogueError: a servo has no such register.
            KeyError: a servo was not added.
        """
        with self.lock:
            servos = list(self) if ids is None else [self[i] for i in ids]
            key = (mirror, names, *((s.id, s.model.name, s.firmware) for s in servos))
            if key not in self._readers:
                plan = plan_read([servo.target for servo in servos], names, mirror)
                self._readers[key] = BusReader(plan)
            states = {servo.id: servo.state for servo in servos}
            found = self._readers[key].read(self.lines, states)
            for servo in servos:
                servo.state.learn(found[servo.id].raws)
            return found

    def write(self, name: str, values: Mapping[int, float] | float, *, raw: bool = False) -> None:
        """Writes one register of several servos at once, which none of them answers.

        Args:
            name: of a register in RAM.
            values: in SI by id, or one for all servos that were added.
            raw: they are raw numbers.

        Raises:
            RefusalError: it would be wrong for one of them, so none was asked.
            CatalogueError: a servo has no such register, or a value is out of range.
            BusError: the port is gone.
            KeyError: a servo was not added.
        """
        with self.lock:
            if isinstance(values, Mapping):
                wanted = {self[i]: value for i, value in values.items()}
            else:
                wanted = dict.fromkeys(self, values)
            write_group(self.lines, name, wanted, raw)

    @contextmanager
    def lent(self) -> Iterator[Wire]:
        """Leaves the port to a control loop; asking servos is refused meanwhile.

        Yields:
            What the loop speaks on.

        Raises:
            PortError: it is lent already, or not open.
        """
        with self.lock:
            wire = self.lines.lend()
        try:
            yield wire
        finally:
            with self.lock:
                for servo in self:
                    servo.state.forget()  # the loop has told them what we do not know
                self.lines.take_back()

    def set_baud(self, rate: int) -> None:
        """Moves all servos that were added, and the port, to another rate.

        Raises:
            CatalogueError: one of them does not go at that rate; none was changed.
            RefusalError: torque is on.
            BusError: some do not answer at the new rate; the message names them.
        """
        with self.lock:
            for servo in self:
                servo.check_baud(rate)
            for servo in self:
                servo.put_baud_rate(rate)
            self.lines.set_baud(rate)
            if lost := self._silent():
                raise BusError(f"{', '.join(lost)}: no answer at {rate} baud; scan the bus")
            for servo in self:
                servo.close_eeprom()

    def reconnect(self) -> list[str]:
        """Opens the port again after it was unplugged, under its lasting path.

        Returns:
            The servos that do not answer now.

        Raises:
            PortError: it is not back yet.
        """
        with self.lock:
            self.lines.reopen()
            for servo in self:
                servo.state.forget()
            return self._silent()

    def _silent(self) -> list[str]:
        def answers(servo: Servo) -> bool:
            return self.lines.one.ping(servo.id).outcome == ServoOutcome.ANSWERED

        return [servo.state.name for servo in self if not answers(servo)]

    def _check_id(self, id: int) -> None:
        most = MAX_ID[self.lines.protocol]
        if not 0 <= id <= most:
            raise RefusalError(f"no servo can have id {id}; ids are 0 to {most}")
