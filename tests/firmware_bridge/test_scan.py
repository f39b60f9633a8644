"""Who is found on a bus, at which rate, and what it is called."""

import pytest

from handloop.firmware_bridge import RefusalError, ServoBus


def test_servos_are_found_at_their_rates(bench, make) -> None:
    responder = bench.plug(
        make("xm430")(1, 57_600), make("xm430")(4, 57_600), make("xl430")(2, 1_000_000)
    )
    bus = bench.open(responder)
    steps: list[tuple[int, int]] = []
    found = bus.scan(progress=lambda done, of: steps.append((done, of)), ids=[1, 2, 3, 4])
    assert [(s.id, s.baud, s.name) for s in found] == [
        (1, 57_600, "XM430-W350"),
        (4, 57_600, "XM430-W350"),
        (2, 1_000_000, "XL430-W250"),
    ]
    assert found[0].firmware == 45
    assert steps[-1] == (32, 32)
    assert bus.baud == responder.rate == 57_600
    assert len(bus) == 2  # a scan adds nobody


def test_everybody_answers_one_broadcast(bench, make) -> None:
    responder = bench.plug(make("xm430")(3), make("xm430")(200, number=4711))
    bus = bench.open(bench.plug(make("xm430")(9)))
    bus.close()
    bus = ServoBus.open(responder.path, 57_600)
    bench.buses.append(bus)
    responder[3].alert = 0x80
    first, second = bus.scan(bauds=[57_600])
    assert (first.id, first.alert) == (3, True)
    assert (second.id, second.alert, second.name) == (200, False, "unknown model 4711")
    assert responder.requests == [(0xFE, 0x01, b"")]


def test_feetech_servos_are_asked_one_by_one(bench, make) -> None:
    responder = bench.plug(make("sts3215")(2), feetech=True)
    bus = bench.open(responder)
    (found,) = bus.scan(bauds=[1_000_000], ids=range(4))
    assert (found.id, found.number, found.firmware) == (2, 777, 3)
    assert found.name == "STS3215-C001 or STS3215-C018"
    assert [i for i, instruction, _ in responder.requests if instruction == 0x01] == [0, 1, 2, 3]


def test_nobody_is_found_where_nobody_is(bench, make) -> None:
    responder = bench.plug(make("xm430")(1))
    bus = bench.open(responder)
    assert bus.scan(bauds=[1_000_000], ids=[1]) == []
    assert bus.ping(7) is None
    with pytest.raises(RefusalError, match="ids are 0 to 252"):
        bus.scan(ids=[300])
