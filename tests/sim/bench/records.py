"""Records that nobody ran, and a task that nobody can."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from handloop.sim.bench.contestant import Contestant
from handloop.sim.bench.log import Record
from handloop.sim.bench.task import Metric, Options, Reference, Snapshot, Task
from handloop.sim.bench.trial import (
    CLOSED,
    HALF_STEP,
    POOL,
    Case,
    Condition,
    Outcome,
    Result,
    Trial,
)

OUTCOME: dict[str, Outcome] = {
    "h": "held", "c": "crushed", "s": "slipped", "m": "missed", "t": "timed_out", "l": "limit",
    "w": "thermal", "d": "diverged",
}  # fmt: skip
LIGHT, FIRM = Condition("open", 3.0), Condition("open", 6.0)


def run(
    outcomes: str,
    condition: Condition = CLOSED,
    task: str = "cup",
    contestant: str = "hand27_right",
    case: Case = POOL,
    slip: Sequence[float] = (),
    note: str = "",
    first_seed: int = 0,
) -> list[Record]:
    """One record per letter of `outcomes`, one seed each; slips [mm] for the first of them."""
    metrics = [{"slip_mm": value} for value in slip] + [{}] * (len(outcomes) - len(slip))
    sensors = ("joint positions", "skin") if condition.kind == "closed" else ("joint positions",)
    return [
        Record(
            task,
            contestant,
            Trial(condition, case, first_seed + i),
            Result(OUTCOME[letter], metrics[i], note),
            sensors,
        )
        for i, letter in enumerate(outcomes)
    ]


def bench() -> list[Record]:
    """A run of two contestants, with everything that a report can show."""
    hard = [Case(f"µ {mu:g}", "friction [1]", mu, headline=False) for mu in (0.3, 0.5, 0.8)]
    records = run("hhhhhhhc", slip=(1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0))
    records += run("hhsssshc", LIGHT, slip=(3.0,) * 8) + run("hhhhsccc", FIRM, slip=(2.0,) * 8)
    records += run("hhhh", HALF_STEP)
    for case, closed, opened in zip(hard, ("hs", "hh", "hh"), ("ss", "sc", "hc"), strict=True):
        records += run(closed, case=case) + run(opened, FIRM, case=case)
    absent = "hand <b>two</b> & $x$ has no skin"
    return records + run("mm", contestant="<i>hand</i>", note=absent)


class FakeTask(Task):
    """Judged by slip."""

    name: ClassVar = "cup"
    question: ClassVar = "Is it held & not <crushed>?"
    metrics: ClassVar = {
        "slip_mm": Metric("slip", "mm", "lower"),
        "force_n": Metric("force", "N", "neither"),
    }
    references: ClassVar = (
        Reference("people", "hold nearly all", "Author 1999, doi:10.1/x", {"slip_mm": 1.5}, 0.99),
    )
    snapshots: ClassVar[list[Trial]] = []

    def trials(self, options: Options) -> Iterable[Trial]:
        return []

    def run(self, contestant: Contestant, trials: Sequence[Trial]) -> list[Result]:
        return []

    def snapshot(self, contestant: Contestant, trial: Trial) -> Snapshot | None:
        return None

    def physics(self, contestant: Contestant) -> dict[str, Any]:
        return {"timestep_s": 0.001, "cone": "ELLIPTIC"}


def fake_task(name: str) -> Task:
    return FakeTask()
