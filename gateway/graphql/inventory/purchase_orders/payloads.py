"""The results of the mutations of purchase orders."""

from collections.abc import Mapping
from typing import Any, Self

import strawberry

from domains.kernel.idempotency.outcomes import Outcome
from gateway.graphql.core.context import Info
from gateway.graphql.core.errors import UserError
from gateway.graphql.core.fields import present
from gateway.graphql.inventory.purchase_orders.types import PurchaseOrder


@strawberry.type(description="The payload of a mutation of one purchase order.")
class PurchaseOrderOutcome:
    """The common fields: the purchase order, or the errors. Not a type of the API itself."""

    purchase_order: PurchaseOrder | None = strawberry.field(
        default=None, description="The purchase order afterwards; null when there are errors."
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty on success."
    )

    def outcome(self) -> Mapping[str, Any]:
        """The id of the purchase order."""
        return {} if self.purchase_order is None else {"purchase_order_id": self.purchase_order.id}

    @classmethod
    async def from_outcome(cls, info: Info, input: Any, outcome: Outcome) -> Self:
        """The purchase order as it is now."""
        if (order_id := outcome.id("purchase_order_id")) is None:
            return cls()
        context = info.context
        listing = context.services.inventory.purchase_orders.listing
        return cls(purchase_order=present(PurchaseOrder, await listing.get(context.reader, order_id)))


@strawberry.type(description="The result of `purchaseOrderCreate`.")
class PurchaseOrderCreatePayload(PurchaseOrderOutcome):
    """The purchase order, or the errors."""


@strawberry.type(description="The result of `purchaseOrderPlace`.")
class PurchaseOrderPlacePayload(PurchaseOrderOutcome):
    """The purchase order, or the errors."""


@strawberry.type(description="The result of `purchaseOrderReceive`.")
class PurchaseOrderReceivePayload(PurchaseOrderOutcome):
    """The purchase order, or the errors."""


@strawberry.type(description="The result of `purchaseOrderCancel`.")
class PurchaseOrderCancelPayload(PurchaseOrderOutcome):
    """The purchase order, or the errors."""
