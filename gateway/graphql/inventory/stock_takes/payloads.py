"""The results of the mutations of stock takes."""

from uuid import UUID

import strawberry

from domains.inventory.stock_takes.errors import StockTakeBelowReserved
from gateway.graphql.core.errors import UserError, shows
from gateway.graphql.inventory.stock_takes.types import StockTake

REFUSED = "Why nothing was changed; empty on success."
CHANGED = "The stock take afterwards; null when there are errors."


@strawberry.type(description="The units of a SKU that an order has reserved in the counted warehouse.")
class ReservedUnits:
    """An order and its units."""

    order_id: UUID = strawberry.field(description="The id of an order that is not shipped yet.")
    quantity: int = strawberry.field(description="The number of units that are reserved for it.")


@shows(StockTakeBelowReserved)
@strawberry.type(description="Fewer units were counted than are reserved for orders and in quarantine.")
class StockTakeBelowReservedError(UserError):
    """The units of the SKU, and the orders that have reserved some."""

    sku: str = strawberry.field(description="The counted SKU.")
    missing: int = strawberry.field(
        description="The number of units, reserved or quarantined, that are not there by the count."
    )
    reserved: int = strawberry.field(description="The number of units that are reserved in the warehouse.")
    quarantined: int = strawberry.field(description="The number of units in quarantine in the warehouse.")
    orders: list[ReservedUnits] = strawberry.field(
        description="The orders that have reserved units in the warehouse, the oldest reservation first."
    )


@strawberry.type(description="The result of `stockTakeCreate`.")
class StockTakeCreatePayload:
    """The stock take, or the errors."""

    stock_take: StockTake | None = strawberry.field(
        default=None, description="The new stock take; null when there are errors."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `stockTakeCount`.")
class StockTakeCountPayload:
    """The stock take, or the errors."""

    stock_take: StockTake | None = strawberry.field(default=None, description=CHANGED)
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `stockTakeComplete`.")
class StockTakeCompletePayload:
    """The stock take, or the errors."""

    stock_take: StockTake | None = strawberry.field(default=None, description=CHANGED)
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `stockTakeCancel`.")
class StockTakeCancelPayload:
    """The stock take, or the errors."""

    stock_take: StockTake | None = strawberry.field(default=None, description=CHANGED)
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)
