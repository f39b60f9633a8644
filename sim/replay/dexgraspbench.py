"""The layout in which DexGraspBench publishes grasps (Chen, Ke and Wang 2024, arXiv:2412.16490).

    .../graspdata/**/*.npy     one pickled dictionary per grasp: pregrasp_qpos, grasp_qpos,
                               squeeze_qpos (7 + n,): root pose and joints; obj_path, obj_scale,
                               obj_pose
    <obj_path>/urdf/meshes/    convex pieces of the object
    <obj_path>/info/simplified.json   mass, density and scale, which give its volume

Grasps that a generator makes at once stand in one file, with one more axis in front.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .grasp_set import Grasp, GraspSet, GraspSetError, ReplayObject, checked_pose
from .pickled import read_npy
from .pickled_array import PickleError

Array = NDArray[np.float64]

_KEYS: Final = ("pregrasp_qpos", "grasp_qpos", "squeeze_qpos", "obj_scale", "obj_pose", "obj_path")
SOURCE: Final = "DexGraspBench layout"
_FINGERS: Final = ("FF", "MF", "RF", "LF")
SHADOW_JOINTS: Final = (
    *(f"rh_{f}J{j}" for f in _FINGERS for j in range(5 if f == "LF" else 4, 0, -1)),
    *(f"rh_THJ{j}" for j in range(5, 0, -1)),
)
"""Of its Shadow hand, in the order of its qpos; it has neither forearm nor wrist."""
SHADOW_PALM: Final = np.array([0.0, 0.0, 0.034])
"""Of the palm in the frame whose pose its qpos begins with [m]."""


def is_dexgraspbench(folder: Path) -> bool:
    """A folder holds `.npy` files, at any depth."""
    return next(folder.rglob("*.npy"), None) is not None


def read_dexgraspbench(folder: Path, root: Path | None = None, hand: str = "") -> GraspSet:
    """Reads grasps in the layout of DexGraspBench, without executing what their files say.

    Args:
        folder: With `.npy` files at any depth, in the order of their names.
        root: To which `obj_path` is relative; None: the nearest folder above that has it.
        hand: `shadow`: joints are named and the pose is given of the palm, so that any MJCF of that
            hand can take them; empty: whatever hand has joints in this order.

    Raises:
        GraspSetError: A file is no grasp, or an object is missing.
    """
    grasps: list[Grasp] = []
    objects: dict[str, ReplayObject] = {}
    for path in sorted(folder.rglob("*.npy"), key=_natural):
        for said in _grasps_in(path):
            thing = _object(said, path, root, objects)
            grasps.append(_grasp(said, thing.name, path))
    if not grasps:
        raise GraspSetError(f"{folder} holds no .npy file")
    if hand == "shadow":
        return GraspSet(objects, [_of_palm(g) for g in grasps], SHADOW_JOINTS, "rh_palm", SOURCE)
    return GraspSet(objects, grasps, source=SOURCE)


def _natural(path: Path) -> list[Any]:
    """Sorts 2.npy before 10.npy."""
    return [(len(part), part) if part[:1].isdigit() else (0, part) for part in path.parts]


def _grasps_in(path: Path) -> Iterator[dict[str, Any]]:
    try:
        said = read_npy(path)
    except PickleError as error:
        raise GraspSetError(str(error)) from None
    if not isinstance(said, dict):
        raise GraspSetError(f"{path} holds no dictionary, as a grasp of DexGraspBench does")
    for key in _KEYS:
        if key not in said:
            raise GraspSetError(f"{path}: {key} is missing; it has {', '.join(map(str, said))}")
    many = np.shape(said["grasp_qpos"])
    if len(many) < 2:
        yield said
        return
    for i in range(many[0]):
        yield said | {key: said[key][i] for key in _KEYS[:3]}


def _grasp(said: dict[str, Any], name: str, path: Path) -> Grasp:
    poses = [checked_pose(said[key], None, f"{path}: {key}") for key in _KEYS[:3]]
    if len({len(pose) for pose in poses}) > 1:
        raise GraspSetError(f"{path}: its three poses have different numbers of joints")
    place = checked_pose(said["obj_pose"], 0, f"{path}: obj_pose")
    return Grasp(name, _scale(said, path), place, *poses)


def _scale(said: dict[str, Any], path: Path) -> float:
    scale = np.asarray(said["obj_scale"])
    if scale.dtype.kind != "f" or scale.size != 1 or not 0.0 < float(scale.ravel()[0]) < np.inf:
        raise GraspSetError(f"{path}: obj_scale must be one number above 0")
    return float(scale.ravel()[0])


def _object(
    said: dict[str, Any], path: Path, root: Path | None, known: dict[str, ReplayObject]
) -> ReplayObject:
    where = said["obj_path"]
    if not isinstance(where, str) or Path(where).is_absolute() or ".." in Path(where).parts:
        raise GraspSetError(f"{path}: obj_path must be a path inside the benchmark's folder")
    name = Path(where).name
    if name in known:
        return known[name]
    for above in [root] if root else path.resolve().parents:
        if (above / where / "urdf/meshes").is_dir():
            return known.setdefault(name, _read_object(above / where))
    raise GraspSetError(
        f"{path}: no folder {where}/urdf/meshes above it; give the folder of the benchmark in "
        "which its objects are"
    )


def _read_object(folder: Path) -> ReplayObject:
    about = folder / "info/simplified.json"
    try:
        said = json.loads(about.read_text(encoding="utf-8"))
        volume = float(said["mass"]) / (float(said["density"]) * float(said["scale"]) ** 3)
    except (OSError, ValueError, KeyError, TypeError, ZeroDivisionError) as error:
        raise GraspSetError(f"{about} does not say mass, density and scale: {error}") from None
    pieces = sorted((folder / "urdf/meshes").glob("*.obj"))
    return ReplayObject(folder.name, tuple(pieces), volume)


def _of_palm(grasp: Grasp) -> Grasp:
    if len(grasp.grasp) != 7 + len(SHADOW_JOINTS):
        raise GraspSetError(
            f"a grasp of {len(grasp.grasp) - 7} joints, where DexGraspBench's Shadow hand has "
            f"{len(SHADOW_JOINTS)}"
        )
    poses = [_moved(pose, SHADOW_PALM) for pose in (grasp.pregrasp, grasp.grasp, grasp.squeeze)]
    return Grasp(grasp.object, grasp.scale, grasp.object_pose, *poses)


def _moved(pose: Array, offset: Array) -> Array:
    """A pose moved along its own axes."""
    w, v = pose[3], pose[4:7]
    turned = offset + 2.0 * np.cross(v, np.cross(v, offset) + w * offset)
    return np.concatenate([pose[:3] + turned, pose[3:]])
