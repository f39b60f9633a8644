"""Other libraries, as their users call them, without decoding what comes.

They leave the bytes as they are, where ours converts them to SI units.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module, metadata
from importlib.util import find_spec
from typing import Final

from .clients import Client, Run, timed
from .line import READ, WRITTEN, BenchLine

_PATIENCE: Final = 1.0  # [s]


@contextmanager
def rustypot(line: BenchLine, fast: bool) -> Iterator[Run]:
    """Its raw registers, which is the quickest that it has."""
    controller = import_module("rustypot").Xl330PyController(line.path, line.baud, _PATIENCE)
    controller.set_fast_sync_read(fast)
    ids, goals = list(line.ids), [list(block) for block in line.blocks]
    address = WRITTEN[line.goal][0]

    def cycle() -> int:
        try:
            answers = controller.sync_read_raw_data(ids, *READ)
        except RuntimeError:  # it keeps nothing where one servo is silent
            return 0
        controller.sync_write_raw_data(ids, address, goals)
        return len(answers)

    try:
        yield lambda count: timed(cycle, count, len(ids))
    finally:
        controller.close()


@contextmanager
def dynamixel_sdk(line: BenchLine, fast: bool) -> Iterator[Run]:
    """GroupSyncRead and GroupSyncWrite."""
    sdk = import_module("dynamixel_sdk")
    port, handler = sdk.PortHandler(line.path), sdk.PacketHandler(2.0)
    port.openPort()
    port.setBaudRate(line.baud)
    read = sdk.GroupSyncRead(port, handler, *READ)
    write = sdk.GroupSyncWrite(port, handler, *WRITTEN[line.goal])
    for i, goal in zip(line.ids, line.blocks, strict=True):
        read.addParam(i)
        write.addParam(i, list(goal))
    ask = read.fastSyncRead if fast else read.txRxPacket

    def cycle() -> int:
        answered = ask() == sdk.COMM_SUCCESS
        write.txPacket()
        return len(line.ids) if answered else 0

    try:
        yield lambda count: timed(cycle, count, len(line.ids))
    finally:
        port.closePort()


PEERS: Final[dict[str, tuple[str, Callable[[BenchLine, bool], AbstractContextManager[Run]]]]] = {
    "rustypot": ("rustypot", rustypot),
    "dynamixel-sdk": ("dynamixel_sdk", dynamixel_sdk),
}
"""By distribution: the module to import, and how a line is opened with it."""


def find_peers() -> tuple[list[Client], dict[str, str]]:
    """Those that are installed, and of the others what to do about it."""
    clients, missing = [], {}
    for name, (module, opens) in PEERS.items():
        if find_spec(module) is None:
            missing[name] = f"{name} is not installed: pip install 'handloop[peers]'"
        else:
            clients += [Client(name, fast, opens) for fast in (False, True)]
    return clients, missing


def versions(missing: dict[str, str]) -> dict[str, str]:
    """Of those that are installed."""
    return {name: metadata.version(name) for name in PEERS if name not in missing}
