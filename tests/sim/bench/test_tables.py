"""What a terminal shows: everything, in 80 columns, markup or not."""

import io

from rich.console import Console
from rich.table import Table

from handloop.sim.bench.compare import compare
from handloop.sim.bench.summary import summarise
from handloop.sim.bench.tables import changes, failures, lines, missing, overview

from .records import FIRM, bench, fake_task, run


def printed(table: Table) -> str:
    file = io.StringIO()
    Console(file=file, width=80).print(table)
    text = file.getvalue()
    assert max(map(len, text.splitlines())) <= 80
    return text


def test_overview_has_everything_side_by_side() -> None:
    text = printed(overview(summarise(bench()), fake_task))
    for said in ("cup", "hand27_right", "7/8", "53–98 %", "4/8, 6 N", "4 / 2", "people: 99 %, 1.5"):
        assert said in text, said
    assert "took no part" in text
    assert text.count("people: 99 %") == 1


def test_failures_are_counted_for_both_loops() -> None:
    rows = printed(failures(summarise(bench()))).splitlines()
    closed = next(i for i, row in enumerate(rows) if row.startswith("cup"))
    assert rows[closed].split()[1:] == ["1", *"–" * 6]
    assert rows[closed + 1].split()[1:] == ["3", "1", *"–" * 5]


def test_half_step_is_told() -> None:
    (line,) = lines(summarise(bench()))
    assert "cup, hand27_right: success moves by +0.0 points" in line


def test_names_are_no_markup() -> None:
    text = printed(overview(summarise(run("h", contestant="[red]x[/] + [b")), fake_task))
    assert "[red]x[/] + [b" in text


def test_changes_show_closed_loops_and_what_differs() -> None:
    first = run("h" * 30) + run("h" * 30, FIRM) + run("h" * 30, task="bat")
    second = run("h" * 30) + run("c" * 30, FIRM) + run("hh", task="bat")
    found = compare(first, second, fake_task)
    text = printed(changes(found))
    assert "cup, open 6 N" in text and "worse" in text
    assert "30/30" in text and "-100.0" in text and "†" in text
    same = printed(changes(compare(first, first, fake_task)))
    assert "open 6 N" not in same and "1 more conditions do not differ" in same


def test_what_one_run_lacks_is_listed() -> None:
    told = list(missing(compare(run("h") + run("h", FIRM), run("h"), fake_task)))
    assert told == ["only in the first run: cup, hand27_right, open 6 N"]
