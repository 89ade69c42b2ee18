"""The root fields of the shipping of carts: the options of a place, and the choice of a method."""

from datetime import timedelta
from typing import Annotated, Final
from uuid import UUID

import strawberry

from domains.cart.destinations import NewDestination
from domains.cart.shipping.live_rates import Asking
from domains.kernel.quotas import Quota
from gateway.graphql.cart.payloads import CartShippingMethodSetPayload
from gateway.graphql.cart.queries import TOKEN, ref_of
from gateway.graphql.cart.shipping import CartShippingOptions, options_of
from gateway.graphql.cart.types import Cart
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import PUBLIC, present, query, workflow

LIVE_PRICES: Final = Quota("requests for prices of carriers", 600, timedelta(hours=1))


def _asking(info: Info) -> Asking:
    """What counts a request to carriers for the caller's network address. Raises RateLimited."""
    context = info.context

    async def count() -> None:
        await LIVE_PRICES.consume(context.cache, context.actor.company_id, context.request.ip)

    return count


@strawberry.input(description="A place to which the goods of a cart could be sent.")
class CartShippingDestinationInput:
    """A country, as exactly as it is known."""

    country: str = strawberry.field(description="The country as two letters of ISO 3166-1, such as `DE`.")
    province: str | None = strawberry.field(
        default=None, description="The state or province, at most 100 characters, as in addresses; null for none."
    )
    postal_code: str | None = strawberry.field(
        default=None, description="The postal code, at most 20 characters; null when it is not known yet."
    )

    def as_destination(self) -> NewDestination:
        """The destination in the domain's type."""
        return NewDestination(country=self.country, province=self.province, postal_code=self.postal_code)


@strawberry.input(description="The shipping method of a cart.")
class CartShippingMethodSetInput:
    """A choice."""

    method_id: UUID | None = strawberry.field(
        description="From `CartShippingOption.methodId`; null removes the choice: the cheapest method then applies."
    )
    cart_token: str | None = strawberry.field(
        default=None,
        description="Token of a guest's cart, unless the header `X-Cart-Token` has it. Ignored for logged-in users.",
    )


@strawberry.type
class CartShippingQuery:
    """The fields of Query about the shipping of carts."""

    @query(PUBLIC)
    async def cart_shipping_options(
        self,
        info: Info,
        destination: Annotated[
            CartShippingDestinationInput | None,
            strawberry.argument(description="The place; `Cart.destination` by default, otherwise that of the shop."),
        ] = None,
        cart_token: Annotated[str | None, strawberry.argument(description=TOKEN)] = None,
    ) -> CartShippingOptions | None:
        """The shipping methods for the goods of the cart; null when there is no cart.

        Carriers with live prices are asked, for some seconds at most, and 600 times an hour for a network address.
        Discounts on shipping are not taken off.
        """
        place = None if destination is None else destination.as_destination()
        shipping = info.context.services.cart.shipping
        ref, asking = ref_of(info, cart_token), _asking(info)
        return options_of(await shipping.options(info.context.reader, ref, place, asking=asking))


@strawberry.type
class CartShippingMutation:
    """The fields of Mutation about the shipping of carts."""

    @workflow(PUBLIC)
    async def cart_shipping_method_set(
        self,
        info: Info,
        input: Annotated[
            CartShippingMethodSetInput, strawberry.argument(description="The method that the buyer chooses.")
        ],
    ) -> CartShippingMethodSetPayload:
        """Choose the shipping method of the cart, or remove the choice.

        It must carry the goods to `Cart.destination`. A price that a carrier quotes holds for thirty minutes, while
        goods and destination stay. Without a choice the cheapest method with a fixed price applies.
        """
        context, shipping = info.context, info.context.services.cart.shipping
        ref, asking = ref_of(info, input.cart_token), _asking(info)
        cart = await shipping.choose(context.db, context.actor, ref, input.method_id, asking=asking)
        return CartShippingMethodSetPayload(cart=present(Cart, cart))
