"""Pickled grasps: real ones as numpy reads them, and nothing is ever executed."""

import codecs
import io
import os
import pickle
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from handloop.sim.replay.pickled import read_npy, read_pickle
from handloop.sim.replay.pickled_array import PickleError

GRASP = {
    "obj_pose": np.array([0.0, 0, 0, 1, 0, 0, 0]),
    "obj_scale": np.float64(0.06),
    "obj_path": "assets/can",
    "grasp_qpos": np.arange(29, dtype=np.float32),
    "many": np.arange(24.0).reshape(2, 3, 4)[:, ::-1].T,
    "names": np.array(["thumb", "index"]),
    "bools": np.array([True, False]),
    "nested": {"list": [1, 2.5, None, True, "x", b"y", (1, 2)], 7: np.int8(-3)},
}


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_what_numpy_writes_is_read_as_numpy_reads_it(protocol: int) -> None:
    shared = np.arange(3.0)
    data = pickle.dumps(np.array({**GRASP, "a": shared, "b": shared}, dtype=object), protocol)
    if protocol == 5:  # its arrays come by another constructor, which np.save never uses
        with pytest.raises(PickleError, match="_frombuffer"):
            read_pickle(data)
        return
    found = read_pickle(data)
    np.testing.assert_equal(found, {**GRASP, "a": shared, "b": shared})
    assert found["grasp_qpos"].dtype == np.float32 and type(found["obj_scale"]) is np.float64


def test_files_of_numpy_are_read(tmp_path: Path) -> None:
    np.save(tmp_path / "grasp.npy", np.array(GRASP, dtype=object), allow_pickle=True)
    np.testing.assert_equal(read_npy(tmp_path / "grasp.npy"), GRASP)
    np.save(tmp_path / "plain.npy", np.eye(3))
    np.testing.assert_equal(read_npy(tmp_path / "plain.npy"), np.eye(3))


class Calls:
    """Pickles to a call."""

    def __init__(self, call: Callable[..., Any], *arguments: Any) -> None:
        self.made = call, arguments

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self.made


@pytest.mark.parametrize("protocol", [0, 1, 2, 4, 5])
@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        (os.system, ("touch executed",)),
        (eval, ("open('executed', 'w')",)),
        (exec, ("open('executed', 'w')",)),
        (open, ("executed", "w")),
        (getattr, ("", "upper")),
        (np.save, ("executed.npy", np.zeros(1))),
        (codecs.decode, ("00", "hex")),
        (np.dtype, ("O8", [("x", "f8")])),
    ],
)
def test_nothing_is_executed(
    protocol: int,
    call: Callable[..., Any],
    arguments: tuple[Any, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PickleError):
        read_pickle(pickle.dumps({"obj_path": Calls(call, *arguments)}, protocol))
    assert not list(tmp_path.iterdir())


def test_what_a_file_names_is_named_in_the_error(tmp_path: Path) -> None:
    path = tmp_path / "bad.npy"
    np.save(path, np.array({"x": Calls(os.system, "true")}, dtype=object), allow_pickle=True)
    with pytest.raises(PickleError, match=r"bad\.npy: it names 'posix system'"):
        read_npy(path)


@pytest.mark.parametrize(
    "data",
    [
        b"cnumpy.testing\nrunstring\n.",
        b"Pid\n.",  # persistent ids
        b"\x80\x04\x8c\x02idQ.",
        b"\x80\x02\x82\x01.",  # extension registry
        b"cnumpy\ndtype\n.",  # a bare type
        b"(lp0\ncnumpy\nndarray\na.",
        b"cnumpy\nndarray\n)\x81.",  # __new__
        b"\x80\x05\x8e" + struct.pack("<Q", 2**62) + b".",  # a huge length
        b"T" + struct.pack("<i", 2**31 - 1) + b".",
        b"\x80\x04]\x94\x85\x94h\x07.",  # a memo that was never filled
        b"\x80\x04a.",  # an empty stack
        b"\x80\x04t.",
        b"\x80\x04}]K\x01s.",  # a list as a key
        b"\x80\x04}",  # no end
        b"",
        b"\xff" * 40,
    ],
)
def test_damage_is_one_clear_error(data: bytes) -> None:
    with pytest.raises(PickleError) as error:
        read_pickle(data)
    assert len(str(error.value)) < 300


def test_every_truncation_is_refused() -> None:
    data = pickle.dumps(np.array(GRASP, dtype=object), 4)
    for length in range(0, len(data) - 1, 7):
        with pytest.raises(PickleError):
            read_pickle(data[:length])


def test_damaged_bytes_give_data_or_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "system", lambda _: pytest.fail("executed"))
    data = pickle.dumps(np.array(GRASP, dtype=object), 3)
    rng = np.random.default_rng(0)
    for _ in range(400):
        spoilt = bytearray(data)
        spoilt[rng.integers(len(data))] = rng.integers(256)
        try:
            read_pickle(bytes(spoilt))
        except PickleError:
            continue


def test_lists_that_double_in_each_other_cost_nothing() -> None:
    """A thousand memos of two would be 2^1000 items if anybody walked them."""
    bomb = b"\x80\x04]q\x00" + b"".join(
        b"]r" + struct.pack("<I", i) + b"(j" + struct.pack("<I", i - 1) + b"j"
        + struct.pack("<I", i - 1) + b"e" for i in range(1, 1000)
    )  # fmt: skip
    assert len(read_pickle(bomb + b".")) == 2
    assert read_pickle(b"\x80\x04" + b"]" * 100_000 + b"a" * 99_999 + b".")


def test_shapes_must_be_filled() -> None:
    good = pickle.dumps(np.zeros(3), 3)
    assert good.count(b"K\x03\x85") == 1
    with pytest.raises(PickleError, match="do not fill"):
        read_pickle(good.replace(b"K\x03\x85", b"J\xff\xff\xff\x7f\x85"))


def test_other_files_are_refused(tmp_path: Path) -> None:
    for name, data in (("a", b"no array"), ("b", b""), ("c", io.BytesIO().getvalue())):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(PickleError, match=name):
            read_npy(tmp_path / name)
