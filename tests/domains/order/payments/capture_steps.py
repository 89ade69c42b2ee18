"""Captures, voids and reconciliation for tests, and what the provider has captured."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from domains.kernel.actor import Actor
from domains.order.models import Order, OrderPaymentStatus, OrderStatus
from domains.payment.models import Payment
from tests.domains.order.storefront import Storefront

TOTAL = Decimal("20.0000")
NOTHING = Decimal(0)
VOIDED: list[tuple[str, Decimal | None]] = [("VOIDED", None)]
LATER = timedelta(minutes=5)
P, S = OrderPaymentStatus, OrderStatus


async def capture(shop: Storefront, clerk: Actor, payment: Payment, amount: Any = None) -> tuple[Order, Payment]:
    return await shop.services.order.captures.capture(shop.database, clerk, payment.id, amount=amount)


async def void(shop: Storefront, clerk: Actor, payment: Payment, reason: str | None = None) -> tuple[Order, Payment]:
    return await shop.services.order.captures.void(shop.database, clerk, payment.id, reason=reason)


async def reconcile(shop: Storefront) -> int:
    shop.clock.advance(LATER)
    return await shop.services.order.reconciliation.reconcile(shop.database, shop.system)


async def books(shop: Storefront) -> list[tuple[str, Decimal | None]]:
    """What the provider has captured of this shop's payments."""
    rows = await shop.owner.fetch(
        "select m.status, m.captured_amount from mock_charges m join payments p on p.id = m.reference "
        "where p.company_id = $1 order by m.created_at",
        shop.company_id,
    )
    return [(row[0], row[1]) for row in rows]
