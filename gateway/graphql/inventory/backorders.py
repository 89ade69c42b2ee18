"""Backorders and pre-orders of SKUs: their terms, for staff."""

from datetime import datetime
from typing import Annotated

import strawberry

from domains.inventory.backorders.backorders import BackorderTerms
from domains.inventory.errors import OrderAwaitsStock
from domains.inventory.models import BackorderKind
from domains.kernel.database import Tx
from gateway.graphql.core.context import Info
from gateway.graphql.core.errors import UserError, shows
from gateway.graphql.core.fields import command, from_input, present
from gateway.graphql.inventory.mutations import ERRORS, MAY_UPDATE
from gateway.graphql.inventory.types import InventoryItem


@strawberry.type(description="Units of a SKU that an order waits for.")
class AwaitedUnits:
    """A SKU with the number of units."""

    sku: str = strawberry.field(description="The SKU that is not in stock.")
    units: int = strawberry.field(description="The number of units that the order waits for.")
    promised_at: datetime | None = strawberry.field(
        description="When they are expected, as the buyer was told; null when it is not known."
    )


@shows(OrderAwaitsStock)
@strawberry.type(description="The order waits for units on backorder, so it cannot be shipped.")
class OrderAwaitsStockError(UserError):
    """All units that are missing."""

    awaited: list[AwaitedUnits] = strawberry.field(description="What the order waits for, by SKU.")


@strawberry.input(description="How a SKU is sold beyond its stock. Absent fields do not change.")
class StockBackorderUpdateInput:
    """See Backorders.update."""

    sku: str = strawberry.field(description="The SKU, in its exact case.")
    limit: int | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "The number of units that may be sold beyond those in stock, 0 for none, at least the number of units "
            "that orders wait for."
        ),
    )
    kind: BackorderKind | None = strawberry.field(
        default=strawberry.UNSET, description="Whether buyers are told of a backorder or of a pre-order."
    )
    promised_at: datetime | None = strawberry.field(
        default=strawberry.UNSET,
        description="When units are expected, in the future; null when it is not known. Orders keep their dates.",
    )


@strawberry.type(description="The result of `stockBackorderUpdate`.")
class StockBackorderUpdatePayload:
    """The item, or the errors."""

    item: InventoryItem | None = strawberry.field(
        default=None, description="The changed item; null when there are errors."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)


@strawberry.type
class BackorderMutation:
    """The backorders' fields of Mutation."""

    @command(MAY_UPDATE)
    async def stock_backorder_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            StockBackorderUpdateInput, strawberry.argument(description="The SKU and the terms that change.")
        ],
    ) -> StockBackorderUpdatePayload:
        """Set how many units of a SKU may be sold beyond those in stock, and when they are expected."""
        nulls = [name for name in ("limit", "kind") if getattr(input, name) is None]  # as absent
        terms = from_input(BackorderTerms, input, exclude=("sku", *nulls))
        item = await info.context.services.inventory.backorders.update(tx, input.sku, terms)
        return StockBackorderUpdatePayload(item=present(InventoryItem, item))
