"""The scalars of the schema. Each documents the values that it accepts; amounts of money are never floats."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NewType, Self
from uuid import UUID

import strawberry
from graphql import (
    FloatValueNode,
    GraphQLError,
    GraphQLID,
    GraphQLScalarType,
    IntValueNode,
    StringValueNode,
    ValueNode,
)
from strawberry.scalars import JSON
from strawberry.types.scalar import ScalarDefinition

from domains.kernel.values.calendar import LocalTime, parse_moment
from domains.kernel.values.currencies import EXPONENTS
from domains.kernel.values.money import Money as KernelMoney
from domains.kernel.values.secret import Secret
from gateway.graphql.core.relations import computed

__all__ = ["JSON", "PRINTED_SCALARS", "SCALARS", "CurrencyCode", "Money"]

CurrencyCode = NewType("CurrencyCode", str)
MAX_DIGITS = 40
PLAIN = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
MAX_EXPONENT = 30


def _refuse(kind: str, expected: str) -> GraphQLError:
    """The value is not repeated: a client may have put a secret into the wrong field."""
    return GraphQLError(f"{kind} cannot represent this input: {expected}.")


def parse_decimal(value: Any) -> Decimal:
    """An exact decimal out of a string or a whole number; NaN, infinities and huge exponents are refused."""
    expected = 'expected a decimal number as a string, such as "19.99"'
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _refuse("Decimal", expected)
    text = str(value) if isinstance(value, str) or abs(value) < 10**MAX_DIGITS else ""
    if not 0 < len(text) <= MAX_DIGITS:
        raise _refuse("Decimal", f"expected at most {MAX_DIGITS} digits")
    if not PLAIN.fullmatch(text):
        raise _refuse("Decimal", expected)
    number = Decimal(text)
    if abs(number.adjusted()) > MAX_EXPONENT:
        raise _refuse("Decimal", f"expected a number between 1E-{MAX_EXPONENT} and 1E+{MAX_EXPONENT}")
    return number


def parse_decimal_literal(node: ValueNode, _variables: Mapping[str, Any] | None = None) -> Decimal:
    """A decimal written in the query itself: quoted, or as a number, which is exact there."""
    if isinstance(node, StringValueNode | IntValueNode | FloatValueNode):
        return parse_decimal(node.value)
    raise _refuse("Decimal", "expected a decimal number")


def show_decimal(value: Decimal) -> str:
    """A decimal in plain notation; raises ValueError for a number that is not finite."""
    if not value.is_finite():
        raise ValueError(f"{value} is not an amount")
    return format(value, "f")


def parse_uuid(value: Any) -> UUID:
    """An id in the usual 36 characters."""
    try:
        if isinstance(value, str) and len(value) == 36:
            return UUID(value)
    except ValueError:
        pass
    raise _refuse("ID", "expected an id such as 0198c5a2-7d1e-7c43-9f5a-3b1d5e6f7a8b")


def parse_datetime(value: Any) -> datetime | LocalTime:
    """A moment with its offset from UTC (RFC 3339), or a local time or day, which root fields convert."""
    moment = parse_moment(value) if isinstance(value, str) else None
    if moment is None:
        raise _refuse("DateTime", "expected a moment such as 2026-11-21T09:30:00Z, or the day 2026-11-21")
    return moment


def parse_date(value: Any) -> date:
    """A calendar date."""
    try:
        if isinstance(value, str) and len(value) == 10:
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise _refuse("Date", "expected a day such as 2026-11-21")


def parse_currency(value: Any) -> str:
    """A currency's code of ISO 4217."""
    if isinstance(value, str) and value in EXPONENTS:
        return value
    raise _refuse("CurrencyCode", "expected a code of ISO 4217, such as EUR")


def parse_secret(value: Any) -> Secret:
    """A text that is hidden from here on. No value is refused: the error message would repeat it."""
    return Secret(value if isinstance(value, str) else str(value))


class _BuiltInScalar(GraphQLScalarType):
    """A built-in scalar with rules of this project: graphql-core reserves their names for its own instances."""

    def __new__(cls, *_args: Any, **_kwargs: Any) -> Self:
        return object.__new__(cls)


def _as_id(implementation: GraphQLScalarType) -> ScalarDefinition:
    return ScalarDefinition(
        name="ID",
        description=None,
        specified_by_url=None,
        serialize=None,
        parse_value=None,
        parse_literal=None,
        implementation=implementation,
        origin=UUID,
    )


SCALARS: dict[object, ScalarDefinition] = {
    Secret: strawberry.scalar(
        name="Secret",
        description="A confidential text, such as a password. It is never returned or logged.",
        serialize=str,
        parse_value=parse_secret,
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description='An exact decimal number, as a string: "19.99". It is never converted to a float.',
        serialize=show_decimal,
        parse_value=parse_decimal,
        parse_literal=parse_decimal_literal,
    ),
    UUID: _as_id(
        _BuiltInScalar(
            name="ID",
            description="The id of an object: a UUID in its canonical form of 36 characters (RFC 9562).",
            coerce_output_value=str,
            coerce_input_value=parse_uuid,
        )
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description=(
            "A moment as a text with its offset from UTC (RFC 3339). In results the offset is that of UTC: "
            "`2026-11-21T09:30:00+00:00`. In inputs, a time without an offset is in the time zone of the shop "
            "(`Shop.timeZone`); a date alone is the beginning of that day."
        ),
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
        serialize=datetime.isoformat,
        parse_value=parse_datetime,
    ),
    date: strawberry.scalar(
        name="Date",
        description="A calendar date (ISO 8601), as a string.",
        serialize=date.isoformat,
        parse_value=parse_date,
    ),
    CurrencyCode: strawberry.scalar(
        name="CurrencyCode",
        description="A currency's three-letter code (ISO 4217).",
        serialize=str,
        parse_value=parse_currency,
    ),
    JSON: strawberry.scalar(
        name="JSON",
        description="Any JSON value: an object, a list, a text, a number, true, false or null.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc8259",
        serialize=lambda value: value,
        parse_value=lambda value: value,
    ),
}
# For printing only: graphql-core sorts a schema around its own `ID`.
PRINTED_SCALARS: dict[object, ScalarDefinition] = SCALARS | {UUID: _as_id(GraphQLID)}


def _amount(root: KernelMoney) -> Decimal:
    """The amount as a string, such as "19.99", with the currency's decimal places; unit prices may have more."""
    return root.shown()


@strawberry.type(
    description="An amount of money with its currency. Prices and totals of one company all have one currency."
)
class Money:
    """The kernel's Money."""

    amount: Decimal = computed(_amount)
    currency: CurrencyCode = strawberry.field(
        description=(
            "The currency of `amount`. Its minor unit decides the number of decimals, such as 2 for EUR "
            "and 0 for JPY."
        )
    )
