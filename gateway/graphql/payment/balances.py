"""The balance of an order's payments."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

import strawberry

from domains.kernel.values.money import Money as KernelMoney
from domains.payment.models import NOTHING, Balance, Payment, RefundStatus, is_captured
from domains.payment.models import Refund as RefundModel
from gateway.graphql.core.context import Context
from gateway.graphql.core.fields import present
from gateway.graphql.core.scalars import Money
from gateway.graphql.payment.loaders import load_order_refunds, load_payments


@strawberry.type(
    description=(
        "The captured and refunded amounts of an order, in its currency, without payments that are being cancelled."
    )
)
class OrderBalance:
    """Sums over the order's captured payments, without those that are being cancelled."""

    captured: Money = strawberry.field(description="The sum of captured payments, by card or recorded by staff.")
    refunded: Money = strawberry.field(description="The sum of succeeded refunds.")
    refunding: Money = strawberry.field(description="The sum of refunds that the provider has not answered yet.")
    charged_back: Money = strawberry.field(description="What buyers' banks took back, also while a dispute is open.")
    refundable: Money = strawberry.field(description="The amount that `orderRefund` can still refund.")


async def load_balances(context: Context, keys: Sequence[UUID]) -> Sequence[OrderBalance | None]:
    """The balance of each order; null without a captured payment. Payments are loaded once per request."""
    order_ids = list(keys)
    payments = await context.loaders.of(load_payments).load_level(order_ids)
    refunds = await context.loaders.of(load_order_refunds).load_level(order_ids)
    return [
        _balance(order_payments, order_refunds)
        for order_payments, order_refunds in zip(payments, refunds, strict=True)
    ]


def _balance(payments: Sequence[Payment], refunds: Sequence[RefundModel]) -> OrderBalance | None:
    captured_payments = [payment for payment in payments if is_captured(payment)]
    if not captured_payments:
        return None
    currency = captured_payments[0].currency

    def money(amount: Decimal) -> Money:
        return present(Money, KernelMoney(amount, currency))

    pending = (refund.amount for refund in refunds if refund.status is RefundStatus.PENDING)
    balance = Balance(
        sum((payment.amount_captured for payment in captured_payments), NOTHING),
        sum((payment.amount_refunded for payment in captured_payments), NOTHING),
        sum(pending, NOTHING),
        sum((payment.amount_charged_back for payment in captured_payments), NOTHING),
    )
    return OrderBalance(
        captured=money(balance.captured),
        refunded=money(balance.refunded),
        refunding=money(balance.refunding),
        charged_back=money(balance.charged_back),
        refundable=money(balance.refundable),
    )
