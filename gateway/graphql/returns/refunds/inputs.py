"""Inputs of refunds of returns."""

from decimal import Decimal
from uuid import UUID

import strawberry

from domains.order.editing.new_lines import NewOrderLine
from domains.returns.models import ReturnRefundMethod
from domains.returns.refunds.models import NewReturnRefund, RefundedItem
from gateway.graphql.core.fields import from_input
from gateway.graphql.order.inputs import KEY
from gateway.graphql.returns.inputs import ID, ITEM

LINES = "The units to refund, 1 to 100 items; by default all that came and were not refunded yet."
FEE = (
    "What the shop keeps, such as a restocking fee; it must leave something. By default what earlier refunds of the "
    "return left of `ReturnSettings.returnFee`."
)
REASON = "The reason, at most 1,000 characters; null or absent for none."
WITHOUT_GOODS = (
    "True: also approved units that did not come. Refused with UNITS_NOT_SHIPPED while other units of their line are "
    "still to be shipped."
)


@strawberry.input(description="Units of an item of a return to refund.")
class ReturnRefundLineInput:
    """Units of an item."""

    return_item_id: UUID = strawberry.field(description=ITEM)
    quantity: int = strawberry.field(description="The number of units that came and were not refunded yet, from 1.")


@strawberry.input(description="Goods of a return to refund in money or store credit.")
class ReturnRefundInput:
    """A refund of a return."""

    idempotency_key: str = strawberry.field(description=KEY)
    return_request_id: UUID = strawberry.field(description=ID)
    lines: list[ReturnRefundLineInput] | None = strawberry.field(default=None, description=LINES)
    method: ReturnRefundMethod | None = strawberry.field(
        default=None,
        description="ORIGINAL_PAYMENT or STORE_CREDIT; by default what the buyer asked for. See `returnExchange`.",
    )
    fee: Decimal | None = strawberry.field(default=None, description=FEE)
    shipping: bool = strawberry.field(
        default=False, description="Whether to refund all of `Order.refundableShipping` too."
    )
    shipping_amount: Decimal | None = strawberry.field(
        default=None, description="The part of `Order.refundableShipping` to refund; leave it out with `shipping`."
    )
    reason: str | None = strawberry.field(default=None, description=REASON)
    without_goods: bool = strawberry.field(default=False, description=WITHOUT_GOODS)

    def as_new(self) -> NewReturnRefund:
        """The domain's input."""
        return NewReturnRefund(
            lines=_items(self.lines),
            method=self.method,
            fee=self.fee,
            shipping=self.shipping,
            shipping_amount=self.shipping_amount,
            reason=self.reason,
            without_goods=self.without_goods,
        )


@strawberry.input(description="A line of the order that replaces returned goods.")
class ExchangeLineInput:
    """Units of a product, or of a variant of it."""

    product_id: UUID = strawberry.field(description="Which product of the shop it is.")
    variant_id: UUID | None = strawberry.field(default=None, description="The id of a variant of the product.")
    quantity: int = strawberry.field(default=1, description="The number of units, 1 to 10,000; 1 by default.")
    unit_price: Decimal | None = strawberry.field(
        default=None,
        description="The price of a unit in the order's currency, 0 or more; by default the present price.",
    )


@strawberry.input(description="Goods of a return to replace by a new order.")
class ReturnExchangeInput:
    """An exchange of a return."""

    idempotency_key: str = strawberry.field(description=KEY)
    return_request_id: UUID = strawberry.field(description=ID)
    lines: list[ReturnRefundLineInput] | None = strawberry.field(default=None, description=LINES)
    exchange_lines: list[ExchangeLineInput] | None = strawberry.field(
        default=None, description="The goods of the new order, 1 to 100 lines; by default the buyer's wishes."
    )
    rest_to: ReturnRefundMethod = strawberry.field(
        default=ReturnRefundMethod.ORIGINAL_PAYMENT,
        description="ORIGINAL_PAYMENT or STORE_CREDIT: where the value goes that the new order does not cost.",
    )
    fee: Decimal | None = strawberry.field(default=None, description=FEE)
    reason: str | None = strawberry.field(default=None, description=REASON)
    without_goods: bool = strawberry.field(default=False, description=WITHOUT_GOODS)

    def as_new(self) -> NewReturnRefund:
        """The domain's input."""
        lines = self.exchange_lines
        return NewReturnRefund(
            lines=_items(self.lines),
            method=ReturnRefundMethod.EXCHANGE,
            fee=self.fee,
            reason=self.reason,
            without_goods=self.without_goods,
            exchange=None if lines is None else [from_input(NewOrderLine, line) for line in lines],
            rest=self.rest_to,
        )


def _items(lines: list[ReturnRefundLineInput] | None) -> list[RefundedItem] | None:
    return None if lines is None else [RefundedItem(line.return_item_id, line.quantity) for line in lines]
