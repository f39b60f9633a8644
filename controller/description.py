"""`hand.toml`: what the controller has to be told about a hand that its MJCF does not say.

How one is read: `description_file.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from .. import _core
from .description_bus import Bus
from .description_control import (
    Fingertips,
    ForceFeedback,
    Grip,
    Law,
    Object,
    Observer,
    Safety,
    Task,
)
from .description_equip import Equip, with_equipment_named
from .description_motors import Motors
from .description_table import (
    Key,
    Name,
    NotNegative,
    NotNegativePerJoint,
    Number,
    Positive,
    PositivePerJoint,
    Table,
    is_table,
    misfit,
    repeated,
)
from .errors import unknown

_SHARE_TOLERANCE = 1e-6


class Joints(Table):
    """The joints that the controller moves."""

    names: Annotated[tuple[Name, ...], Field(min_length=1)]
    """Hinges and slides in the order of the MJCF; the order of every vector over joints."""
    actuators: tuple[Name, ...] | None = None
    """One torque actuator per joint, in the same order, for a direct transmission. None: kinematics
    only, unless `transmission` names motors or `equip` puts some on."""


class Gains(Table):
    """Joint impedance."""

    stiffness: NotNegativePerJoint
    """[N m/rad], one for all or one per joint."""
    damping: NotNegativePerJoint
    """[N m s/rad], one for all or one per joint."""


class Limits(Table):
    """What no joint may pass."""

    torque: PositivePerJoint | None = None
    """[N m], one for all or one per joint. None: what the actuator can do, as the MJCF says."""
    velocity: Positive = _core.SafetyConfig().velocity_max
    """[rad/s], for every joint."""
    position: dict[str, tuple[Number, Number]] = Field(default_factory=dict)
    """[rad], lowest and highest, per joint; for those of which the MJCF gives no range."""


class Transmission(Table):
    """How motors move the joints; see `_core.TransmissionConfig`."""

    kind: Literal["direct", "coupled", "tendons"] = "direct"
    """Each motor turns its joint (`joints.actuators`), q_motor = C q_joint, or motors pull."""
    motors: tuple[Name, ...] = ()
    """Not for `direct`: the actuators. Of `tendons`, each pulls a tendon through sites, at the
    first of them, with its control as the tension (`gear="-1"`), or turns a joint."""
    coupling: tuple[tuple[Number, ...], ...] = ()
    """Of `coupled`: C, a row for each motor with a number for each joint."""
    pretension: NotNegative = 0.0
    """[N], the least tension of every tendon."""
    tension_max: Positive | None = None
    """[N], the most of every tendon. None: the `ctrlrange` of each."""
    friction: NotNegative = 0.0
    """Between tendons and guides, as far as it is known."""
    friction_velocity: Positive = _core.CapstanFriction().velocity
    """[m/s] of a tendon, over which its friction turns round."""

    def misfits(self, joints: int) -> Iterator[tuple[Key, str]]:
        """What does not fit together, for a hand with so many joints."""
        if self.kind == "direct":
            for key in ("motors", "coupling"):
                if getattr(self, key):
                    yield (key,), f"a direct transmission has no {key}; leave it out"
            return
        if not self.motors:
            yield ("motors",), "is missing; name the actuators"
        yield from repeated(("motors",), self.motors)
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


class TipFrame(Table):
    """A fingertip that the MJCF has no site for."""

    body: Name
    """The body it is fixed to."""
    offset: tuple[Number, Number, Number]
    """[m], its place in the frame of that body."""
    quat: tuple[Number, Number, Number, Number] = (1.0, 0.0, 0.0, 0.0)
    """Its orientation there, real part first, of any length; z points out of the pad."""

    @model_validator(mode="after")
    def _is_rotation(self) -> Self:
        if not any(self.quat):
            raise misfit(("quat",), "has no length; [1, 0, 0, 0] is no rotation")
        return self


class Finger(Table):
    """A kinematic chain that ends in a fingertip."""

    name: Name
    tip: Annotated[
        Annotated[Name, Tag("<plain>")] | Annotated[TipFrame, Tag("<table>")],
        Discriminator(is_table),
    ]
    """A site whose z axis points out of the pad, or where to put one."""
    joints: Annotated[tuple[Name, ...], Field(min_length=1)]
    """The joints of this finger alone, base first."""
    contact: Name | None = None
    """A contact sensor `data="found force pos normal tangent ..."` of the pad."""
    tactile: Name | None = None
    """A tactile sensor of the pad."""


class HandDescription(Table):
    """A hand as the controller knows it.

    Raises:
        pydantic.ValidationError: what is given does not fit together.
    """

    schema_: Literal[1] = Field(alias="schema")
    name: Name
    mjcf: Path
    """The model file, absolute."""
    palm: Name
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
    bus: Bus | None = None
    """None: the hand is simulated only."""
    equip: Equip | None = None
    """None: the MJCF is taken as it is."""

    def per_joint(self, value: float | tuple[float, ...]) -> list[float]:
        """Spreads one value over all joints; leaves one per joint as it is."""
        return list(value) if isinstance(value, tuple) else [value] * len(self.joints.names)

    @model_validator(mode="before")
    @classmethod
    def _equipment_named(cls, content: Any) -> Any:
        return with_equipment_named(content)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for key, message in self.misfits():
            raise misfit(key, message)
        return self

    def misfits(self) -> Iterator[tuple[Key, str]]:
        """What does not fit together."""
        joints, fingers = self.joints.names, [f.name for f in self.fingers]
        yield from repeated(("joints", "names"), joints)
        yield from repeated(("joints", "actuators"), self.joints.actuators or ())
        yield from repeated(("fingers",), fingers)
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
        if self.law.overcomes_friction and not (self.motors and self.transmission.kind == "direct"):
            yield (
                ("law", "friction_rate"),
                "goes by the friction of motors that turn a joint each; it needs [motors] and a "
                "direct transmission",
            )
        if self.motors:
            count = len(self.transmission.motors or joints)
            for key, message in self.motors.misfits(count):
                yield ("motors", *key), message
            if self.motors.real and self.transmission.kind != "direct":
                yield (
                    ("motors", "real"),
                    "is for a direct transmission only, where each motor turns its joint",
                )
        if self.bus:
            for key, message in self.bus.misfits(joints):
                yield ("bus", *key), message

    def _vectors(self) -> Iterator[tuple[Key, Sequence[Any]]]:
        if self.joints.actuators is not None:
            yield ("joints", "actuators"), self.joints.actuators
        if self.gains and isinstance(self.gains.stiffness, tuple):
            yield ("gains", "stiffness"), self.gains.stiffness
        if self.gains and isinstance(self.gains.damping, tuple):
            yield ("gains", "damping"), self.gains.damping
        if isinstance(self.limits.torque, tuple):
            yield ("limits", "torque"), self.limits.torque

    def _misfits_of_fingers(self) -> Iterator[tuple[Key, str]]:
        owner: dict[str, str] = {}
        for i, finger in enumerate(self.fingers):
            key = ("fingers", i, "joints")
            yield from repeated(key, finger.joints)
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

    def _misfits_of_grip(self, fingers: Sequence[str]) -> Iterator[tuple[Key, str]]:
        if self.grip is None:
            return
        if self.grip.thumb not in fingers:
            yield ("grip", "thumb"), unknown("finger", self.grip.thumb, fingers, "fingers")
        key: Key = ("grip", "share")
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
