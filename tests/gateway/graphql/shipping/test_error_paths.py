"""Errors of shipments and returns name the fields of their own inputs, whichever domain raises them."""

from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from domains.kernel.ids import new_id
from domains.order.fulfilment import packed_units
from domains.shipping.tracking.models import TrackingStatus as T
from tests.domains.order.allocation.warehouses import open_warehouse
from tests.domains.order.fulfilment.shipped_orders import cancel, paid_order, ship
from tests.domains.order.storefront import Storefront
from tests.domains.returns.delivered_orders import deliver
from tests.domains.shipping.tracking.parcels import Parcels
from tests.gateway.graphql.order.operations import key
from tests.gateway.graphql.returns import operations
from tests.gateway.site import Site

CREATE: Final = """mutation ($input: ShipmentCreateInput!) { shipmentCreate(input: $input) {
  shipment { id } errors { code path } } }"""
DISPATCH: Final = CREATE.replace("ShipmentCreate", "ShipmentDispatch").replace("shipmentCreate", "shipmentDispatch")
SPLIT: Final = CREATE.replace("ShipmentCreate", "ShipmentSplit").replace("shipmentCreate", "shipmentSplit")
BACK: Final = CREATE.replace("ShipmentCreate", "ShipmentReceiveBack").replace("shipmentCreate", "shipmentReceiveBack")
SHIPMENT: Final = ["input", "shipmentId"]
RESERVE: Final = "update reservations set quantity = $3 where company_id = $1 and order_id = $2"


@pytest.fixture
async def shop(site: Site, owner: Any) -> AsyncIterator[Storefront]:
    """The shop behind the gateway; all invariants are checked after every test."""
    made = Storefront(site.services, site.database, site.clock, site.company_id, owner)
    yield made
    assert await made.broken() == []


async def test_a_dispatch_that_is_refused_names_the_shipment(shop: Storefront, site: Site) -> None:
    await shop.stock("A", 5)
    buyer, clerk = await shop.customer(), await shop.staff()
    order = await paid_order(shop, buyer, ("A", 2))
    packed = await ship(shop, clerk, order, is_dispatched=False)
    holds = shop.services.order.holds
    await shop.run(lambda tx: holds.place(tx, clerk, order.id, "Fraud?"), clerk)
    refused = await site.refused(DISPATCH, clerk, shipmentId=str(packed.id))
    assert refused == {"code": "ORDER_ON_HOLD", "path": SHIPMENT}
    await shop.run(lambda tx: holds.release(tx, clerk, order.id), clerk)
    await shop.owner.execute(RESERVE, shop.company_id, order.id, 1)
    refused = await site.refused(DISPATCH, clerk, shipmentId=str(packed.id))
    assert refused == {"code": "NOT_RESERVED", "path": SHIPMENT}
    await shop.owner.execute(RESERVE, shop.company_id, order.id, 2)
    await site.do(DISPATCH, clerk, shipmentId=str(packed.id))


async def test_a_shipment_of_all_that_is_left_names_the_warehouse_without_it(shop: Storefront, site: Site) -> None:
    await shop.stock("A", 5)
    buyer, clerk = await shop.customer(), await shop.staff()
    order = await paid_order(shop, buyer, ("A", 2))
    other = await open_warehouse(shop, "NORTH", stock={"A": 1})
    given = {"orderId": str(order.id), "warehouseId": str(other)}
    refused = await site.refused(CREATE, clerk, **given, idempotencyKey=key())
    assert refused == {"code": "UNITS_ELSEWHERE", "path": ["input", "warehouseId"]}


async def test_an_order_has_a_limit_of_shipments(
    shop: Storefront, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert packed_units.MAX_SHIPMENTS == 250
    monkeypatch.setattr(packed_units, "MAX_SHIPMENTS", 2)
    await shop.stock("A", 5)
    buyer, clerk = await shop.customer(), await shop.staff()
    order = await paid_order(shop, buyer, ("A", 3))
    await cancel(shop, clerk, await ship(shop, clerk, order, {"A": 2}, is_dispatched=False))
    packed = await ship(shop, clerk, order, {"A": 2}, is_dispatched=False)
    refused = await site.refused(CREATE, clerk, idempotencyKey=key(), orderId=str(order.id))
    assert refused == {"code": "TOO_MANY_SHIPMENTS", "path": ["input", "orderId"]}
    (item,) = await shop.services.order.items_of(shop.database.reader(shop.company_id), [order.id])
    one = {"orderItemId": str(item.id), "quantity": 1}
    split = {"idempotencyKey": key(), "shipmentId": str(packed.id), "lines": [one]}
    assert await site.refused(SPLIT, clerk, **split) == {"code": "TOO_MANY_SHIPMENTS", "path": SHIPMENT}
    assert await shop.count("shipments") == 2


async def test_goods_that_come_back_name_the_warehouse(shop: Storefront, site: Site) -> None:
    parcels = await Parcels.opened(shop)
    _, shipment = await parcels.sent()
    await parcels.entered(shipment, T.RETURN_TO_SENDER)
    given = {"idempotencyKey": key(), "shipmentId": str(shipment.id), "warehouseId": str(new_id())}
    refused = await site.refused(BACK, parcels.clerk, **given)
    assert refused == {"code": "NOT_FOUND", "path": ["input", "warehouseId"]}


async def test_returns_name_the_warehouse_of_a_line_and_the_carrier(shop: Storefront, site: Site) -> None:
    await shop.stock("A", 5)
    delivered, clerk = await deliver(shop, ("A", 2)), await shop.staff()
    request = await delivered.request(2)
    given = {"returnRequestId": str(request.id)}
    refused = await site.refused(operations.APPROVE, clerk, **given, carrierId=str(new_id()))
    assert (refused["code"], refused["path"]) == ("NOT_FOUND", ["input", "carrierId"])
    await delivered.approve(request)
    await delivered.receive(request, 2)
    (item,) = await delivered.items_of(request)
    line = {"returnItemId": str(item.id), "restocked": 1, "warehouseId": str(new_id())}
    refused = await site.refused(operations.INSPECT, clerk, **given, idempotencyKey=key(), lines=[line])
    assert (refused["code"], refused["path"]) == ("NOT_FOUND", ["input", "lines", "0", "warehouseId"])
