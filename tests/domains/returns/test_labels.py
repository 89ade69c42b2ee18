"""Labels of returns: one for each return, whatever dies between, and the tracking number for the buyer."""

import asyncio
from decimal import Decimal

import pytest

from domains.kernel import fail_points
from domains.kernel.fail_points import FailPointReached
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.order.fulfilment.parcels import NewParcel
from domains.returns.errors import ReturnNotAllowed, ReturnRequestNotFound
from domains.returns.labels.errors import ReturnLabelExists, ReturnWithoutAddress
from domains.returns.models import ReturnStatus
from domains.shipping.carriers.errors import LabelRefused
from domains.shipping.carriers.models import LabelStatus, ShippingLabel
from domains.shipping.carriers.requests import Parcel
from domains.shipping.shipments.errors import LabelOfReturn
from tests.domains.returns.delivered_orders import DeliveredOrder
from tests.domains.returns.return_parcels import ReturnParcels


@pytest.fixture
async def parcels(delivered: DeliveredOrder) -> ReturnParcels:
    return await ReturnParcels.opened(delivered)


async def labels(parcels: ReturnParcels) -> list[ShippingLabel]:
    return await parcels.depot.labels()


async def test_a_label_goes_from_the_address_of_the_order_to_the_warehouse(parcels: ReturnParcels) -> None:
    request = await parcels.approved()
    await parcels.buy(request)
    (label,) = await labels(parcels)
    assert (label.is_return, label.status) == (True, LabelStatus.PURCHASED)
    assert (label.origin["city"], label.origin["line_1"]) == ("London", "Dock 1")
    assert label.destination_id == parcels.delivered.order.shipping_address_id
    place = await parcels.place(request)
    assert (place.label_id, place.tracking_number) == (label.id, label.tracking_number)
    assert (place.carrier_id, place.carrier_name) == (parcels.depot.mock.id, "Mock")


async def test_a_purchase_takes_few_statements(parcels: ReturnParcels) -> None:
    await parcels.buy(await parcels.approved())
    request = await parcels.approved()
    with counting() as count:
        await parcels.buy(request)
    assert count.data == 20  # 9 before the carrier is asked, 3 for its answer, and 8 for the authorization


async def test_a_return_has_one_label_that_is_used(parcels: ReturnParcels) -> None:
    request = await parcels.approved()
    outcomes = await asyncio.gather(*(parcels.buy(request) for _ in range(3)), return_exceptions=True)
    assert [type(each) for each in outcomes if isinstance(each, BaseException)] == [ReturnLabelExists] * 2
    assert len(await labels(parcels)) == 1


async def test_the_same_attempt_buys_one_label(parcels: ReturnParcels) -> None:
    request, attempt_id = await parcels.approved(), new_id()
    for _ in range(2):
        await parcels.buy(request, attempt_id)
    assert [label.id for label in await labels(parcels)] == [attempt_id]


@pytest.mark.parametrize("point", ["shipping.label_requested", "shipping.label_bought", "return.label_bought"])
async def test_a_process_that_dies_between_is_finished(parcels: ReturnParcels, point: str) -> None:
    request = await parcels.approved()
    fail_points.arm([f"{point}:raise:1"])
    try:
        with pytest.raises(FailPointReached):
            await parcels.buy(request)
    finally:
        fail_points.arm([])
    with pytest.raises(ReturnLabelExists):
        await parcels.buy(request)
    await parcels.depot.finish()
    await parcels.handle()
    (label,), place = await labels(parcels), await parcels.place(request)
    is_bought = point != "shipping.label_requested"
    assert label.status is (LabelStatus.PURCHASED if is_bought else LabelStatus.FAILED)
    assert place.tracking_number == label.tracking_number
    assert (place.tracking_number is not None) == is_bought


async def test_a_label_that_was_refused_or_voided_makes_room_for_another(parcels: ReturnParcels) -> None:
    request = await parcels.approved()
    with pytest.raises(LabelRefused):
        await parcels.buy(request, parcel=Parcel(Decimal(31)))
    assert (await parcels.place(request)).tracking_number is None
    await parcels.buy(request)
    first = await parcels.depot.label((await parcels.place(request)).label_id or new_id())
    await parcels.depot.void(first)
    await parcels.handle()
    place = await parcels.place(request)
    assert (place.label_id, place.carrier_id, place.tracking_number) == (None, None, None)
    await parcels.buy(request)
    await parcels.handle()  # the purchase and the void of the first label again change nothing
    place = await parcels.place(request)
    assert place.label_id not in (None, first.id)
    assert place.tracking_number not in (None, first.tracking_number)


async def test_only_an_approved_return_gets_a_label(parcels: ReturnParcels) -> None:
    delivered = parcels.delivered
    pending = await delivered.request(1)
    with pytest.raises(ReturnNotAllowed):
        await parcels.buy(pending)
    sent = await parcels.approved()
    await delivered.run(lambda tx: delivered.returns.parcels.mark_shipped(tx, tx.actor, sent.id))
    with pytest.raises(ReturnNotAllowed):
        await parcels.buy(sent)
    stranger = await delivered.shop.customer()
    parcels.depot.clerk, clerk = stranger, parcels.depot.clerk
    with pytest.raises(ReturnRequestNotFound):
        await parcels.buy(sent)
    parcels.depot.clerk = clerk
    assert await labels(parcels) == []


async def test_an_order_without_an_address_gets_none(parcels: ReturnParcels) -> None:
    request, shop = await parcels.approved(), parcels.delivered.shop
    address_id = parcels.delivered.order.shipping_address_id
    await shop.owner.execute("update orders set shipping_address_id = null where id = $1", request.order_id)
    with pytest.raises(ReturnWithoutAddress):
        await parcels.buy(request)
    await shop.owner.execute("update orders set shipping_address_id = $2 where id = $1", request.order_id, address_id)
    assert (await parcels.current(request)).status is ReturnStatus.APPROVED


async def test_a_shipment_refuses_the_label_of_a_return(parcels: ReturnParcels) -> None:
    shop, delivered, clerk = parcels.delivered.shop, parcels.delivered, parcels.depot.clerk
    await parcels.buy(await parcels.approved())
    (label,) = await labels(parcels)
    order = await shop.pay(delivered.buyer, await shop.buy(delivered.buyer, ("A", 1)))
    moved = "update shipping_labels set order_id = $2 where id = $1"
    await shop.owner.execute(moved, label.id, order.id)  # as if the order had goods that are not shipped yet
    new = NewParcel(order_id=order.id, details={"label_id": label.id})
    with pytest.raises(LabelOfReturn):
        await shop.run(lambda tx: shop.services.order.parcels.create(tx, clerk, new), clerk)
    await shop.owner.execute(moved, label.id, delivered.order.id)
