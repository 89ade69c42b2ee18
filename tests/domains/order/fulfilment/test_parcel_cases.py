"""Parcels of orders with labels, pick-up points, digital lines and authorized payments, and beside edits."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domains.kernel.errors import DomainError
from domains.kernel.idempotency.attempts import Attempt
from domains.order.editing.models import LineChange, NewEdit
from domains.order.fulfilment.errors import ItemNotShipped, NotOfPickupWarehouse
from domains.order.models import Order, OrderStatus
from domains.payment.models import CaptureMode
from domains.shipping.carriers.models import NewLabel
from domains.shipping.carriers.requests import Parcel
from domains.shipping.shipments.errors import LabelOfShipment
from tests.domains.order.allocation.warehouses import open_warehouse
from tests.domains.order.fulfilment.shipped_orders import cancel, contents, paid_order, ship, units
from tests.domains.order.storefront import Storefront
from tests.race_runs import repeated

S = OrderStatus


async def authorized(shop: Storefront, buyer: Any, order: Order) -> Order:
    """An order whose payment is held until its shipment."""
    await shop.set_mode(CaptureMode.ON_SHIPMENT)
    return await shop.pay(buyer, order)


async def edit(shop: Storefront, clerk: Any, order: Order, **wanted: int) -> Any:
    """Change the units of lines by SKU."""
    ids = {each.order_item_id: each.quantity for each in await units(shop, order, wanted)}
    new = NewEdit(changes=[LineChange(item_id, number) for item_id, number in ids.items()])
    return await shop.services.order.edits.edit(shop.database, clerk, order.id, new)


@repeated
async def test_an_edit_and_a_shipment_at_once_agree_on_the_units(shop: Storefront, run: int) -> None:
    await shop.stock("A", 5)
    buyer, clerk = await shop.customer(), await shop.staff()
    order = await paid_order(shop, buyer, ("A", 3))
    tries = [edit(shop, clerk, order, A=1), ship(shop, clerk, order, {"A": 2})]
    outcomes = await asyncio.gather(*(tries if run % 2 else reversed(tries)), return_exceptions=True)
    assert {type(each).__name__ for each in outcomes if isinstance(each, DomainError)} <= {
        "LinePacked",
        "OverShipped",
    }
    assert sum(isinstance(each, BaseException) for each in outcomes) == 1
    after = await shop.order(order.id)
    assert (after.units_dropped, after.units_shipped) in ((2, 0), (0, 2))
    wanted = 3 - after.units_dropped
    assert await shop.level("A") == (5 - wanted, wanted - after.units_shipped)


async def test_an_edit_that_drops_the_rest_completes_a_delivered_order(shop: Storefront) -> None:
    await shop.stock("A", 5)
    buyer, clerk = await shop.customer(), await shop.staff()
    order = await paid_order(shop, buyer, ("A", 3))
    await ship(shop, clerk, order, {"A": 2})
    update = shop.services.order.update_status
    part = await shop.run(lambda tx: update(tx, clerk, order.id, S.DELIVERED), clerk)
    assert (part.status, part.units_delivered, part.delivered_at) == (S.PROCESSING, 2, None)
    await edit(shop, clerk, order, A=2)
    ended = await shop.order(order.id)
    assert (ended.status, ended.delivered_at, await shop.level("A")) == (S.DELIVERED, shop.clock.now(), (3, 0))


async def test_the_first_dispatch_captures_what_an_edit_left_to_pay(shop: Storefront) -> None:
    await shop.stock("A", 5)
    buyer, clerk = await shop.customer(), await shop.staff()
    order = await shop.buy(buyer, ("A", 3))
    order = await authorized(shop, buyer, order)
    await edit(shop, clerk, order, A=2)
    assert (await shop.order(order.id)).total == Decimal(20)
    await ship(shop, clerk, order, {"A": 1})
    shop.clock.advance(timedelta(minutes=5))
    await shop.services.order.reconciliation.reconcile(shop.database, shop.system)
    paid = await shop.order(order.id)
    assert (paid.amount_captured, paid.amount_authorized, paid.status) == (Decimal(20), Decimal(0), S.PROCESSING)
    await ship(shop, clerk, order)
    assert (await shop.order(order.id)).status is S.SHIPPED


async def test_digital_lines_are_in_no_shipment(shop: Storefront) -> None:
    await shop.stock("A", 5)
    await shop.stock("KEY", 5, requires_shipping=False)
    buyer, clerk = await shop.customer(), await shop.staff()
    order = await paid_order(shop, buyer, ("A", 2), ("KEY", 1))
    with pytest.raises(ItemNotShipped):
        await ship(shop, clerk, order, {"KEY": 1})
    await ship(shop, clerk, order, {"A": 1})
    part = await shop.order(order.id)
    assert (part.units_shipped, part.units_delivered, part.delivered_at) == (2, 1, None)
    await ship(shop, clerk, order)
    assert await contents(shop, order) == {1: ("IN_TRANSIT", {"A": 1}), 2: ("IN_TRANSIT", {"A": 1})}
    assert (await shop.order(order.id)).status is S.SHIPPED


async def test_a_label_of_a_shipment_is_not_voided(shop: Storefront) -> None:
    await shop.stock("A", 5)
    buyer, clerk = await shop.customer(), await shop.staff()
    await shop.run(lambda tx: shop.services.tax.settings.update(tx, {"tax_country": "GB"}, "EUR"))
    order, other = await paid_order(shop, buyer, ("A", 1)), await paid_order(shop, buyer, ("A", 1))
    shipping = shop.services.shipping
    carrier = await shop.run(
        lambda tx: shipping.carriers.create(tx, {"name": "Post", "code": "post", "adapter": "MANUAL"})
    )
    new = NewLabel(
        carrier_id=carrier.id,
        service="PARCEL",
        parcel=Parcel(Decimal(1)),
        tracking_number="JD0042",
        cost=Decimal("3.50"),
    )
    label = await shop.services.order.label_purchases.buy(shop.database, clerk, order.id, new)
    with pytest.raises(DomainError, match="label"):
        await ship(shop, clerk, other, details={"label_id": label.id})
    packed = await ship(shop, clerk, order, is_dispatched=False, details={"label_id": label.id})
    assert (packed.tracking_number, packed.cost, packed.carrier_id) == ("JD0042", Decimal("3.50"), carrier.id)
    with pytest.raises(LabelOfShipment):
        await shipping.labels.void(Attempt(shop.database), clerk, label.id)
    await cancel(shop, clerk, packed)
    again = await ship(shop, clerk, order, details={"label_id": label.id})
    assert (again.label_id, again.tracking_number) == (label.id, "JD0042")


async def test_an_order_with_packed_units_is_cancelled_as_a_whole(shop: Storefront) -> None:
    await shop.stock("A", 5)
    buyer, clerk = await shop.customer(), await shop.staff()
    accepted = await shop.accept(buyer, await shop.buy(buyer, ("A", 2)))
    await ship(shop, clerk, accepted, {"A": 1}, is_dispatched=False)
    await shop.services.order.cancel_order(shop.database, clerk, accepted.id)
    refunded = await paid_order(shop, buyer, ("A", 2))
    await ship(shop, clerk, refunded, {"A": 1}, is_dispatched=False)
    await shop.services.order.refunds.refund(shop.database, clerk, refunded.id)
    for order, status in ((accepted, S.CANCELLED), (refunded, S.REFUNDED)):
        assert (await shop.order(order.id)).status is status
        assert await contents(shop, order) == {1: ("CANCELLED", {"A": 1})}
    assert await shop.level("A") == (5, 0)


async def test_a_pickup_order_is_shipped_by_its_warehouse_alone(shop: Storefront) -> None:
    await shop.stock("A", 5)
    north = await open_warehouse(shop, "NORTH", stock={"A": 3})
    buyer, clerk = await shop.customer(), await shop.staff()
    order = await paid_order(shop, buyer, ("A", 2))
    main = await shop.owner.fetchval(
        "select id from warehouses where company_id = $1 and is_default", shop.company_id
    )
    await shop.owner.execute("update orders set pickup_warehouse_id = $2 where id = $1", order.id, main)
    with pytest.raises(NotOfPickupWarehouse):
        await ship(shop, clerk, order, warehouse_id=north)
    made = await ship(shop, clerk, order)
    assert (made.warehouse_id, made.destination_id) == (main, None)
