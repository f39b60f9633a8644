"""A bus of virtual servos in lockstep, seen from Python."""

import math

import pytest

from handloop._core import (
    GearFigures,
    PtyServer,
    RegisterSpec,
    Role,
    VirtualBus,
    VirtualServoConfig,
    VirtualServoModel,
)

PING = bytes.fromhex("FFFFFD00 01 0300 01 194E")


def make_bus(**options: float) -> VirtualBus:
    servo = VirtualServoConfig(VirtualServoModel.x430(), id=1, baud=1_000_000)
    return VirtualBus([servo], host_baud=1_000_000, **options)


def ask(bus: VirtualBus, request: bytes) -> bytes:
    bus.send(request)
    answer = b""
    while part := bus.receive(0.01):
        answer += part
    return answer


def test_time_passes_only_when_it_is_told_to() -> None:
    bus = make_bus()
    assert len(bus) == 1
    bus.send(PING)
    assert bus.time == pytest.approx(10 * 10e-6)
    assert bus.receive(0.01) == b"\xff"
    answer = b"\xff" + ask(bus, b"")
    assert answer.hex() == "fffffd0001070055" + "00fc032e" + answer[-2:].hex()
    # Ten bytes, return delay and turnaround, fourteen bytes, and the wait that brought nothing.
    assert bus.time == pytest.approx(24 * 10e-6 + 500e-6 + 50e-6 + 0.01)


def test_faults_are_injected_and_mended() -> None:
    bus = make_bus()

    def answers() -> bool:
        return ask(bus, PING) != b""

    assert answers()
    bus.kill(0, True)
    assert not answers()
    bus.kill(0, False)
    bus.advance(0.4)
    bus.plug(0, False)
    assert not answers()
    bus.plug(0, True)
    bus.unplug(0.02)
    assert not answers()
    bus.advance(0.02)
    bus.noise(byte_loss=1.0)
    assert not answers()
    bus.noise()
    bus.supply(9.0)
    bus.advance(0.01)
    assert bus.register(0, Role.HARDWARE_ERROR) == 1
    assert bus.supply_voltage == pytest.approx(9.0, abs=0.1)


def test_a_bus_belongs_to_its_server_until_that_stops() -> None:
    bus = make_bus()
    server = PtyServer(bus)
    with pytest.raises(RuntimeError, match="stop it first"):
        bus.advance(0.1)
    with pytest.raises(RuntimeError, match="stop it first"):
        PtyServer(bus)
    server.stop()
    server.stop()
    bus.advance(0.1)


def test_a_kind_of_servo_is_made_of_data() -> None:
    model = VirtualServoModel.x430()
    others = [r for r in model.registers if r.role != Role.MODEL_NUMBER]
    number = RegisterSpec(0, 2, eeprom=True, writable=False, initial=1030, role=Role.MODEL_NUMBER)
    model.registers = [number, *others]
    model.gear.inertia = 1e9
    bus = VirtualBus([VirtualServoConfig(model, baud=1_000_000)], host_baud=1_000_000)
    assert ask(bus, PING)[9:11] == (1030).to_bytes(2, "little")
    bus.load(0, 1e6)
    bus.advance(1.0)
    assert bus.velocity(0) == pytest.approx(1e-3, rel=0.01)


def test_shafts_have_end_stops_and_gears_of_their_own() -> None:
    model = VirtualServoModel.x430()
    light = GearFigures()
    light.inertia, light.coulomb = 1e-3, 0.0
    servos = [
        VirtualServoConfig(model, id=1, stops=(-0.3, 0.2)),
        VirtualServoConfig(model, id=2, gear=light),
    ]
    assert servos[0].stops == (-0.3, 0.2)
    assert servos[1].stops == (-math.inf, math.inf)
    assert servos[1].gear.inertia == 1e-3
    bus = VirtualBus(servos)
    bus.load(0, 1.0)
    bus.load(1, 1.0)
    bus.advance(1.0)
    assert (bus.position(0), bus.velocity(0)) == (pytest.approx(0.2), 0.0)
    assert bus.velocity(1) == pytest.approx(50.0, rel=0.01)  # 1 N m against 0.02 N m s/rad
    with pytest.raises(ValueError, match="servo 3: give the lower one first"):
        VirtualServoConfig(model, id=3, stops=(1.0, -1.0))


def test_what_does_not_fit_is_named() -> None:
    model = VirtualServoModel.x330()
    wide = VirtualServoModel.x330()
    wide.registers = [RegisterSpec(1022, 4)]
    with pytest.raises(ValueError, match="register 1022 is beyond"):
        VirtualBus([VirtualServoConfig(wide)])
    with pytest.raises(ValueError, match="baud rate of 12345"):
        VirtualBus([VirtualServoConfig(model, baud=12345)])
    with pytest.raises(ValueError, match="one protocol"):
        VirtualBus(
            [
                VirtualServoConfig(model),
                VirtualServoConfig(VirtualServoModel.sts3215(), id=2, baud=1_000_000),
            ]
        )
    with pytest.raises(IndexError, match="servo 1 of a bus of 1"):
        make_bus().position(1)
