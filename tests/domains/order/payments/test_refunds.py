"""Refunds of orders by line, over several payments, in races, and after a crash between two steps."""

import asyncio
from collections import Counter
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.kernel import fail_points
from domains.kernel.actor import Actor
from domains.kernel.fail_points import FailPointReached
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.ids import following_id, new_id
from domains.kernel.validation import ValidationErrors
from domains.kernel.values.money import Money
from domains.order.errors import OrderNotFound, OrderNotRefundable, RefundQuantityTooLarge
from domains.order.models import Order, OrderItem, OrderPaymentStatus, OrderStatus
from domains.order.payments.refund_lines import NewRefund, RefundableOrder, RefundedUnits
from domains.order.transitions import Step, lock_known
from domains.payment.errors import PaymentNotFound, PaymentNotRefundable, RefundTooLarge
from domains.payment.models import DeclineReason, Payment, Refund, RefundStatus
from domains.payment.providers.requests import PaymentReference, RefundRequest
from domains.payment.providers.results import Decline, ProviderRefund
from domains.payment.refunds import Refunds
from tests.domains.order.storefront import DECLINED, Storefront
from tests.race_runs import repeated

LINES = """
select r.id as refund, l.kind::text, i.sku, l.quantity, l.amount, l.tax from refund_lines l
join refunds r on r.id = l.refund_id left join order_items i on i.id = l.order_item_id
where l.order_id = $1 order by l.id
"""
IN_BOOKS = """
select coalesce(sum(m.amount), 0) from mock_refunds m join refunds r on r.id = m.reference
where r.company_id = $1 and m.status = 'APPROVED'
"""
REFUSED = ProviderRefund(RefundStatus.FAILED, decline=Decline(DeclineReason.PROVIDER_ERROR, "NO", "No."))


@pytest.fixture
async def ada(shop: Storefront) -> Actor:
    await shop.stock("A", 9, "3.33")
    await shop.stock("B", 9, "10.00")
    return await shop.customer()


@pytest.fixture
async def clerk(shop: Storefront) -> Actor:
    return await shop.staff()


@pytest.fixture
async def paid(shop: Storefront, ada: Actor) -> Order:
    """Three of A and one of B."""
    return await shop.pay(ada, await shop.buy(ada, ("A", 3), ("B", 1)))


async def items_of(shop: Storefront, order: Order) -> dict[str, OrderItem]:
    rows = await shop.services.order.items_of(shop.database.reader(shop.company_id), [order.id])
    return {row.sku: row for row in rows}


async def units(shop: Storefront, order: Order, **quantities: int) -> list[RefundedUnits]:
    items = await items_of(shop, order)
    return [RefundedUnits(items[sku].id, quantity) for sku, quantity in quantities.items()]


async def refund(
    shop: Storefront, actor: Actor, order: Order, *, db: Attempt | None = None, **given: Any
) -> tuple[Order, list[Refund]]:
    return await shop.services.order.refunds.refund(db or shop.database, actor, order.id, NewRefund(**given))


async def lines_of(shop: Storefront, order: Order) -> list[tuple[Any, ...]]:
    """Kind, SKU, quantity and amount of each line."""
    return [tuple(row)[1:5] for row in await shop.owner.fetch(LINES, order.id)]


async def left_of(shop: Storefront, order: Order) -> RefundableOrder:
    return (await shop.services.order.refunds.refundable(shop.database.reader(shop.company_id), [order.id]))[order.id]


async def in_books(shop: Storefront) -> Decimal:
    """What the MOCK provider has refunded."""
    amount: Decimal = await shop.owner.fetchval(IN_BOOKS, shop.company_id)
    return amount


async def receive(shop: Storefront, clerk: Actor, order: Order, amount: str) -> Payment:
    """Record a part of the total that the shop received by transfer: a captured payment of its own."""
    payments, orders = shop.services.payment, shop.services.order

    async def work(tx: Any) -> Payment:
        locked = await lock_known(tx, order.id)
        payment = await payments.manual_payments.record(tx, order.id, Decimal(amount), order.currency, "INVOICE")
        await orders.manual_payments._outcomes.record_capture(tx, clerk, locked, payment, Step({}))
        return payment

    received: Payment = await shop.run(work, clerk)
    return received


async def test_units_and_shipping_one_by_one_return_exactly_the_total(
    shop: Storefront, clerk: Actor, paid: Order
) -> None:
    for _ in range(3):
        await refund(shop, clerk, paid, lines=await units(shop, paid, A=1))
    await refund(shop, clerk, paid, lines=await units(shop, paid, B=1))
    left = await left_of(shop, paid)
    assert (left.amount, left.shipping_amount) == (paid.shipping_cost, paid.shipping_cost)
    if paid.shipping_cost:
        await refund(shop, clerk, paid, shipping=True)
    ended = await shop.order(paid.id)
    assert (ended.amount_refunded, ended.payment_status) == (paid.total, OrderPaymentStatus.REFUNDED)
    assert await in_books(shop) == paid.total
    assert sum(row["tax"] for row in await shop.owner.fetch(LINES, paid.id)) == paid.tax_amount
    assert await shop.broken() == []


async def test_what_is_left_is_refunded_by_line_and_the_difference_is_an_adjustment(
    shop: Storefront, clerk: Actor, paid: Order
) -> None:
    await refund(shop, clerk, paid, lines=await units(shop, paid, A=1), adjustment=Decimal("-1.00"))
    await refund(shop, clerk, paid, amount=Decimal("2.50"))
    order, (last,) = await refund(shop, clerk, paid)
    assert (order.status, order.amount_refunded) == (OrderStatus.REFUNDED, paid.total)
    found = await lines_of(shop, paid)
    shipping = [("SHIPPING", None, None, paid.shipping_cost)] if paid.shipping_cost else []
    assert found == [
        ("ADJUSTMENT", None, None, Decimal("-1.00")),
        ("ITEM", "A", 1, Decimal("3.33")),
        ("ADJUSTMENT", None, None, Decimal("2.50")),
        ("ADJUSTMENT", None, None, Decimal("-1.50")),
        ("ITEM", "A", 2, Decimal("6.66")),
        ("ITEM", "B", 1, Decimal("10.00")),
        *shipping,
    ]
    assert last.amount == paid.total - Decimal("4.83")
    with pytest.raises(OrderNotRefundable):
        await refund(shop, clerk, paid)


async def test_a_failed_refund_leaves_its_units_to_be_refunded_again(
    shop: Storefront, clerk: Actor, paid: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Refunds, "send", answering(REFUSED))
        _, (failed,) = await refund(shop, clerk, paid, lines=await units(shop, paid, A=3))
    assert failed.status is RefundStatus.FAILED
    assert (await left_of(shop, paid)).items[(await items_of(shop, paid))["A"].id].quantity == 3
    _, (done,) = await refund(shop, clerk, paid, lines=await units(shop, paid, A=3))
    assert (done.status, done.amount) == (RefundStatus.SUCCEEDED, Decimal("9.99"))


def answering(outcome: ProviderRefund) -> Any:
    async def answer(*_: Any) -> ProviderRefund:
        return outcome

    return answer


async def test_bad_input_is_refused_at_once_and_moves_no_money(
    shop: Storefront, ada: Actor, clerk: Actor, paid: Order
) -> None:
    foreign = await units(shop, await shop.pay(ada, await shop.buy(ada, ("A", 1))), A=1)
    with pytest.raises(ValidationErrors) as refused:
        await refund(
            shop,
            clerk,
            paid,
            lines=[*await units(shop, paid, A=4), *foreign],
            adjustment=Decimal("0.001"),
            reason="x" * 1001,
        )
    assert [".".join(error.field) for error in refused.value.errors] == [
        "lines.0.quantity",
        "lines.1.order_item_id",
        "adjustment",
        "reason",
    ]
    with pytest.raises(RefundTooLarge):
        await refund(shop, clerk, paid, lines=await units(shop, paid, A=3, B=1), adjustment=Decimal(100))
    assert (await lines_of(shop, paid), await in_books(shop)) == ([], Decimal(0))


async def test_a_refund_is_divided_over_the_payments_the_oldest_first(
    shop: Storefront, ada: Actor, clerk: Actor
) -> None:
    order = await shop.buy(ada, ("A", 3), ("B", 1))
    transfer = await receive(shop, clerk, order, "5.00")
    order = await shop.pay(ada, order)
    order, refunds = await refund(shop, clerk, order, lines=await units(shop, order, A=3))
    assert [(each.payment_id == transfer.id, each.amount, each.status) for each in refunds] == [
        (True, Decimal("5.00"), RefundStatus.SUCCEEDED),
        (False, Decimal("4.99"), RefundStatus.SUCCEEDED),
    ]
    assert await lines_of(shop, order) == [("ITEM", "A", 0, Decimal("5.00")), ("ITEM", "A", 3, Decimal("4.99"))]
    assert order.amount_refunded == Decimal("9.99")
    ended = await shop.services.order.cancel_order(shop.database, clerk, order.id)
    assert (ended.status, ended.amount_refunded) == (OrderStatus.REFUNDED, order.total)
    assert await in_books(shop) == order.total - Decimal("5.00")
    assert await shop.broken() == []


async def test_the_cancellation_refunds_all_payments(shop: Storefront, ada: Actor, clerk: Actor) -> None:
    order = await shop.buy(ada, ("B", 1))
    await receive(shop, clerk, order, "4.00")
    order = await shop.pay(ada, order)
    cancelled = await shop.services.order.cancel_order(shop.database, ada, order.id, reason="Too late")
    assert (cancelled.status, cancelled.amount_refunded) == (OrderStatus.REFUNDED, order.total)
    assert await shop.count("refunds") == 2
    assert await shop.broken() == []


async def test_an_order_that_is_paid_in_part_is_refunded_when_it_is_cancelled(
    shop: Storefront, ada: Actor, clerk: Actor
) -> None:
    order = await shop.buy(ada, ("B", 1))
    await receive(shop, clerk, order, "4.00")
    cancelled = await shop.services.order.cancel_order(shop.database, ada, order.id)
    assert (cancelled.status, cancelled.amount_refunded) == (OrderStatus.REFUNDED, Decimal("4.00"))
    assert await shop.broken() == []


async def test_one_payment_is_refunded_alone_and_only_one_of_the_order(
    shop: Storefront, ada: Actor, clerk: Actor, paid: Order
) -> None:
    reader = shop.database.reader(shop.company_id)
    order = await shop.buy(ada, ("A", 1), ("B", 1))
    await receive(shop, clerk, order, "5.00")
    with pytest.raises(Exception, match="declined"):
        await shop.pay(ada, order, DECLINED)
    order = await shop.pay(ada, order)
    _, declined, card = await shop.services.payment.payments_of(reader, [order.id])
    (foreign,) = await shop.services.payment.payments_of(reader, [paid.id])
    _, (refunded,) = await refund(shop, clerk, order, amount=Decimal(6), payment_id=card.id)
    assert refunded.payment_id == card.id
    with pytest.raises(RefundTooLarge):
        await refund(shop, clerk, order, lines=await units(shop, order, B=1), payment_id=card.id)
    with pytest.raises(PaymentNotFound):
        await refund(shop, clerk, order, payment_id=foreign.id)
    with pytest.raises(PaymentNotRefundable):
        await refund(shop, clerk, order, payment_id=declined.id)


async def test_an_order_of_another_company_is_not_found(shop: Storefront, paid: Order, other_company: UUID) -> None:
    with pytest.raises(OrderNotFound):
        await refund(shop, Actor.system(other_company), paid)
    assert await lines_of(shop, paid) == []


@repeated
async def test_the_last_unit_is_refunded_once(shop: Storefront, clerk: Actor, paid: Order, run: int) -> None:
    wanted = await units(shop, paid, B=1)
    outcomes = await asyncio.gather(
        *(refund(shop, clerk, paid, lines=wanted) for _ in range(4)), return_exceptions=True
    )
    assert Counter(type(each) for each in outcomes) == {tuple: 1, RefundQuantityTooLarge: 3}
    assert await in_books(shop) == Decimal("10.00")
    assert await shop.broken() == []


@repeated
async def test_a_refund_and_a_cancellation_at_once_return_the_total_once(
    shop: Storefront, ada: Actor, clerk: Actor, paid: Order, run: int
) -> None:
    await asyncio.gather(
        refund(shop, clerk, paid, lines=await units(shop, paid, A=2)),
        shop.services.order.cancel_order(shop.database, ada, paid.id),
        return_exceptions=True,
    )
    ended = await shop.order(paid.id)
    assert (ended.status, ended.amount_refunded, await in_books(shop)) == (
        OrderStatus.REFUNDED,
        paid.total,
        paid.total,
    )
    assert await shop.broken() == []


@repeated
async def test_a_refund_and_a_chargeback_at_once_never_return_more_than_was_captured(
    shop: Storefront, clerk: Actor, paid: Order, run: int
) -> None:
    reader = shop.database.reader(shop.company_id)
    (payment,) = await shop.services.payment.payments_of(reader, [paid.id])
    look_up = shop.services.order.reconciliation.look_up

    async def dispute() -> None:
        await shop.provider.dispute(payment.id)
        await look_up(shop.database, shop.system, payment)

    await asyncio.gather(
        dispute(), refund(shop, clerk, paid, lines=await units(shop, paid, B=1)), return_exceptions=True
    )
    order, payment = await look_up(shop.database, shop.system, payment)
    assert order.amount_refunded == payment.amount_refunded == await in_books(shop)
    assert order.amount_charged_back == payment.amount_charged_back > 0
    assert (await left_of(shop, paid)).amount == 0
    with pytest.raises(OrderNotRefundable):
        await refund(shop, clerk, paid)


async def test_a_refund_made_at_the_provider_is_an_adjustment_and_leaves_the_units(
    shop: Storefront, clerk: Actor, paid: Order
) -> None:
    reader = shop.database.reader(shop.company_id)
    (payment,) = await shop.services.payment.payments_of(reader, [paid.id])
    reference = PaymentReference(payment.id, payment.provider_transaction_id)
    await shop.provider.refund(RefundRequest(new_id(), reference, Money(Decimal(5), "EUR")))
    await shop.services.order.reconciliation.look_up(shop.database, shop.system, payment)
    assert await lines_of(shop, paid) == [("ADJUSTMENT", None, None, Decimal("5.00"))]
    left = await left_of(shop, paid)
    assert (left.amount, [rest.quantity for rest in left.items.values()]) == (paid.total - 5, [3, 1])
    await refund(shop, clerk, paid)
    assert (await shop.order(paid.id)).amount_refunded == paid.total
    assert await shop.broken() == []


@pytest.mark.parametrize("point", ["refund.requested", "refund.provider_refunded", "refund.recorded"])
@pytest.mark.parametrize("nth", [1, 2])
async def test_a_refund_that_died_between_two_steps_is_continued_and_not_repeated(
    shop: Storefront, ada: Actor, clerk: Actor, point: str, nth: int
) -> None:
    order = await shop.buy(ada, ("A", 3))
    await receive(shop, clerk, order, "5.00")
    order = await shop.pay(ada, order)
    attempt = Attempt(shop.database, new_id())
    fail_points.arm([f"{point}:raise:{nth}"])
    try:
        with pytest.raises(FailPointReached):
            await refund(shop, clerk, order, db=attempt, lines=await units(shop, order, A=3))
    finally:
        fail_points.arm([])
    _, refunds = await refund(shop, clerk, order, db=attempt, lines=await units(shop, order, A=3))
    assert [each.id for each in refunds] == [attempt.id, following_id(attempt.id, 1)]
    assert [each.status for each in refunds] == [RefundStatus.SUCCEEDED] * 2
    assert (await shop.order(order.id)).amount_refunded == Decimal("9.99")
    assert await in_books(shop) == Decimal("4.99")
    assert await shop.broken() == []
