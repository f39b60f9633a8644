"""Says what is wrong in a file of tables: which key, what was probably meant, and what there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, get_args, get_origin

from pydantic import ValidationError

from .description_table import TAGS, Key, Table
from .errors import key_text, unknown


def explained(
    error: ValidationError,
    table: type[Table],
    file: str,
    says: Callable[[Key, str], str],
    more: Sequence[str] = (),
) -> Iterator[str]:
    """Each thing that is wrong, in a line.

    Args:
        error: What pydantic found.
        table: What the whole file is.
        file: What such a file is called.
        says: Puts file and key before a message.
        more: Keys that the file may have besides those of its table.
    """
    for item in error.errors(include_url=False):
        key: Key = tuple(part for part in item["loc"] if part not in TAGS)
        context = item.get("ctx", {})
        if item["type"] == "misfit":
            yield says((*key, *context["key"]), context["message"])
        elif item["type"] == "extra_forbidden":
            known = [*_keys_beside(key, table), *(more if len(key) == 1 else ())]
            where = key_text(key[:-1]) or file
            yield says(key, unknown("key", str(key[-1]), known, where))
        elif item["type"] == "missing":
            yield says(key, "is missing")
        elif item["type"] == "model_type":
            yield says(key, f"is a {type(item['input']).__name__}, not a table of keys")
        elif item["type"] == "too_short":
            yield says(key, f"is empty; give at least {context['min_length']}")
        else:
            message = item["msg"].removeprefix("Value error, ")
            value = "" if isinstance(item["input"], dict | list) else f" (is {item['input']!r})"
            yield says(key, f"{message[0].lower()}{message[1:]}{value}")


def _keys_beside(key: Key, whole: type[Table]) -> list[str]:
    annotation: Any = whole
    for part in key[:-1]:
        annotation = _annotation_of(annotation, part)
    return list(_fields(_table_in(annotation) or whole))


def _fields(table: type[Table]) -> dict[str, Any]:
    """Annotations by the names that a file has for them."""
    return {field.alias or name: field.annotation for name, field in table.model_fields.items()}


def _annotation_of(annotation: Any, part: str | int) -> Any:
    """What an annotation says of one key in it; None for a key that it does not know."""
    if get_origin(annotation) is dict:
        return get_args(annotation)[1]
    if get_origin(annotation) is tuple:
        return get_args(annotation)[0]
    if table := _table_in(annotation):
        return _fields(table).get(str(part))
    return None


def _table_in(annotation: Any) -> type[Table] | None:
    """The table among what an annotation allows."""
    if isinstance(annotation, type) and issubclass(annotation, Table):
        return annotation
    if get_origin(annotation) in {dict, tuple}:
        return None
    return next(filter(None, map(_table_in, get_args(annotation))), None)
