"""The log of a run: whole after whatever befell it, the same to the byte."""

import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handloop.sim.bench.contestant import Entry
from handloop.sim.bench.engine import Done, EngineError
from handloop.sim.bench.header import RUN
from handloop.sim.bench.log import TRIALS, LogError, Record, read_log
from handloop.sim.bench.plan import Plan
from handloop.sim.bench.run import CHUNK, run_bench
from handloop.sim.bench.task import Options
from handloop.sim.bench.trial import CLOSED, Case, Condition, Result, Trial

PLAN = Plan(("cup",), (Entry("hand22_right"), Entry("hand22_left")), Options(range(2), quick=True))
OUTCOMES = ("held", "crushed", "slipped")


class Oracle:
    """An engine that knows every result, until it dies."""

    simulator = "MuJoCo"

    def __init__(self, chunks_to_live=10**9):
        self.chunks_to_live = chunks_to_live
        self.trials = 0

    def run(self, chunks):
        for number, chunk in enumerate(chunks):
            if number == self.chunks_to_live:
                raise EngineError("a worker died")
            self.trials += len(chunk.trials)
            yield Done(
                [_result(chunk.entry, trial) for trial in chunk.trials], {"timestep_s": 0.001}
            )


def _result(entry, trial):
    number = trial.seed + len(trial.condition.name) + len(entry.label)
    return Result(OUTCOMES[number % 3], {"slip_mm": number / 7.0})


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    run_bench(PLAN, Oracle(), folder)
    return (folder / TRIALS).read_bytes()


def test_every_trial_of_the_plan_is_in_the_log_once_and_in_order(whole, tmp_path):
    (tmp_path / TRIALS).write_bytes(whole)
    found = [(r.task, r.contestant, r.trial) for r in read_log(tmp_path)]
    assert found == [(task, entry.label, trial) for task, entry, trial in PLAN.items()]


@pytest.mark.parametrize("chunks", [0, 1, 3])
def test_a_run_whose_engine_dies_goes_on_where_it_was(whole, tmp_path, chunks):
    with pytest.raises(EngineError):
        run_bench(PLAN, Oracle(chunks), tmp_path)
    done = len(list(read_log(tmp_path))) if (tmp_path / TRIALS).stat().st_size else 0
    rest = Oracle()
    run_bench(PLAN, rest, tmp_path)
    assert done <= CHUNK * chunks
    assert done + rest.trials == len(list(PLAN.items()))
    assert (tmp_path / TRIALS).read_bytes() == whole


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_a_log_cut_off_anywhere_is_gone_on_with_to_the_same_bytes(whole, tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("cut")
    cut = data.draw(st.integers(0, len(whole)))
    (folder / TRIALS).write_bytes(whole[:cut])
    run_bench(PLAN, Oracle(), folder)
    assert (folder / TRIALS).read_bytes() == whole


def test_a_finished_run_is_not_run_again(tmp_path):
    run_bench(PLAN, Oracle(), tmp_path)
    again = Oracle()
    assert len(run_bench(PLAN, again, tmp_path)) == len(list(PLAN.items()))
    assert again.trials == 0


def test_progress_counts_what_was_there_before(tmp_path):
    with pytest.raises(EngineError):
        run_bench(PLAN, Oracle(1), tmp_path)
    told = []
    run_bench(PLAN, Oracle(), tmp_path, lambda *step: told.append(step))
    counts = [done for _, done, _ in told]
    assert counts[0] > 0
    assert counts == sorted(counts)
    assert told[-1] == ("cup", len(list(PLAN.items())), len(list(PLAN.items())))


@pytest.mark.parametrize(
    ("other", "named"),
    [
        (Plan(PLAN.tasks, PLAN.entries, Options(range(3), quick=True)), "other seeds"),
        (Plan(PLAN.tasks, PLAN.entries, Options(range(1, 3), quick=True)), "other first seed"),
        (Plan(PLAN.tasks, PLAN.entries[:1], PLAN.options), "other contestants"),
        (Plan(PLAN.tasks, PLAN.entries, Options(range(2))), "other quick"),
    ],
)
def test_another_run_in_the_same_folder_is_refused_by_name(tmp_path, other, named):
    run_bench(PLAN, Oracle(), tmp_path)
    before = (tmp_path / TRIALS).read_bytes()
    with pytest.raises(LogError, match=f"{named}.*--out"):
        run_bench(other, Oracle(), tmp_path)
    assert (tmp_path / TRIALS).read_bytes() == before


def test_a_log_of_another_plan_is_refused_by_its_line(tmp_path, whole):
    lines = whole.splitlines(keepends=True)
    (tmp_path / TRIALS).write_bytes(b"".join([lines[0], lines[2]]))
    with pytest.raises(LogError, match="line 2 is of another run"):
        run_bench(PLAN, Oracle(), tmp_path)


@pytest.mark.parametrize(
    "line",
    ["{}", "[]", "3", "held", '{"task": "cup", "outcome": "won"}', '{"task":', "{'task': 'cup'}"],
)
def test_a_line_that_is_no_record_is_named(tmp_path, whole, line):
    (tmp_path / TRIALS).write_bytes(whole.splitlines(keepends=True)[0] + line.encode() + b"\n")
    with pytest.raises(LogError, match="line 2 is no record"):
        list(read_log(tmp_path))


@pytest.mark.parametrize("text", ["", "{", "[1]"])
def test_a_damaged_header_is_named(tmp_path, text):
    (tmp_path / RUN).write_text(text)
    with pytest.raises(LogError, match=r"run\.json is damaged"):
        run_bench(PLAN, Oracle(), tmp_path)


def test_a_folder_without_a_run_is_named(tmp_path):
    with pytest.raises(LogError, match="holds no run"):
        list(read_log(tmp_path))


def test_physics_of_every_task_and_contestant_are_kept(tmp_path):
    run_bench(PLAN, Oracle(), tmp_path)
    physics = json.loads((tmp_path / RUN).read_text())["physics"]
    assert physics == {"cup": {entry.label: {"timestep_s": 0.001} for entry in PLAN.entries}}


finite = st.floats(allow_nan=False, allow_infinity=False)
records = st.builds(
    Record,
    st.text(),
    st.text(),
    st.builds(
        Trial,
        st.just(CLOSED) | st.builds(Condition, st.just("open"), finite),
        st.builds(Case, st.text(), st.text(), st.none() | finite, st.booleans()),
        st.integers(0, 2**40),
    ),
    st.builds(Result, st.sampled_from(OUTCOMES), st.dictionaries(st.text(), finite), st.text()),
    st.lists(st.text()).map(tuple),
)


@given(records)
def test_a_record_survives_its_line_to_the_bit(record):
    assert Record.parse(record.line()) == record
    assert "\n" not in record.line()


def test_what_is_not_a_number_is_left_out():
    result = Result("held", {"slip_mm": float("nan"), "margin": 0.5})
    record = Record("cup", "hand", Trial(CLOSED, Case(), 0), result, ())
    assert Record.parse(record.line()).result.metrics == {"margin": 0.5}


@pytest.mark.parametrize(
    ("tasks", "entries", "message"),
    [
        ((), PLAN.entries, "at least one task"),
        (("cup", "cup"), PLAN.entries, "task 'cup' is there 2 times"),
        (("cup",), PLAN.entries * 2, "contestant 'hand22_right' is there 2 times"),
    ],
)
def test_a_plan_that_a_log_could_not_tell_apart_is_refused(tasks, entries, message):
    with pytest.raises(ValueError, match=message):
        Plan(tasks, entries, PLAN.options)


def test_only_the_conditions_that_are_named_are_run():
    closed = Plan(PLAN.tasks, PLAN.entries, PLAN.options, ("closed",))
    every = [item for item in PLAN.items() if item[2].condition == CLOSED]
    assert list(closed.items()) == every
    assert 0 < len(every) < len(list(PLAN.items()))


def test_conditions_and_cases_name_their_trials_uniquely():
    trials = [(entry.label, t.condition.name, t.case.name, t.seed) for _, entry, t in PLAN.items()]
    assert all(a != b for a, b in itertools.combinations(trials, 2))
