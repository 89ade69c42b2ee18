"""The validation of tax classes and rates; pure."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from domains.kernel.errors import InvalidInput, OutOfRange, RangeInverted, TooManyDecimals
from domains.kernel.text.validation import Required, casefold_text, label, optional_text, require_text
from domains.kernel.validation import collect_errors, merged
from domains.kernel.values.countries import country_code
from domains.tax.errors import TaxRatesOverlap
from domains.tax.models import TaxClass, TaxClassChanges, TaxRate, TaxRateChanges
from domains.tax.places import MAX_PREFIX, normal_postal_code, normal_province

PLACES: Final = Decimal("0.000001")
MAX_TAX_NAME: Final = 50
MAX_PROVINCE: Final = 100
CODE: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,49}")
CLASS_FIELDS: Final = ("code", "name", "is_default")
RATE_FIELDS: Final = ("name", "country", "province", "postal_prefix", "rate", "valid_from", "valid_until")


def checked_class(changes: TaxClassChanges, current: TaxClass | None = None) -> dict[str, Any]:
    """All fields of a tax class to store. Raises, for all fields at once, Required, TooLong and InvalidInput."""
    values = merged(CLASS_FIELDS, changes, current, {"is_default": False})
    with collect_errors() as each:
        with each:
            values["code"] = _class_code(values["code"])
        with each:
            values["name"] = require_text(values["name"] or "", field=("name",))
        with each:
            if values["is_default"] is None:
                raise Required("`is_default` must not be null.", field="is_default")
    return values


def checked_rate(changes: TaxRateChanges, today: date, current: TaxRate | None = None) -> dict[str, Any]:
    """All fields of a tax rate to store, without its class; the first day is today by default.

    Raises, for all fields at once, Required, TooLong, InvalidInput, OutOfRange, TooManyDecimals and RangeInverted.
    """
    values = merged(RATE_FIELDS, changes, current, {})
    values["valid_from"] = values["valid_from"] or today
    with collect_errors() as each:
        for name, check in _RATE_RULES.items():
            with each:
                values[name] = check(values[name])
        if values["province"] is not None:
            values["province"] = normal_province(values["province"], values["country"] or "")
        with each:
            if values["valid_until"] is not None and values["valid_until"] < values["valid_from"]:
                raise RangeInverted("`valid_until` must not be before `valid_from`.", field="valid_until")
    return values


def require_tax_rate(rate: Decimal | None, *, field: str = "tax_rate") -> Decimal:
    """A tax rate as a fraction below 1 with at most six decimals. Raises Required, OutOfRange, TooManyDecimals."""
    if rate is None:
        raise Required(f"`{field}` must not be null.", field=field)
    if not rate.is_finite() or not 0 <= rate < 1:
        raise OutOfRange("A tax rate is a fraction from 0 to below 1: 0.19 is 19 %.", field=field)
    if rate != rate.quantize(PLACES):
        raise TooManyDecimals("A tax rate has at most six decimal places: 0.190000.", field=field)
    return rate


def optional_postal_prefix(value: str | None, *, field: str = "postal_prefix") -> str | None:
    """The beginning of a postal code in the form of rates, None for none. Raises TooLong and InvalidInput."""
    text = optional_text(value, field=(field,), max_length=MAX_PROVINCE)
    if text is None:
        return None
    prefix = normal_postal_code(text)
    if not 1 <= len(prefix) <= MAX_PREFIX:
        raise InvalidInput(f"{label((field,))} has 1 to {MAX_PREFIX} letters A to Z and digits.", field=field)
    return prefix


def require_no_overlap(values: Mapping[str, Any], others: Iterable[TaxRate]) -> None:
    """Raise TaxRatesOverlap if one of the other rates of the class and place is of the same tax and days."""
    for other in others:
        if casefold_text(other.name) == casefold_text(values["name"]) and days_overlap(
            (values["valid_from"], values["valid_until"]), (other.valid_from, other.valid_until)
        ):
            raise TaxRatesOverlap(other)


def days_overlap(one: tuple[date, date | None], other: tuple[date, date | None]) -> bool:
    """Whether two ranges of days have a day in common; each includes its last one, None for no end."""
    return one[0] <= (other[1] or date.max) and other[0] <= (one[1] or date.max)


def _class_code(value: str | None) -> str:
    code = require_text(value or "", field=("code",)).lower()
    if not CODE.fullmatch(code):
        raise InvalidInput(
            "A code has 1 to 50 letters a to z, digits, `-` and `_`, and begins with a letter or digit.", field="code"
        )
    return code


_RATE_RULES: Final[Mapping[str, Callable[[Any], Any]]] = {
    "name": lambda value: require_text(value or "", field=("name",), max_length=MAX_TAX_NAME),
    "country": lambda value: country_code(value or "", field=("country",)),
    "province": lambda value: optional_text(value, field=("province",), max_length=MAX_PROVINCE),
    "postal_prefix": optional_postal_prefix,
    "rate": lambda value: require_tax_rate(value, field="rate"),
}
