"""Times that clients give without an offset are the shop's, and become moments before a resolver sees them."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Final

from domains.kernel.values.calendar import LocalTime
from gateway.graphql.core.context import Context

ENDS: Final = {"ends": True}
"""Metadata of an input's field that ends something: a day alone is its end there, and its beginning elsewhere."""


async def place(context: Context, arguments: dict[str, Any]) -> None:
    """Turn the local times in a root field's inputs into moments in the shop's time zone."""
    found = [each for value in arguments.values() for each in _local(value)]
    if found:
        time_zone = (await context.services.company.current(context.reader)).time_zone
        for holder, name, ends in found:
            setattr(holder, name, getattr(holder, name).in_zone(time_zone, is_end=ends))


def _local(value: Any) -> Iterator[tuple[Any, str, bool]]:
    """The local times in an input and its nested inputs: the object, the field, and whether it is an end."""
    if type(value) is list:
        for each in value:
            yield from _local(each)
        return
    for name, ends in _fields(value.__class__):
        held = getattr(value, name)
        if type(held) is LocalTime:
            yield value, name, ends
        else:
            yield from _local(held)


@cache
def _fields(kind: type) -> tuple[tuple[str, bool], ...]:
    """The fields of an input, and whether each ends something; none of what is no input."""
    if not (is_dataclass(kind) and hasattr(kind, "__strawberry_definition__")):
        return ()
    return tuple((field.name, bool(field.metadata.get("ends"))) for field in fields(kind))
