"""Refunds of returns: what is to be refunded, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from domains.order.editing.new_lines import NewOrderLine
from domains.order.models import Order
from domains.returns.models import ReturnRefund, ReturnRefundMethod, ReturnRequest


@dataclass(frozen=True, slots=True)
class RefundedItem:
    """Units of an item of a return to refund."""

    return_item_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReturnRefund:
    """What to refund of a return: units of its items, by default all that came and were not refunded yet.

    Without a `method` it is that of the request. The `fee` is by default the company's, once for a return.
    `without_goods` refunds approved units that did not come. `exchange` are the lines of the order of an
    EXCHANGE, by default the buyer's wishes; `rest` says where its rest goes.
    """

    lines: Sequence[RefundedItem] | None = None
    shipping: bool = False
    shipping_amount: Decimal | None = None
    fee: Decimal | None = None
    method: ReturnRefundMethod | None = None
    reason: str | None = None
    without_goods: bool = False
    exchange: Sequence[NewOrderLine] | None = None
    rest: ReturnRefundMethod = ReturnRefundMethod.ORIGINAL_PAYMENT


@dataclass(frozen=True, slots=True)
class RefundedReturn:
    """A return after a refund, with the refund of each payment, and the order of an exchange.

    `order_token` is that of a guest's exchange order.
    """

    request: ReturnRequest
    refunds: Sequence[ReturnRefund]
    exchange_order: Order | None = None
    order_token: str | None = None
