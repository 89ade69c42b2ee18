"""The types of schema.prisma in PostgreSQL and in Python, and the defaults of columns."""

import json
from dataclasses import dataclass
from typing import Any

from domains.kernel.prisma.dmmf import EnumModel, Field, SchemaError


@dataclass(frozen=True, slots=True)
class Scalar:
    """A type: PostgreSQL's name, Python's, the name of the filter over it and of the change, if it has one."""

    sql: str
    python: str
    filter: str
    change: str | None = None


TEXT = Scalar("text", "str", "StrFilter")
MOMENT = Scalar("timestamptz", "datetime", "DatetimeFilter")
PLAIN = {
    "String": TEXT,
    "Boolean": Scalar("boolean", "bool", "BoolFilter"),
    "Int": Scalar("integer", "int", "IntFilter", "IntChange"),
    "BigInt": Scalar("bigint", "int", "IntFilter", "IntChange"),
    "Float": Scalar("double precision", "float", "FloatFilter", "FloatChange"),
    "Decimal": Scalar("numeric", "Decimal", "DecimalFilter", "DecimalChange"),
    "DateTime": Scalar("timestamp", "datetime", "DatetimeFilter"),
    "Json": Scalar("jsonb", "Json", "JsonFilter"),
    "Bytes": Scalar("bytea", "bytes", "BytesFilter"),
}
NATIVE = {
    "Uuid": Scalar("uuid", "UUID", "UuidFilter"),
    "Inet": Scalar("inet", "IpAddress", "IpFilter"),
    "Json": Scalar("json", "Json", "JsonFilter"),
    "Date": Scalar("date", "date", "DateFilter"),
    "Time": Scalar("time", "time", "TimeFilter"),
    "Timestamptz": MOMENT,
    "SmallInt": Scalar("smallint", "int", "IntFilter", "IntChange"),
    "Real": Scalar("real", "float", "FloatFilter", "FloatChange"),
}
# Native types that only restrict the size of the plain type.
SIZES = {"VarChar", "Char", "Text", "Decimal", "Integer", "BigInt", "Boolean", "DoublePrecision", "JsonB", "ByteA"}
LISTS = {"str": "StrListFilter", "int": "IntListFilter", "UUID": "UuidListFilter", "date": "DateListFilter"}


def scalar_of(field: Field, enums: dict[str, EnumModel]) -> Scalar:
    """The type of a column, of its elements when it is a list. Raises SchemaError."""
    if field.is_enum:
        return Scalar(f'"{enums[field.type].type}"', field.type, f"{field.type}Filter")
    if field.native is None or field.native[0] in SIZES:
        return PLAIN[field.type]
    if field.native[0] not in NATIVE:
        raise SchemaError(f"{field.name}: @db.{field.native[0]} is not supported by the generator")
    return NATIVE[field.native[0]]


def filter_of(field: Field, scalar: Scalar) -> str:
    """The name of the filter over a column. Raises SchemaError for a list of an unsupported type."""
    if not field.is_list:
        return scalar.filter
    if field.is_enum:
        return f"{field.type}ListFilter"
    if scalar.python not in LISTS:
        raise SchemaError(f"{field.name}: lists of {scalar.python} are not supported by the generator")
    return LISTS[scalar.python]


def default_of(field: Field, scalar: Scalar, *, is_key: bool) -> str | None:
    """The default as Python's text: a constant or a member of Default; None when the caller must give the value."""
    if field.has_default:
        return _declared(field, scalar)
    if field.is_list:
        return "Default.EMPTY"
    if field.nullable:
        return "None"
    if is_key and field.name == "id" and scalar.python == "UUID":
        return "Default.ID"
    return None


def _declared(field: Field, scalar: Scalar) -> str:
    default: Any = field.default
    if isinstance(default, dict):
        word = str(default["name"])
        return {"now": "Default.NOW", "uuid": "Default.ID"}.get(word.partition("(")[0], "Default.DATABASE")
    if isinstance(default, list):
        return "Default.EMPTY" if not default else "Default.DATABASE"
    if field.is_enum:
        return f"{field.type}.{default}"
    constants = {
        "Decimal": lambda: f'Decimal("{default}")',
        "int": lambda: str(int(default)),
        "Json": lambda: repr(json.loads(default)),
    }
    return constants.get(scalar.python, lambda: repr(default))()
