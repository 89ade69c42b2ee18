"""A full refund ends an unshipped order: its stock is released, and it is not shipped."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domains.kernel.actor import Actor
from domains.order.errors import OrderBeingRefunded, OrderNotCancellable, OrderNotRefundable, StatusNotAllowed
from domains.order.models import Order, OrderStatus
from domains.order.payments.refund_lines import NewRefund
from domains.payment.models import DeclineReason, RefundStatus
from domains.payment.providers.results import Decline, ProviderRefund
from domains.payment.refunds import Refunds
from tests.domains.order.refunded_orders import refunded_by_earlier_version
from tests.domains.order.storefront import Storefront
from tests.locks import waited_for
from tests.race_runs import repeated

S = OrderStatus
EARLY = "Refunded before it was shipped"
NO_ANSWER = ProviderRefund.unanswered()
REFUSED = ProviderRefund(RefundStatus.FAILED, decline=Decline(DeclineReason.PROVIDER_ERROR, "NO", "No."))


@pytest.fixture
async def ada(shop: Storefront) -> Actor:
    await shop.stock("A", 5)
    return await shop.customer()


@pytest.fixture
async def clerk(shop: Storefront) -> Actor:
    return await shop.staff()


@pytest.fixture
async def paid(shop: Storefront, ada: Actor) -> Order:
    return await shop.pay(ada, await shop.buy(ada, ("A", 2)))


@contextmanager
def provider_answering(outcome: ProviderRefund) -> Iterator[None]:
    """Within the block the provider gives this answer to every refund and does nothing."""

    async def answer(*_: Any) -> ProviderRefund:
        return outcome

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Refunds, "send", answer)
        yield


async def refund(shop: Storefront, clerk: Actor, order: Order, amount: str | None = None, **given: Any) -> Order:
    wanted = None if amount is None else Decimal(amount)
    found, _ = await shop.services.order.refunds.refund(
        shop.database, clerk, order.id, NewRefund(amount=wanted, **given)
    )
    return found


async def move(shop: Storefront, clerk: Actor, order: Order, *statuses: OrderStatus) -> Order:
    for status in statuses:
        async with shop.database.transaction(clerk) as tx:
            order = await shop.services.order.update_status(tx, clerk, order.id, status)
    return order


async def settle(shop: Storefront) -> None:
    shop.clock.advance(timedelta(minutes=5))
    await shop.services.order.reconciliation.reconcile(shop.database, shop.system)


async def uses(shop: Storefront) -> int:
    count: int = await shop.owner.fetchval(
        "select current_usage_count from promotions where company_id = $1", shop.company_id
    )
    return count


@pytest.mark.parametrize("before", [(), (S.PROCESSING,)], ids=["PAID", "PROCESSING"])
@pytest.mark.parametrize("amounts", [(None,), ("20.00",), ("0.01", "19.99"), ("5", "5", None)])
async def test_a_full_refund_ends_an_unshipped_order_and_releases_its_stock(
    shop: Storefront, clerk: Actor, paid: Order, before: tuple[S, ...], amounts: tuple[str | None, ...]
) -> None:
    before_refund = await move(shop, clerk, paid, *before)
    for amount in amounts[:-1]:
        assert (await refund(shop, clerk, paid, amount)).status is (before_refund.status if before else S.PAID)
        assert await shop.level("A") == (3, 2)
    ended = await refund(shop, clerk, paid, amounts[-1], reason="Sold out")
    assert (ended.status, ended.cancelled_at) == (S.REFUNDED, shop.clock.now())
    assert (await shop.history(paid.id))[-2:] == [("CANCELLED", EARLY), ("REFUNDED", "Sold out")]
    assert await shop.level("A") == (5, 0)
    for status in (S.PROCESSING, S.SHIPPED, S.DELIVERED):
        with pytest.raises(StatusNotAllowed):
            await move(shop, clerk, paid, status)
    with pytest.raises(OrderNotCancellable):
        await shop.services.order.cancel_order(shop.database, clerk, paid.id)


async def test_the_cancellation_by_refund_is_emitted_once_and_releases_promotions_once(
    shop: Storefront, ada: Actor, clerk: Actor
) -> None:
    await shop.promotion(code="TEN", discount_value=Decimal(10), max_usage_count=5)
    await shop.fill(ada, ("A", 2))
    await shop.apply(ada, "TEN")
    order = await shop.pay(ada, (await shop.place(ada)).order)
    assert await uses(shop) == 1
    outcomes = await asyncio.gather(*(refund(shop, clerk, order) for _ in range(6)), return_exceptions=True)
    assert sum(isinstance(each, Order) for each in outcomes) == 1
    assert {type(each) for each in outcomes if not isinstance(each, Order)} == {OrderNotRefundable}
    assert (await uses(shop), await shop.level("A")) == (0, (5, 0))
    topics = ["order.created", "order.payment_started", "order.paid", "order.cancelled", "order.refunded"]
    assert await shop.topics() == topics


async def test_a_full_refund_of_a_manual_payment_ends_the_order(shop: Storefront, ada: Actor, clerk: Actor) -> None:
    order = await shop.accept(ada, await shop.buy(ada, ("A", 2)))
    await move(shop, clerk, order, S.PROCESSING)
    await shop.run(lambda tx: shop.services.order.manual_payments.mark_paid(tx, clerk, order.id), clerk)
    assert (await refund(shop, clerk, order)).status is S.REFUNDED
    assert await shop.level("A") == (5, 0)


async def test_an_order_with_a_pending_refund_is_not_shipped_and_ends_with_the_result(
    shop: Storefront, clerk: Actor, paid: Order
) -> None:
    await move(shop, clerk, paid, S.PROCESSING)
    with provider_answering(NO_ANSWER):
        assert (await refund(shop, clerk, paid)).status is S.PROCESSING
    with pytest.raises(OrderBeingRefunded):
        await move(shop, clerk, paid, S.SHIPPED)
    assert await shop.level("A") == (3, 2)
    await settle(shop)
    assert ((await shop.order(paid.id)).status, await shop.level("A")) == (S.REFUNDED, (5, 0))


async def test_a_refused_refund_leaves_the_order_to_be_shipped(shop: Storefront, clerk: Actor, paid: Order) -> None:
    with provider_answering(REFUSED):
        assert (await refund(shop, clerk, paid)).status is S.PAID
    assert (await move(shop, clerk, paid, S.PROCESSING, S.SHIPPED)).status is S.SHIPPED


async def test_a_cancelled_order_is_refunded_only_when_its_refund_succeeds(
    shop: Storefront, ada: Actor, clerk: Actor, paid: Order
) -> None:
    with provider_answering(NO_ANSWER):
        await refund(shop, clerk, paid)
    assert (await shop.services.order.cancel_order(shop.database, ada, paid.id)).status is S.CANCELLED
    await settle(shop)
    assert (await shop.order(paid.id)).status is S.REFUNDED
    assert (await shop.history(paid.id))[-2:] == [("CANCELLED", None), ("REFUNDED", None)]
    assert await shop.level("A") == (5, 0)


async def test_a_pending_partial_refund_does_not_make_a_cancelled_order_refunded(
    shop: Storefront, ada: Actor, clerk: Actor, paid: Order
) -> None:
    with provider_answering(NO_ANSWER):
        await refund(shop, clerk, paid, "5")
    assert (await shop.services.order.cancel_order(shop.database, ada, paid.id)).status is S.CANCELLED
    await settle(shop)
    assert (await shop.order(paid.id)).status is S.REFUNDED


async def test_the_doctor_reports_a_cancelled_order_that_was_not_refunded(
    shop: Storefront, ada: Actor, clerk: Actor, paid: Order
) -> None:
    with provider_answering(REFUSED):
        assert (await shop.services.order.cancel_order(shop.database, ada, paid.id)).status is S.CANCELLED
    ((rule, row),) = await shop.broken()
    assert (rule, row["order_number"]) == (
        "The captured amount of a cancelled or failed order is refunded",
        paid.order_number,
    )
    assert (await refund(shop, clerk, paid)).status is S.REFUNDED


@repeated
async def test_parallel_refunding_and_shipping_never_ship_a_refunded_order(
    shop: Storefront, ada: Actor, clerk: Actor, run: int
) -> None:
    await shop.stock("B", 8)
    orders = [await shop.pay(ada, await shop.buy(ada, ("B", 1))) for _ in range(8)]
    for order in orders:
        await move(shop, clerk, order, S.PROCESSING)
    pairs = [(refund(shop, clerk, order), move(shop, clerk, order, S.SHIPPED)) for order in orders]
    work = [each for number, pair in enumerate(pairs) for each in (pair if number % 2 else reversed(pair))]
    outcomes = await asyncio.gather(*work, return_exceptions=True)
    assert {type(each) for each in outcomes if not isinstance(each, Order)} <= {OrderBeingRefunded, StatusNotAllowed}
    shipped = 0
    for order in orders:
        found = await shop.order(order.id)
        moves = [status for status, _ in await shop.history(order.id)][4:]
        assert moves in ([S.SHIPPED], [S.CANCELLED, S.REFUNDED])
        assert found.status == moves[-1]
        shipped += found.status is S.SHIPPED
    assert await shop.level("B") == (8 - shipped, 0)
    assert await shop.broken() == []


@pytest.mark.parametrize("first", ["refund", "ship"])
async def test_the_first_of_refunding_and_shipping_decides(
    shop: Storefront, clerk: Actor, paid: Order, first: str
) -> None:
    """The provider answers after the other has come."""
    await move(shop, clerk, paid, S.PROCESSING)
    if first == "refund":
        with provider_answering(NO_ANSWER):
            await refund(shop, clerk, paid)
        with pytest.raises(OrderBeingRefunded):
            await move(shop, clerk, paid, S.SHIPPED)
    else:
        await move(shop, clerk, paid, S.SHIPPED)
        with provider_answering(NO_ANSWER):
            await refund(shop, clerk, paid)
    await settle(shop)
    expected = (S.REFUNDED, (5, 0)) if first == "refund" else (S.SHIPPED, (3, 0))
    assert ((await shop.order(paid.id)).status, await shop.level("A")) == expected


async def test_the_job_ends_refunded_orders_with_reservations_of_an_earlier_version(
    shop: Storefront, ada: Actor, clerk: Actor, paid: Order
) -> None:
    """They are as the migration leaves them: refunded completely, the order PAID, its units reserved."""
    packed = await move(shop, clerk, await shop.pay(ada, await shop.buy(ada, ("A", 1))), S.PROCESSING)
    partly = await shop.pay(ada, await shop.buy(ada, ("A", 1)))
    await refund(shop, clerk, partly, "9.99")
    for order in (paid, packed):
        await refunded_by_earlier_version(shop, order)
    assert Counter(rule for rule, _ in await shop.broken()) == {
        "A completely refunded order has ended, unless it is being shipped": 2,
        "The buyer history counts exactly the paid orders that were neither cancelled nor refunded": 2,
    }
    await asyncio.gather(*(drain(shop) for _ in range(3)))
    for order in (paid, packed):
        assert (await shop.order(order.id)).status is S.REFUNDED
        assert (await shop.history(order.id))[-2:] == [("CANCELLED", EARLY), ("REFUNDED", None)]
    assert (await shop.order(partly.id)).status is S.PAID
    assert await shop.level("A") == (4, 1)
    assert (await shop.topics()).count("order.cancelled") == 2


async def drain(shop: Storefront) -> None:
    while await shop.services.order.expiry.end_refunded(shop.database, shop.system):
        pass


@pytest.mark.parametrize("by", ["refund", "job"])
async def test_the_end_locks_stock_before_promotions_as_a_checkout_does(
    shop: Storefront, ada: Actor, clerk: Actor, by: str
) -> None:
    """In the other order each could wait for the other: a checkout holds stock when it takes a promotion."""
    await shop.promotion(code="TEN", discount_value=Decimal(10), max_usage_count=5)
    await shop.fill(ada, ("A", 2))
    await shop.apply(ada, "TEN")
    order = await shop.pay(ada, (await shop.place(ada)).order)
    if by == "job":
        await refunded_by_earlier_version(shop, order)
    async with shop.database.transaction(shop.system) as checkout:
        await checkout.execute(
            "select 1 from inventory_items where company_id = $1 for no key update", checkout.company_id
        )
        ending = asyncio.create_task(refund(shop, clerk, order) if by == "refund" else drain(shop))
        await waited_for(checkout)
        await checkout.execute(
            "select 1 from promotions where company_id = $1 for no key update nowait", checkout.company_id
        )
    await ending
    assert (await uses(shop), await shop.level("A")) == (0, (5, 0))
