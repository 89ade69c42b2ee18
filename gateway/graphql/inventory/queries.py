"""Queries of stock and its ledger, for staff."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import strawberry

from domains.inventory.listing import ALL_ITEMS, ALL_MOVEMENTS
from domains.inventory.models import ItemFilter, MovementFilter, MovementType
from gateway.graphql.core.context import Info
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import input_values, present, query
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs
from gateway.graphql.core.sorting import SortDirection
from gateway.graphql.inventory.types import MAY_READ, InventoryItem, StockMovement


class InventorySortField(StrEnum):
    """What stock can be ordered by."""

    SKU = "sku"
    AVAILABLE_STOCK = "available_stock"


describe(
    InventorySortField,
    "What stock is ordered by.",
    {
        InventorySortField.SKU: "By code point, as SKUs are compared everywhere.",
        InventorySortField.AVAILABLE_STOCK: "How many are free to sell.",
    },
)


@strawberry.input(description="The order of stock.")
class InventorySortInput:
    """A field and a direction."""

    field: InventorySortField = strawberry.field(default=InventorySortField.SKU, description="What it is ordered by.")
    direction: SortDirection = strawberry.field(default=SortDirection.ASC, description="Which end comes first.")


class MovementSortField(StrEnum):
    """What the ledger can be ordered by."""

    CREATED_AT = "created_at"


describe(
    MovementSortField,
    "What the ledger is ordered by.",
    {MovementSortField.CREATED_AT: "The time of the movement."},
)


@strawberry.input(description="The order of the ledger.")
class MovementSortInput:
    """A field and a direction."""

    field: MovementSortField = strawberry.field(
        default=MovementSortField.CREATED_AT, description="What it is ordered by."
    )
    direction: SortDirection = strawberry.field(default=SortDirection.DESC, description="Which end comes first.")


@strawberry.input(description="Which stock; what is left out asks nothing.")
class InventoryFilterInput:
    """Conditions that must all hold."""

    available_at_most: int | None = strawberry.field(default=None, description="With so few free units, or fewer.")
    available_at_least: int | None = strawberry.field(default=None, description="With so many free units, or more.")
    is_low: bool | None = strawberry.field(
        default=None, description="Whether free stock is at or below the reorder point."
    )
    is_reserved: bool | None = strawberry.field(default=None, description="Whether orders hold units of it.")
    product_id: UUID | None = strawberry.field(default=None, description="Of this product and its variants.")


@strawberry.input(description="Which movements; what is left out asks nothing.")
class MovementFilterInput:
    """Conditions that must all hold."""

    sku: str | None = strawberry.field(default=None, description="Only entries of exactly this SKU, in its own case.")
    product_id: UUID | None = strawberry.field(default=None, description="Of this product and its variants.")
    type: MovementType | None = strawberry.field(
        default=None, description="Only entries of this type; see `types` for several."
    )
    types: list[MovementType] | None = strawberry.field(default=None, description="Of one of these types.")
    reference: str | None = strawberry.field(
        default=None, description="Of this reference, such as an order's id or a delivery note."
    )
    performed_by: UUID | None = strawberry.field(default=None, description="Done by this user.")
    since: datetime | None = strawberry.field(default=None, description="From this time on.")
    until: datetime | None = strawberry.field(default=None, description="Before this time.")


@strawberry.type
class InventoryQuery:
    """What can be asked of the inventory."""

    @query(MAY_READ)
    async def inventory_item(
        self, info: Info, sku: Annotated[str, strawberry.argument(description="Its SKU, in its own case.")]
    ) -> InventoryItem | None:
        """The stock of a SKU; null of one that was never stocked."""
        found = await info.context.services.inventory.listing.items_by_sku(info.context.reader, [sku])
        return present(InventoryItem, found[0] if found else None)

    @query(MAY_READ)
    async def inventory_items(
        self,
        info: Info,
        filter: Annotated[InventoryFilterInput | None, strawberry.argument(description="Which stock.")] = None,
        search: Annotated[
            str | None,
            strawberry.argument(description="How the SKU begins or ends, in any case; else words of the product."),
        ] = None,
        sort_by: Annotated[InventorySortInput | None, strawberry.argument(description="Its order.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[InventoryItem]:
        """The stock of every SKU that was ever stocked."""
        order = sort_by or InventorySortInput()
        page = await info.context.services.inventory.listing.find_items(
            info.context.reader,
            PageArgs(first, after, last, before),
            ItemFilter(**input_values(filter)) if filter else ALL_ITEMS,
            search=search,
            order=order.field.value,
            direction=order.direction.value,
        )
        return Connection[InventoryItem].of(page)

    @query(MAY_READ)
    async def low_stock(
        self,
        info: Info,
        threshold: Annotated[
            int | None,
            strawberry.argument(description="With so few free units, or fewer; if null, each SKU's reorder point."),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[InventoryItem]:
        """What is to be ordered again, the scarcest first."""
        page = await info.context.services.inventory.listing.find_items(
            info.context.reader,
            PageArgs(first, after, last, before),
            ItemFilter(is_low=True) if threshold is None else ItemFilter(available_at_most=threshold),
            order=InventorySortField.AVAILABLE_STOCK.value,
        )
        return Connection[InventoryItem].of(page)

    @query(MAY_READ)
    async def stock_movements(
        self,
        info: Info,
        filter: Annotated[
            MovementFilterInput | None,
            strawberry.argument(
                description="Conditions that the listed entries meet; the whole ledger when left out."
            ),
        ] = None,
        search: Annotated[
            str | None,
            strawberry.argument(
                description="How the SKU begins or ends, else words of the product; or how the reference begins."
            ),
        ] = None,
        sort_by: Annotated[MovementSortInput | None, strawberry.argument(description="Their order.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[StockMovement]:
        """The ledger of stock, newest first unless asked otherwise."""
        order = sort_by or MovementSortInput()
        page = await info.context.services.inventory.listing.find_movements(
            info.context.reader,
            PageArgs(first, after, last, before),
            MovementFilter(**input_values(filter)) if filter else ALL_MOVEMENTS,
            search=search,
            direction=order.direction.value,
        )
        return Connection[StockMovement].of(page)
