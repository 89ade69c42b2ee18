"""Return requests: what can be returned, by whom, until when, and what refuses them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.errors import DomainError, DuplicateValue, NotApplicable, OutOfRange, TooMany
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.text.validation import Required, TooLong
from domains.kernel.validation import errors_of
from domains.order.errors import OrderItemNotFound, OrderNotFound
from domains.order.models import FulfilmentStatus
from domains.order.payments.refund_lines import NewRefund, RefundedUnits
from domains.returns.errors import (
    ItemNotReturnable,
    ReturnQuantityTooLarge,
    ReturnWindowEnded,
    TooManyOpenReturns,
    WindowOverrideNotAllowed,
)
from domains.returns.models import ApprovedUnits, NewReturnLine, ReturnRefundMethod, ReturnStatus, WishedGoods
from tests.domains.order.storefront import Storefront
from tests.domains.returns.delivered_orders import DeliveredOrder, deliver


async def refused(delivered: DeliveredOrder, *units: int, **given: Any) -> list[tuple[type, tuple[str, ...]]]:
    """The errors of a request that is refused, each with its path."""
    with pytest.raises(DomainError) as caught:
        await delivered.request(*units, **given)
    return [(type(error), error.field) for error in errors_of(caught.value)]


async def test_a_request_takes_units_and_has_a_number_of_the_company(delivered: DeliveredOrder) -> None:
    first = await delivered.request(1, 2, notes="  too big ")
    second = await delivered.request(2)
    assert (first.rma_number, second.rma_number) == ("RMA-1001", "RMA-1002")
    assert (first.status, first.return_notes, first.user_id) == (
        ReturnStatus.PENDING,
        "too big",
        delivered.buyer.user_id,
    )
    assert [(item.product_sku, item.quantity) for item in await delivered.items_of(first)] == [("A", 1), ("B", 2)]
    assert await refused(delivered, 1) == [(ReturnQuantityTooLarge, ("lines", "0", "quantity"))]
    assert (await delivered.current()).units_returned == 0


async def test_a_request_takes_eight_statements_at_most(delivered: DeliveredOrder) -> None:
    await delivered.shop.services.returns.settings.current(delivered.shop.database.reader(delivered.shop.company_id))
    with counting() as count:
        await delivered.request(1, 1)
    assert count.data <= 8


async def test_units_of_ended_requests_can_be_requested_again(delivered: DeliveredOrder) -> None:
    rejected, cancelled = await delivered.request(2), await delivered.request(1)
    await delivered.run(lambda tx: delivered.returns.endings.reject(tx, tx.actor, rejected.id, "Worn"))
    await delivered.run(lambda tx: delivered.returns.endings.cancel(tx, delivered.buyer, cancelled.id))
    assert (await delivered.request(3)).status is ReturnStatus.PENDING


async def test_units_that_are_not_approved_can_be_requested_again(delivered: DeliveredOrder) -> None:
    request = await delivered.request(3)
    (item,) = await delivered.items_of(request)
    await delivered.approve(request, lines=[approved(item.id, 1)])
    assert await refused(delivered, 3) == [(ReturnQuantityTooLarge, ("lines", "0", "quantity"))]
    assert (await delivered.request(2)).status is ReturnStatus.PENDING


def approved(item_id: UUID, units: int) -> Any:
    return ApprovedUnits(return_item_id=item_id, approved=units)


async def test_units_that_were_refunded_without_a_return_cannot_be_returned(delivered: DeliveredOrder) -> None:
    shop = delivered.shop
    new = NewRefund(lines=[RefundedUnits(delivered.items[0].id, 2)])
    await shop.services.order.refunds.refund(shop.database, shop.system, delivered.order.id, new)
    assert await refused(delivered, 2) == [(ReturnQuantityTooLarge, ("lines", "0", "quantity"))]
    assert (await delivered.request(1)).status is ReturnStatus.PENDING


async def test_the_window_ends_after_its_days(delivered: DeliveredOrder) -> None:
    clock = delivered.shop.clock
    clock.advance(timedelta(days=30))
    await delivered.request(1)
    clock.advance(timedelta(seconds=1))
    assert await refused(delivered, 1, 1) == [
        (ReturnWindowEnded, ("lines", "0", "quantity")),
        (ReturnWindowEnded, ("lines", "1", "quantity")),
    ]
    assert (await delivered.request(1, actor=delivered.shop.system, override_window=True)).user_id is not None
    with pytest.raises(WindowOverrideNotAllowed):
        await delivered.request(1, override_window=True)


async def test_what_is_not_delivered_is_not_returned(shop: Storefront) -> None:
    await shop.stock("A", 5)
    buyer = await shop.customer()
    order = await shop.pay(buyer, await shop.buy(buyer, ("A", 2)))
    items = await shop.services.order.items_of(shop.database.reader(shop.company_id), [order.id])
    pending = DeliveredOrder(shop, buyer, order, items)
    assert await refused(pending, 1) == [(ReturnQuantityTooLarge, ("lines", "0", "quantity"))]
    assert await shop.count("return_requests") == await shop.count("return_counters") == 0


async def test_excluded_products_and_categories_are_refused(delivered: DeliveredOrder) -> None:
    shop = delivered.shop
    a = shop.products["A"]
    settings = shop.services.returns.settings
    await shop.run(lambda tx: settings.update(tx, {"non_returnable_product_ids": [a.id]}, "EUR"))
    assert await refused(delivered, 1, 1) == [(ItemNotReturnable, ("lines", "0", "order_item_id"))]
    await shop.run(
        lambda tx: settings.update(
            tx, {"non_returnable_product_ids": [], "non_returnable_category_ids": [a.category_id]}, "EUR"
        )
    )
    assert len(await refused(delivered, 1, 1)) == 2


async def test_another_customer_cannot_return(delivered: DeliveredOrder) -> None:
    stranger = await delivered.shop.customer()
    with pytest.raises(OrderNotFound):
        await delivered.request(1, actor=stranger)
    with pytest.raises(OrderNotFound):
        await delivered.request(1, actor=Actor.anonymous(delivered.shop.company_id))


async def test_all_that_is_wrong_is_said_at_once(delivered: DeliveredOrder) -> None:
    a, b = (item.id for item in delivered.items)
    lines = [NewReturnLine(order_item_id=a, quantity=0), NewReturnLine(order_item_id=a, quantity=1)]
    wishes = [WishedGoods(product_id=a, quantity=1)]
    assert await refused(delivered, lines=lines, notes="x" * 5_001, wishes=wishes) == [
        (OutOfRange, ("lines", "0", "quantity")),
        (DuplicateValue, ("lines", "1", "order_item_id")),
        (TooLong, ("notes",)),
        (NotApplicable, ("wishes",)),
    ]
    unknown = [
        NewReturnLine(order_item_id=delivered.order.id, quantity=1),
        NewReturnLine(order_item_id=b, quantity=3),
    ]
    assert await refused(delivered, lines=unknown) == [
        (OrderItemNotFound, ("lines", "0", "order_item_id")),
        (ReturnQuantityTooLarge, ("lines", "1", "quantity")),
    ]
    assert await refused(delivered, lines=[]) == [(Required, ("lines",))]
    assert await refused(delivered, lines=[lines[1]] * 101) == [(TooMany, ("lines",))]


async def test_an_order_has_ten_open_requests(shop: Storefront) -> None:
    await shop.stock("A", 20)
    delivered = await deliver(shop, ("A", 11))
    requests = [await delivered.request(1) for _ in range(10)]
    assert await refused(delivered, 1) == [(TooManyOpenReturns, ("order_id",))]
    await delivered.run(lambda tx: delivered.returns.endings.cancel(tx, delivered.buyer, requests[0].id))
    assert (await delivered.request(1)).status is ReturnStatus.PENDING


async def test_wishes_are_kept_for_an_exchange(delivered: DeliveredOrder) -> None:
    product = delivered.shop.products["B"]
    wishes = [WishedGoods(product_id=product.id, quantity=2)]
    request = await delivered.request(1, refund_method=ReturnRefundMethod.EXCHANGE, wishes=wishes)
    assert request.exchange_wishes == [{"product_id": str(product.id), "variant_id": None, "quantity": 2}]


async def test_a_request_can_be_approved_at_once(delivered: DeliveredOrder) -> None:
    shop = delivered.shop
    await shop.run(
        lambda tx: shop.services.returns.settings.update(
            tx, {"returns_auto_approved": True, "return_instructions": "Use the box."}, "EUR"
        )
    )
    request = await delivered.request(2)
    reader = shop.database.reader(shop.company_id)
    (place,) = await delivered.returns.listing.authorizations_of(reader, [request.id])
    assert (request.status, place.rma_number, place.return_instructions) == (
        ReturnStatus.APPROVED,
        request.rma_number,
        "Use the box.",
    )
    assert place.expires_at == shop.clock.now() + timedelta(days=14)
    assert [item.approved for item in await delivered.items_of(request)] == [2]
    assert (await delivered.current()).fulfilment_status is FulfilmentStatus.DELIVERED
