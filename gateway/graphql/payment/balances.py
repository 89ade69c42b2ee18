"""What the payments of an order come to, as the API shows it."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

import strawberry

from domains.kernel.values.money import Money as KernelMoney
from domains.payment.models import Payment, PaymentStatus, RefundStatus
from domains.payment.models import Refund as RefundModel
from gateway.graphql.core.context import Context
from gateway.graphql.core.fields import present
from gateway.graphql.core.scalars import Money
from gateway.graphql.payment.loaders import load_order_refunds, load_payments


@strawberry.type(description="What was taken on an order, and given back of it.")
class OrderBalance:
    """Sums over the order's payments; one that is being undone counts for nothing."""

    captured: Money = strawberry.field(description="What was taken, by card or by hand.")
    refunded: Money = strawberry.field(description="What was given back.")
    refunding: Money = strawberry.field(description="What is on its way back.")
    refundable: Money = strawberry.field(description="What could still be given back, with `orderRefund`.")


async def load_balances(context: Context, keys: Sequence[UUID]) -> Sequence[OrderBalance | None]:
    """The balance of each order, out of its payments and refunds, which are shared with whoever asks for them."""
    wanted = list(keys)
    payments = await context.loaders.of(load_payments).load_level(wanted)
    refunds = await context.loaders.of(load_order_refunds).load_level(wanted)
    return [_balance(taken, given) for taken, given in zip(payments, refunds, strict=True)]


def _balance(payments: Sequence[Payment], refunds: Sequence[RefundModel]) -> OrderBalance | None:
    taken = [
        payment
        for payment in payments
        if payment.status is PaymentStatus.SUCCEEDED and payment.void_requested_at is None
    ]
    if not taken:
        return None
    currency = taken[0].currency

    def money(amount: Decimal) -> Money:
        return present(Money, KernelMoney(amount, currency))

    captured = sum((payment.amount for payment in taken), Decimal(0))
    refunded, refunding = (
        sum((refund.amount for refund in refunds if refund.status is status), Decimal(0))
        for status in (RefundStatus.SUCCEEDED, RefundStatus.PENDING)
    )
    return OrderBalance(
        captured=money(captured),
        refunded=money(refunded),
        refunding=money(refunding),
        refundable=money(captured - refunded - refunding),
    )
