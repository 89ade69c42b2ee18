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
    """The fields that stock can be sorted by."""

    SKU = "sku"
    AVAILABLE_STOCK = "available_stock"


describe(
    InventorySortField,
    "The fields that stock can be sorted by.",
    {
        InventorySortField.SKU: "The SKU, compared by code point.",
        InventorySortField.AVAILABLE_STOCK: "The number of available units.",
    },
)


@strawberry.input(description="The order of a list of stock.")
class InventorySortInput:
    """A field and a direction."""

    field: InventorySortField = strawberry.field(
        default=InventorySortField.SKU, description="The value to sort by; the SKU by default."
    )
    direction: SortDirection = strawberry.field(
        default=SortDirection.ASC, description="The direction; ascending by default."
    )


class MovementSortField(StrEnum):
    """The fields that the ledger can be sorted by."""

    CREATED_AT = "created_at"


describe(
    MovementSortField,
    "The fields that the stock ledger can be sorted by.",
    {MovementSortField.CREATED_AT: "The time at which the movement was recorded."},
)


@strawberry.input(description="The order of the stock ledger.")
class MovementSortInput:
    """A field and a direction."""

    field: MovementSortField = strawberry.field(
        default=MovementSortField.CREATED_AT, description="The value to sort by; the time of the movement by default."
    )
    direction: SortDirection = strawberry.field(
        default=SortDirection.DESC, description="The direction; descending by default."
    )


@strawberry.input(description="Conditions on stock, all of which must hold. Omitted fields set no condition.")
class InventoryFilterInput:
    """Conditions, all of which must hold."""

    available_at_most: int | None = strawberry.field(
        default=None, description="Items with at most this many available units."
    )
    available_at_least: int | None = strawberry.field(
        default=None, description="Items with at least this many available units."
    )
    is_low: bool | None = strawberry.field(
        default=None, description="True: items at or below their reorder point; false: all others."
    )
    is_reserved: bool | None = strawberry.field(
        default=None, description="True: items with reserved units; false: items without."
    )
    product_id: UUID | None = strawberry.field(
        default=None, description="Only the SKUs of this product and its variants."
    )
    warehouse_id: UUID | None = strawberry.field(
        default=None, description="Only the SKUs of which there are units in this warehouse."
    )


@strawberry.input(description="Conditions on movements, all of which must hold. Omitted fields set no condition.")
class MovementFilterInput:
    """Conditions, all of which must hold."""

    sku: str | None = strawberry.field(default=None, description="Only entries of this SKU, in its exact case.")
    product_id: UUID | None = strawberry.field(
        default=None, description="Only entries of the SKUs of this product and its variants."
    )
    warehouse_id: UUID | None = strawberry.field(default=None, description="Only entries of stock in this warehouse.")
    type: MovementType | None = strawberry.field(
        default=None, description="Only entries of this type; see `types` for several."
    )
    types: list[MovementType] | None = strawberry.field(
        default=None, description="Only entries of one of these types."
    )
    reference: str | None = strawberry.field(
        default=None, description="Only entries with this reference, such as an order's id or a delivery note."
    )
    performed_by: UUID | None = strawberry.field(default=None, description="Only entries that this user caused.")
    since: datetime | None = strawberry.field(default=None, description="Only entries at this time or later.")
    until: datetime | None = strawberry.field(default=None, description="Only entries before this time.")


@strawberry.type
class InventoryQuery:
    """The inventory domain's fields of Query."""

    @query(MAY_READ)
    async def inventory_item(
        self, info: Info, sku: Annotated[str, strawberry.argument(description="The SKU, in its exact case.")]
    ) -> InventoryItem | None:
        """The stock of a SKU; null if it was never stocked."""
        items = await info.context.services.inventory.listing.items_by_sku(info.context.reader, [sku])
        return present(InventoryItem, items[0] if items else None)

    @query(MAY_READ)
    async def inventory_items(
        self,
        info: Info,
        filter: Annotated[
            InventoryFilterInput | None,
            strawberry.argument(description="Conditions on the stock; all SKUs by default."),
        ] = None,
        search: Annotated[
            str | None,
            strawberry.argument(
                description="The beginning or end of a SKU, in any case; otherwise words of a product."
            ),
        ] = None,
        sort_by: Annotated[
            InventorySortInput | None, strawberry.argument(description="The order; by SKU, ascending, by default.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[InventoryItem]:
        """The stock of all SKUs that were ever stocked."""
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
            strawberry.argument(
                description=(
                    "The highest number of available units to list; null or absent for the reorder point of each SKU."
                )
            ),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[InventoryItem]:
        """The stock to reorder, the lowest available stock first."""
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
            strawberry.argument(description="Conditions on the entries; the whole ledger by default."),
        ] = None,
        search: Annotated[
            str | None,
            strawberry.argument(
                description="The beginning or end of a SKU, else words of a product; or the beginning of a reference."
            ),
        ] = None,
        sort_by: Annotated[
            MovementSortInput | None, strawberry.argument(description="The order; newest first by default.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[StockMovement]:
        """The stock ledger, newest first by default."""
        order = sort_by or MovementSortInput()
        page = await info.context.services.inventory.listing.find_movements(
            info.context.reader,
            PageArgs(first, after, last, before),
            MovementFilter(**input_values(filter)) if filter else ALL_MOVEMENTS,
            search=search,
            direction=order.direction.value,
        )
        return Connection[StockMovement].of(page)
