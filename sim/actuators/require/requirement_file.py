"""What a requirements.json must hold: its keys, and which numbers they may be."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator

from ....controller.description_errors import explained
from ....controller.description_table import (
    Fraction,
    Key,
    Name,
    NotNegative,
    Number,
    Positive,
    Table,
    repeated,
)

Pair = tuple[Number, Number]


class JointTable(Table):
    """Of one joint; see `JointRequirement`."""

    joint: Name
    rms_torque: NotNegative
    peak_torque: Positive
    peak_speed: NotNegative
    cloud: Annotated[tuple[Pair, ...], Field(min_length=1)]
    duty: Fraction
    mean_square: Positive
    thermal: tuple[tuple[Positive, NotNegative], ...]
    resolution: Positive
    bandwidth: NotNegative
    inertia_max: Positive
    travel: Pair = (0.0, 0.0)
    set_by: dict[str, str] = Field(default_factory=dict)


class TendonTable(Table):
    """Of one tendon; see `TendonRequirement`."""

    tendon: Name
    rms_tension: NotNegative
    peak_tension: NotNegative
    peak_speed: NotNegative
    stroke: NotNegative
    set_by: dict[str, str] = Field(default_factory=dict)


class RequirementFile(Table):
    """The whole file; see `Requirements`."""

    schema_: Literal[1] = Field(alias="schema")
    hand: Name
    source: str
    joints: Annotated[tuple[JointTable, ...], Field(min_length=1)]
    tendons: tuple[TendonTable, ...] = ()
    margins: dict[str, Number] = Field(default_factory=dict)

    @field_validator("joints")
    @classmethod
    def _named_once(cls, joints: tuple[JointTable, ...]) -> tuple[JointTable, ...]:
        for _, message in repeated((), [joint.joint for joint in joints]):
            raise ValueError(message)
        return joints


def checked(said: Any) -> dict[str, Any]:
    """The content of a requirements.json.

    Args:
        said: What JSON made of it.

    Raises:
        ValueError: It is something else; the message names the joint, the key and what may stand
            there.
    """
    try:
        return RequirementFile.model_validate(said).model_dump(exclude={"schema_"})
    except ValidationError as error:
        lines = explained(
            error,
            RequirementFile,
            "a requirements.json",
            lambda key, text: _where(key, said) + (" " if text.startswith("is ") else ": ") + text,
        )
        found = list(lines)
        more = f" (and {len(found) - 1} more such)" if len(found) > 1 else ""
        raise ValueError(found[0] + more) from None


def _where(key: Key, said: Any) -> str:
    """A place as people look for it: `joint 'index_pip_flexion', cloud[3][0]`."""
    if not key:
        return "the file"
    listed = key[0] in {"joints", "tendons"} and len(key) > 1
    words = [_owner(key[0], key[1], said)] if listed else []
    rest = key[2:] if listed else key
    if rest:
        words.append(str(rest[0]) + "".join(f"[{part}]" for part in rest[1:]))
    return ", ".join(words)


def _owner(table: str | int, number: str | int, said: Any) -> str:
    """A joint or a tendon by its name, or by its number if it has none."""
    kind = str(table).removesuffix("s")
    try:
        name = said[table][number][kind]
    except (KeyError, TypeError, IndexError):
        name = None
    return f"{kind} {name!r}" if isinstance(name, str) else f"{kind} {number}, counted from 0"
