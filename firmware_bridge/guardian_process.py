"""The guardian itself: a process that outlives the driver, to let the servos go in its place.

Run as a script, and with the standard library only, so that it stands watch within some 20 ms. It
is told on stdin, in one line of JSON, which bytes to write to which descriptor. Then it waits. A
farewell ends it; if stdin ends without one, the driver is dead, however that came.
"""

import contextlib
import json
import os
import signal
import sys
import time

READY = b"ready\n"
FAREWELL = b"farewell\n"
_TIMES, _PAUSE = 3, 0.015  # the first may run into what the driver said last, or an answer to it


def main() -> None:
    """Watches, and acts once."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # they mean the driver
        signal.signal(number, signal.SIG_IGN)
    wishes = {int(port): bytes.fromhex(text) for port, text in json.loads(_line()).items()}
    os.write(sys.stdout.fileno(), READY)
    if _line() == FAREWELL:
        return
    for _ in range(_TIMES):
        for port, packet in wishes.items():
            _send(port, packet)
        time.sleep(_PAUSE)


def _line() -> bytes:
    """Up to the end of the line, or of the driver; nothing is read ahead."""
    line = b""
    while not line.endswith(b"\n") and (byte := os.read(sys.stdin.fileno(), 1)):
        line += byte
    return line


def _send(port: int, packet: bytes) -> None:
    """A port that is gone, or takes nothing, must not keep the others waiting."""
    with contextlib.suppress(OSError):
        os.write(port, packet)


if __name__ == "__main__":
    main()
