"""Refunds of returns: units that came, less fees, in parts, by every method, and never more than was paid."""

import asyncio
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from domains.kernel import fail_points
from domains.kernel.actor import Actor
from domains.kernel.errors import DomainError
from domains.kernel.fail_points import FailPointReached
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.ids import new_id
from domains.kernel.validation import errors_of
from domains.order.editing.new_lines import NewOrderLine
from domains.order.models import OrderStatus
from domains.payment.models import DeclineReason, RefundStatus
from domains.payment.providers.results import Decline, ProviderRefund
from domains.payment.refunds import Refunds
from domains.returns.errors import ReturnNotAllowed, ReturnRequestNotFound
from domains.returns.models import ReturnRefundMethod, ReturnRefundStatus, ReturnRequest, ReturnStatus, WishedGoods
from domains.returns.refunds.errors import FeeTooLarge, MoreThanRefundable, NoExchangeLines, NothingToRefund
from domains.returns.refunds.models import NewReturnRefund, RefundedItem, RefundedReturn
from tests.domains.order.tenders.test_credited_refunds import credit_of
from tests.domains.returns.delivered_orders import DeliveredOrder
from tests.race_runs import repeated

CREDIT, EXCHANGE = ReturnRefundMethod.STORE_CREDIT, ReturnRefundMethod.EXCHANGE
REFUSED = ProviderRefund(RefundStatus.FAILED, decline=Decline(DeclineReason.PROVIDER_ERROR, "NO", "No."))
AT_PROVIDER = """
select coalesce(sum(m.amount), 0) from mock_refunds m join refunds r on r.id = m.reference
where r.company_id = $1 and m.status = 'APPROVED'
"""


@pytest.fixture
async def clerk(delivered: DeliveredOrder) -> Actor:
    return await delivered.shop.staff()


@pytest.fixture
async def received(delivered: DeliveredOrder) -> ReturnRequest:
    """Two of A and one of B came, at 10.00 EUR each."""
    return await delivered.receive(await delivered.approve(await delivered.request(2, 1)), 2, 1)


async def refund(
    delivered: DeliveredOrder, clerk: Actor, request: ReturnRequest, *, db: Attempt | None = None, **given: Any
) -> RefundedReturn:
    shop = delivered.shop
    made: RefundedReturn = await shop.services.returns.refunds.refund(
        db or shop.database, clerk, request.id, NewReturnRefund(**given)
    )
    return made


async def at_provider(delivered: DeliveredOrder) -> Decimal:
    amount: Decimal = await delivered.shop.owner.fetchval(AT_PROVIDER, delivered.shop.company_id)
    return amount


async def test_all_that_came_is_refunded_to_what_paid(
    delivered: DeliveredOrder, clerk: Actor, received: ReturnRequest
) -> None:
    made = await refund(delivered, clerk, received, fee=Decimal("2.50"))
    (row,) = made.refunds
    assert (row.amount, row.fee, row.status, row.refund_method) == (
        Decimal("27.50"),
        Decimal("2.50"),
        ReturnRefundStatus.COMPLETED,
        ReturnRefundMethod.ORIGINAL_PAYMENT,
    )
    assert (made.request.status, made.request.refund_amount) == (ReturnStatus.PROCESSED, Decimal("27.50"))
    assert [(item.refunded, item.refund_amount) for item in await delivered.items_of(received)] == [
        (2, Decimal(20)),
        (1, Decimal(10)),
    ]
    assert (await at_provider(delivered), (await delivered.current()).amount_refunded) == (Decimal("27.50"),) * 2
    with pytest.raises(NothingToRefund):
        await refund(delivered, clerk, received)


async def test_parts_are_refunded_by_different_methods(
    delivered: DeliveredOrder, clerk: Actor, received: ReturnRequest
) -> None:
    a, _ = await delivered.items_of(received)
    first = await refund(delivered, clerk, received, lines=[RefundedItem(a.id, 1)], method=CREDIT)
    assert (first.request.status, first.request.refund_amount) == (ReturnStatus.RECEIVED, Decimal(10))
    assert (await credit_of(delivered.shop, delivered.buyer), await at_provider(delivered)) == (
        Decimal(10),
        Decimal(0),
    )
    last = await refund(delivered, clerk, received)
    assert (last.request.status, last.request.refund_amount) == (ReturnStatus.PROCESSED, Decimal(30))
    assert await at_provider(delivered) == 20


async def test_the_fee_of_the_company_is_charged_once(
    delivered: DeliveredOrder, clerk: Actor, received: ReturnRequest
) -> None:
    shop = delivered.shop
    await shop.run(lambda tx: shop.services.returns.settings.update(tx, {"return_fee": Decimal(3)}, "EUR"))
    a, _ = await delivered.items_of(received)
    first = await refund(delivered, clerk, received, lines=[RefundedItem(a.id, 1)])
    second = await refund(delivered, clerk, received)
    assert [(made.refunds[0].amount, made.refunds[0].fee) for made in (first, second)] == [
        (Decimal(7), Decimal(3)),
        (Decimal(20), Decimal(0)),
    ]


async def test_an_exchange_by_the_wishes_of_the_buyer(delivered: DeliveredOrder, clerk: Actor) -> None:
    shop = delivered.shop
    c = await shop.stock("C", 5, "4.00")
    wishes = [WishedGoods(product_id=c.id, quantity=1)]
    asked = await delivered.request(1, refund_method=EXCHANGE, wishes=wishes)
    request = await delivered.receive(await delivered.approve(asked), 1)
    made = await refund(delivered, clerk, request)
    assert made.exchange_order is not None
    order = await shop.order(made.exchange_order.id)
    assert (order.status, order.exchanged_order_id, await shop.level("C")) == (
        OrderStatus.PAID,
        delivered.order.id,
        (4, 1),
    )
    assert [(row.refund_method, row.amount, row.exchange_order_id) for row in made.refunds] == [
        (EXCHANGE, Decimal(4), order.id),
        (ReturnRefundMethod.ORIGINAL_PAYMENT, Decimal(6), None),
    ]
    assert (made.request.status, await at_provider(delivered)) == (ReturnStatus.PROCESSED, Decimal(6))


async def test_a_refund_that_failed_is_made_again(
    delivered: DeliveredOrder, clerk: Actor, received: ReturnRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answer(*_: Any) -> ProviderRefund:
        return REFUSED

    with monkeypatch.context() as patch:
        patch.setattr(Refunds, "send", answer)
        failed = await refund(delivered, clerk, received)
    assert (failed.refunds[0].status, failed.request.status) == (ReturnRefundStatus.FAILED, ReturnStatus.RECEIVED)
    assert failed.request.refund_amount == 0
    assert [item.refunded for item in await delivered.items_of(received)] == [0, 0]
    again = await refund(delivered, clerk, received)
    assert (again.refunds[0].status, again.request.status) == (ReturnRefundStatus.COMPLETED, ReturnStatus.PROCESSED)
    assert await at_provider(delivered) == 30


async def test_bad_input_is_refused_and_moves_nothing(
    delivered: DeliveredOrder, clerk: Actor, received: ReturnRequest
) -> None:
    a, b = await delivered.items_of(received)
    lines = [RefundedItem(a.id, 3), RefundedItem(b.id, 2)]
    with pytest.raises(DomainError) as refused:
        await refund(delivered, clerk, received, lines=lines)
    assert [(type(error), error.field) for error in errors_of(refused.value)] == [
        (MoreThanRefundable, ("lines", "0", "quantity")),
        (MoreThanRefundable, ("lines", "1", "quantity")),
    ]
    with pytest.raises(FeeTooLarge):
        await refund(delivered, clerk, received, fee=Decimal(30))
    with pytest.raises(NoExchangeLines):
        await refund(delivered, clerk, received, method=EXCHANGE)
    with pytest.raises(ReturnRequestNotFound):
        await refund(delivered, await delivered.shop.customer(), received)
    pending = await delivered.request(1)
    with pytest.raises(ReturnNotAllowed):
        await refund(delivered, clerk, pending)
    approved = await delivered.approve(pending)
    with pytest.raises(NothingToRefund):
        await refund(delivered, clerk, approved)
    assert (await delivered.shop.count("refunds"), await delivered.shop.count("return_refunds")) == (0, 0)
    made = await refund(delivered, clerk, approved, without_goods=True)
    assert (made.request.status, made.request.refund_amount) == (ReturnStatus.PROCESSED, Decimal(10))


@repeated
async def test_two_refunds_and_two_exchanges_at_once_pay_each_unit_once(
    delivered: DeliveredOrder, clerk: Actor, received: ReturnRequest, run: int
) -> None:
    c = await delivered.shop.stock("C", 5, "4.00")
    lines = [NewOrderLine(product_id=c.id, quantity=1)]
    outcomes = await asyncio.gather(
        refund(delivered, clerk, received),
        refund(delivered, clerk, received, method=CREDIT),
        *(refund(delivered, clerk, received, method=EXCHANGE, exchange=lines) for _ in range(2)),
        return_exceptions=True,
    )
    failures = Counter(type(each) for each in outcomes)
    assert failures == {RefundedReturn: 1, NothingToRefund: 3}
    assert (await delivered.current()).amount_refunded == 30


@pytest.mark.parametrize("point", ["refund.requested", "return.refund_begun", "return.refund_sent"])
@pytest.mark.parametrize("method", [None, EXCHANGE])
async def test_a_refund_that_died_is_continued_and_not_repeated(
    delivered: DeliveredOrder, clerk: Actor, received: ReturnRequest, point: str, method: ReturnRefundMethod | None
) -> None:
    c = await delivered.shop.stock("C", 5, "4.00")
    given: dict[str, Any] = {"method": method, "exchange": [NewOrderLine(product_id=c.id, quantity=1)]}
    attempt = Attempt(delivered.shop.database, new_id())
    fail_points.arm([f"{point}:raise:1"])
    try:
        with pytest.raises(FailPointReached):
            await refund(delivered, clerk, received, db=attempt, **given)
    finally:
        fail_points.arm([])
    made = await refund(delivered, clerk, received, db=attempt, **given)
    assert (made.request.status, made.request.refund_amount) == (ReturnStatus.PROCESSED, Decimal(30))
    assert {row.status for row in made.refunds} == {ReturnRefundStatus.COMPLETED}
    assert await at_provider(delivered) == (30 if method is None else 26)
    assert await delivered.shop.count("return_refunds") == (1 if method is None else 2)
