"""Torque goes off when the program that drives the servos dies."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from handloop._core import PtyServer, Role, VirtualBus
from handloop.firmware_bridge.guardian import Guardian
from handloop.firmware_bridge.torque_off import torque_off_packet

# Somebody drives the hand: torque is on, and then nothing more is said.
DRIVER = """
import sys, time
from handloop.controller import Hand
from handloop.firmware_bridge.guardian import guard
from handloop.firmware_bridge.hand_servos import HandServos
servos = HandServos.open(Hand.load(sys.argv[1]), {"all": sys.argv[2]}, patience=0.5)
watch = guard(servos, sys.argv[3])
for servo in servos:
    servo.servo.write("torque_enable", 1)
print("driving", flush=True)
sys.stdin.readline()
watch.dismiss()
servos.close()
"""
# The same in earnest: the loop speaks all the time, and is cut off in the middle of a word.
LOOP = """
import sys, time
from handloop.controller import Hand
from handloop.firmware_bridge import HandDriver, HandServos
from handloop.firmware_bridge.preflight_settings import configure
servos = HandServos.open(Hand.load(sys.argv[1]), {"all": sys.argv[2]}, patience=0.5)
configure(servos)
driver = HandDriver(servos).__enter__()
driver.start()
while driver.loop.status.ticks < 20:
    time.sleep(0.01)
print("driving", flush=True)
time.sleep(60.0)
"""
POSITION = {"thumb": 'id = 1, model = "XL330-M288", mode = "position"'}


@pytest.fixture
def bus(pincer) -> VirtualBus:
    return pincer.bus()


@pytest.fixture
def path(bus: VirtualBus) -> Iterator[str]:
    with PtyServer(bus) as server:
        yield server.path


def drive(hand: Path, path: str, guarded: str, program: str = DRIVER) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-c", program, str(hand), path, guarded]
    driver = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert driver.stdout is not None
    assert driver.stdout.readline() == b"driving\n"
    return driver


def torques(bus: VirtualBus) -> list[int]:
    return [bus.register(i, Role.TORQUE_ENABLE) for i in (0, 1)]


def soon(bus: VirtualBus, wanted: list[int]) -> bool:
    """Whether torque becomes so; a busy machine gets plenty of time."""
    for _ in range(500):
        if torques(bus) == wanted:
            return True
        time.sleep(0.01)
    return False


def test_a_killed_loop_leaves_the_hand_limp(pincer, bus: VirtualBus, path: str) -> None:
    slow = "[bus]\nperiod = 0.005\nwatchdog = 2.0\n"  # so that it is not the watchdog's doing
    driver = drive(pincer.write(more=slow), path, "limp", LOOP)
    assert torques(bus) == [1, 1]
    driver.kill()
    driver.communicate()
    assert soon(bus, [0, 0])


def test_what_can_hold_by_itself_may_be_left_to_it(pincer, bus: VirtualBus, path: str) -> None:
    driver = drive(pincer.write(pincer.servos | POSITION), path, "hold")
    driver.kill()
    driver.communicate()
    assert soon(bus, [1, 0])


def test_after_a_farewell_nothing_is_written(pincer, bus: VirtualBus, path: str) -> None:
    driver = drive(pincer.write(), path, "limp")
    driver.communicate(b"\n", timeout=20)
    assert driver.returncode == 0
    time.sleep(0.1)
    assert torques(bus) == [1, 1]


def test_all_ports_are_told_even_if_one_takes_nothing() -> None:
    hung_out, hung = os.pipe2(os.O_NONBLOCK)
    heard, port = os.pipe2(os.O_NONBLOCK)
    with pytest.raises(BlockingIOError):
        while True:
            os.write(hung, bytes(1 << 16))
    guardian = Guardian({hung: b"never", port: b"let go"})
    assert guardian._process.stdin is not None
    guardian._process.stdin.close()  # as when the driver dies
    guardian._process.wait(timeout=20)
    assert os.read(heard, 100) == b"let go" * 3
    for descriptor in (hung_out, hung, heard, port):
        os.close(descriptor)


def test_an_error_is_no_farewell() -> None:
    heard, port = os.pipe2(os.O_NONBLOCK)
    with Guardian({port: b"let go"}):
        pass
    with pytest.raises(BlockingIOError):
        os.read(heard, 100)
    with pytest.raises(KeyboardInterrupt), Guardian({port: b"let go"}):
        raise KeyboardInterrupt
    assert os.read(heard, 100) == b"let go" * 3
    os.close(heard)
    os.close(port)


# By hand from the layouts: e-Manual, "Sync Write"; Feetech, "Sync Write", with FE + 08 + ... = 1B5.
def test_the_packets_are_those_of_the_manuals() -> None:
    assert torque_off_packet("feetech", 40, [1, 2]).hex() == "fffffe08832801010002004a"
    packet = torque_off_packet("dynamixel2", 64, [1, 2])
    assert packet[:-2].hex() == "fffffd00fe0b00834000010001000200"
