"""Reconciliation in batches: payments and refunds that cannot be settled do not keep the others waiting."""

from datetime import timedelta
from decimal import Decimal

import pytest

from domains.kernel.actor import Actor
from domains.order.models import Order, OrderStatus
from domains.payment.providers.results import ProviderRefund
from domains.payment.reconciliation import Reconciliation
from domains.payment.refunds import Refunds
from tests.domains.order.storefront import SILENT_CHARGED, Storefront

OWN = """
select 'payment ' || id from payments where company_id = $1
union all select 'refund ' || id from refunds where company_id = $1
"""


@pytest.fixture
def batches_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each run takes the one payment and the one refund that have waited longest."""
    monkeypatch.setattr(Reconciliation.due_payments, "__defaults__", (1,))
    monkeypatch.setattr(Reconciliation.due_refunds, "__defaults__", (1,))


async def reconcile(shop: Storefront, runs: int) -> int:
    """Run the job some times, and return how often it failed; each failure names a payment or refund of the shop."""
    named: list[str] = []
    for _ in range(runs):
        shop.clock.advance(timedelta(minutes=3))
        try:
            await shop.services.order.reconciliation.reconcile(shop.database, shop.system)
        except ExceptionGroup as group:
            (failure,) = group.exceptions
            named += failure.__notes__
    own = {row[0] for row in await shop.owner.fetch(OWN, shop.company_id)}
    assert set(named) <= own
    return len(named)


async def paid_without_answer(shop: Storefront) -> tuple[Actor, Order]:
    """An order whose card was charged by a provider that did not answer."""
    buyer = await shop.customer()
    return buyer, await shop.pay(buyer, await shop.buy(buyer, ("A", 1)), SILENT_CHARGED)


@pytest.mark.usefixtures("batches_of_one")
async def test_a_payment_that_cannot_be_reconciled_does_not_keep_others_waiting(shop: Storefront) -> None:
    await shop.stock("A", 5)
    _, wrong = await paid_without_answer(shop)
    await set_charge(shop, wrong, Decimal(11))
    shop.clock.advance(timedelta(seconds=1))
    _, right = await paid_without_answer(shop)
    assert await reconcile(shop, runs=2) == 1
    assert [(await shop.order(order.id)).status for order in (wrong, right)] == [
        OrderStatus.PAYMENT_PENDING,
        OrderStatus.PAID,
    ]
    await set_charge(shop, wrong, Decimal(10))
    assert await reconcile(shop, runs=1) == 0
    assert (await shop.order(wrong.id)).status is OrderStatus.PAID


@pytest.mark.usefixtures("batches_of_one")
async def test_a_refund_that_cannot_be_sent_does_not_keep_others_waiting(shop: Storefront) -> None:
    await shop.stock("A", 5)
    buyers = await shop.customers(2)
    wrong, right = [await shop.pay(buyer, await shop.buy(buyer, ("A", 1))) for buyer in buyers]
    with pytest.MonkeyPatch.context() as patch:

        async def unanswered(*_: object) -> ProviderRefund:
            return ProviderRefund.unanswered()

        patch.setattr(Refunds, "send", unanswered)
        for buyer, order in zip(buyers, (wrong, right), strict=True):
            await shop.services.order.cancel_order(shop.database, buyer, order.id)
            shop.clock.advance(timedelta(seconds=1))
    await set_provider(shop, wrong, "REMOVED")
    assert await reconcile(shop, runs=2) == 1
    assert [(await shop.order(order.id)).status for order in (wrong, right)] == [
        OrderStatus.CANCELLED,
        OrderStatus.REFUNDED,
    ]
    await set_provider(shop, wrong, "MOCK")
    assert await reconcile(shop, runs=1) == 0
    assert (await shop.order(wrong.id)).status is OrderStatus.REFUNDED


async def set_charge(shop: Storefront, order: Order, amount: Decimal) -> None:
    """Change the amount in the provider's books."""
    sql = """
    update mock_charges set amount = $2, captured_amount = $2
    where reference in (select id from payments where order_id = $1)
    """
    await shop.owner.execute(sql, order.id, amount)


async def set_provider(shop: Storefront, order: Order, name: str) -> None:
    """Give an order's payment to another provider."""
    await shop.owner.execute("update payments set provider = $2 where order_id = $1", order.id, name)
