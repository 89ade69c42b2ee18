"""Queries of stock and its ledger, for staff."""

from enum import StrEnum
from typing import Annotated

import strawberry

from domains.inventory.models import MovementType
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.context import Info
from gateway.graphql.enums import describe
from gateway.graphql.fields import given, query, requires
from gateway.graphql.inventory.types import InventoryItem, StockMovement
from gateway.graphql.pagination import After, Before, Connection, First, Last, PageArgs
from gateway.graphql.sorting import SortDirection

MAY_READ = requires(PermissionResource.INVENTORY, PermissionAction.READ)


class InventorySortField(StrEnum):
    """What stock can be ordered by."""

    SKU = "sku"
    AVAILABLE_STOCK = "available_stock"


describe(
    InventorySortField,
    "What stock is ordered by.",
    {
        InventorySortField.SKU: "The SKU.",
        InventorySortField.AVAILABLE_STOCK: "How many are free to sell.",
    },
)


@strawberry.input(description="The order of stock.")
class InventorySortInput:
    """A field and a direction."""

    field: InventorySortField = strawberry.field(default=InventorySortField.SKU, description="What it is ordered by.")
    direction: SortDirection = strawberry.field(default=SortDirection.ASC, description="Which end comes first.")


@strawberry.input(description="Which stock; what is left out asks nothing.")
class InventoryFilterInput:
    """Conditions that must all hold."""

    available_at_most: int | None = strawberry.field(default=None, description="With so few free units, or fewer.")


@strawberry.input(description="Which movements; what is left out asks nothing.")
class MovementFilterInput:
    """Conditions that must all hold."""

    sku: str | None = strawberry.field(default=None, description="Of this SKU.")
    type: MovementType | None = strawberry.field(default=None, description="Of this type.")


@strawberry.type
class InventoryQuery:
    """What can be asked of the inventory."""

    @query(MAY_READ)
    async def inventory_items(
        self,
        info: Info,
        filter: Annotated[InventoryFilterInput | None, strawberry.argument(description="Which stock.")] = None,
        search: Annotated[str | None, strawberry.argument(description="What the SKU begins with.")] = None,
        sort_by: Annotated[InventorySortInput | None, strawberry.argument(description="Its order.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[InventoryItem]:
        """The stock of every SKU that was ever stocked."""
        order = sort_by or InventorySortInput()
        page = await info.context.services.inventory.find_items(
            info.context.reader,
            PageArgs(first, after, last, before),
            **(given(filter) if filter else {}),
            search=search,
            order=order.field.value,
            direction=order.direction.value,
        )
        return Connection[InventoryItem].of(page)

    @query(MAY_READ)
    async def stock_movements(
        self,
        info: Info,
        filter: Annotated[MovementFilterInput | None, strawberry.argument(description="Which movements.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[StockMovement]:
        """The ledger of stock, newest first."""
        page = await info.context.services.inventory.find_movements(
            info.context.reader,
            PageArgs(first, after, last, before),
            sku=filter.sku if filter else None,
            kind=filter.type if filter else None,
        )
        return Connection[StockMovement].of(page)
