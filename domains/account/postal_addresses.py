"""Checks the fields of postal addresses: those of address books, and those typed in at checkout."""

from domains.account.data import AddressRow, AddressUpdate
from domains.account.models import AddressChanges
from domains.account.postal_formats import postal_code, require_place
from domains.kernel.text.names import NAME_LENGTH
from domains.kernel.text.phone_numbers import phone_number
from domains.kernel.text.validation import NAME_LENGTH as LINE_LENGTH
from domains.kernel.text.validation import Required, optional_text, require_text
from domains.kernel.validation import collect_errors
from domains.kernel.values.countries import country_code


def checked_address(changes: AddressChanges, known: AddressRow | None = None) -> AddressUpdate:
    """The given fields as they are stored, checked by the postal format of the country.

    `known` is the address that the fields change; its fields complete the given ones. Fields that a change does not
    affect are not checked again. Without a valid country no format is applied. Raises Required, TooLong and
    InvalidInput, for all fields at once.
    """
    checked: AddressUpdate = {}
    country = known.country if known and "country" not in changes else ""
    with collect_errors() as each:
        with each:
            if "full_name" in changes:
                checked["full_name"] = _text(changes["full_name"], "full_name", NAME_LENGTH * 2)
        with each:
            if "company_name" in changes:
                checked["company_name"] = _optional(changes["company_name"], "company", NAME_LENGTH)
        with each:
            if "address_line_1" in changes:
                checked["address_line_1"] = _text(changes["address_line_1"], "address_line_1")
        with each:
            if "address_line_2" in changes:
                checked["address_line_2"] = _optional(changes["address_line_2"], "address_line_2")
        with each:
            if "country" in changes:
                country = checked["country"] = country_code(changes["country"] or "")
        is_new_country = known is None or country != known.country
        with each:
            checked |= _place(changes, known, country, is_new_country=is_new_country)
        with each:
            if is_new_country or "postal_code" in changes:
                code = changes.get("postal_code", known.postal_code if known else None)
                checked["postal_code"] = postal_code(code, country)
        with each:
            if "phone" in changes:
                checked["phone"] = phone_number(changes["phone"], country=country or None)
        with each:
            if "type" in changes and changes["type"] is None:
                raise Required("`type` must not be null.", field=("type",))
    return checked


def _place(changes: AddressChanges, known: AddressRow | None, country: str, *, is_new_country: bool) -> AddressUpdate:
    """The city and province, if one of them or the country changes. Raises as `checked_address`."""
    placed: AddressUpdate = {}
    with collect_errors() as each:
        with each:
            if "city" in changes:
                placed["city"] = _optional(changes["city"], "city") or ""
        with each:
            if "province" in changes:
                placed["province"] = _optional(changes["province"], "province", NAME_LENGTH)
    if is_new_country or placed:
        city = placed.get("city", known.city if known else "")
        province = placed.get("province", known.province if known else None)
        placed["city"] = require_place(city, province, country)
    return placed


def _text(value: str | None, field: str, max_length: int = LINE_LENGTH) -> str:
    return require_text(value or "", field=(field,), max_length=max_length)


def _optional(value: str | None, field: str, max_length: int = LINE_LENGTH) -> str | None:
    return optional_text(value, field=(field,), max_length=max_length)
