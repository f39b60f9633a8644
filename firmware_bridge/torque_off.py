"""The packet that switches torque off, for whoever cannot build it any more when it is needed.

One sync write of 0 to all servos of a line, which none answers (e-Manual, "Protocol 2.0";
Feetech, "Communication protocol user manual"). Nothing in it needs stuffing: ids are below 253, so
FF FF FD never comes up.
"""

from __future__ import annotations

from collections.abc import Sequence

from .bus_lines import Protocol

_BROADCAST = 0xFE
_SYNC_WRITE = 0x83


def torque_off_packet(protocol: Protocol, address: int, ids: Sequence[int]) -> bytes:
    """Bytes to send on the line.

    Args:
        protocol: what its servos speak.
        address: of their `torque_enable`, which has one byte.
        ids: of the servos.
    """
    each = b"".join(bytes([i, 0]) for i in ids)
    if protocol == "feetech":
        body = bytes([_BROADCAST, len(each) + 4, _SYNC_WRITE, address, 1]) + each
        return b"\xff\xff" + body + bytes([~sum(body) & 0xFF])
    parameters = address.to_bytes(2, "little") + (1).to_bytes(2, "little") + each
    head = b"\xff\xff\xfd\x00" + bytes([_BROADCAST])
    packet = head + (len(parameters) + 3).to_bytes(2, "little") + bytes([_SYNC_WRITE]) + parameters
    return packet + _crc16(packet).to_bytes(2, "little")


def _crc16(data: bytes) -> int:
    """CRC-16 with polynomial 0x8005 from 0, nothing reflected (e-Manual, "CRC Calculation")."""
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ (0x8005 if crc & 0x8000 else 0)) & 0xFFFF
    return crc
