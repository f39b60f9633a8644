"""How registers of several servos are read in the fewest transactions.

One transaction asks each servo for at most one block of neighbouring registers. Dynamixels may be
asked for different blocks in one (bulk read), others for the same one only (sync read); SCS servos
are asked alone. A Dynamixel refuses a block with an address in it that it does not have (e-Manual,
"Access Error"), but it can mirror registers from anywhere in its RAM side by side, at addresses
that depend on its firmware.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from .bus_errors import RefusalError
from .register import Register, Unpack
from .servo import ServoModel

MAX_BLOCK = 64  # bytes of a servo in one transaction (kMaxBlock in group.hpp)
MAX_SERVOS = 64  # in one transaction (kMaxServos in registers.hpp)


@dataclass(frozen=True)
class Target:
    """One servo to be asked."""

    id: int
    model: ServoModel
    firmware: int


@dataclass(frozen=True)
class Block:
    """Neighbouring bytes of one servo, and which registers are in them."""

    id: int
    address: int
    size: int
    fields: tuple[tuple[Register, int], ...]
    """Registers, each with where it begins in the block."""

    def decode(self, data: bytes) -> dict[str, int]:
        """Raw numbers by register."""
        return {name: unpack(data, at)[0] for name, unpack, at, _ in self._readers}

    def values(self, raws: Mapping[str, int]) -> dict[str, float]:
        """In SI, by register."""
        return {name: raws[name] * scale for name, _, _, scale in self._readers}

    @cached_property
    def _readers(self) -> tuple[tuple[str, Unpack, int, float], ...]:
        return tuple((r.name, r.unpack, at, r.scale) for r, at in self.fields)


@dataclass(frozen=True)
class Transaction:
    """One request, and the answers of all servos in it."""

    blocks: tuple[Block, ...]
    fast: bool = False
    """All answer in one packet."""


@dataclass(frozen=True)
class Plan:
    """Transactions that read what was asked for."""

    transactions: tuple[Transaction, ...]
    mirrors: Mapping[int, tuple[Register, ...]]
    """By servo: the registers that its first mirrored bytes have to show, in this order."""


def plan_read(targets: Sequence[Target], names: Sequence[str], mirror: bool = True) -> Plan:
    """Plans one reading.

    Args:
        targets: the servos, each once.
        names: registers, the same of all.
        mirror: whether servos may be told to mirror registers.

    Raises:
        CatalogueError: a servo has no such register.
        RefusalError: no register is named.
    """
    if not names:
        raise RefusalError("no register is named; name at least one to read")
    once = list(dict.fromkeys(names))
    asked = {t.id: [t.model.register(name, t.firmware) for name in once] for t in targets}
    mirrors = {t.id: _mirrored(t, asked[t.id]) for t in targets} if mirror else {}
    mirrors = {i: shown for i, shown in mirrors.items() if shown}
    bulk = [t for t in targets if t.model.protocol == "dynamixel2"]
    sync = [t for t in targets if t.model.protocol == "feetech" and t.model.sync_read]
    alone = [t for t in targets if not t.model.sync_read]
    transactions = [
        *_bulk(bulk, asked, mirrors),
        *_sync(sync, asked),
        *(Transaction((block,)) for t in alone for block in blocks_of(t, asked[t.id])),
    ]
    return Plan(tuple(transactions), mirrors)


def stretches(
    registers: Iterable[Register], known: Iterable[Register] | None = None
) -> list[tuple[int, int]]:
    """The fewest blocks that cover all registers, as address and size.

    Each begins where the first register is that is not covered yet and takes in all it can, which
    no other choice betters.

    Args:
        registers: to be covered.
        known: all that the servo has, no other address may be in a block. None: any may.
    """
    gaps = [] if known is None else _gaps(known)
    found: list[tuple[int, int]] = []
    for register in sorted(registers, key=lambda r: r.address):
        begin, size = found[-1] if found else (0, 0)
        end = register.span.stop
        if found and end - begin <= MAX_BLOCK and not any(begin < g < end for g in gaps):
            found[-1] = (begin, max(size, end - begin))
        else:
            found.append((register.address, register.size))
    return found


def _gaps(known: Iterable[Register]) -> list[int]:
    """The first address behind each run of registers."""
    starts = {r.address for r in known}
    return sorted({r.span.stop for r in known} - starts)


def known_registers(target: Target) -> list[Register]:
    """Those that a servo's firmware has."""
    return [r for r in target.model.registers.values() if r.since <= target.firmware]


def blocks_of(target: Target, registers: Sequence[Register]) -> list[Block]:
    """The fewest blocks of one servo that cover registers."""
    known = known_registers(target) if target.model.protocol == "dynamixel2" else None
    return [
        _block(target.id, address, size, registers) for address, size in stretches(registers, known)
    ]


def _block(servo: int, address: int, size: int, registers: Iterable[Register]) -> Block:
    inside = (r for r in registers if address <= r.address and r.span.stop <= address + size)
    return Block(servo, address, size, tuple((r, r.address - address) for r in inside))


def _mirrored(target: Target, registers: Sequence[Register]) -> tuple[Register, ...]:
    """What to mirror so that fewer blocks are left; nothing if that does not help.

    A block costs the same whatever is in it, so those with the fewest bytes are mirrored first.
    That is best where no run of registers is longer than a block, as in all tables so far.
    """
    room = next(iter(target.model.indirect_blocks(target.firmware)), None)
    if room is None or any(r.name.startswith("indirect_") for r in registers):
        return ()
    shown: list[list[Register]] = []
    left = room.slots
    for registers_in in sorted(_registers_of(blocks_of(target, registers)), key=_bytes):
        in_ram = all(r.area == "ram" for r in registers_in)
        if in_ram and _bytes(registers_in) <= left:
            shown.append(registers_in)
            left -= _bytes(registers_in)
    return tuple(r for block in shown for r in block) if len(shown) > 1 else ()


def _registers_of(blocks: Iterable[Block]) -> list[list[Register]]:
    return [[register for register, _ in block.fields] for block in blocks]


def _bytes(registers: Iterable[Register]) -> int:
    return sum(r.size for r in registers)


def _mirror_block(target: Target, shown: Sequence[Register]) -> Block:
    room = target.model.indirect_blocks(target.firmware)[0]
    fields, at = [], 0
    for register in shown:
        fields.append((register, at))
        at += register.size
    return Block(target.id, room.data, at, tuple(fields))


def _bulk(
    targets: Sequence[Target],
    asked: Mapping[int, Sequence[Register]],
    mirrors: Mapping[int, tuple[Register, ...]],
) -> list[Transaction]:
    """The n-th block of every servo goes into the n-th transaction."""
    of_servo: list[list[Block]] = []
    fast = len(targets) > 1 and all(t.model.can_fast_sync_read(t.firmware) for t in targets)
    for target in targets:
        shown = mirrors.get(target.id, ())
        blocks = blocks_of(target, [r for r in asked[target.id] if r not in shown])
        of_servo.append(blocks + ([_mirror_block(target, shown)] if shown else []))
    transactions = []
    for n in range(max(map(len, of_servo), default=0)):
        blocks = [blocks[n] for blocks in of_servo if n < len(blocks)]
        for first in range(0, len(blocks), MAX_SERVOS):
            part = tuple(blocks[first : first + MAX_SERVOS])
            transactions.append(Transaction(part, fast and len(part) > 1))
    return transactions


def _sync(targets: Sequence[Target], asked: Mapping[int, Sequence[Register]]) -> list[Transaction]:
    """All servos are asked for the same blocks, which hold what any of them is asked for."""
    transactions = []
    for address, size in stretches(r for t in targets for r in asked[t.id]):
        blocks = [_block(t.id, address, size, asked[t.id]) for t in targets]
        of_use = [block for block in blocks if block.fields]
        for first in range(0, len(of_use), MAX_SERVOS):
            transactions.append(Transaction(tuple(of_use[first : first + MAX_SERVOS])))
    return transactions
