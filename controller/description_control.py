"""How a hand is controlled: the tables of a `hand.toml` that set numbers of the core."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from .. import _core
from .description_table import Fraction, Name, NotNegative, Tuning


class Grip(Tuning):
    """How the fingers hold against the thumb; numbers of `_core.GripConfig`."""

    core = _core.GripConfig
    thumb: Name
    """The finger that opposes all others."""
    share: Annotated[dict[str, Fraction], Field(min_length=1)]
    """Part of the thumb's force that each other finger carries; they sum to 1."""


class ForceFeedback(Tuning):
    """What is made of the contact forces; numbers of `_core.ForceFeedbackConfig`."""

    core = _core.ForceFeedbackConfig


class Task(Tuning):
    """How a posture is followed and when a finger yields; numbers of `_core.PostureTaskConfig`."""

    core = _core.PostureTaskConfig


class Law(Tuning):
    """Force control of the fingertips; numbers of `_core.ForceLawConfig`."""

    core = _core.ForceLawConfig
    integral_gain: NotNegative = 0.0
    """[1/s], of every finger but the thumb, which is the anchor; 0: feed-forward only."""

    @property
    def overcomes_friction(self) -> bool:
        """Whether it pushes joints through the dry friction of their motors."""
        return self.__pydantic_extra__.get("friction_rate", 0.0) > 0.0


class Fingertips(Tuning):
    """Fingertips held in space; numbers of `_core.FingertipImpedanceConfig`."""

    core = _core.FingertipImpedanceConfig


class ObjectImpedance(Tuning):
    """How stiffly an object is held in space; numbers of `_core.ObjectImpedanceConfig`."""

    core = _core.ObjectImpedanceConfig


class SlipFriction(Tuning):
    """What is learned from slip; numbers of `_core.FrictionConfig`."""

    core = _core.FrictionConfig


class Object(Tuning):
    """An object held as a whole; numbers of `_core.ObjectGraspConfig`."""

    core = _core.ObjectGraspConfig
    impedance: ObjectImpedance = ObjectImpedance()
    friction: SlipFriction = SlipFriction()

    def apply(self, config: Any) -> None:
        """Sets the numbers in a configuration of the core, and those of its parts."""
        super().apply(config)
        self.impedance.apply(config.impedance)
        self.friction.apply(config.friction)


class Safety(Tuning):
    """When the controller stops trusting what it reads; numbers of `_core.SafetyConfig`."""

    core = _core.SafetyConfig
    set_elsewhere = frozenset({"velocity_max"})  # limits.velocity


class Observer(Tuning):
    """Where contact forces come from; numbers of `_core.ObserverConfig`."""

    core = _core.ObserverConfig
    force_source: Literal["sensors", "motors"] = "sensors"
    """The tactile skin, or an estimate from what the motors do."""
