"""How many look at a product now."""

from typing import Annotated, Final, TypeAlias
from uuid import UUID

import strawberry

from gateway.graphql.catalog.subscriptions import visible_product
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import PUBLIC, IsViewing, query, subscription
from gateway.live.presence_store import PresenceChannel, Present

VIEWERS: Final = PresenceChannel("product_viewers")
ProductId: TypeAlias = Annotated[UUID, strawberry.argument(description="The product whose viewers are counted.")]


@strawberry.type(description="How many look at a product now.")
class ProductPresence:
    """The viewers of a product, over all servers."""

    viewers: int = strawberry.field(
        description="The number of viewers: a user counts once, a guest once for each connection."
    )


@strawberry.type
class ProductPresenceQuery:
    """The field of Query."""

    @query(PUBLIC)
    async def product_presence(
        self,
        info: Info,
        product_id: ProductId,
    ) -> ProductPresence | None:
        """How many are subscribed to `productPresence` of a product as its viewers; null for an unknown product."""
        context = info.context
        room = VIEWERS.room(context.actor.company_id, await visible_product(info, product_id))
        return ProductPresence(viewers=(await context.presence.state(room)).count)


@strawberry.type
class ProductPresenceSubscription:
    """The field of Subscription."""

    @subscription(PUBLIC, channel=VIEWERS, room=visible_product, is_shared=True)
    async def product_presence(
        self,
        info: Info,
        event: Present,
        product_id: ProductId,
        is_viewing: IsViewing = True,
    ) -> ProductPresence:
        """How many look at a product: now, and each time that it changes, at most about once a second.

        Viewers whose connection is lost without an end count for up to a minute. It ends with the error NOT_FOUND
        when you may no longer see the product.
        """
        await visible_product(info, product_id)
        return ProductPresence(viewers=event.count)
