"""The servos of a bus, by id."""

from __future__ import annotations

from collections.abc import Iterator

from .bus_servo import Servo


class BusServos:
    """Servos that were added, and which of them has which id."""

    def __init__(self) -> None:
        self._servos: dict[int, Servo] = {}

    def __getitem__(self, id: int) -> Servo:
        """A servo that was added.

        Raises:
            KeyError: it was not.
        """
        if id not in self._servos:
            raise KeyError(f"servo {id} was not added; bus.add({id}) does that")
        return self._servos[id]

    def __iter__(self) -> Iterator[Servo]:
        return iter(list(self._servos.values()))

    def __len__(self) -> int:
        return len(self._servos)

    def __contains__(self, id: object) -> bool:
        return id in self._servos

    def file(self, servo: Servo) -> None:
        """Takes a servo in; it replaces one of the same id."""
        self._servos[servo.id] = servo

    def forget(self, id: int) -> None:
        """Takes a servo off the list again; it is not told."""
        self._servos.pop(id, None)

    def move(self, servo: Servo, id: int) -> None:
        """Files a servo that has got another id."""
        self._servos.pop(servo.id, None)
        servo.id = id
        servo.state.name = f"servo {id} ({servo.model.name})"
        self._servos[id] = servo
