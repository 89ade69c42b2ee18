"""Times of inputs without an offset: they are converted by the company's time zone before resolvers run."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Final

from domains.kernel.values.calendar import LocalTime
from gateway.graphql.core.context import Context

ENDS: Final = {"ends": True}
"""Metadata of an input's field that ends a period: a date alone means the end of that day, else its beginning."""


async def resolve(context: Context, arguments: dict[str, Any]) -> None:
    """Convert the local times in a root field's inputs to moments by the company's time zone."""
    local_fields = [field for value in arguments.values() for field in _local(value)]
    if local_fields:
        time_zone = (await context.services.company.current(context.reader)).time_zone
        for target, name, ends in local_fields:
            setattr(target, name, getattr(target, name).in_zone(time_zone, is_end=ends))


def _local(value: Any) -> Iterator[tuple[Any, str, bool]]:
    """The local times in an input and its nested inputs: the object, the field, and whether it is an end."""
    if type(value) is list:
        for item in value:
            yield from _local(item)
        return
    for name, ends in _fields(value.__class__):
        field_value = getattr(value, name)
        if type(field_value) is LocalTime:
            yield value, name, ends
        else:
            yield from _local(field_value)


@cache
def _fields(kind: type) -> tuple[tuple[str, bool], ...]:
    """The fields of an input, and whether each is the end of a period; none for other classes."""
    if not (is_dataclass(kind) and hasattr(kind, "__strawberry_definition__")):
        return ()
    return tuple((field.name, bool(field.metadata.get("ends"))) for field in fields(kind))
