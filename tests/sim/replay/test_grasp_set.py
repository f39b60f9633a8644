"""Sets of grasps: the open format, the layout of DexGraspBench, and the way between them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from handloop.sim.replay.dexgraspbench import SHADOW_JOINTS, SHADOW_PALM
from handloop.sim.replay.grasp_set import (
    Grasp,
    GraspSet,
    GraspSetError,
    ReplayObject,
    read_grasp_set,
    write_grasp_set,
)
from handloop.sim.replay.objects import EVERYDAY
from handloop.sim.replay.read import convert, read_grasps

HERE = [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]


def grasp(joints: int = 2, thing: str = "can") -> Grasp:
    pose = np.array([0.1, 0.2, 0.3, 1.0, 0.0, 0.0, 0.0, *0.1 * np.arange(joints)])
    return Grasp(thing, 0.06, np.array(HERE), pose, pose + 0.0, pose + 0.0)


def write(folder: Path, *lines: dict[str, Any], head: dict[str, Any] | None = None) -> Path:
    (folder / "objects/can").mkdir(parents=True, exist_ok=True)
    (folder / "objects/can/0.obj").write_text("v 0 0 0\n")
    head = head or {"schema": 1, "joints": ["a", "b"]}
    (folder / "grasps.jsonl").write_text("\n".join(json.dumps(line) for line in (head, *lines)))
    return folder


def line(**changes: Any) -> dict[str, Any]:
    pose = [*HERE, 0.1, 0.2]
    said = {"object": "can", "pregrasp": pose, "grasp": pose, "squeeze": pose}
    return {key: value for key, value in (said | changes).items() if value is not None}


def test_what_is_written_is_read(tmp_path: Path) -> None:
    things = {thing.name: thing for thing in (EVERYDAY[0], EVERYDAY[3])}
    grasps = [grasp(), grasp(thing="mug")]
    written = GraspSet(things, grasps, ("a", "b"), "palm", "ours, Apache-2.0")
    write_grasp_set(tmp_path, written)
    read = read_grasps(tmp_path)
    assert (read.joints, read.frame, read.source) == (("a", "b"), "palm", "ours, Apache-2.0")
    assert [g.object for g in read.grasps] == ["can", "mug"]
    np.testing.assert_array_equal(read.grasps[1].squeeze, grasps[1].squeeze)
    assert [len(read.objects[name].pieces) for name in ("can", "mug")] == [1, 4]
    with pytest.raises(GraspSetError, match="there already"):
        write_grasp_set(tmp_path, written)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"grasp": None}, "line 2: grasp is missing"),
        ({"gasp": 1}, "'gasp' is none of"),
        ({"grasp": HERE}, "grasp has the shape"),
        ({"squeeze": [*HERE, "x", 0.0]}, "squeeze must be numbers"),
        ({"pregrasp": [0, 0, 0, 9, 0, 0, 0, 0, 0]}, "unit quaternion"),
        ({"pregrasp": [float("nan"), *HERE[1:], 0, 0]}, "finite"),
        ({"scale": 0}, "scale must be more than 0"),
        ({"object": "../can"}, "no name of a folder"),
        ({"object": "cup"}, "holds no mesh"),
    ],
)
def test_a_wrong_line_is_named(changes: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(GraspSetError, match=message):
        read_grasp_set(write(tmp_path, line(**changes)))


@pytest.mark.parametrize("head", [{"schema": 2}, {"schema": 1, "joints": "a"}])
def test_a_wrong_header_is_named(head: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(GraspSetError, match="line 1"):
        read_grasp_set(write(tmp_path, line(), head=head))


def test_a_folder_without_grasps_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GraspSetError, match="neither"):
        read_grasps(tmp_path)


def published(root: Path, joints: int = 22, **changes: Any) -> Path:
    """A grasp as DexGraspBench publishes it."""
    thing = root / "assets/can"
    (thing / "urdf/meshes").mkdir(parents=True)
    (thing / "urdf/meshes/convex_piece_000.obj").write_text("v 0 0 0\n")
    (thing / "info").mkdir()
    about = {"mass": 1.2, "density": 2.0, "scale": 1.0}
    (thing / "info/simplified.json").write_text(json.dumps(about))
    pose = np.array([0.1, 0.0, 0.0, np.sqrt(0.5), np.sqrt(0.5), 0.0, 0.0, *np.zeros(joints)])
    said = {
        "obj_path": "assets/can",
        "obj_scale": np.float64(0.06),
        "obj_pose": np.array(HERE),
        "pregrasp_qpos": pose.astype(np.float32),
        "grasp_qpos": pose.astype(np.float32),
        "squeeze_qpos": pose.astype(np.float32),
    } | changes
    folder = root / "output/example_shadow/graspdata/can"
    folder.mkdir(parents=True)
    for name in ("10.npy", "2.npy"):
        said["grasp_qpos"] = said["grasp_qpos"] * np.float32(1.0)
        np.save(folder / name, np.array(said, dtype=object), allow_pickle=True)
    return root / "output/example_shadow"


def test_the_published_layout_is_read_and_converted(tmp_path: Path) -> None:
    converted = convert(published(tmp_path), tmp_path / "open")
    read = read_grasps(tmp_path / "open")
    assert read.joints == SHADOW_JOINTS and read.frame == "rh_palm" and len(read.grasps) == 2
    assert read.objects["can"].volume == pytest.approx(0.6)
    for one, other in zip(converted.grasps, read.grasps, strict=True):
        np.testing.assert_allclose(one.grasp, other.grasp, atol=1e-15)
    # A quarter turn about x takes the palm's way along z to -y.
    assert read.grasps[0].grasp[:3] == pytest.approx([0.1, -SHADOW_PALM[2], 0.0], abs=1e-7)


def test_grasps_of_a_whole_batch_are_taken_apart(tmp_path: Path) -> None:
    batch = {key: np.tile([*HERE, *np.zeros(22)], (3, 1)) for key in
             ("pregrasp_qpos", "grasp_qpos", "squeeze_qpos")}  # fmt: skip
    assert len(read_grasps(published(tmp_path, **batch)).grasps) == 6


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"obj_path": "/etc"}, "inside the benchmark"),
        ({"obj_path": "../can"}, "inside the benchmark"),
        ({"obj_path": "assets/cup"}, "no folder"),
        ({"obj_scale": np.float64(-1.0)}, "obj_scale"),
        ({"squeeze_qpos": np.zeros(4)}, "squeeze_qpos has the shape"),
        ({"grasp_qpos": np.array([*HERE, 0.0])}, "different numbers"),
    ],
)
def test_a_wrong_published_grasp_is_named(
    changes: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(GraspSetError, match=message):
        read_grasps(published(tmp_path, **changes))


def test_everyday_objects_are_convex_pieces() -> None:
    from scipy.spatial import ConvexHull

    for thing in EVERYDAY:
        assert isinstance(thing, ReplayObject)
        for piece in thing.pieces:
            assert isinstance(piece, np.ndarray) and ConvexHull(piece).volume > 1e-6
