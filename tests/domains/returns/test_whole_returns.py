"""Processing of returns: approval, rejection, receipt, inspection, tracking, closing, expiry."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domains.inventory import movements
from domains.inventory.errors import StockLimitExceeded, WarehouseInactive, WarehouseNotFound
from domains.kernel.errors import DomainError, DuplicateValue, OutOfRange
from domains.kernel.ids import new_id
from domains.kernel.validation import errors_of
from domains.order.editing.models import NewEdit
from domains.order.editing.new_lines import NewOrderLine
from domains.order.models import FulfilmentStatus
from domains.returns.errors import (
    MoreThanApproved,
    MoreThanReceived,
    MoreThanRequested,
    ReturnItemNotFound,
    ReturnNotAllowed,
    ReturnRequestNotFound,
)
from domains.returns.models import (
    ApprovedUnits,
    InspectedUnits,
    ParcelEvent,
    ReceivedUnits,
    ReturnCondition,
    ReturnRequest,
    ReturnStatus,
    TrackingSource,
    TrackingStatus,
)
from tests.domains.order.allocation.warehouses import open_warehouse
from tests.domains.order.storefront import Storefront
from tests.domains.returns.delivered_orders import DeliveredOrder, delivery

Paths = list[tuple[type, tuple[str, ...]]]


async def refusal(work: Any) -> Paths:
    """The errors of work that is refused, each with its path."""
    with pytest.raises(DomainError) as caught:
        await work
    return [(type(error), error.field) for error in errors_of(caught.value)]


async def inspect(delivered: DeliveredOrder, request: ReturnRequest, *lines: InspectedUnits) -> ReturnRequest:
    return await delivered.run(lambda tx: delivered.returns.receipts.inspect(tx, tx.actor, request.id, lines))


async def history(delivered: DeliveredOrder, request_id: UUID) -> list[tuple[str, str | None]]:
    reader = delivered.shop.database.reader(delivered.shop.company_id)
    rows = await delivered.returns.listing.history_of(reader, [request_id])
    return [(row.status.value, row.notes) for row in rows]


async def topics_of(delivered: DeliveredOrder, request_id: UUID) -> list[str]:
    """The topics of the events about a return request, each once."""
    rows = await delivered.shop.owner.fetch(
        "select distinct topic from outbox_events where aggregate_id = $1 order by 1", request_id
    )
    return [row[0] for row in rows]


async def test_a_return_from_the_request_to_its_end(delivered: DeliveredOrder) -> None:
    shop = delivered.shop
    request = await delivered.approve(await delivered.request(2, 1))
    assert request.status is ReturnStatus.APPROVED
    sent = await delivered.run(
        lambda tx: delivered.returns.parcels.mark_shipped(
            tx, delivered.buyer, request.id, carrier_name=" Post ", tracking_number="JD1"
        )
    )
    assert sent.status is ReturnStatus.IN_TRANSIT
    partly = await delivered.receive(request, 1)
    assert (partly.status, (await delivered.current()).units_returned) == (ReturnStatus.IN_TRANSIT, 1)
    complete = await delivered.receive(request, 1, 1)
    assert (complete.status, (await delivered.current()).units_returned) == (ReturnStatus.RECEIVED, 3)
    assert (await delivered.current()).fulfilment_status is FulfilmentStatus.PARTIALLY_RETURNED
    a, b = await delivered.items_of(request)
    await inspect(
        delivered,
        request,
        InspectedUnits(return_item_id=a.id, restocked=1, damaged=1, condition=ReturnCondition.USED),
        InspectedUnits(return_item_id=b.id, restocked=1),
    )
    assert (await shop.level("A"), await shop.level("B")) == ((8, 0), (9, 0))
    assert (await shop.ledger("A"))[("RETURN", 1, 0)] == 1
    a, b = await delivered.items_of(request)
    assert (a.restocked, a.damaged, a.condition, b.restocked) == (1, 1, ReturnCondition.USED, 1)
    closed = await delivered.run(lambda tx: delivered.returns.endings.close(tx, tx.actor, request.id, notes="Done"))
    assert closed.status is ReturnStatus.CLOSED
    assert await history(delivered, request.id) == [
        ("PENDING", None),
        ("APPROVED", None),
        ("IN_TRANSIT", None),
        ("RECEIVED", None),
        ("CLOSED", "Done"),
    ]
    assert await topics_of(delivered, request.id) == [
        "return.approved",
        "return.closed",
        "return.inspected",
        "return.received",
        "return.requested",
        "return.shipped",
    ]


async def test_staff_say_that_no_more_will_come(delivered: DeliveredOrder) -> None:
    request = await delivered.approve(await delivered.request(3))
    assert (await delivered.receive(request, 1, is_complete=True)).status is ReturnStatus.RECEIVED
    assert (await delivered.receive(request, 2)).status is ReturnStatus.RECEIVED
    assert (await delivered.current()).units_returned == 3


async def test_an_approval_refuses_what_is_wrong_with_it(delivered: DeliveredOrder) -> None:
    request = await delivered.request(2, 1)
    a, b = await delivered.items_of(request)
    lines = [
        ApprovedUnits(return_item_id=a.id, approved=3),
        ApprovedUnits(return_item_id=b.id, approved=-1),
        ApprovedUnits(return_item_id=b.id, approved=1),
    ]
    assert await refusal(delivered.approve(request, lines=lines[:2], warehouse_id=new_id())) == [
        (MoreThanRequested, ("lines", "0", "approved")),
        (OutOfRange, ("lines", "1", "approved")),
        (WarehouseNotFound, ("warehouse_id",)),
    ]
    assert await refusal(delivered.approve(request, lines=lines[1:])) == [
        (DuplicateValue, ("lines", "1", "return_item_id"))
    ]
    unknown = [ApprovedUnits(return_item_id=request.id, approved=1)]
    assert await refusal(delivered.approve(request, lines=unknown)) == [
        (ReturnItemNotFound, ("lines", "0", "return_item_id"))
    ]
    nothing = [ApprovedUnits(return_item_id=a.id, approved=0)]
    assert await refusal(delivered.approve(request, lines=nothing)) == [(OutOfRange, ("lines",))]
    assert [item.approved for item in await delivered.items_of(request)] == [0, 0]
    await delivered.approve(request)
    assert await refusal(delivered.approve(request)) == [(ReturnNotAllowed, ("return_request_id",))]


async def test_a_rejected_return_cannot_go_on(delivered: DeliveredOrder) -> None:
    request, endings = await delivered.request(2), delivered.returns.endings
    rejected = await delivered.run(lambda tx: endings.reject(tx, tx.actor, request.id, " Worn "))
    assert (rejected.status, rejected.rejection_reason) == (ReturnStatus.REJECTED, "Worn")
    (item,) = await delivered.items_of(request)
    line = [ReceivedUnits(return_item_id=item.id, received=1)]
    for work in (
        lambda tx: endings.reject(tx, tx.actor, request.id, "Again"),
        lambda tx: endings.close(tx, tx.actor, request.id),
        lambda tx: endings.cancel(tx, tx.actor, request.id),
        lambda tx: delivered.returns.receipts.receive(tx, tx.actor, request.id, line),
        lambda tx: delivered.returns.parcels.mark_shipped(tx, tx.actor, request.id),
    ):
        assert await refusal(delivered.run(work)) == [(ReturnNotAllowed, ("return_request_id",))]


async def test_never_more_is_received_than_approved_or_inspected_than_received(delivered: DeliveredOrder) -> None:
    request = await delivered.request(3, 2)
    a, b = await delivered.items_of(request)
    await delivered.approve(request, lines=[ApprovedUnits(return_item_id=a.id, approved=2)])
    assert await refusal(delivered.receive(request, 3, 1)) == [
        (MoreThanApproved, ("lines", "0", "received")),
        (MoreThanApproved, ("lines", "1", "received")),
    ]
    await delivered.receive(request, 1)
    too_many = InspectedUnits(return_item_id=a.id, restocked=1, damaged=1)
    assert await refusal(inspect(delivered, request, too_many)) == [(MoreThanReceived, ("lines", "0", "restocked"))]
    nothing = InspectedUnits(return_item_id=b.id)
    assert await refusal(inspect(delivered, request, nothing)) == [(OutOfRange, ("lines", "0", "restocked"))]
    assert (await delivered.shop.level("A"), (await delivered.current()).units_returned) == ((7, 0), 1)


async def test_stock_that_cannot_come_in_is_refused_at_its_line(
    delivered: DeliveredOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = await delivered.approve(await delivered.request(3, 2))
    a, b = await delivered.items_of(request)
    await delivered.receive(request, 3, 2)
    closed = await open_warehouse(delivered.shop, "CLOSED")
    await delivered.shop.owner.execute("update warehouses set is_active = false where id = $1", closed)
    damaged = InspectedUnits(return_item_id=a.id, damaged=1)
    for warehouse_id, error in ((new_id(), WarehouseNotFound), (closed, WarehouseInactive)):
        wrong = InspectedUnits(return_item_id=b.id, restocked=1, warehouse_id=warehouse_id)
        assert await refusal(inspect(delivered, request, damaged, wrong)) == [(error, ("lines", "1", "warehouse_id"))]
    monkeypatch.setattr(movements, "MAX_STOCK", 9)
    full = InspectedUnits(return_item_id=b.id, restocked=2)
    assert await refusal(inspect(delivered, request, damaged, full)) == [
        (StockLimitExceeded, ("lines", "1", "restocked"))
    ]
    assert [item.damaged for item in await delivered.items_of(request)] == [0, 0]


async def test_two_lines_of_one_sku_are_restocked_together(shop: Storefront) -> None:
    await shop.stock("A", 10)
    buyer, clerk = await shop.customer(), await shop.staff()
    order = await shop.accept(buyer, await shop.buy(buyer, ("A", 2)))
    (item,) = await shop.services.order.items_of(shop.database.reader(shop.company_id), [order.id])
    new = NewEdit(add_lines=[NewOrderLine(product_id=item.product_id, quantity=3)])
    edited = await shop.services.order.edits.edit(shop.database, clerk, order.id, new)
    delivered = await delivery(shop, buyer, edited.order)
    request = await delivered.approve(await delivered.request(2, 3))
    await delivered.receive(request, 2, 3)
    items = await delivered.items_of(request)
    await inspect(delivered, request, *(InspectedUnits(return_item_id=each.id, restocked=2) for each in items))
    assert await shop.level("A") == (9, 0)
    assert [each.restocked for each in await delivered.items_of(request)] == [2, 2]


async def test_a_return_whose_goods_came_is_not_cancelled(delivered: DeliveredOrder) -> None:
    request = await delivered.approve(await delivered.request(2))
    await delivered.receive(request, 1)
    cancel = delivered.run(lambda tx: delivered.returns.endings.cancel(tx, delivered.buyer, request.id))
    assert await refusal(cancel) == [(ReturnNotAllowed, ("return_request_id",))]


async def test_a_stranger_finds_no_return(delivered: DeliveredOrder) -> None:
    request, stranger = await delivered.request(1), await delivered.shop.customer()
    for work in (
        lambda tx: delivered.returns.endings.cancel(tx, stranger, request.id),
        lambda tx: delivered.returns.parcels.mark_shipped(tx, stranger, request.id),
    ):
        with pytest.raises(ReturnRequestNotFound):
            await delivered.run(work)
    reader = delivered.shop.database.reader(delivered.shop.company_id)
    with pytest.raises(ReturnRequestNotFound):
        await delivered.returns.by_number(reader, stranger, request.rma_number)
    assert await delivered.returns.by_number(reader, delivered.buyer, request.rma_number.lower()) == request


async def test_events_of_a_parcel_count_once_and_by_the_carriers_time(delivered: DeliveredOrder) -> None:
    shop, parcels = delivered.shop, delivered.returns.parcels
    request, now = await delivered.approve(await delivered.request(1)), delivered.shop.clock.now()
    late = ParcelEvent(status=TrackingStatus.DELIVERED, timestamp=now - timedelta(hours=1), location="London")
    early = ParcelEvent(status=TrackingStatus.PICKED_UP, timestamp=now - timedelta(hours=5))
    for event in (late, early, late):
        after = await delivered.run(
            lambda tx, event=event: parcels.add_event(tx, tx.actor, request.id, event, TrackingSource.MANUAL)
        )
    assert (after.status, await shop.count("return_tracking")) == (ReturnStatus.IN_TRANSIT, 2)
    reader = shop.database.reader(shop.company_id)
    (place,) = await delivered.returns.listing.authorizations_of(reader, [request.id])
    assert (place.tracking_status, place.tracked_at) == (TrackingStatus.DELIVERED, late.timestamp)
    future = ParcelEvent(status=TrackingStatus.DELIVERED, timestamp=now + timedelta(minutes=1))
    work = delivered.run(lambda tx: parcels.add_event(tx, tx.actor, request.id, future, TrackingSource.MANUAL))
    assert await refusal(work) == [(OutOfRange, ("timestamp",))]


async def test_goods_that_are_not_sent_in_time_close_the_return(delivered: DeliveredOrder) -> None:
    endings, clock = delivered.returns.endings, delivered.shop.clock
    late = await delivered.approve(await delivered.request(1))
    sent = await delivered.approve(await delivered.request(1))
    await delivered.run(lambda tx: delivered.returns.parcels.mark_shipped(tx, delivered.buyer, sent.id))
    assert await delivered.shop.run(endings.close_expired) == 0
    clock.advance(timedelta(days=14))
    assert [await delivered.shop.run(endings.close_expired) for _ in range(2)] == [1, 0]
    assert (await history(delivered, late.id))[-1] == ("CLOSED", "Not sent in time")
    assert (await history(delivered, sent.id))[-1] == ("IN_TRANSIT", None)
