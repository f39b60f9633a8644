"""`handloop bus bench`: few cycles, and no time is judged."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from handloop._core import (
    PtyServer,
    Role,
    VirtualBus,
    VirtualServoConfig,
    VirtualServoModel,
    raw_servo_cycles,
    time_codec,
)
from handloop.cli import app
from handloop.firmware_bridge import BusError, RefusalError, ServoBus
from handloop.firmware_bridge.bench import (
    Rounds,
    Row,
    Spread,
    Traffic,
    measure_bus,
    silent,
    surveyed,
)
from handloop.firmware_bridge.bench import peers as bench_peers
from handloop.firmware_bridge.bench.clients import (
    Client,
    Cycles,
    Run,
    native_clients,
    own_clients,
    raw_clients,
    timed,
)
from handloop.firmware_bridge.bench.contend import BusyThread
from handloop.firmware_bridge.bench.line import BenchLine, prompt_line, virtual_line
from handloop.firmware_bridge.bench.peers import find_peers

BAUD = 4_000_000
PATIENCE = 0.5  # [s], for a machine that does other things
FEW = Rounds(count=1, cycles=3)


# Counted in the packets of the e-Manual.
@pytest.mark.parametrize(
    ("servos", "fast", "write", "total", "rate"),
    [
        (22, False, 2, 578, 692),
        (22, True, 2, 432, 926),
        (22, False, 4, 622, 643),
        (22, True, 4, 476, 840),
        (16, True, 2, 324, 1235),
        (27, False, 4, 757, 528),
    ],
)
def test_the_wire_bound_counts_all_bytes(servos, fast, write, total, rate) -> None:
    traffic = Traffic(servos, 10, write, fast)
    assert traffic.total == total
    assert round(traffic.rate(BAUD)) == rate


def test_each_servo_takes_its_time_to_answer_unless_the_read_is_fast() -> None:
    assert Traffic(22, 10, 4, False).rate(BAUD, 50e-6) == pytest.approx(377, abs=1)
    assert Traffic(22, 10, 4, True).rate(BAUD, 50e-6) == pytest.approx(806, abs=1)


def test_the_median_decides_what_is_met() -> None:
    spread = Spread.of([1.0, 5.0, 2.0])
    assert spread == Spread(2.0, 1.0, 5.0)
    assert Row("", "", spread, "", 2.0).met is True
    assert Row("", "", spread, "", 2.5, "least").met is False
    assert Row("", "", spread, "").met is None


@pytest.mark.parametrize("goal", ["current", "position"])
@pytest.mark.parametrize("servos", [2, 22])
def test_every_client_is_answered_by_all_servos(goal, servos) -> None:
    peers, missing = find_peers()
    assert not missing
    with prompt_line(servos, BAUD, goal) as prompt:
        line = replace(prompt, patience=PATIENCE)
        for client in [*raw_clients(), *own_clients(), *peers]:
            # One of many: a peer's own timeouts are short for a machine that does other things.
            assert client.run(line, 5).fresh.max() == servos, client.title


def test_virtual_servos_answer_in_both_ways() -> None:
    with virtual_line(22, BAUD, "current") as virtual:
        assert virtual.ids == tuple(range(1, 23))
        for client in native_clients():
            assert client.run(replace(virtual, patience=PATIENCE), 3).fresh.tolist() == [22] * 3


@pytest.fixture(autouse=True)
def fall_silent_once(monkeypatch) -> None:
    """Silence takes as long as the patience, whatever else is quick."""
    monkeypatch.setattr(silent, "FALLS", 1)


def test_a_silent_servo_costs_the_others_no_reading() -> None:
    with virtual_line(22, BAUD, "current") as virtual:
        assert virtual.with_silent().ids == (*range(1, 12), 23, *range(13, 23))
        rows = silent.silent_rows(replace(virtual, patience=0.1), FEW)
    kept = [row for row in rows if row.what == "silent servo, readings"]
    assert [row.measured.low for row in kept] == [21.0, 21.0]
    assert [row.wanted for row in kept] == [21.0, 21.0]
    # Nobody waits for less than the patience, however quick the machine.
    stalls = [row for row in rows if row.what == "silent servo, stall"]
    assert all(row.measured.low > 90.0 for row in stalls)


def test_the_table_is_complete_and_consistent() -> None:
    report = measure_bus(peers=True, rounds=FEW, patience=PATIENCE)
    kinds = ("sync", "fast")
    own, others = ("handloop", "handloop ServoBus"), ("rustypot", "dynamixel-sdk")
    everyone = {f"{name}, {kind}" for name in (*own, *others) for kind in kinds}
    ours = {f"handloop, {kind}" for kind in kinds}
    found: dict[str, set[str]] = {}
    for row in report.rows:
        found.setdefault(row.what, set()).add(row.who)
    assert found == {
        "codec, no wire": ours,
        "round trip": everyone | {f"raw loop, {kind}" for kind in kinds},
        "rate": everyone,
        "rate, processor time": everyone,
        "rate, beside a thread, mean": everyone,
        "rate, beside a thread, median": everyone,
        "rate, virtual servos": ours,
        "silent servo, stall": ours,
        "silent servo, readings": ours,
        "silent servo, rate": ours,
    }
    for row in report.rows:
        m = row.measured
        assert m.low <= m.median <= m.high
        free = any(word in row.what for word in ("time", "median"))
        assert (row.wanted is not None) == (row.who in ours and not free)
        if "Hz bound" in row.details:
            rate = 0.01 * m.median * row.details["Hz bound"]
            assert row.details["Hz"] == pytest.approx(rate)
    assert report.versions.keys() == {"rustypot", "dynamixel-sdk"}
    assert json.loads(json.dumps(report.to_json()))["rows"][0]["met"] in {True, False}


def test_a_missing_peer_is_named_with_the_mend(monkeypatch) -> None:
    monkeypatch.setattr(bench_peers, "find_spec", lambda module: None)
    words = ["bus", "bench", "--peers", "--ids", "1-2", "--rounds", "1", "--cycles", "2"]
    result = CliRunner().invoke(app, [*words, "--patience", "0.5"])  # other tests run beside it
    assert result.exit_code == 0, result.stderr
    for name in ("rustypot", "dynamixel-sdk"):
        assert f"{name} is not installed: pip install 'handloop[peers]'" in result.stdout


@pytest.fixture
def servos() -> VirtualBus:
    model = VirtualServoModel.x330()
    servos = [VirtualServoConfig(model, id=i, baud=BAUD) for i in (3, 5)]
    return VirtualBus(servos, supply_voltage=5.0)


@pytest.fixture
def bus(servos: VirtualBus) -> Iterator[ServoBus]:
    with PtyServer(servos) as server, ServoBus.open(server.path, BAUD, patience=PATIENCE) as bus:
        for i in (3, 5):
            bus.add(i)
        yield bus


def test_cycles_without_all_servos_do_not_count() -> None:
    cycles = Cycles(np.array([1.0, 9.0, 2.0, 3.0]), np.array([2, 1, 2, 2], dtype=np.int32), 2)
    assert (cycles.complete, cycles.median, cycles.mean) == (3, 2.0, 5.0)


def test_servos_that_do_not_answer_are_an_error() -> None:
    with prompt_line(2, BAUD, "current") as line, pytest.raises(BusError, match="0 of 2 servos"):
        Client("nobody", False, nobody_answers).run(line, 2)


@contextmanager
def nobody_answers(line: BenchLine, fast: bool) -> Iterator[Run]:
    yield lambda count: timed(lambda: 0, count, len(line.ids))


def test_servos_are_surveyed_and_left_as_they_were(servos: VirtualBus, bus: ServoBus) -> None:
    bus[5].write("goal_current", raw=70)
    with surveyed(bus, "current", PATIENCE) as line:
        assert line.ids == (3, 5)
        assert line.fast
        assert line.return_delay == pytest.approx(500e-6)  # from the factory
        assert line.blocks[1] == b"\x46\x00"
        client = native_clients()[0]
        assert client.run(line, 3).fresh.tolist() == [2] * 3
        assert servos.register(1, Role.GOAL_CURRENT) == 0
    assert servos.register(1, Role.GOAL_CURRENT) == 70


def test_servos_that_hold_torque_are_refused(servos: VirtualBus, bus: ServoBus) -> None:
    bus[5].write("torque_enable", 1)
    with pytest.raises(RefusalError, match=r"servo 5 .*torque is on"), surveyed(bus, "current"):
        pass


def test_servos_without_current_control_are_refused(bench, make) -> None:
    bus = bench.open(bench.plug(make("xl430")(1)))
    with pytest.raises(RefusalError, match=r"servo 1 .*current control"), surveyed(bus, "current"):
        pass


def test_the_command_measures_a_port_and_writes_json(servos: VirtualBus, tmp_path) -> None:
    file = tmp_path / "bench.json"
    with PtyServer(servos) as server:
        words = ["--port", server.path, "--ids", "3,5", "--rounds", "1", "--cycles", "2"]
        options = ["--patience", "0.5", "--json", str(file)]
        result = CliRunner().invoke(app, ["bus", "bench", *words, *options])
    assert result.exit_code == 0, result.stderr
    assert f"{server.path}: 2 servos, 4,000,000 baud, goal current" in result.stdout
    document = json.loads(file.read_text())
    assert document["settings"]["servos"] == 2
    assert document["machine"]["cores"] > 0
    assert "handloop" in document["versions"]
    assert {row["what"] for row in document["rows"]} >= {"rate", "silent servo, stall"}


def test_what_cannot_be_measured_is_refused() -> None:
    with pytest.raises(ValueError, match="1 to 32 servos"):
        time_codec(33, cycles=1)
    with pytest.raises(ValueError, match="current or position"):
        raw_servo_cycles(0, [1], goal="velocity", count=1)


def test_a_busy_thread_works_until_its_end() -> None:
    with BusyThread() as busy:
        while busy.count == 0:
            time.sleep(0.001)
    count = busy.count
    time.sleep(0.01)
    assert busy.count == count
