"""The validation of warehouses; pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from domains.inventory.errors import WarehouseInactive, WarehouseIsDefault
from domains.inventory.models import Warehouse, WarehouseChanges
from domains.kernel.errors import InvalidInput, OutOfRange, TooMany
from domains.kernel.text.validation import NAME_LENGTH, Required, normalize_key, optional_text, require_text
from domains.kernel.validation import collect_errors, merged
from domains.kernel.values.countries import country_code

MAX_PRIORITY: Final = 1_000_000
MAX_COUNTRIES: Final = 260
MAX_POSTAL_CODE: Final = 20
CODE: Final = re.compile(r"[A-Z0-9][A-Z0-9_-]{0,49}")
DEFAULTS: Final[Mapping[str, Any]] = {
    "priority": 0,
    "countries": [],
    "is_active": True,
    "is_default": False,
    "is_pickup_point": False,
}


def checked(changes: WarehouseChanges, current: Warehouse | None = None) -> dict[str, Any]:
    """All fields of a warehouse to store: the changes over the current values, or over the defaults.

    Raises, for all fields at once, Required, TooLong, InvalidInput, OutOfRange, TooMany; WarehouseIsDefault when the
    default warehouse would be inactive or no longer the default one; WarehouseInactive when an inactive one would be.
    """
    values = merged(FIELDS, changes, current, DEFAULTS)
    with collect_errors() as each:
        for name, check in _RULES.items():
            with each:
                values[name] = check(values[name], name)
        with each:
            values["countries"] = _countries(values["countries"])
        with each:
            if current and current.is_default and values["is_default"] is False:
                raise WarehouseIsDefault(current.code, field=("is_default",))
        with each:
            if values["is_default"] and values["is_active"] is False:
                if current and current.is_default:
                    raise WarehouseIsDefault(current.code, field=("is_active",))
                raise WarehouseInactive(values["code"] or "", field=("is_default",))
    return values


def _code(value: str | None, name: str) -> str:
    code = require_text(normalize_key(value or ""), field=(name,)).upper()
    if not CODE.fullmatch(code):
        raise InvalidInput(
            "A code has 1 to 50 letters A to Z, digits, `-` and `_`, and begins with a letter or digit.", field=name
        )
    return code


def _name(value: str | None, name: str) -> str:
    return require_text(value or "", field=(name,))


def _text(value: str | None, name: str) -> str | None:
    return optional_text(value, field=(name,), max_length=NAME_LENGTH)


def _postal_code(value: str | None, name: str) -> str | None:
    return optional_text(value, field=(name,), max_length=MAX_POSTAL_CODE)


def _country(value: str | None, name: str) -> str | None:
    return country_code(value, field=(name,)) if value else None


def _priority(value: int | None, name: str) -> int:
    if value is None or not 0 <= value <= MAX_PRIORITY:
        raise OutOfRange(f"`{name}` is between 0 and {MAX_PRIORITY}.", field=name)
    return value


def _flag(value: bool | None, name: str) -> bool:
    if value is None:
        raise Required(f"`{name}` must not be null.", field=name)
    return value


def _countries(given: Sequence[str] | None) -> list[str]:
    """Country codes, each once, in alphabetical order."""
    countries = given or ()
    if len(countries) > MAX_COUNTRIES:
        raise TooMany(f"A warehouse serves at most {MAX_COUNTRIES} countries; without any, all.", field="countries")
    codes = set()
    with collect_errors() as each:
        for index, country in enumerate(countries):
            with each:
                codes.add(country_code(country, field=("countries", str(index))))
    return sorted(codes)


_RULES: Final[Mapping[str, Callable[[Any, str], Any]]] = {
    "code": _code,
    "name": _name,
    "address_line_1": _text,
    "address_line_2": _text,
    "city": _text,
    "province": _text,
    "postal_code": _postal_code,
    "country": _country,
    "priority": _priority,
    "is_active": _flag,
    "is_default": _flag,
    "is_pickup_point": _flag,
}
FIELDS: Final = (*_RULES, "countries")
