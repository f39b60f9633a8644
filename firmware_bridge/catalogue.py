"""The catalogue of servos: what can be bought, what its registers are, what its motor can do."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

from ..controller.errors import unknown
from .servo import ServoModel
from .servo_errors import CatalogueError
from .servo_files import read_servo_file

_PACKAGED = Path(__file__).parent / "servos"


class ServoCatalogue:
    """Servo models by name and by model number; iterates over them."""

    def __init__(self, models: Mapping[str, ServoModel], entries: Mapping[str, Any]) -> None:
        self._models = dict(models)
        self._entries = dict(entries)
        self._by_spelling = {
            _spelling(name): model
            for model in self._models.values()
            for name in (*model.aliases, model.name)
        }

    @classmethod
    @functools.cache
    def packaged(cls) -> Self:
        """The servos that come with the package, read once."""
        catalogue = cls({}, {})
        for file in sorted(_PACKAGED.glob("*.toml")):
            catalogue = catalogue.with_file(file)
        return catalogue

    def with_file(self, file: Path | str) -> Self:
        """This catalogue and the servos of a TOML file, which may extend those that are here.

        Raises:
            CatalogueError: the file cannot be used as it is.
        """
        entries, models = read_servo_file(Path(file), self._entries)
        more = type(self)({**self._models, **models}, {**self._entries, **entries})
        for model in models.values():
            for name in (model.name, *model.aliases):
                if (other := self._find(name) or more._find(name)) is not model:
                    raise CatalogueError(
                        f"{file}: models.{model.name}: '{name}' is the {other and other.name} "
                        "already; give it another name"
                    )
        return more

    def named(self, name: str) -> ServoModel:
        """A model by its name, in any spelling: `XM430-W350`, `xm430_w350`, `XM430-W350-R`.

        Raises:
            CatalogueError: no such servo; the nearest names are in the message.
        """
        if found := self._find(name):
            return found
        raise CatalogueError(unknown("servo", name, self._models, "the catalogue"))

    def numbered(self, number: int, family: str | None = None) -> ServoModel:
        """The model that states a model number.

        Args:
            number: from the servo's `model_number` register or its answer to a ping.
            family: where to look. None: everywhere.

        Raises:
            CatalogueError: no model has it, or several have; then one of them has to be named.
        """
        found = self.all_numbered(number, family)
        where = f" of family {family}" if family else ""
        if not found:
            raise CatalogueError(
                f"no servo{where} has model number {number}; describe it in a servo file "
                "and add that with `with_file`"
            )
        if len(found) > 1:
            names = " or ".join(model.name for model in found)
            raise CatalogueError(f"model number {number}{where} is {names}; name the one it is")
        return found[0]

    def all_numbered(self, number: int, family: str | None = None) -> tuple[ServoModel, ...]:
        """All models that state a model number: variants of one servo may share it."""
        return tuple(m for m in self if number in m.numbers and family in {None, m.family})

    def _find(self, name: str) -> ServoModel | None:
        without_plug = re.sub(r"[\s_.-][TR]$", "", name, flags=re.IGNORECASE)  # TTL or RS-485
        found = self._by_spelling.get(_spelling(name))
        return found or self._by_spelling.get(_spelling(without_plug))

    def __iter__(self) -> Iterator[ServoModel]:
        return iter(self._models.values())

    def __len__(self) -> int:
        return len(self._models)

    def __repr__(self) -> str:
        families = ", ".join(sorted({model.family for model in self}))
        return f"ServoCatalogue({len(self)} servos of {families})"


def _spelling(name: str) -> str:
    return re.sub(r"[\s_.-]", "", name.casefold())
