"""Whether the lines of carts can be bought: from stock, on backorder, as a pre-order, or not at all."""

from datetime import datetime
from typing import Final, TypeAlias

import strawberry

from domains.inventory.models import AvailabilityStatus, StockLevel
from gateway.graphql.core.enums import describe
from gateway.graphql.core.relations import Derived

AvailabilityKey: TypeAlias = "tuple[str | None, bool, bool, int]"
"""The SKU of a line, whether its stock is tracked, whether it is for sale, and its quantity."""

describe(
    AvailabilityStatus,
    "Whether all units of a line can be bought now.",
    {
        AvailabilityStatus.IN_STOCK: "All units are in stock, or the stock is not tracked.",
        AvailabilityStatus.BACKORDER: "The order would wait for units that are ordered again.",
        AvailabilityStatus.PREORDER: "The order would wait for units that have not come out yet.",
        AvailabilityStatus.UNAVAILABLE: "The line is not for sale, or has more units than can be bought.",
    },
)


@strawberry.type(description="Whether a line of a cart can be bought now, and from what.")
class CartItemAvailability:
    """The status of a line, and what its order would wait for."""

    status: AvailabilityStatus = strawberry.field(description="Whether all units of the line can be bought now.")
    backordered_units: int = strawberry.field(
        description="The number of units that the order would wait for; 0 for a line that is in stock or unavailable."
    )
    promised_at: datetime | None = strawberry.field(
        description="When units on backorder are expected; null when it is not known, or none are on backorder."
    )


def availability_of(level: StockLevel, quantity: int, *, is_sold: bool) -> CartItemAvailability:
    """The availability of a line with this stock."""
    status = level.status(quantity) if is_sold else AvailabilityStatus.UNAVAILABLE
    if status in (AvailabilityStatus.BACKORDER, AvailabilityStatus.PREORDER):
        return CartItemAvailability(
            status=status, backordered_units=quantity - level.available, promised_at=level.promised_at
        )
    return CartItemAvailability(status=status, backordered_units=0, promised_at=None)


def _itself(key: AvailabilityKey) -> AvailabilityKey:
    return key


def _is_available(availability: CartItemAvailability, _key: AvailabilityKey) -> bool:
    return availability.status is not AvailabilityStatus.UNAVAILABLE


IS_AVAILABLE: Final = Derived(_itself, _is_available)
"""Whether a line can be bought; both fields of a line share one load."""
