"""Addresses of users in the API."""

from datetime import datetime
from uuid import UUID

import strawberry

from domains.account.models import AddressType
from gateway.graphql.core.enums import describe
from gateway.graphql.core.postal_address import PostalAddress

describe(
    AddressType,
    "The use of an address.",
    {AddressType.SHIPPING: "An address for deliveries.", AddressType.BILLING: "An address for invoices."},
)


@strawberry.type(description="An address in the address book of a user.")
class Address(PostalAddress):
    """The account domain's Address."""

    user_id: UUID = strawberry.field(description="The id of the user whose address book contains the address.")
    type: AddressType = strawberry.field(description="Whether the address is for deliveries or for invoices.")
    is_default: bool = strawberry.field(
        description="Whether the address is the default of its type. A type with addresses has one default."
    )
    created_at: datetime = strawberry.field(description="When the address was created.")
    updated_at: datetime = strawberry.field(description="When the address was last changed.")
