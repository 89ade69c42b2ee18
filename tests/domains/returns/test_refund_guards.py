"""Refunds of returns: who may ask for them, the events that tell their outcomes, and what doctor finds."""

from contextlib import suppress
from decimal import Decimal
from json import loads
from typing import Any

import pytest

from domains.kernel.actor import Actor
from domains.order.editing.new_lines import NewOrderLine
from domains.order.errors import OrderNotFound
from domains.order.payments.refund_lines import NewRefund, RefundedUnits
from domains.payment.models import DeclineReason, RefundStatus
from domains.payment.providers.results import Decline, ProviderRefund
from domains.payment.refunds import Refunds
from domains.returns.errors import ReturnRequestNotFound
from domains.returns.models import ReturnRefundMethod, ReturnRequest, ReturnStatus
from domains.returns.refunds.invariants import INVARIANTS
from domains.returns.refunds.models import NewReturnRefund, RefundedItem
from tests.conftest import Undo, make_company
from tests.domains.actors import administrator
from tests.domains.returns.delivered_orders import DeliveredOrder
from tests.domains.returns.test_refunds import refund

REFUSED = ProviderRefund(RefundStatus.FAILED, decline=Decline(DeclineReason.PROVIDER_ERROR, "NO", "No."))
EVENTS = """
select payload from outbox_events where company_id = $1 and topic = 'return.refunded' order by sequence
"""
TOKEN = "select guest_token_hash from orders where id = $1"
FORGOTTEN = """
with e as (delete from outbox_events where company_id = $1)
update return_refunds set status = 'FAILED' where company_id = $1 and refund_method <> 'EXCHANGE'
"""
ITEMS, SUM, PROCESSED, AGREES, PAID = (invariant.rule for invariant in INVARIANTS)


@pytest.fixture
async def clerk(delivered: DeliveredOrder) -> Actor:
    return await delivered.shop.staff()


@pytest.fixture
async def received(delivered: DeliveredOrder) -> ReturnRequest:
    """Two of A and one of B came, at 10.00 EUR each."""
    return await delivered.receive(await delivered.approve(await delivered.request(2, 1)), 2, 1)


async def told(delivered: DeliveredOrder) -> list[tuple[str, str, str]]:
    """The events of refunds of returns: method, status and amount."""
    rows = await delivered.shop.owner.fetch(EVENTS, delivered.shop.company_id)
    payloads = [loads(row["payload"]) if isinstance(row["payload"], str) else row["payload"] for row in rows]
    return [(each["method"], each["status"], each["amount"]) for each in payloads]


async def broken(delivered: DeliveredOrder, sql: str, *given: Any) -> set[str]:
    """The rules that are broken when this is written past the domain; it is undone."""
    shop, found = delivered.shop, set()
    async with shop.owner.acquire() as connection:
        with suppress(Undo):
            async with connection.transaction():
                await connection.execute(sql, shop.company_id, *given)
                for invariant in INVARIANTS:
                    rows = await connection.fetch(invariant.query.replace("limit 20", ""))
                    if any(row["company_id"] == shop.company_id for row in rows):
                        found.add(invariant.rule)
                raise Undo
    return found


@pytest.mark.parametrize("method", list(ReturnRefundMethod))
async def test_the_buyer_and_another_shop_refund_no_return(
    delivered: DeliveredOrder, received: ReturnRequest, method: ReturnRefundMethod
) -> None:
    shop = delivered.shop
    stranger = administrator(await make_company(shop.owner))
    lines = [NewOrderLine(product_id=shop.products["A"].id, quantity=1)]
    for actor in (delivered.buyer, Actor.anonymous(shop.company_id), stranger):
        with pytest.raises(ReturnRequestNotFound):
            await refund(delivered, actor, received, method=method, exchange=lines)
    counts = [await shop.count(table) for table in ("refunds", "return_refunds", "orders")]
    assert counts == [0, 0, 1]


async def test_the_buyer_and_another_shop_refund_no_order_and_exchange_none(
    delivered: DeliveredOrder, clerk: Actor
) -> None:
    shop, orders = delivered.shop, delivered.shop.services.order
    new = NewRefund(lines=[RefundedUnits(delivered.items[0].id, 1)])
    lines = [NewOrderLine(product_id=shop.products["A"].id, quantity=1)]
    for actor in (delivered.buyer, administrator(await make_company(shop.owner))):
        with pytest.raises(OrderNotFound):
            await orders.refunds.refund(shop.database, actor, delivered.order.id, new)
    ticket = await orders.checkout.take_ticket(shop.database, clerk)
    with pytest.raises(OrderNotFound):
        await shop.run(
            lambda tx: orders.exchanges.begin(
                tx, delivered.buyer, delivered.order, new, lines, ticket, ticket.order_id
            ),
            delivered.buyer,
        )
    with pytest.raises(OrderNotFound):
        await shop.run(
            lambda tx: orders.manual_payments.mark_paid(tx, delivered.buyer, delivered.order.id), delivered.buyer
        )
    assert (await shop.count("refunds"), await shop.count("orders")) == (0, 1)


async def test_each_outcome_is_told_once(
    delivered: DeliveredOrder, clerk: Actor, received: ReturnRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: Any) -> ProviderRefund:
        return REFUSED

    a, _ = await delivered.items_of(received)
    await refund(delivered, clerk, received, lines=[RefundedItem(a.id, 1)], method=ReturnRefundMethod.STORE_CREDIT)
    assert await told(delivered) == [("STORE_CREDIT", "COMPLETED", "10.0000")]
    with monkeypatch.context() as patched:
        patched.setattr(Refunds, "send", refuse)
        failed = await refund(delivered, clerk, received, fee=Decimal(1))
    assert failed.request.status is ReturnStatus.RECEIVED
    await refund(delivered, clerk, received)
    assert (await told(delivered))[1:] == [
        ("ORIGINAL_PAYMENT", "FAILED", "19.0000"),
        ("ORIGINAL_PAYMENT", "COMPLETED", "20.0000"),
    ]
    progress = delivered.returns.refund_progress
    await delivered.shop.run(lambda tx: progress.follow(tx, clerk, received.id))
    assert len(await told(delivered)) == 3


async def test_units_that_come_late_end_a_return_whose_units_were_refunded(
    delivered: DeliveredOrder, clerk: Actor
) -> None:
    request = await delivered.approve(await delivered.request(2, 1))
    await delivered.receive(request, 1)
    made = await refund(delivered, clerk, request)
    assert (made.request.status, made.request.refund_amount) == (ReturnStatus.IN_TRANSIT, Decimal(10))
    await refund(delivered, clerk, request, lines=None, without_goods=True)
    late = await delivered.receive(request, 1, 1)
    assert (late.status, late.refund_amount) == (ReturnStatus.PROCESSED, Decimal(30))
    assert (await delivered.current()).units_returned == 3


async def test_a_return_is_processed_when_no_more_units_come(delivered: DeliveredOrder, clerk: Actor) -> None:
    request = await delivered.approve(await delivered.request(2, 1))
    await delivered.receive(request, 1)
    a, b = await delivered.items_of(request)
    await refund(delivered, clerk, request, lines=[RefundedItem(a.id, 1), RefundedItem(b.id, 1)], without_goods=True)
    ended = await delivered.receive(request, 0, 1, is_complete=True)
    assert (ended.status, ended.refund_amount) == (ReturnStatus.PROCESSED, Decimal(20))


async def test_what_disagrees_with_the_refunds_is_found(
    delivered: DeliveredOrder, clerk: Actor, received: ReturnRequest
) -> None:
    c = await delivered.shop.stock("C", 5, "4.00")
    lines = [NewOrderLine(product_id=c.id, quantity=1)]
    await refund(delivered, clerk, received, method=ReturnRefundMethod.EXCHANGE, exchange=lines)
    of_items = "update return_items set refund_amount = refund_amount - 1 where company_id = $1"
    of_request = "update return_requests set refund_amount = 29 where company_id = $1"
    opened = "update return_requests set processed_at = null, status = 'RECEIVED' where company_id = $1"
    unpaid = "update return_refunds set exchange_order_id = order_id where company_id = $1 and amount = 4"
    assert await broken(delivered, "update return_items set restocked = 0 where company_id = $1") == set()
    assert await broken(delivered, of_items) == {ITEMS}
    assert await broken(delivered, of_request) == {SUM}
    assert await broken(delivered, opened) == {PROCESSED}
    assert await broken(delivered, FORGOTTEN) == {SUM, ITEMS, AGREES}
    assert await broken(delivered, unpaid) == {PAID}


async def test_the_exchange_order_of_a_customer_has_no_token(delivered: DeliveredOrder, clerk: Actor) -> None:
    shop = delivered.shop
    request = await delivered.receive(await delivered.approve(await delivered.request(1)), 1)
    lines = [NewOrderLine(product_id=shop.products["B"].id, quantity=1)]
    new = NewReturnRefund(method=ReturnRefundMethod.EXCHANGE, exchange=lines)
    made = await shop.services.returns.refunds.refund(shop.database, clerk, request.id, new)
    assert made.exchange_order is not None
    stored = await shop.owner.fetchval(TOKEN, made.exchange_order.id)
    assert (made.order_token, stored) == (None, None)
