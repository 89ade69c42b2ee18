"""Queries of the account domain."""

from typing import Annotated
from uuid import UUID

import strawberry

from domains.account.models import AddressType
from domains.kernel.errors import OutOfRange
from domains.kernel.pagination.pages import MAX_PAGE
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.account.types import Address
from gateway.graphql.catalog.loaders import load_products
from gateway.graphql.catalog.types import Product
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import AUTHENTICATED, OWNER, present_all, query, requires
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs

READ_USERS = requires(PermissionResource.USERS, PermissionAction.READ)


@strawberry.type
class AccountQuery:
    """The account domain's fields of Query."""

    @query(OWNER | READ_USERS)
    async def addresses(
        self,
        info: Info,
        user_id: Annotated[
            UUID | None,
            strawberry.argument(
                description=(
                    "The id of the user; the caller by default. Another user's addresses require USERS:READ."
                )
            ),
        ] = None,
        type: Annotated[
            AddressType | None, strawberry.argument(description="Only addresses of this type; both types by default.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Address]:
        """The address book of a user in this company, newest address first."""
        context = info.context
        page = PageArgs(first, after, last, before)
        addresses = context.services.account.addresses
        return Connection[Address].of(
            await addresses.find(context.reader, context.actor, page, user_id=user_id, address_type=type)
        )

    @query(AUTHENTICATED)
    async def recently_viewed(
        self,
        info: Info,
        first: Annotated[
            int, strawberry.argument(description="The highest number of products, 0 to 100; 20 by default.")
        ] = 20,
    ) -> list[Product]:
        """The products that the caller viewed last, newest first, each once, as far as they are still for sale.

        Views are those reported with `activityTrack` in the last 90 days.
        """
        if not 0 <= first <= MAX_PAGE:
            raise OutOfRange(f"`first` must be between 0 and {MAX_PAGE}; it is {first}.", field=("first",))
        context = info.context
        ids = await context.services.account.recently_viewed.find(context.reader, context.actor, first)
        products = await context.loaders.of(load_products).load_level(list(ids))
        return present_all(Product, [product for product in products if product is not None])
