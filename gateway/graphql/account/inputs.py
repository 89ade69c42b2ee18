"""Inputs of the account domain."""

from uuid import UUID

import strawberry

from domains.account.models import AddressType
from gateway.graphql.account import types as _types  # noqa: F401 - AddressType must be described before it is used
from gateway.graphql.core.postal_address import PostalAddressInput


@strawberry.input(description="Changes to the caller's own profile. Omitted fields do not change.")
class ProfileUpdateInput:
    """See ProfileChanges."""

    first_name: str | None = strawberry.field(
        default=strawberry.UNSET, description="The first name, at most 100 characters; null or empty removes it."
    )
    last_name: str | None = strawberry.field(
        default=strawberry.UNSET, description="The last name, at most 100 characters; null or empty removes it."
    )
    phone: str | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "The telephone number with country code, such as +49 30 123456, at most 40 characters; null removes it."
        ),
    )


@strawberry.input(description="The address to add to the caller's address book.")
class AddressCreateInput(PostalAddressInput):
    """See NewAddress."""

    type: AddressType = strawberry.field(description="Whether the address is for deliveries or for invoices.")
    is_default: bool = strawberry.field(
        default=False,
        description=(
            "Whether it becomes the default of its type; false by default. The first address of a type "
            "always becomes it."
        ),
    )


@strawberry.input(description="Changes to an address. Omitted fields do not change.")
class AddressUpdateInput:
    """See AddressChanges."""

    id: UUID = strawberry.field(
        description="The id of one of your own addresses; another user's requires USERS:UPDATE."
    )
    type: AddressType | None = strawberry.field(
        default=strawberry.UNSET,
        description="Whether the address is for deliveries or for invoices. Null is refused.",
    )
    full_name: str | None = strawberry.field(
        default=strawberry.UNSET, description="The full name of the recipient, 1 to 510 characters. Null is refused."
    )
    company_name: str | None = strawberry.field(
        default=strawberry.UNSET,
        name="company",
        description="The company at the address, at most 255 characters; null removes it.",
    )
    address_line_1: str | None = strawberry.field(
        default=strawberry.UNSET, description="Street and house number, 1 to 1,000 characters. Null is refused."
    )
    address_line_2: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Apartment, floor, building or other details, at most 1,000 characters; null removes it.",
    )
    city: str | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "The town or city, at most 1,000 characters; null removes it where the country allows "
            "addresses without one."
        ),
    )
    postal_code: str | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "The postal code in the format of the country, at most 20 characters; null removes it where "
            "the country requires none."
        ),
    )
    province: str | None = strawberry.field(
        default=strawberry.UNSET, description="State, province or emirate, at most 255 characters; null removes it."
    )
    country: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The country as two letters of ISO 3166-1, such as `DE`. Null is refused.",
    )
    phone: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="A telephone number for the delivery, at most 40 characters; null removes it.",
    )
    is_default: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description="True makes the address the default of its type. False does nothing: make another the default.",
    )


@strawberry.input(description="The address to delete.")
class AddressDeleteInput:
    """See AddressBook.delete."""

    id: UUID = strawberry.field(description="The id of the address to delete. Orders keep their own copies of it.")
