"""Recorded trajectories: three formats of the same, and what cannot be followed."""

import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from handloop.controller.recording import RecordingError, read_recording

JOINTS = ("thumb", "index", "ring")
RANGES = np.array([[-1.0, 1.0], [0.0, 2.0], [0.0, 1.5]])
COLUMNS = {"time": [3.0, 3.5, 4.5], "ring": [0.0, 1.0, 1.5], "thumb": [-1.0, 0.5, 0.0]}


def csv(file: Path, columns: dict[str, list[object]]) -> None:
    rows = [list(columns), *zip(*columns.values(), strict=True)]
    file.write_text("".join(",".join(map(str, row)) + "\n" for row in rows))


def jsonl(file: Path, columns: dict[str, list[object]]) -> None:
    rows = zip(*columns.values(), strict=True)
    file.write_text(
        "".join(json.dumps(dict(zip(columns, row, strict=True))) + "\n" for row in rows)
    )


def npz(file: Path, columns: dict[str, list[object]]) -> None:
    np.savez(file, **{name: np.array(column) for name, column in columns.items()})


WRITERS = {".csv": csv, ".jsonl": jsonl, ".npz": npz}
writers = pytest.mark.parametrize(("suffix", "write"), WRITERS.items(), ids=WRITERS)
Write = Callable[[Path, dict[str, list[object]]], None]


@writers
def test_all_formats_say_the_same(tmp_path: Path, suffix: str, write: Write) -> None:
    file = tmp_path / f"wave{suffix}"
    write(file, COLUMNS)
    recording = read_recording(file, JOINTS, RANGES)
    assert recording.joints == ("thumb", "ring")
    assert recording.times.tolist() == [0.0, 0.5, 1.5]
    assert recording.postures.tolist() == [[-1.0, 0.0], [0.5, 1.0], [0.0, 1.5]]


@writers
@pytest.mark.parametrize(
    ("columns", "complaint"),
    [
        ({"thump": [0.0, 0.1, 0.2]}, "no joint 'thump' in the hand; did you mean 'thumb'"),
        ({"thumb": [0.0, float("nan"), 0.2]}, "row 2: thumb is no finite number"),
        ({"thumb": [0.0, 0.1, float("inf")]}, "row 3: thumb is no finite number"),
        ({"thumb": [0.0, 0.1, 1.2]}, r"row 3: thumb = 1.2 rad is out of its range of -1 to 1 rad"),
        ({"time": [3.0, 3.0, 4.5]}, "row 2: time does not increase"),
        ({"time": [3.0, 5.0, 4.5]}, "row 3: time does not increase"),
        ({"time": [float("nan"), 3.5, 4.5]}, "row 1: time is no finite number"),
    ],
)
def test_what_cannot_be_followed_is_refused(
    tmp_path: Path, suffix: str, write: Write, columns, complaint: str
) -> None:
    file = tmp_path / f"wave{suffix}"
    write(file, COLUMNS | columns)
    with pytest.raises(RecordingError, match=complaint) as refusal:
        read_recording(file, JOINTS, RANGES)
    assert str(file) in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("a.csv", "", "no column 'time'"),
        ("a.csv", "time,thumb\n", "has 0 rows"),
        ("a.csv", "time,thumb\n0,0\n1\n", "row 2: has 1 numbers, wanted 2"),
        ("a.csv", "time,thumb\n0,left\n", "row 1: could not convert"),
        ("a.csv", "time,thumb,thumb\n0,0,0\n", "two columns have the same name"),
        ("a.csv", "time\n0\n", "has no joint"),
        ("a.csv", "thumb\n0\n", "no column 'time'"),
        ("a.jsonl", '{"time": 0, "thumb": 0}\n{"time": 1}\n', "row 2: has other names"),
        ("a.jsonl", '{"time": 0, "thumb": [0]}\n', "row 1: "),
        ("a.jsonl", "[0, 1]\n", "row 1: is no object"),
        ("a.jsonl", "{", "Expecting property name"),
        ("a.jsonl", '{"time": 0, "thumb": 1' + "0" * 400 + "}", "too large"),
        ("a.npz", "no archive", "not a zip file"),
        ("a.mat", "", "ends in .csv, .jsonl, .npz"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path: Path, name: str, content: str, complaint: str) -> None:
    file = tmp_path / name
    file.write_text(content)
    with pytest.raises(RecordingError, match=complaint):
        read_recording(file, JOINTS, RANGES)


class Trap:
    """Runs when it is unpickled."""

    def __reduce__(self) -> tuple[object, ...]:
        return (exec, ("raise SystemExit('it ran')",))


def test_nothing_in_a_file_is_run(tmp_path: Path) -> None:
    trap = np.array([Trap()], dtype=object)
    np.savez(tmp_path / "objects.npz", time=np.zeros(1), thumb=trap)
    with zipfile.ZipFile(tmp_path / "raw.npz", "w") as archive:
        archive.writestr("thumb.npy", pickle.dumps(Trap()))
    (tmp_path / "plain.npz").write_bytes(pickle.dumps(Trap()))
    for name in ("objects.npz", "raw.npz", "plain.npz"):
        with pytest.raises(RecordingError):
            read_recording(tmp_path / name, JOINTS, RANGES)


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "bomb.npz"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("time.npy", "w") as part:
            for _ in range(257):
                part.write(bytes(1 << 20))
    assert file.stat().st_size < 1 << 20
    with pytest.raises(RecordingError, match="larger than 256 MiB"):
        read_recording(file, JOINTS, RANGES)


def test_arrays_of_different_length_are_refused(tmp_path: Path) -> None:
    npz(tmp_path / "a.npz", {"time": [0.0, 1.0], "thumb": [0.0]})
    with pytest.raises(RecordingError, match="differ in length"):
        read_recording(tmp_path / "a.npz", JOINTS, RANGES)
