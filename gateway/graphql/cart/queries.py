"""Queries of carts: the caller's own, and all carts for staff."""

from typing import Annotated

import strawberry

from domains.cart.models import CartFilter, CartRef
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.cart.inputs import CartFilterInput, CartSortInput
from gateway.graphql.cart.types import SEES_USERS, Cart
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import PUBLIC, input_values, present, query, requires
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs
from gateway.graphql.core.sorting import SortDirection

READ_CARTS = requires(PermissionResource.ORDERS, PermissionAction.READ)
TOKEN = "Token of a guest's cart, unless the header `X-Cart-Token` has it."  # noqa: S105 - a description, no secret


def ref_of(info: Info, token: str | None) -> CartRef:
    """The cart of a request: the logged-in user's, otherwise that of the token in the argument or the header."""
    return CartRef.of(info.context.actor, guest_token(info, token))


def guest_token(info: Info, token: str | None) -> str | None:
    """The cart token of a request, from its argument or its header."""
    return token or info.context.request.cart_token


@strawberry.type
class CartQuery:
    """The cart domain's fields of Query."""

    @query(PUBLIC)
    async def cart(
        self, info: Info, cart_token: Annotated[str | None, strawberry.argument(description=TOKEN)] = None
    ) -> Cart | None:
        """The cart of the logged-in user, or that of a guest's token; null when there is none."""
        cart = await info.context.services.cart.get_cart(info.context.reader, ref_of(info, cart_token))
        return present(Cart, cart)

    @query(READ_CARTS)
    async def carts(
        self,
        info: Info,
        filter: Annotated[
            CartFilterInput | None, strawberry.argument(description="Conditions on the carts; all carts by default.")
        ] = None,
        search: Annotated[
            str | None,
            strawberry.argument(
                description="A part of a buyer's name, e-mail address or telephone number. Requires USERS:READ."
            ),
        ] = None,
        sort_by: Annotated[
            CartSortInput | None,
            strawberry.argument(description="The order; most recently changed first by default."),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Cart]:
        """All carts of the company, also expired ones that are not deleted yet."""
        if search:
            SEES_USERS.check(info.context.actor)
        order = sort_by or CartSortInput()
        page = await info.context.services.cart.listing.find(
            info.context.reader,
            PageArgs(first, after, last, before),
            CartFilter(**input_values(filter)) if filter else CartFilter(),
            search=search,
            sort=order.field,
            descending=order.direction is SortDirection.DESC,
        )
        return Connection[Cart].of(page)
