"""Values in terms of JSON: ids, amounts and ISO 8601 times as text, enum members by value, dataclasses by fields."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID


def to_json_value(value: Any) -> Any:
    """The value in terms of JSON. Raises TypeError for a value of any other kind."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, list | tuple):
        return [to_json_value(item) for item in value]
    return _to_json_object(value)


def _to_json_object(value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return {key: to_json_value(item) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_json_value(getattr(value, field.name)) for field in fields(value) if field.init}
    raise TypeError(f"A {type(value).__name__} cannot be written as JSON.")
