"""What is asked of the actuator of each joint: the figures that `choose` and `design` start from.

Torques, speeds and inertias are those of the joint. Margins are in the figures already, and named.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...bench.log import LogError
from .requirement_file import checked

Array = NDArray[np.float64]

SCHEMA: Final = 1


@dataclass(frozen=True, eq=False)
class JointRequirement:
    """What one joint's actuator must do.

    Attributes:
        joint: Its name.
        rms_torque: Over all tasks, each as long as the others [N m].
        peak_torque: [N m].
        peak_speed: [rad/s].
        cloud: Torque [N m] and speed [rad/s] together, signed, shape (k, 2); thinned out within,
            whole along its hull.
        duty: Part of the worst task above half the peak torque.
        mean_square: Of the torque over the task in which it is largest [N^2 m^2].
        thermal: Window [s] and the largest RMS torque [N m] over a window so long, shape (w, 2).
        resolution: Of position, that the tasks need [rad].
        bandwidth: Of the torque [Hz].
        inertia_max: The largest reflected inertia [kg m2].
        travel: Lowest and highest position that was used [rad].
        set_by: Which task sets which figure, by the names above.
    """

    joint: str
    rms_torque: float
    peak_torque: float
    peak_speed: float
    cloud: Array
    duty: float
    mean_square: float
    thermal: Array
    resolution: float
    bandwidth: float
    inertia_max: float
    travel: tuple[float, float] = (0.0, 0.0)
    set_by: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TendonRequirement:
    """What one motor that pulls a tendon must do.

    Attributes:
        tendon: Name of its motor.
        rms_tension: Over the task in which it is largest [N].
        peak_tension: [N].
        peak_speed: [m/s].
        stroke: Between the shortest and the longest that it was [m].
        set_by: Which task sets which figure.
    """

    tendon: str
    rms_tension: float
    peak_tension: float
    peak_speed: float
    stroke: float
    set_by: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Requirements:
    """What is asked of the actuators of a hand.

    Attributes:
        hand: Its name.
        source: Of which runs and trials, in a sentence.
        joints: In the order of the hand.
        tendons: In the order of its motors; empty where motors turn the joints.
        margins: By which figures were multiplied, by their names.
    """

    hand: str
    source: str
    joints: tuple[JointRequirement, ...]
    tendons: tuple[TendonRequirement, ...] = ()
    margins: dict[str, float] = field(default_factory=dict)

    def joint(self, name: str) -> JointRequirement:
        """That of a joint.

        Raises:
            KeyError: There is none of that name.
        """
        for joint in self.joints:
            if joint.joint == name:
                return joint
        raise KeyError(f"no joint '{name}' in the requirements of {self.hand}")

    def check_hand(self, hand: str, joints: Sequence[str]) -> None:
        """Complains of those of another hand.

        Args:
            hand: Whose they should be.
            joints: That it has.

        Raises:
            ValueError: They are of other joints.
        """
        if tuple(joint.joint for joint in self.joints) != tuple(joints):
            raise ValueError(
                f"the requirements are of {self.hand}, whose joints are not those of {hand}; make "
                "some with `handloop actuators require` from a run of this hand and name them with "
                "--requirements"
            )

    def write(self, file: Path | str) -> None:
        """Writes them as JSON."""
        parts = (
            f"{json.dumps(key)}: {_by_line(value)}"
            for key, value in {"schema": SCHEMA, **self.document()}.items()
        )
        Path(file).write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")

    def document(self) -> dict[str, Any]:
        """All of it as lists and numbers, to four significant digits."""
        rounded: dict[str, Any] = _rounded(asdict(self))
        return rounded

    @classmethod
    def read(cls, file: Path | str) -> Requirements:
        """Reads them.

        Raises:
            LogError: The file is missing or holds something else; the message names the joint, the
                key and the mend.
        """
        try:
            said = json.loads(Path(file).read_text(encoding="utf-8"))
        except OSError as error:
            raise LogError(f"{file}: cannot be read: {error.strerror}") from None
        except ValueError as error:
            raise LogError(f"{file} is no JSON: {error}") from None
        try:
            content = checked(said)
        except ValueError as error:
            raise LogError(
                f"{file} holds no requirements: {error}; mend that, or make them with "
                "`handloop actuators require`"
            ) from None
        joints = tuple(_joint(joint) for joint in content.pop("joints"))
        tendons = tuple(TendonRequirement(**tendon) for tendon in content.pop("tendons"))
        return cls(joints=joints, tendons=tendons, **content)


def packaged_requirements() -> Requirements:
    """Those of `hand27_right` on ideal motors, made by `handloop actuators require`."""
    return Requirements.read(Path(__file__).parent / "hand27.json")


def _joint(said: Mapping[str, Any]) -> JointRequirement:
    pairs = {name: np.array(said[name]).reshape(-1, 2) for name in ("cloud", "thermal")}
    return JointRequirement(**{**said, **pairs})


def _by_line(value: Any) -> str:
    """JSON with a line for each joint and tendon."""
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(json.dumps(part, allow_nan=False) for part in value) + "\n]"
    return json.dumps(value, allow_nan=False)


def _rounded(value: Any) -> Any:
    match value:
        case dict():
            return {key: _rounded(part) for key, part in value.items()}
        case list() | tuple():
            return [_rounded(part) for part in value]
        case np.ndarray():
            return _rounded(value.tolist())
        case float():
            return float(f"{value:.4g}")
        case _:
            return value
