"""Orders of a closed company are completed: payments are reconciled, and stock is released."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domains.kernel.actor import Actor
from domains.order.models import Order, OrderStatus
from domains.payment.providers.results import ProviderRefund
from domains.payment.refunds import Refunds
from tests.domains.order.jobs.runs import run_jobs
from tests.domains.order.refunded_orders import refunded_by_earlier_version
from tests.domains.order.storefront import SILENT_CHARGED, SILENT_UNCHARGED, Storefront

S = OrderStatus
OWES = "A closed company has no order to settle, ship or refund"


async def close(shop: Storefront, *, again: bool = True) -> None:
    sql = "update companies set is_active = $2 where id = $1"
    await shop.owner.execute(sql, shop.company_id, not again)


async def statuses(shop: Storefront, orders: Sequence[Order]) -> list[OrderStatus]:
    return [(await shop.order(order.id)).status for order in orders]


@pytest.fixture
async def orders(shop: Storefront) -> list[Order]:
    """One that is not paid, and two whose provider does not answer: it took the money of the last."""
    await shop.stock("A", 3)
    ada = await shop.customer()
    made = [await shop.buy(ada, ("A", 1)) for _ in range(3)]
    await shop.pay(ada, made[1], SILENT_UNCHARGED)
    await shop.pay(ada, made[2], SILENT_CHARGED)
    return made


async def test_open_payments_are_reconciled_and_unpaid_orders_expire(shop: Storefront, orders: list[Order]) -> None:
    await close(shop)
    assert await statuses(shop, orders) == [S.PENDING, S.PAYMENT_PENDING, S.PAYMENT_PENDING]
    shop.clock.advance(timedelta(minutes=31))
    await run_jobs(shop)
    assert await statuses(shop, orders) == [S.FAILED, S.FAILED, S.PAID]
    assert await shop.charges() == [("APPROVED", Decimal(10)), ("VOIDED", None)]
    assert await shop.level("A") == (2, 1)
    await close(shop, again=False)


async def test_a_late_charge_for_an_order_of_a_closed_company_is_returned(shop: Storefront) -> None:
    await shop.stock("A", 1)
    ada = await shop.customer()
    order = await shop.accept(ada, await shop.buy(ada, ("A", 1)))
    await shop.pay(ada, order, SILENT_CHARGED)
    await shop.services.order.cancel_order(shop.database, ada, order.id)
    await close(shop)
    shop.clock.advance(timedelta(minutes=5))
    await run_jobs(shop)
    assert (await statuses(shop, [order]), await shop.charges()) == ([S.CANCELLED], [("VOIDED", Decimal(10))])


async def test_a_refund_without_an_answer_is_sent_again_for_a_closed_company(shop: Storefront) -> None:
    await shop.stock("A", 1)
    ada = await shop.customer()
    order = await shop.pay(ada, await shop.buy(ada, ("A", 1)))

    async def unheard(*_: Any) -> ProviderRefund:
        return ProviderRefund.unanswered()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Refunds, "send", unheard)
        await shop.services.order.cancel_order(shop.database, ada, order.id)
    await close(shop)
    shop.clock.advance(timedelta(minutes=5))
    await run_jobs(shop)
    assert await statuses(shop, [order]) == [S.REFUNDED]


async def test_the_doctor_reports_overdue_work_of_a_closed_company(shop: Storefront, orders: list[Order]) -> None:
    assert await shop.broken() == []
    await close(shop)
    owing = {(rule, row["order_number"]) for rule, row in await shop.broken()}
    assert owing == {(OWES, order.order_number) for order in orders[1:]}
    shop.clock.advance(timedelta(minutes=31))
    await run_jobs(shop)
    assert [(rule, row["status"]) for rule, row in await shop.broken()] == [(OWES, "PAID")]
    await shop.services.order.refunds.refund(shop.database, await shop.staff(), orders[2].id)
    assert await shop.broken() == []


async def test_an_order_that_an_earlier_version_refunded_ends_in_a_closed_company(shop: Storefront) -> None:
    await shop.stock("A", 1)
    ada = await shop.customer()
    order = await shop.pay(ada, await shop.buy(ada, ("A", 1)))
    await refunded_by_earlier_version(shop, order)
    await close(shop)
    await run_jobs(shop)
    assert (await statuses(shop, [order]), await shop.level("A")) == ([S.REFUNDED], (1, 0))


async def test_expired_carts_of_a_closed_company_are_deleted(shop: Storefront) -> None:
    await shop.stock("A", 1)
    await shop.fill(Actor.anonymous(shop.company_id), ("A", 1))
    await close(shop)
    await run_jobs(shop)
    assert await shop.count("carts") == 1
    shop.clock.advance(timedelta(days=31))
    await run_jobs(shop)
    assert await shop.count("carts") == 0
