"""The GraphQL type of refunds of returns."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final
from uuid import UUID

import strawberry

from domains.returns import models
from domains.returns.models import ReturnRefundMethod, ReturnRefundStatus
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import relation
from gateway.graphql.core.node import Node
from gateway.graphql.core.scalars import Money
from gateway.graphql.order.amounts import money_of
from gateway.graphql.order.loaders import load_visible_orders
from gateway.graphql.returns.refunds.loaders import load_return_refunds

if TYPE_CHECKING:
    from gateway.graphql.order.types import Order

LazyOrder = Annotated["Order", strawberry.lazy("gateway.graphql.order.types")]
describe(
    ReturnRefundMethod,
    "What the buyer gets for returned goods.",
    {
        ReturnRefundMethod.ORIGINAL_PAYMENT: "The money, by the payment of the order.",
        ReturnRefundMethod.STORE_CREDIT: "Store credit of the shop; not for guests.",
        ReturnRefundMethod.EXCHANGE: "Other goods, by a new order.",
    },
)
describe(
    ReturnRefundStatus,
    "How far the refund of a return is.",
    {
        ReturnRefundStatus.PENDING: "Recorded, and not begun.",
        ReturnRefundStatus.PROCESSING: "Sent to the payment provider, without an outcome yet.",
        ReturnRefundStatus.COMPLETED: "The buyer has the amount.",
        ReturnRefundStatus.FAILED: "The provider refused. Its units can be refunded again.",
    },
)


@strawberry.type(description="A refund of goods of a return: of one payment, by one method.")
class ReturnRefund(Node, model=models.ReturnRefund):
    """The returns domain's ReturnRefund."""

    currency: strawberry.Private[str]

    return_request_id: UUID = strawberry.field(description="Whose goods were refunded.")
    payment_id: UUID | None = strawberry.field(description="The id of the refunded payment; null before it is known.")
    refund_id: UUID | None = strawberry.field(description="The id of the `Refund`; null before it is known.")
    refund_method: ReturnRefundMethod = strawberry.field(description="How the buyer gets the amount.")
    amount: Money = money_of("amount", "What the buyer gets, less the fee.")
    fee: Money = money_of("fee", "What the shop kept; the first refund of a request has it.")
    status: ReturnRefundStatus = strawberry.field(description="Whether the buyer has the amount.")
    reason: str | None = strawberry.field(description="The reason that staff gave; null when there is none.")
    processed_at: datetime | None = strawberry.field(
        description="When it was completed or failed; null while it is PROCESSING."
    )
    created_at: datetime = strawberry.field(description="When staff asked for it.")
    exchange_order: LazyOrder | None = relation(
        "exchange_order_id",
        load_visible_orders,
        description="The order that it pays; null unless the method is EXCHANGE, and for a guest.",
    )


RETURN_REFUNDS: Final = relation(
    "id", load_return_refunds, many=True, size=2, description="The refunds of its goods, oldest first."
)
"""The field of a return request."""
