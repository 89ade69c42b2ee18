"""Addresses of users in the API."""

from datetime import datetime
from uuid import UUID

import strawberry

from domains.account import models
from domains.account.models import AddressType
from gateway.graphql.core.enums import describe
from gateway.graphql.core.node import Node
from gateway.graphql.core.postal_address import PostalAddress

describe(
    AddressType,
    "The use of an address.",
    {AddressType.SHIPPING: "The address is for deliveries.", AddressType.BILLING: "The address is for invoices."},
)


@strawberry.type(
    description="A postal address in the address book of a user. Its user and staff with USERS:READ see it."
)
class Address(PostalAddress, Node, model=models.Address):
    """The account domain's Address."""

    user_id: UUID = strawberry.field(description="The id of the user whose address book contains the address.")
    type: AddressType = strawberry.field(description="Whether the address is for deliveries or for invoices.")
    is_default: bool = strawberry.field(
        description="Whether the address is the default of its type. A type with addresses has one default."
    )
    created_at: datetime = strawberry.field(description="When the address was added to the address book.")
    updated_at: datetime = strawberry.field(description="When the address was last changed.")
