"""Values as JSON can keep them, and back: ids, amounts, times, members of enumerations and plain dataclasses."""

import sys
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final
from uuid import UUID

KIND: Final = "$"
PLAIN: Final = (str, int, float, bool, type(None))
UNPACKED: Final[dict[str, Callable[[str], Any]]] = {
    "uuid": UUID,
    "decimal": Decimal,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
}


def pack(value: Any) -> Any:
    """The value in terms of JSON. Raises TypeError for what `unpack` could not bring back."""
    if isinstance(value, Enum):
        return {KIND: "enum", "of": _name(type(value)), "value": value.value}
    if isinstance(value, PLAIN):
        return value
    if isinstance(value, UUID | Decimal | datetime | date):
        return {KIND: type(value).__name__.lower(), "value": str(value)}
    if isinstance(value, list | tuple):
        return [pack(each) for each in value]
    return _pack_fields(value)


def _pack_fields(value: Any) -> dict[str, Any]:
    if isinstance(value, dict) and KIND not in value:
        return {key: pack(each) for key, each in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        held = {field.name: pack(getattr(value, field.name)) for field in fields(value) if field.init}
        return {KIND: "object", "of": _name(type(value)), "value": held}
    raise TypeError(f"A {type(value).__name__} cannot be packed.")


def unpack(packed: Any) -> Any:
    """The value that was packed; a tuple comes back as a list. Raises LookupError for a class that is gone."""
    if isinstance(packed, list):
        return [unpack(each) for each in packed]
    if not isinstance(packed, dict):
        return packed
    kind = packed.get(KIND)
    if kind is None:
        return {key: unpack(each) for key, each in packed.items()}
    if kind == "enum":
        return _class(packed["of"])(packed["value"])
    if kind == "object":
        return _class(packed["of"])(**unpack(packed["value"]))
    return UNPACKED[kind](packed["value"])


def _name(kind: type) -> str:
    return f"{kind.__module__}:{kind.__qualname__}"


def _class(name: str) -> Any:
    """A class of this name out of a module that is loaded: never a function, and nothing is imported for it."""
    module, _, path = name.partition(":")
    found: Any = sys.modules.get(module)
    for part in path.split("."):
        found = getattr(found, part, None)
    if not (isinstance(found, type) and (is_dataclass(found) or issubclass(found, Enum))):
        raise LookupError(f"There is no {name} any more.")
    return found
