"""Inputs of the account domain."""

from uuid import UUID

import strawberry

from domains.account.models import AddressType
from gateway.graphql.account import types as _types  # noqa: F401 - AddressType must be described before it is used
from gateway.graphql.core.postal_address import PostalAddressInput


@strawberry.input(description="Changes to the caller's own profile. Omitted fields do not change.")
class ProfileUpdateInput:
    """See ProfileChanges."""

    first_name: str | None = strawberry.field(default=strawberry.UNSET, description="First name; null empties it.")
    last_name: str | None = strawberry.field(default=strawberry.UNSET, description="Last name; null empties it.")
    phone: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Telephone number with country code, such as +49 30 123456; null removes it.",
    )


@strawberry.input(description="The address to add to the caller's address book.")
class AddressCreateInput(PostalAddressInput):
    """See NewAddress."""

    type: AddressType = strawberry.field(description="Whether the address is for deliveries or for invoices.")
    is_default: bool = strawberry.field(
        default=False, description="Make the address the default of its type. The first address always is."
    )


@strawberry.input(description="Changes to an address. Omitted fields do not change.")
class AddressUpdateInput:
    """See AddressChanges."""

    id: UUID = strawberry.field(description="One of your own; another user's needs USERS:UPDATE.")
    type: AddressType | None = strawberry.field(
        default=strawberry.UNSET, description="Whether the address is for deliveries or for invoices."
    )
    full_name: str | None = strawberry.field(default=strawberry.UNSET, description="The recipient's name.")
    company_name: str | None = strawberry.field(
        default=strawberry.UNSET, name="company", description="The company at the address; null removes it."
    )
    address_line_1: str | None = strawberry.field(default=strawberry.UNSET, description="Street and house number.")
    address_line_2: str | None = strawberry.field(
        default=strawberry.UNSET, description="Apartment, floor or building; null removes it."
    )
    city: str | None = strawberry.field(default=strawberry.UNSET, description="The town or city.")
    postal_code: str | None = strawberry.field(
        default=strawberry.UNSET, description="The postal code; null removes it where the country requires none."
    )
    province: str | None = strawberry.field(
        default=strawberry.UNSET, description="State, province or emirate; null removes it."
    )
    country: str | None = strawberry.field(
        default=strawberry.UNSET, description="The country as two letters of ISO 3166-1, such as DE."
    )
    phone: str | None = strawberry.field(
        default=strawberry.UNSET, description="A telephone number for the delivery; null removes it."
    )
    is_default: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description="True makes the address the default of its type. False does nothing: make another the default.",
    )


@strawberry.input(description="The address to delete.")
class AddressDeleteInput:
    """See AddressBook.delete."""

    id: UUID = strawberry.field(description="The id; orders keep their own copies.")
