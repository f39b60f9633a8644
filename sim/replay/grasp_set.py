"""Sets of grasps: what they are of, and the open format that they are kept in.

docs/grasp-format.md says what the files look like.
"""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

GRASPS: Final = "grasps.jsonl"
OBJECTS: Final = "objects"
SCHEMA: Final = 1
MESHES: Final = (".obj", ".stl")
POSES: Final = ("pregrasp", "grasp", "squeeze")


class GraspSetError(ValueError):
    """A set cannot be read; the message names the file, the line and what is wrong."""


@dataclass(frozen=True, eq=False)
class ReplayObject:
    """Something to hold: convex pieces that move as one.

    Attributes:
        name: Unique within a set.
        pieces: Of each the file of its mesh, or its vertices, shape (k, 3) [m at scale 1].
        volume: [m3 at scale 1] by which mass is spread over the pieces; None: their own.
    """

    name: str
    pieces: tuple[Path | Array, ...]
    volume: float | None = None


@dataclass(frozen=True, eq=False)
class Grasp:
    """Three poses of a hand and where the object is; all poses are position [m], then quaternion.

    Attributes:
        object: Its name.
        scale: Of the object's meshes.
        object_pose: Shape (7,).
        pregrasp: Pose of the hand, then joint positions [rad], shape (7 + n,).
        grasp: The same with the hand at the object.
        squeeze: The same with the hand pressing.
    """

    object: str
    scale: float
    object_pose: Array
    pregrasp: Array
    grasp: Array
    squeeze: Array


@dataclass(frozen=True, eq=False)
class GraspSet:
    """Grasps of one hand.

    Attributes:
        objects: By name.
        grasps: In the order of the file.
        joints: Names of the joints in the order of the poses; empty: that of the hand's MJCF.
        frame: Body of the hand whose pose is given; empty: the MJCF as a whole.
        source: Whose they are, and under which licence.
    """

    objects: dict[str, ReplayObject]
    grasps: Sequence[Grasp]
    joints: tuple[str, ...] = ()
    frame: str = ""
    source: str = field(default="", compare=False)


def read_grasp_set(folder: Path) -> GraspSet:
    """Reads a set in the open format.

    Raises:
        GraspSetError: It is none.
    """
    path = folder / GRASPS
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise GraspSetError(f"{path} cannot be read: {error}") from None
    if not lines:
        raise GraspSetError(f"{path}, line 1: the header is missing; see docs/grasp-format.md")
    head = _parsed(lines[0], f"{path}, line 1")
    if head.get("schema") != SCHEMA:
        raise GraspSetError(f"{path}, line 1: schema must be {SCHEMA}, not {head.get('schema')!r}")
    joints = head.get("joints", [])
    if not isinstance(joints, list) or not all(isinstance(name, str) for name in joints):
        raise GraspSetError(f"{path}, line 1: joints must be a list of names")
    grasps = [
        _grasp(_parsed(line, f"{path}, line {i}"), len(joints), f"{path}, line {i}")
        for i, line in enumerate(lines[1:], 2)
        if line.strip()
    ]
    names = dict.fromkeys(grasp.object for grasp in grasps)
    objects = {name: read_object(folder / OBJECTS, name) for name in names}
    frame, source = str(head.get("frame", "")), str(head.get("source", ""))
    return GraspSet(objects, grasps, tuple(joints), frame, source)


def read_object(folder: Path, name: str) -> ReplayObject:
    """Reads one object: every mesh in its folder is a convex piece.

    Args:
        folder: Of all objects.
        name: Of this one.

    Raises:
        GraspSetError: There is none of that name.
    """
    own = folder / name
    if Path(name).name != name or name in {"", ".", ".."}:
        raise GraspSetError(f"{folder}: {name!r} is no name of a folder in it")
    pieces = sorted(p for p in own.glob("*") if p.suffix.lower() in MESHES)
    if not pieces:
        raise GraspSetError(f"{own} holds no mesh; put convex pieces there, .obj or .stl")
    about = own / "object.json"
    volume = _parsed(about.read_text(), str(about)).get("volume") if about.is_file() else None
    if volume is not None and not (isinstance(volume, int | float) and 0.0 < volume < math.inf):
        raise GraspSetError(f"{about}: volume must be more than 0 m3, not {volume!r}")
    return ReplayObject(name, tuple(pieces), volume)


def write_grasp_set(folder: Path, grasps: GraspSet) -> None:
    """Writes a set in the open format, with copies of its meshes.

    Args:
        folder: Made if it is not there.
        grasps: What to write.

    Raises:
        GraspSetError: There is a set in the folder already.
    """
    path = folder / GRASPS
    if path.exists():
        raise GraspSetError(f"{path} is there already; give another folder")
    for thing in grasps.objects.values():
        _write_object(folder / OBJECTS / thing.name, thing)
    head = {
        "schema": SCHEMA,
        "joints": grasps.joints,
        "frame": grasps.frame,
        "source": grasps.source,
    }
    lines = [json.dumps(head), *(_line(grasp) for grasp in grasps.grasps)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _line(grasp: Grasp) -> str:
    poses = {name: getattr(grasp, name).tolist() for name in ("object_pose", *POSES)}
    return json.dumps({"object": grasp.object, "scale": grasp.scale, **poses}, allow_nan=False)


def _write_object(folder: Path, thing: ReplayObject) -> None:
    folder.mkdir(parents=True)
    for i, piece in enumerate(thing.pieces):
        if isinstance(piece, Path):
            shutil.copyfile(piece, folder / f"{i:03}{piece.suffix.lower()}")
            continue
        from scipy.spatial import ConvexHull

        faces = ConvexHull(piece).simplices + 1
        text = [f"v {x!r} {y!r} {z!r}" for x, y, z in piece.tolist()]
        text += [f"f {a} {b} {c}" for a, b, c in faces.tolist()]
        (folder / f"{i:03}.obj").write_text("\n".join(text) + "\n")
    if thing.volume is not None:
        (folder / "object.json").write_text(json.dumps({"volume": thing.volume}) + "\n")


def _parsed(text: str, where: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise GraspSetError(f"{where}: no JSON: {error}") from None
    if not isinstance(found, dict):
        raise GraspSetError(f"{where}: must be a JSON object")
    return found


def _grasp(said: dict[str, Any], joints: int, where: str) -> Grasp:
    known = {"object", "scale", "object_pose", *POSES}
    if missing := sorted((known - {"scale", "object_pose"}) - said.keys()):
        raise GraspSetError(f"{where}: {missing[0]} is missing")
    if strange := sorted(said.keys() - known):
        raise GraspSetError(f"{where}: {strange[0]!r} is none of {', '.join(sorted(known))}")
    poses = [checked_pose(said[name], joints or None, f"{where}: {name}") for name in POSES]
    place = said.get("object_pose", [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0])
    scale = said.get("scale", 1.0)
    if not isinstance(scale, int | float) or not 0.0 < scale < math.inf:
        raise GraspSetError(f"{where}: scale must be more than 0, not {scale!r}")
    pose = checked_pose(place, 0, f"{where}: object_pose")
    return Grasp(str(said["object"]), float(scale), pose, *poses)


def checked_pose(value: Any, joints: int | None, where: str) -> Array:
    """A pose with joint positions, its quaternion of length 1.

    Args:
        value: What was read.
        joints: How many positions follow the pose; None: any number.
        where: Begins the message of an error.

    Raises:
        GraspSetError: It is none.
    """
    count = None if joints is None else 7 + joints
    try:
        pose = np.array(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise GraspSetError(f"{where} must be numbers") from None
    if pose.ndim != 1 or len(pose) < 7 or (count is not None and len(pose) != count):
        wanted = "at least 7" if count is None else str(count)
        raise GraspSetError(f"{where} has the shape {pose.shape}; give {wanted} numbers")
    norm = float(np.linalg.norm(pose[3:7]))
    if not np.isfinite(pose).all() or not 0.9 < norm < 1.1:
        raise GraspSetError(f"{where} must be finite, with a unit quaternion w, x, y, z")
    pose[3:7] /= norm
    return pose
