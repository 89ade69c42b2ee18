"""User errors as records for storage, and back: a record names the error's GraphQL type, no module or class."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final, get_args, get_origin, get_type_hints
from uuid import UUID

from strawberry.types.base import get_object_definition

from domains.kernel.errors import error_codes
from domains.kernel.idempotency.outcomes import ErrorRecord
from domains.kernel.serialization import to_json_value
from domains.kernel.values.money import Money as KernelMoney
from gateway.graphql.core.errors import GenericUserError, UserError, shown_error, typed_errors
from gateway.graphql.core.scalars import Money

COMMON: Final = ("code", "message", "path")
PARSERS: Final[Mapping[Any, Callable[[Any], Any]]] = {
    UUID: UUID,
    Decimal: Decimal,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    Money: lambda value: KernelMoney(Decimal(value["amount"]), value["currency"]),  # the type that resolvers return
}


def record_of(error: UserError) -> ErrorRecord:
    """The record of a payload's error."""
    data = {name: to_json_value(getattr(error, name)) for name in _own_fields(type(error))}
    return ErrorRecord(_name(type(error)), error.code, error.message, error.path, data)


def error_of(record: ErrorRecord) -> UserError:
    """The error of a record. One whose type or code no longer exists becomes a generic one, with the same message."""
    kind = next((error for error in typed_errors() if _name(error) == record.type), GenericUserError)
    hints, own = get_type_hints(kind), _own_fields(kind)
    path = None if record.path is None else list(record.path)
    if not own <= record.data.keys():
        return GenericUserError(code=_code(record.code, kind), message=record.message, path=path)
    data = {name: _restored(record.data[name], hints[name]) for name in own}
    error: UserError = kind(code=_code(record.code, kind), message=record.message, path=path, **data)
    return error


def _own_fields(kind: type) -> set[str]:
    return {field.python_name for field in get_object_definition(kind, strict=True).fields} - set(COMMON)


def _name(kind: type) -> str:
    return get_object_definition(kind, strict=True).name


def _code(value: str, kind: type[UserError]) -> str:
    """The code, or that of the domain error shown by the type if the code no longer exists."""
    return value if value in error_codes() else shown_error(kind).code


def _restored(value: Any, kind: Any) -> Any:
    """A plain value as the value of a field of this type."""
    if value is None:
        return None
    if get_origin(kind) is list:
        return [_restored(item, get_args(kind)[0]) for item in value]
    if type(None) in get_args(kind):
        return _restored(value, next(member for member in get_args(kind) if member is not type(None)))
    if kind in PARSERS:
        return PARSERS[kind](value)
    if hasattr(kind, "__strawberry_definition__"):
        hints = get_type_hints(kind)
        return kind(**{name: _restored(item, hints[name]) for name, item in value.items() if name in hints})
    return kind(value) if isinstance(kind, type) and issubclass(kind, Enum) else value
