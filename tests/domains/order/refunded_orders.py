"""Refunded orders as earlier versions left them."""

from typing import Any

from domains.kernel.ids import new_id
from domains.order.models import Order
from domains.order.sales.sales import Sales
from domains.payment.models import PaymentReversals, RefundStatus
from domains.payment.providers.results import ProviderRefund
from tests.domains.order.storefront import Storefront


async def refunded_by_earlier_version(shop: Storefront, order: Order) -> None:
    """Refund a paid order completely without ending it, as an earlier version did."""
    (payment,) = await shop.services.payment.payments_of(shop.database.reader(shop.company_id), [order.id])
    now = shop.clock.now()

    async def write(tx: Any) -> None:
        begun = await shop.services.payment.refunds.create(tx, shop.system, payment.id, None, refund_id=new_id())
        recorded = await shop.services.payment.refunds.record(
            tx, begun.id, ProviderRefund(RefundStatus.SUCCEEDED, f"re_{begun.id.hex}")
        )
        assert (recorded.status, recorded.settled_at) == (RefundStatus.SUCCEEDED, now)
        # The migration posts what an earlier version has given back.
        sales = Sales(shop.services.ledger, shop.services.payment)
        await sales.give_back(tx, order, PaymentReversals((recorded,)))

    await shop.run(write)
    await shop.owner.execute(
        "update orders set amount_refunded = amount_captured, payment_status = 'REFUNDED' where id = $1", order.id
    )
