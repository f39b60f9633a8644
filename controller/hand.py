"""A hand, found by name in any MuJoCo model that contains it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Self

import mujoco

from .. import _core
from .binding import Binder, tip_name
from .bound_hand import BoundHand
from .core_ranges import complaint
from .description import Finger, HandDescription, TipFrame
from .description_file import Source, packaged_hands, read_description
from .description_table import Key, Table
from .equip import EquipError, equip
from .errors import HandError, unknown
from .gains import gains_by_rule
from .motors import core_motors
from .real_motors import make_room

# Tables of the description that set numbers of the configuration of the same name.
_TUNINGS = (
    "force_feedback",
    "observer",
    "task",
    "grip",
    "fingertips",
    "object",
    "law",
    "safety",
)


class Hand:
    """A hand as `hand.toml` and the MJCF it names describe it.

    Attributes:
        description: what the TOML says, validated.
    """

    def __init__(self, description: HandDescription, source: Source) -> None:
        """Use `Hand.load`."""
        self.description = description
        self._source = source

    @classmethod
    def load(cls, name: str | Path) -> Self:
        """Loads a hand and checks every name in its description against its MJCF, every number.

        Args:
            name: a packaged hand ("hand27_right") or the path of a hand.toml.

        Raises:
            HandError: naming the file, the key and the mend.
        """
        hand = cls(*read_description(_find_description(name)))
        bound = hand.bind(hand.model)
        if hand.can_be_driven and hand.description.equip and hand.description.gains is None:
            hand = hand.changed(gains=gains_by_rule(bound))
        text = hand.description
        if hand.can_be_driven and text.gains and text.grip:
            wrong = complaint(bound.hand_model, hand.controller_config(), text)
            if wrong:
                raise hand.error(*wrong)
        return hand

    def changed(self, **tables: Table) -> Self:
        """The same hand with other tables in its description, such as `bus` or `observer`.

        Raises:
            HandError: they do not fit the rest; the message names the key.
        """
        text = self.description.model_copy(update=tables)
        for key, message in text.misfits():
            raise self.error(key, message)
        return type(self)(text, self._source)

    def __repr__(self) -> str:
        return f"<Hand {self.name}: {len(self.joint_names)} joints>"

    @property
    def name(self) -> str:
        """The hand's own name."""
        return self.description.name

    @property
    def joint_names(self) -> tuple[str, ...]:
        """Names in the order of every vector over joints."""
        return self.description.joints.names

    @property
    def finger_names(self) -> tuple[str, ...]:
        """Names in the order of every list over fingers."""
        return tuple(finger.name for finger in self.description.fingers)

    @property
    def thumb(self) -> int:
        """Index of the finger that opposes the others: the grip's thumb, else the first finger."""
        grip = self.description.grip
        return self.finger_names.index(grip.thumb) if grip else 0

    @property
    def can_be_driven(self) -> bool:
        """False for a hand without motors: kinematics and dynamics only."""
        text = self.description
        return text.joints.actuators is not None or text.transmission.kind != "direct"

    @property
    def simulates_motors(self) -> bool:
        """Whether it is simulated with the physics of its actuators."""
        motors = self.description.motors
        return motors is not None and motors.real

    def spec(self) -> mujoco.MjSpec:
        """A fresh specification of the hand alone, to compile or to attach to a scene.

        It has a site for every fingertip, also for those that the MJCF has none for, and what
        `equip` puts on, and plain motors where they are to be simulated as they are.

        Raises:
            HandError: MuJoCo cannot read the MJCF, or it lacks what `equip` needs.
        """
        spec, text = self._plain_spec(), self.description
        if text.equip is not None:
            try:
                equip(spec, self._plain_model, text, [tip_name(finger) for finger in text.fingers])
            except EquipError as error:
                raise self.error(error.key, str(error)) from None
        if self.simulates_motors:
            make_room(spec, text)
        return spec

    def _plain_spec(self) -> mujoco.MjSpec:
        path = self.description.mjcf
        try:
            spec = mujoco.MjSpec.from_file(str(path))
        except (ValueError, mujoco.FatalError) as error:
            raise self._source.error(("mjcf",), f"MuJoCo cannot read {path}: {error}") from None
        for i, finger in enumerate(self.description.fingers):
            if isinstance(finger.tip, TipFrame):
                self._add_tip(spec, finger, finger.tip, ("fingers", i, "tip", "body"))
        return spec

    def _add_tip(self, spec: mujoco.MjSpec, finger: Finger, tip: TipFrame, key: Key) -> None:
        body = spec.body(tip.body)
        if body is None:
            bodies = [b.name for b in spec.bodies]
            raise self.error(key, unknown("body", tip.body, bodies, self.description.mjcf.name))
        body.add_site(name=tip_name(finger), pos=tip.offset, quat=tip.quat, group=4)

    @cached_property
    def _plain_model(self) -> mujoco.MjModel:
        """Of the MJCF as it is."""
        return self._compiled(self._plain_spec())

    @cached_property
    def model(self) -> mujoco.MjModel:
        """The hand alone, compiled. Shared: make a copy before changing it.

        Raises:
            HandError: MuJoCo cannot read or compile the MJCF.
        """
        return self._compiled(self.spec())

    def _compiled(self, spec: mujoco.MjSpec) -> mujoco.MjModel:
        try:
            return spec.compile()
        except (ValueError, mujoco.FatalError) as error:
            path = self.description.mjcf
            raise self.error(("mjcf",), f"MuJoCo cannot compile {path}: {error}") from None

    def bind(self, model: mujoco.MjModel, prefix: str = "") -> BoundHand:
        """Finds the hand in a model that contains it.

        Args:
            model: compiled from a scene to which `spec()` was attached, or `self.model`.
            prefix: what attaching put before every name.

        Raises:
            HandError: a joint, site, body, actuator or sensor is missing or does not fit.
        """
        return Binder(self, model, prefix).bind()

    def controller_config(self, period: float = 0.001) -> _core.ControllerConfig:
        """Gains, limits, grip and safety of this hand, to construct a `_core.Controller`.

        Ranges and torque limits come from the MJCF where the description gives none.

        Args:
            period: [s] from tick to tick.

        Raises:
            HandError: the description has no actuators, gains or grip, or a joint has no limits.
        """
        text = self.description
        if not self.can_be_driven:
            raise self.error(
                ("joints", "actuators"),
                f"'{self.name}' has none and serves for kinematics only; list one torque actuator "
                "per joint to control it",
            )
        if text.gains is None:
            raise self.error(("gains",), "missing; a controller needs stiffness and damping")
        if text.grip is None:
            raise self.error(("grip",), "missing; a controller needs the thumb and the shares")
        bound = self.bind(self.model)
        config = _core.ControllerConfig()
        config.period = period
        for part in _TUNINGS:
            getattr(text, part).apply(getattr(config, part))
        config.law.stiffness = text.per_joint(text.gains.stiffness)
        config.law.damping = text.per_joint(text.gains.damping)
        thumb = text.grip.thumb
        config.task.thumb = self.finger_names.index(thumb)
        config.law.integral_gain = [
            0.0 if finger == thumb else text.law.integral_gain for finger in self.finger_names
        ]
        share = {thumb: 1.0} | text.grip.share
        config.grip.share = [share.get(finger, 0.0) for finger in self.finger_names]
        safety = config.safety
        safety.velocity_max = text.limits.velocity
        safety.position_min = bound.position_range[:, 0]
        safety.position_max = bound.position_range[:, 1]
        safety.torque_max = bound.torque_max()
        config.motors = core_motors(text)
        if text.law.overcomes_friction:
            at_rest = [
                m.friction.coulomb + m.friction.stribeck_coulomb for m in config.motors.motors
            ]
            config.law.dry_friction = at_rest
        config.observer.force_source = _core.ForceSource[text.observer.force_source.upper()]
        config.transmission = bound.transmission()
        return config

    def error(self, key: Key, message: str) -> HandError:
        """An error that names the file and the key in it."""
        return self._source.error(key, message)


def _find_description(name: str | Path) -> Path:
    hands = packaged_hands()
    if str(name) in hands:
        return hands[str(name)]
    path = Path(name)
    if path.suffix == ".toml" or path.exists():
        return path
    raise HandError(unknown("hand", str(name), hands, "handloop's models") + "; or a hand.toml")
