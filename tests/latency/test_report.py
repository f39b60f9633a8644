"""What a report is made of: percentiles as HdrHistogram prints them, doubts, cyclictest's line."""

import dataclasses

import numpy as np
import pytest

from handloop.latency import Machine
from handloop.latency.cyclictest import CyclicTest
from handloop.latency.hgrm import percentile_text
from handloop.latency.machine import Watch

QUIET = Machine("cpu", 4, "6.1", "PREEMPT_RT", "performance", virtual=False, load=0.1)


def test_percentiles_are_those_of_the_values() -> None:
    values = np.sort(np.random.default_rng(1).lognormal(1.0, 1.0, 5000)).round(3)
    buckets = np.stack(np.unique(values, return_counts=True), axis=1).astype(float)
    lines = percentile_text(buckets).splitlines()
    rows = np.array([line.split()[:3] for line in lines[2:-3]], dtype=float)
    for value, fraction, count in rows:
        assert value == values[max(int(np.ceil(fraction * 5000 - 1e-9)), 1) - 1]
        assert count == (values <= value).sum()
    assert tuple(rows[-1]) == (values[-1], 1.0, 5000.0)
    assert f"{values.mean():.3f}" in lines[-3]
    assert f"{values.max():.3f}" in lines[-2]


def test_one_value_alone() -> None:
    lines = percentile_text(np.array([[2.5, 1.0]])).splitlines()
    assert lines[2].split() == ["2.500", "1.000000000000", "1"]


@pytest.mark.parametrize(
    ("change", "doubt"),
    [
        ({"virtual": True}, "virtual machine"),
        ({"governor": "powersave"}, "governor 'powersave'"),
        ({"governor": None}, "unknown"),
        ({"load": 2.5}, "load 2.5 on 4 cores"),
    ],
)
def test_what_makes_a_machine_doubtful(change: dict[str, object], doubt: str) -> None:
    assert list(QUIET.doubts()) == []
    (said,) = dataclasses.replace(QUIET, **change).doubts()
    assert doubt in said


def test_a_watch_tells_what_was_taken() -> None:
    with Watch() as watch:
        sum(range(100_000))
    assert 0.0 <= watch.stolen <= 1.0
    assert 0.0 <= watch.others <= 1.0
    watch.stolen, watch.others = 0.2, 0.005
    assert list(watch.doubts()) == ["the host stole 20 % of the processors meanwhile"]
    watch.stolen, watch.others = 0.0, 0.5
    assert list(watch.doubts()) == ["others used 50 % of the processors meanwhile"]


def test_the_line_of_cyclictest_is_read() -> None:
    line = "T: 0 ( 4242) P:80 I:1000 C:   5000 Min:     17 Act:   30 Avg:   29 Max:    6472\n"
    assert CyclicTest.read("# /dev/cpu_dma_latency set to 0us\n" + line) == CyclicTest(
        5000, 17, 29, 6472
    )
    assert CyclicTest.read("Unable to change scheduling policy!\n").refusal == (
        "Unable to change scheduling policy!"
    )
