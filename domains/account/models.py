"""Addresses, and the inputs that create and change addresses and profiles."""

from dataclasses import dataclass
from typing import TypedDict

from domains.account.data import AddressRow as Address
from domains.account.data import AddressType

__all__ = ["Address", "AddressChanges", "AddressType", "NewAddress", "ProfileChanges"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAddress:
    """An address to create. `country` is an ISO 3166-1 code of two letters; it decides which fields are required."""

    type: AddressType
    full_name: str
    address_line_1: str
    country: str
    city: str | None = None
    postal_code: str | None = None
    province: str | None = None
    address_line_2: str | None = None
    phone: str | None = None
    is_default: bool = False


class AddressChanges(TypedDict, total=False):
    """Changes to an address. Absent fields do not change; `is_default=False` does nothing."""

    type: AddressType | None
    full_name: str | None
    address_line_1: str | None
    address_line_2: str | None
    city: str | None
    postal_code: str | None
    province: str | None
    country: str | None
    phone: str | None
    is_default: bool | None


class ProfileChanges(TypedDict, total=False):
    """Changes to a user's own profile. Absent fields do not change."""

    first_name: str | None
    last_name: str | None
    phone: str | None
