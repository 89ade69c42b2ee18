"""Subscriptions of stock: the available units of a SKU, and for staff the SKUs that run low."""

from collections.abc import Mapping
from typing import Annotated, Any, Final
from uuid import UUID

import strawberry

from domains.inventory import events
from domains.kernel.text.validation import normalize_key
from gateway.graphql.catalog.loaders import (
    AVAILABILITY_OF_VARIANT,
    UNITS_OF_VARIANT,
    load_products,
    load_units,
    load_variants_by_id,
)
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import PUBLIC, present, present_all, relation, subscription
from gateway.graphql.inventory.types import MAY_READ, InventoryItem, LazyProduct, LazyVariant
from gateway.live.channels import Channel
from gateway.live.stream import LiveEvent


def _skus(payload: Mapping[str, Any]) -> list[str]:
    entries = payload["items"] if "items" in payload else payload["lines"]
    return [entry["sku"] for entry in entries]


STOCK: Final = Channel(
    "stock",
    dict.fromkeys(
        (
            events.StockAdjusted,
            events.StockReserved,
            events.StockReleased,
            events.BackorderTermsUpdated,
            events.BackorderCreated,
            events.BackorderCancelled,
        ),
        _skus,
    ),
)
LOW_STOCK: Final = Channel("low_stock", {events.StockRanLow: None})


@strawberry.type(description="A SKU whose number of available units has changed.")
class StockChanged:
    """The owner of a SKU, with its stock as it is now."""

    stock_key: strawberry.Private[tuple[UUID, UUID | None]]
    availability_key: strawberry.Private[tuple[UUID, UUID | None, bool]]
    product_id: strawberry.Private[UUID]
    variant_id: strawberry.Private[UUID | None]

    sku: str = strawberry.field(description="The stock-keeping unit, in its exact case.")
    stock: int = relation(
        "stock_key",
        load_units,
        derived=UNITS_OF_VARIANT,
        description="The number of available units now, without reserved ones; 0 when the stock is not tracked.",
    )
    is_in_stock: bool = relation(
        "availability_key",
        load_units,
        derived=AVAILABILITY_OF_VARIANT,
        description="Whether at least one unit is available now, or the stock is not tracked.",
    )
    product: LazyProduct | None = relation(
        "product_id",
        load_products,
        description="The product that the SKU belongs to, itself or by a variant; null when it was just deleted.",
    )
    variant: LazyVariant | None = relation(
        "variant_id",
        load_variants_by_id,
        description="The variant that the SKU belongs to; null for a product without variants.",
    )


@strawberry.type(description="SKUs whose available units have just fallen to their reorder points or below.")
class LowStock:
    """Inventory items that are low."""

    items: list[InventoryItem] = strawberry.field(
        description="Their stock as it is now, in the order of SKUs, without SKUs that are restocked already."
    )


async def visible_sku(info: Info, sku: str) -> str:
    """The room of a SKU. Raises SkuNotFound."""
    context = info.context
    return (await context.services.inventory.listing.visible_owner(context.reader, context.actor, sku)).sku


@strawberry.type
class InventorySubscription:
    """The inventory domain's fields of Subscription."""

    @subscription(PUBLIC, channel=STOCK, room=visible_sku, is_shared=True)
    async def stock_changed(
        self,
        info: Info,
        event: LiveEvent,
        sku: Annotated[
            str,
            strawberry.argument(description="The SKU of a variant, or of a product without variants; in exact case."),
        ],
    ) -> StockChanged | None:
        """The available units of a SKU each time that orders reserve or release some, or staff or an import set them.

        It ends with the error NOT_FOUND when you may no longer see the product. Null means that events were
        missed: fetch the stock again.
        """
        context = info.context
        owner = await context.services.inventory.listing.visible_owner(context.reader, context.actor, sku)
        return present(StockChanged, owner)

    @subscription(MAY_READ, channel=LOW_STOCK)
    async def low_stock(
        self,
        info: Info,
        event: LiveEvent,
        skus: Annotated[
            list[str] | None,
            strawberry.argument(description="Only these SKUs, in their exact case; all SKUs by default."),
        ] = None,
    ) -> LowStock | None:
        """SKUs that fall to their reorder points. Null means that events were missed: fetch the low stock again."""
        wanted = None if skus is None else set(map(normalize_key, skus))
        fallen = [sku for sku in event.payload.get("skus", ()) if wanted is None or sku in wanted]
        items = await info.context.services.inventory.listing.items_by_sku(info.context.reader, fallen)
        low = [item for item in items if item.available_stock <= item.reorder_point]
        return LowStock(items=present_all(InventoryItem, low)) if low else None
