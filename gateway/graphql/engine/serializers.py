"""Serialization of leaf values: those that orjson supports are unchanged, others use their scalar's serializer."""

from collections.abc import Callable
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from graphql import GraphQLBoolean, GraphQLEnumType, GraphQLInt, GraphQLLeafType, GraphQLString

MAX_INT = 2**31 - 1
MIN_INT = -(2**31)


def leaf_of(declared: GraphQLLeafType) -> Callable[[Any], Any]:
    """The function that serializes a value of this type; it raises for a value of another type."""
    if isinstance(declared, GraphQLEnumType):
        return _enum(declared)
    serialize = _KNOWN.get(declared.name)
    return serialize if serialize is not None else declared.coerce_output_value


def _enum(declared: GraphQLEnumType) -> Callable[[Any], Any]:
    names: dict[Any, str] = {}
    for name, member in declared.values.items():
        names[member.value] = name
        if isinstance(member.value, Enum):
            names[member.value.value] = name

    def serialize(value: Any) -> str:
        name = names.get(value)
        return name if name is not None else declared.coerce_output_value(value)

    return serialize


def _string(value: Any) -> str:
    return value if type(value) is str else GraphQLString.coerce_output_value(value)


def _int(value: Any) -> int:
    return value if type(value) is int and MIN_INT <= value <= MAX_INT else GraphQLInt.coerce_output_value(value)


def _boolean(value: Any) -> bool:
    return value if type(value) is bool else GraphQLBoolean.coerce_output_value(value)


def _uuid(value: Any) -> UUID:
    if isinstance(value, UUID):
        return value
    raise TypeError(f"{type(value).__name__} is not a UUID")


def _datetime(value: Any) -> datetime:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value
    raise TypeError("a moment without an offset from UTC")


_KNOWN: dict[str, Callable[[Any], Any]] = {
    "String": _string,
    "Int": _int,
    "Boolean": _boolean,
    "ID": _uuid,
    "DateTime": _datetime,
}
