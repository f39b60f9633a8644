"""What the tables of a `hand.toml` are made of: kinds of values, and what makes a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Annotated, ClassVar, Self, TypeAlias

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    model_validator,
)
from pydantic_core import PydanticCustomError

from .errors import unknown

Key: TypeAlias = tuple[str | int, ...]


def is_table(value: object) -> str:
    """For a union of a table with something else: which of the two it is."""
    return "<table>" if isinstance(value, Mapping | BaseModel) else "<plain>"


def is_list(value: object) -> str:
    """For a union of a list with something else: which of the two it is."""
    return "<list>" if isinstance(value, Sequence) and not isinstance(value, str) else "<plain>"


TAGS = {"<table>", "<list>", "<plain>"}  # stand in pydantic's locations, not in the file


def _no_bool(value: object) -> object:
    if isinstance(value, bool):
        raise PydanticCustomError("bool", "should be a number, not true or false")
    return value


def misfit(key: Key, message: str) -> PydanticCustomError:
    """What a validator raises that knows better than pydantic which key is wrong."""
    return PydanticCustomError("misfit", "{message}", {"key": key, "message": message})


Name = Annotated[str, Field(min_length=1)]
Number = Annotated[float, BeforeValidator(_no_bool), Field(allow_inf_nan=False)]
Positive = Annotated[Number, Field(gt=0.0)]
NotNegative = Annotated[Number, Field(ge=0.0)]
Fraction = Annotated[Number, Field(ge=0.0, le=1.0)]
PositivePerJoint = Annotated[
    Annotated[Positive, Tag("<plain>")] | Annotated[tuple[Positive, ...], Tag("<list>")],
    Discriminator(is_list),
]
NotNegativePerJoint = Annotated[
    Annotated[NotNegative, Tag("<plain>")] | Annotated[tuple[NotNegative, ...], Tag("<list>")],
    Discriminator(is_list),
]


class Table(BaseModel):
    """One that knows all of its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Tuning(Table):
    """A table that may set any number of one configuration of the core, under the core's name.

    What it does not set keeps the core's own figure.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, NotNegative] = Field(init=False)
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
                raise misfit((key,), unknown("key", key, known, "this table"))
        return self

    def apply(self, config: object) -> None:
        """Sets the numbers in a configuration of the core."""
        for key, value in self.__pydantic_extra__.items():
            setattr(config, key, value)


def repeated(key: Key, names: Iterable[str]) -> Iterator[tuple[Key, str]]:
    """Complains of names that are there twice."""
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        yield key, f"{', '.join(map(repr, twice))} given twice; name each one once"
