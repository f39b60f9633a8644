"""Trials come out the same wherever they are run, and whatever dies meanwhile."""

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from handloop.controller import packaged_hands
from handloop.sim.bench.contestant import Entry
from handloop.sim.bench.engine import Chunk, LocalEngine, keep_ahead, run_chunk
from handloop.sim.bench.log import TRIALS
from handloop.sim.bench.plan import Plan
from handloop.sim.bench.run import run_bench
from handloop.sim.bench.task import Options
from handloop.sim.bench.trial import CLOSED, POOL, Trial

PLAN = Plan(("cup",), (Entry("hand22_right"),), Options(range(1), quick=True))
HANDLOOP = (sys.executable, "-c", "from handloop.cli import app; app()")
COMMAND = (*HANDLOOP, "bench", "cup", "--hand", "hand22", "--seeds", "1", "--quick")


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    folder = tmp_path_factory.mktemp("alone")
    run_bench(PLAN, LocalEngine(1), folder)
    return (folder / TRIALS).read_bytes()


@pytest.mark.slow
def test_results_are_the_same_to_the_byte_for_any_number_of_jobs(alone, tmp_path):
    run_bench(PLAN, LocalEngine(3), tmp_path)
    assert (tmp_path / TRIALS).read_bytes() == alone


@pytest.mark.slow
def test_a_run_that_is_killed_goes_on_and_ends_with_the_same_bytes(alone, tmp_path):
    command = [*COMMAND, "--out", str(tmp_path), "--jobs", "1"]
    process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
    log = tmp_path / TRIALS
    while not (log.exists() and log.stat().st_size) and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    patience = time.monotonic() + 60.0
    while members := _alive_in(process.pid):
        assert time.monotonic() < patience, f"workers outlive their parent: {members}"
        time.sleep(0.02)
    assert alone.startswith(log.read_bytes())
    subprocess.run(command, check=True, capture_output=True)
    assert log.read_bytes() == alone


def _alive_in(group):
    """Processes of a group, from /proc; those that only wait to be reaped are none."""
    alive = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, of = file.read_text().rpartition(") ")[2].split()[:3]
        except OSError:  # it is gone meanwhile
            continue
        if int(of) == group and state != "Z":
            alive.append(file.parent.name)
    return alive


def test_a_hand_that_cannot_take_part_has_missed_and_the_log_says_why(tmp_path):
    blind = tmp_path / "blind.toml"
    hand = packaged_hands()["hand22_right"]
    text = re.sub(r"^(contact|tactile) = .*$", "", hand.read_text(), flags=re.MULTILINE)
    blind.write_text(text.replace('mjcf = "', f'mjcf = "{hand.parent}/'))
    done = run_chunk(Chunk("cup", Entry(str(blind)), (Trial(CLOSED, POOL, 0),)))
    assert done.results[0].outcome == "missed"
    assert "no contact sensors" in done.results[0].note


def test_never_more_chunks_are_begun_than_wanted():
    begun = []
    items = (begun.append(i) or i for i in range(10))
    for i, item in enumerate(keep_ahead(items, 3)):
        assert item == i
        assert len(begun) <= i + 4
    assert len(begun) == 10


@pytest.mark.slow
def test_a_cluster_that_loses_a_node_loses_no_trial(alone, tmp_path):
    pytest.importorskip("ray", reason="needs Ray: pip install 'handloop[ray]'")
    from ray.cluster_utils import Cluster

    from handloop.sim.bench.ray_engine import RayEngine

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    try:
        doomed = cluster.add_node(num_cpus=1)
        engine = _LosesANode(RayEngine(cluster.address), lambda: cluster.remove_node(doomed))
        run_bench(PLAN, engine, tmp_path)
    finally:
        cluster.shutdown()
    assert (tmp_path / TRIALS).read_bytes() == alone


class _LosesANode:
    """An engine whose cluster loses a node after the first chunk."""

    def __init__(self, engine, lose):
        self.engine, self.lose = engine, lose
        self.simulator = engine.simulator

    def run(self, chunks):
        for number, done in enumerate(self.engine.run(chunks)):
            if number == 0:
                self.lose()
            yield done


def test_nobody_at_the_address_of_a_cluster_is_said_at_once():
    pytest.importorskip("ray", reason="needs Ray: pip install 'handloop[ray]'")
    from handloop.sim.bench.engine import EngineError
    from handloop.sim.bench.ray_engine import RayEngine

    with pytest.raises(EngineError, match=r"no Ray cluster at '127\.0\.0\.1:9'"):
        RayEngine("127.0.0.1:9")
