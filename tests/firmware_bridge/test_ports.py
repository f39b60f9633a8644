"""Ports: their lasting names, and adapters that keep answers back."""

from pathlib import Path

import pytest

from handloop.firmware_bridge import PortError, find_ports, ports
from handloop.firmware_bridge.bus_errors import BaudRateError


class Adapter:
    """An FTDI adapter in a folder like sysfs; `obeys` what it is asked for."""

    def __init__(self, home: Path, obeys: bool) -> None:
        self.timer = home / "class/tty/ttyUSB0/device/latency_timer"
        self.timer.parent.mkdir(parents=True)
        self.timer.write_text("16\n")
        self._obeys = obeys

    def set_low_latency_mode(self, wanted: bool) -> None:
        if not self._obeys:
            raise ValueError("Failed to update ASYNC_LOW_LATENCY flag")
        self.timer.chmod(0o644)
        self.timer.write_text("1\n")


def test_a_latency_timer_is_lowered(tmp_path: Path) -> None:
    adapter = Adapter(tmp_path, obeys=True)
    assert ports.lower_latency("/dev/ttyUSB0", adapter, tmp_path) == (1e-3, "")
    assert adapter.timer.read_text().strip() == "1"


def test_a_latency_timer_that_stays_comes_with_advice(tmp_path: Path, monkeypatch) -> None:
    def refuse(path: Path, text: str) -> int:
        raise PermissionError(13, "Permission denied")

    adapter = Adapter(tmp_path, obeys=False)
    monkeypatch.setattr(Path, "write_text", refuse)
    latency, advice = ports.lower_latency("/dev/ttyUSB0", adapter, tmp_path)
    assert latency == 16e-3
    assert f"echo 1 | sudo tee {adapter.timer}" in advice
    assert 'ATTR{latency_timer}="1"' in advice


def test_other_adapters_keep_nothing_back(tmp_path: Path) -> None:
    assert ports.lower_latency("/dev/ttyACM0", None, tmp_path) == (0.0, "")


def test_a_port_is_called_by_the_name_that_lasts(tmp_path: Path) -> None:
    device = tmp_path / "ttyUSB7"
    device.touch()
    by_id = tmp_path / "by-id"
    assert ports.lasting_path(str(device), by_id) == str(device)
    by_id.mkdir()
    (by_id / "usb-FTDI_U2D2_X").symlink_to(device)
    assert ports.lasting_path(str(device), by_id) == str(by_id / "usb-FTDI_U2D2_X")


@pytest.mark.parametrize(
    ("number", "mend"),
    [(13, "sudo usermod -aG dialout"), (16, "fuser -v"), (5, "cannot be opened")],
)
def test_a_port_that_does_not_open_says_how_to_mend_it(monkeypatch, number: int, mend: str) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise OSError(number, "no")

    monkeypatch.setattr(ports.serial, "Serial", refuse)
    with pytest.raises(PortError, match=f"/dev/ttyUSB0: .*{mend}"):
        ports.ServoPort("/dev/ttyUSB0", 57_600)


def test_a_rate_that_the_adapter_has_not_is_refused(monkeypatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise ValueError("Failed to set custom baud rate (4500000)")

    monkeypatch.setattr(ports.serial, "Serial", refuse)
    with pytest.raises(PortError, match="does not go at 4500000 baud"):
        ports.ServoPort("/dev/ttyUSB0", 4_500_000)


def test_a_rate_that_is_refused_leaves_the_port_at_the_one_before(bench, make, monkeypatch) -> None:
    responder = bench.plug(make("xm430")(1))
    bus = bench.open(responder)

    def check(path: str, baud: int, descriptor: int) -> None:
        if baud > 1_000_000:
            raise BaudRateError(f"{path}: this adapter does not go at {baud} baud")

    monkeypatch.setattr(ports, "_check_rate", check)
    with pytest.raises(BaudRateError):
        bus.baud = 4_500_000
    assert responder.rate == bus.baud == 57_600
    assert [s.baud for s in bus.scan(ids=[1])] == [57_600]  # the rates that it has
    with pytest.raises(BaudRateError):
        bus.scan([4_500_000], [1])
    assert bus[1].read("led").ok


def test_only_usb_serial_ports_are_offered() -> None:
    assert all(Path(p.device).name.startswith(("ttyUSB", "ttyACM")) for p in find_ports())
