"""Subscriptions of products."""

from operator import itemgetter
from typing import Annotated, Final
from uuid import UUID

import strawberry

from domains.catalog.documents.products import ShownProduct
from domains.catalog.events import ProductDeleted, ProductUpdated
from domains.inventory.events import StockChanged
from gateway.graphql.catalog.types import Product
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import PUBLIC, present, subscription
from gateway.live.channels import Channel
from gateway.live.stream import LiveEvent

PRODUCTS: Final = Channel(
    "product",
    {
        ProductUpdated: itemgetter("product_id"),
        ProductDeleted: itemgetter("product_id"),
        StockChanged: itemgetter("product_ids"),
    },
)


@strawberry.type(description="A product that has changed: its fields, variants, prices or availability.")
class ProductChanged:
    """The product as it is now."""

    product: Product = strawberry.field(description="The product as it is now, as far as you may see it.")


async def visible_product(info: Info, product_id: UUID) -> UUID:
    """The room of a product. Raises ProductNotFound."""
    return (await _find(info, product_id)).id


async def _find(info: Info, product_id: UUID) -> ShownProduct:
    context = info.context
    products = context.services.catalog.products
    return await products.find(context.reader, context.actor, product_id, field=("product_id",))


@strawberry.type
class CatalogSubscription:
    """The catalogue's fields of Subscription."""

    @subscription(PUBLIC, channel=PRODUCTS, room=visible_product, is_shared=True)
    async def product_changed(
        self,
        info: Info,
        event: LiveEvent,
        product_id: Annotated[UUID, strawberry.argument(description="The id of the product to follow.")],
    ) -> ProductChanged | None:
        """The product each time that it, a variant or a price of it changes, and when it is sold out or restocked.

        It ends with the error NOT_FOUND when you may no longer see the product. Null means that events were
        missed: fetch the product again.
        """
        return ProductChanged(product=present(Product, await _find(info, product_id)))
