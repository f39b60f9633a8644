"""What is said when a bus, or a servo on it, does not do what it is asked."""


class PortError(OSError):
    """A serial port cannot be opened or used; the message names it and the mend."""


class BaudRateError(PortError):
    """The adapter does not go at a rate."""


class BusError(OSError):
    """A servo is missing, or refuses; the message names it and the mend."""


class RefusalError(ValueError):
    """Asking a servo for this would be wrong, so it was not asked; the message says why."""
