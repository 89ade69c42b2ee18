"""Subscriptions of carts: the caller's own."""

from typing import Annotated, Final
from uuid import UUID

import strawberry

from domains.cart import events, models
from domains.cart.errors import CartNotFound
from gateway.graphql.cart.queries import TOKEN, ref_of
from gateway.graphql.cart.types import Cart
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import PUBLIC, present, subscription
from gateway.live.channels import Channel
from gateway.live.stream import LiveEvent

CARTS: Final = Channel("cart", {events.CartChanged: lambda payload: (payload["cart_id"], payload["user_id"])})


@strawberry.type(
    description="A cart that has changed: its lines, quantities, accepted prices, codes or confirmed address."
)
class CartChanged:
    """The cart as it is now."""

    cart: Cart | None = strawberry.field(
        description="The cart as it is now, empty after an order; null when a logged-in user has none any more."
    )


async def own_cart(info: Info, cart_token: str | None = None) -> UUID:
    """The room of the actor's cart: a user's, who may have none yet, or a guest's. Raises CartNotFound."""
    user_id = info.context.actor.user_id
    return user_id if user_id is not None else (await _find(info, cart_token)).id


async def _find(info: Info, cart_token: str | None) -> models.Cart:
    return await info.context.services.cart.get_cart(info.context.reader, ref_of(info, cart_token))


@strawberry.type
class CartSubscription:
    """The cart domain's fields of Subscription."""

    @subscription(PUBLIC, channel=CARTS, room=own_cart)
    async def cart_changed(
        self,
        info: Info,
        event: LiveEvent,
        cart_token: Annotated[str | None, strawberry.argument(description=TOKEN)] = None,
    ) -> CartChanged | None:
        """The cart of the logged-in user, or that of a guest's token, whenever it is changed, also on another device.

        What changes in the catalogue, such as a price, is no change of a cart. A guest's subscription ends with the
        error NOT_FOUND when the cart is merged into that of a user. Null means that events were missed: fetch the
        cart again.
        """
        try:
            return CartChanged(cart=present(Cart, await _find(info, cart_token)))
        except CartNotFound:
            if not info.context.actor.is_authenticated:
                raise
            return CartChanged(cart=None)
