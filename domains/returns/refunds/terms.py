"""The units and the fee of a refund of a return. Pure."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

from domains.kernel.errors import OutOfRange
from domains.kernel.validation import collect_errors
from domains.kernel.values.money import require_amount
from domains.order.editing.new_lines import NewOrderLine
from domains.order.payments.refund_lines import NewRefund, RefundedUnits
from domains.payment.models import NOTHING, RefundDestination
from domains.returns.models import ReturnItem, ReturnRefund, ReturnRefundMethod, ReturnRefundStatus, ReturnRequest
from domains.returns.processing.locked_returns import at_line, by_item
from domains.returns.refunds.errors import MoreThanRefundable, NoExchangeLines, NothingToRefund, UnitsNotShipped
from domains.returns.refunds.models import NewReturnRefund

# Money goes back to what paid it, and the value of an exchange to the customer's store credit.
DESTINATIONS: Final[Mapping[ReturnRefundMethod, RefundDestination | None]] = {
    ReturnRefundMethod.ORIGINAL_PAYMENT: None,
    ReturnRefundMethod.STORE_CREDIT: RefundDestination.STORE_CREDIT,
    ReturnRefundMethod.EXCHANGE: None,
}


def left_of(item: ReturnItem, *, without_goods: bool) -> int:
    """The units that can still be refunded: those that came, or all that were approved."""
    return max((item.approved if without_goods else item.received) - item.refunded, 0)


def units_of(new: NewReturnRefund, items: Sequence[ReturnItem]) -> list[RefundedUnits]:
    """The units to refund, by the lines of the order.

    Raises NothingToRefund, and of all lines at once Required, DuplicateValue, ReturnItemNotFound, OutOfRange and
    MoreThanRefundable.
    """
    left = {item.id: left_of(item, without_goods=new.without_goods) for item in items}
    if new.lines is None:
        units = [RefundedUnits(item.order_item_id, left[item.id]) for item in items if left[item.id]]
        if not units:
            raise NothingToRefund
        return units
    found: list[RefundedUnits] = []
    with collect_errors() as each:
        for position, line, item in by_item(new.lines, items):
            with each, at_line(position):
                if line.quantity < 1:
                    raise OutOfRange("The quantity must be at least 1.", field=("quantity",))
                if line.quantity > left[item.id]:
                    raise MoreThanRefundable(line.quantity, left[item.id])
                found.append(RefundedUnits(item.order_item_id, line.quantity))
    return found


def require_shipped(
    new: NewReturnRefund, units: Sequence[RefundedUnits], items: Sequence[ReturnItem], to_send: Mapping[UUID, int]
) -> None:
    """Raise UnitsNotShipped, of all lines at once, for units that did not come while others are left to send.

    `to_send` are the units that are left to send, by the lines of the order.
    """
    known = {item.order_item_id: item for item in items}
    with collect_errors() as each:
        for position, line in enumerate(units):
            item, left = known[line.order_item_id], to_send.get(line.order_item_id, 0)
            if left and line.quantity > left_of(item, without_goods=False):
                is_given = new.lines is not None
                with each:
                    raise UnitsNotShipped(
                        item.product_name,
                        left,
                        field=("lines", str(position), "quantity") if is_given else ("without_goods",),
                    )


def fee_of(new: NewReturnRefund, usual: Decimal, charged: Sequence[ReturnRefund], currency: str) -> Decimal:
    """The fee: the one that is given, or what earlier refunds of the return left of the company's.

    Raises OutOfRange and TooManyDecimals.
    """
    if new.fee is not None:
        return require_amount(new.fee, currency, field=("fee",))
    paid = sum((each.fee for each in charged if each.status is not ReturnRefundStatus.FAILED), NOTHING)
    return max(usual - paid, NOTHING)


def refund_of(
    new: NewReturnRefund, units: Sequence[RefundedUnits], fee: Decimal, method: ReturnRefundMethod
) -> NewRefund:
    """The refund of the order; a fee is a deduction."""
    return NewRefund(
        lines=units,
        shipping=new.shipping,
        shipping_amount=new.shipping_amount,
        adjustment=-fee if fee else None,
        reason=new.reason,
        destination=DESTINATIONS[new.rest if method is ReturnRefundMethod.EXCHANGE else method],
    )


def exchange_lines(new: NewReturnRefund, request: ReturnRequest) -> list[NewOrderLine]:
    """The lines of the new order: those that are given, or the buyer's wishes. Raises NoExchangeLines."""
    if new.exchange is not None:
        lines = list(new.exchange)
    else:
        lines = [
            NewOrderLine(
                product_id=UUID(wish["product_id"]),
                variant_id=UUID(wish["variant_id"]) if wish["variant_id"] else None,
                quantity=wish["quantity"],
            )
            for wish in request.exchange_wishes
        ]
    if not lines:
        raise NoExchangeLines
    return lines


def is_done(request: ReturnRequest, items: Sequence[ReturnItem], refunds: Sequence[ReturnRefund]) -> bool:
    """Whether nothing is left to refund: of the units that came, or of the approved ones while more may come."""
    is_complete = request.received_at is not None
    left = any(left_of(item, without_goods=not is_complete) for item in items)
    open_or_none = not refunds or any(each.status is ReturnRefundStatus.PROCESSING for each in refunds)
    has_any = any(each.status is ReturnRefundStatus.COMPLETED for each in refunds)
    return has_any and not left and not open_or_none
