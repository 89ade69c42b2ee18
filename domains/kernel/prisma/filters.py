"""The types of filters, directions and changes in the generated inputs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Any, Literal, TypeAlias, TypedDict
from uuid import UUID

# Any JSON value; the service that owns the column checks its structure.
Json: TypeAlias = Any
IpAddress: TypeAlias = IPv4Address | IPv6Address | IPv4Interface | IPv6Interface


@dataclass(frozen=True, slots=True)
class FieldReference:
    """Another column of the same row instead of a value: `{"stock": {"lte": FieldReference("rank")}}`."""

    name: str


class NullsOrder(TypedDict):
    """A direction with the position of nulls; PostgreSQL's default is last for `asc`."""

    sort: Literal["asc", "desc"]
    nulls: Literal["first", "last"]


Direction: TypeAlias = Literal["asc", "desc"] | NullsOrder
Cursor: TypeAlias = Mapping[str, object]

StrFilter = TypedDict(
    "StrFilter",
    {
        "equals": str | None,
        "in": Sequence[str],
        "not_in": Sequence[str],
        "not": "str | StrFilter | None",
        "gt": str,
        "gte": str,
        "lt": str,
        "lte": str,
        "contains": str,
        "startswith": str,
        "endswith": str,
        "mode": Literal["insensitive"],
    },
    total=False,
)
IntFilter = TypedDict(
    "IntFilter",
    {
        "equals": int | None,
        "in": Sequence[int],
        "not_in": Sequence[int],
        "not": "int | IntFilter | None",
        "gt": int,
        "gte": int,
        "lt": int,
        "lte": int,
    },
    total=False,
)
FloatFilter = TypedDict(
    "FloatFilter",
    {
        "equals": float | None,
        "in": Sequence[float],
        "not_in": Sequence[float],
        "not": "float | FloatFilter | None",
        "gt": float,
        "gte": float,
        "lt": float,
        "lte": float,
    },
    total=False,
)
DecimalFilter = TypedDict(
    "DecimalFilter",
    {
        "equals": Decimal | None,
        "in": Sequence[Decimal],
        "not_in": Sequence[Decimal],
        "not": "Decimal | DecimalFilter | None",
        "gt": Decimal,
        "gte": Decimal,
        "lt": Decimal,
        "lte": Decimal,
    },
    total=False,
)
DatetimeFilter = TypedDict(
    "DatetimeFilter",
    {
        "equals": datetime | None,
        "in": Sequence[datetime],
        "not_in": Sequence[datetime],
        "not": "datetime | DatetimeFilter | None",
        "gt": datetime,
        "gte": datetime,
        "lt": datetime,
        "lte": datetime,
    },
    total=False,
)
DateFilter = TypedDict(
    "DateFilter",
    {
        "equals": date | None,
        "in": Sequence[date],
        "not_in": Sequence[date],
        "not": "date | DateFilter | None",
        "gt": date,
        "gte": date,
        "lt": date,
        "lte": date,
    },
    total=False,
)
TimeFilter = TypedDict(
    "TimeFilter",
    {
        "equals": time | None,
        "in": Sequence[time],
        "not_in": Sequence[time],
        "not": "time | TimeFilter | None",
        "gt": time,
        "gte": time,
        "lt": time,
        "lte": time,
    },
    total=False,
)
UuidFilter = TypedDict(
    "UuidFilter",
    {
        "equals": UUID | None,
        "in": Sequence[UUID],
        "not_in": Sequence[UUID],
        "not": "UUID | UuidFilter | None",
        "gt": UUID,
        "gte": UUID,
        "lt": UUID,
        "lte": UUID,
    },
    total=False,
)
BoolFilter = TypedDict("BoolFilter", {"equals": bool | None, "not": bool | None}, total=False)
BytesFilter = TypedDict(
    "BytesFilter", {"equals": bytes | None, "in": Sequence[bytes], "not": bytes | None}, total=False
)
IpFilter = TypedDict(
    "IpFilter", {"equals": IpAddress | None, "in": Sequence[IpAddress], "not": IpAddress | None}, total=False
)
JsonFilter = TypedDict("JsonFilter", {"equals": Json, "not": Json}, total=False)


class StrListFilter(TypedDict, total=False):
    """The filter over a list of texts."""

    equals: Sequence[str] | None
    has: str
    has_some: Sequence[str]
    has_every: Sequence[str]
    is_empty: bool


class IntListFilter(TypedDict, total=False):
    """The filter over a list of integers."""

    equals: Sequence[int] | None
    has: int
    has_some: Sequence[int]
    has_every: Sequence[int]
    is_empty: bool


class UuidListFilter(TypedDict, total=False):
    """The filter over a list of ids."""

    equals: Sequence[UUID] | None
    has: UUID
    has_some: Sequence[UUID]
    has_every: Sequence[UUID]
    is_empty: bool


class DateListFilter(TypedDict, total=False):
    """The filter over a list of days."""

    equals: Sequence[date] | None
    has: date
    has_some: Sequence[date]
    has_every: Sequence[date]
    is_empty: bool


class IntChange(TypedDict, total=False):
    """A change that the database computes from the current value, so that concurrent changes add up."""

    increment: int
    decrement: int


class FloatChange(TypedDict, total=False):
    """The same for a floating-point number."""

    increment: float
    decrement: float


class DecimalChange(TypedDict, total=False):
    """The same for a decimal number."""

    increment: Decimal
    decrement: Decimal
