"""Shipments over HTTP: made, dispatched, divided and cancelled by staff, and shown to buyers."""

from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from tests.domains.actors import administrator, member
from tests.domains.order.fulfilment.shipped_orders import paid_order, ship
from tests.domains.order.storefront import Storefront
from tests.gateway.graphql.order.operations import key
from tests.gateway.site import Site

SHIPMENT: Final = """id number position status trackingNumber carrierName shippedAt
  lines { orderItemId sku quantity } order { status fulfilmentStatus trackingNumber }"""
CREATE: Final = f"""mutation ($input: ShipmentCreateInput!) {{ shipmentCreate(input: $input) {{
  shipment {{ {SHIPMENT} }} errors {{ code message path }} }} }}"""
BARE: Final = """mutation ($input: ShipmentCreateInput!) { shipmentCreate(input: $input) {
  shipment { id } errors { code } } }"""
READS: Final = Grant(PermissionResource.ORDERS, PermissionAction.READ)
UPDATE: Final = """mutation ($input: ShipmentUpdateInput!) { shipmentUpdate(input: $input) {
  shipment { trackingNumber cost { amount } weight } errors { code path } } }"""
DISPATCH: Final = f"""mutation ($input: ShipmentDispatchInput!) {{ shipmentDispatch(input: $input) {{
  shipment {{ {SHIPMENT} }} errors {{ code path }} }} }}"""
CANCEL: Final = """mutation ($input: ShipmentCancelInput!) { shipmentCancel(input: $input) {
  shipment { id status } errors { code path } } }"""
SPLIT: Final = """mutation ($input: ShipmentSplitInput!) { shipmentSplit(input: $input) {
  shipment { number lines { quantity } } newShipment { number lines { quantity } } errors { code path } } }"""
ORDER: Final = """query ($id: ID!) { order(id: $id) { shipments { number status lines { quantity } }
  items { packedQuantity shippedQuantity } } }"""
ORDERS: Final = """{ orders(first: 50) { nodes { orderNumber shipments { number status lines { sku quantity } }
  items { packedQuantity shippedQuantity } } } }"""
LIST: Final = """query ($filter: ShipmentFilterInput) { shipments(filter: $filter) {
  totalCount nodes { number order { orderNumber } } } }"""
COST: Final = "query ($id: ID!) { order(id: $id) { shipments { cost { amount } } } }"
NODE: Final = "query ($id: ID!) { node(id: $id) { id ... on Shipment { number } } }"
BY_TOKEN: Final = "query ($token: String!) { orderByToken(orderToken: $token) { shipments { number status } } }"


@pytest.fixture
async def shop(site: Site, owner: Any) -> AsyncIterator[Storefront]:
    made = Storefront(site.services, site.database, site.clock, site.company_id, owner)
    yield made
    assert await made.broken() == []


async def lines_of(shop: Storefront, order_id: UUID) -> list[dict[str, Any]]:
    items = await shop.services.order.items_of(shop.database.reader(shop.company_id), [order_id])
    return [{"orderItemId": str(item.id), "quantity": item.quantity} for item in items]


async def test_a_shipment_of_three_lines_takes_eight_statements(shop: Storefront, site: Site) -> None:
    for sku in ("A", "B", "C"):
        await shop.stock(sku, 5)
    buyer, clerk = await shop.customer(), await shop.staff()
    for _ in range(2):  # the first fills the caches
        order = await paid_order(shop, buyer, ("A", 2), ("B", 1), ("C", 1))
        given = {"idempotencyKey": key(), "orderId": str(order.id), "trackingNumber": "jd 0001"}
        with counting() as count:
            made = await site.do(CREATE.replace("order {", "_: order {"), clerk, **given)
    assert count.data <= 8 + 3, count.texts  # three relations of the answer: its number, lines and order
    with counting() as count:
        repeated = await site.do(CREATE.replace("order {", "_: order {"), clerk, **given)
    assert repeated == made
    shipment = made["shipment"]
    assert shipment["number"] == f"{order.order_number}-1"
    assert (shipment["status"], shipment["trackingNumber"]) == ("IN_TRANSIT", "JD0001")
    assert shipment["_"] == {"status": "SHIPPED", "fulfilmentStatus": "FULFILLED", "trackingNumber": "JD0001"}
    assert [line["quantity"] for line in shipment["lines"]] == [2, 1, 1]


async def test_the_write_of_a_shipment_takes_eight_statements(shop: Storefront, site: Site) -> None:
    for sku in ("A", "B", "C"):
        await shop.stock(sku, 5)
    buyer, clerk = await shop.customer(), await shop.staff()
    for _ in range(2):  # the first fills the caches
        order = await paid_order(shop, buyer, ("A", 2), ("B", 1), ("C", 1))
        with counting() as count:
            await site.do(BARE, clerk, idempotencyKey=key(), orderId=str(order.id))
    assert count.data <= 8, count.texts


async def test_a_packed_shipment_is_divided_dispatched_and_cancelled(shop: Storefront, site: Site) -> None:
    await shop.stock("A", 5)
    buyer, clerk = await shop.customer(), await shop.staff()
    order = await paid_order(shop, buyer, ("A", 4))
    (line,) = await lines_of(shop, order.id)
    given = {"idempotencyKey": key(), "orderId": str(order.id), "lines": [{**line, "quantity": 3}]}
    packed = (await site.do(CREATE, clerk, **given, isDispatched=False))["shipment"]
    assert (packed["status"], packed["shippedAt"], packed["order"]["status"]) == ("PENDING", None, "PROCESSING")
    split = {"idempotencyKey": key(), "shipmentId": packed["id"], "lines": [{**line, "quantity": 1}]}
    divided = await site.do(SPLIT, clerk, **split)
    assert divided == await site.do(SPLIT, clerk, **split)
    assert [each["lines"] for each in (divided["shipment"], divided["newShipment"])] == [
        [{"quantity": 2}],
        [{"quantity": 1}],
    ]
    known = await site.do(UPDATE, clerk, shipmentId=packed["id"], weight="1.5", cost="4.90")
    assert known["shipment"] == {"trackingNumber": None, "cost": {"amount": "4.90"}, "weight": "1.500"}
    sent = (await site.do(DISPATCH, clerk, shipmentId=packed["id"], trackingNumber="JD0002"))["shipment"]
    assert (sent["status"], sent["trackingNumber"]) == ("IN_TRANSIT", "JD0002")
    error = await site.refused(CANCEL, clerk, shipmentId=packed["id"])
    assert error == {"code": "SHIPMENT_NOT_PENDING", "path": ["input", "shipmentId"]}
    reader = shop.database.reader(shop.company_id)
    found = await shop.services.shipping.shipments.of_orders(reader, [order.id])
    (other,) = [each for each in found if str(each.id) != packed["id"]]
    cancelled = (await site.do(CANCEL, clerk, shipmentId=str(other.id)))["shipment"]
    assert cancelled == {"id": str(other.id), "status": "CANCELLED"}
    shown = await site.value(ORDER, buyer, id=str(order.id))
    number = order.order_number
    assert shown == {
        "shipments": [
            {"number": f"{number}-1", "status": "IN_TRANSIT", "lines": [{"quantity": 2}]},
            {"number": f"{number}-2", "status": "CANCELLED", "lines": [{"quantity": 1}]},
        ],
        "items": [{"packedQuantity": 2, "shippedQuantity": 2}],
    }


async def test_mistakes_are_told_with_their_paths(shop: Storefront, site: Site) -> None:
    await shop.stock("A", 5)
    buyer, clerk = await shop.customer(), await shop.staff()
    order = await paid_order(shop, buyer, ("A", 2))
    (line,) = await lines_of(shop, order.id)
    lines = [{**line, "quantity": 3}, {"orderItemId": str(new_id()), "quantity": 1}]
    given = {"orderId": str(order.id), "lines": lines, "carrierId": str(new_id())}
    errors = (await site.value(CREATE, clerk, input={"idempotencyKey": key(), **given}))["errors"]
    assert [(each["code"], each["path"]) for each in errors] == [
        ("NOT_FOUND", ["input", "carrierId"]),
        ("OVER_SHIPPED", ["input", "lines", "0", "quantity"]),
        ("NOT_FOUND", ["input", "lines", "1", "orderItemId"]),
    ]
    error = await site.refused(CREATE, clerk, idempotencyKey=key(), orderId=str(order.id), warehouseId=str(new_id()))
    assert (error["code"], error["path"]) == ("NOT_FOUND", ["input", "warehouseId"])
    assert await site.value(ORDER, clerk, id=str(order.id)) == {
        "shipments": [],
        "items": [{"packedQuantity": 0, "shippedQuantity": 0}],
    }


async def test_only_staff_who_may_update_orders_ship_them(shop: Storefront, site: Site, other_company: UUID) -> None:
    await shop.stock("A", 5)
    buyer, clerk = await shop.customer(), await shop.staff()
    order = await paid_order(shop, buyer, ("A", 2))
    reader = member(site.company_id, "CLERK", 10, frozenset({READS}))
    given = {"idempotencyKey": key(), "orderId": str(order.id)}
    for who in (buyer, reader):
        assert await site.denied(CREATE, who, input=given) == "FORBIDDEN"
    made = (await site.do(CREATE, clerk, **given))["shipment"]
    for who in (buyer, reader):
        assert await site.denied(CANCEL, who, input={"shipmentId": made["id"]}) == "FORBIDDEN"
    assert await site.denied(LIST, buyer) == "FORBIDDEN"
    assert await site.denied(COST, buyer, id=str(order.id)) == "FORBIDDEN"
    assert (await site.value(NODE, buyer, id=made["id"]))["number"] == made["number"]
    assert await site.value(NODE, await shop.customer(), id=made["id"]) is None
    stranger = administrator(other_company)
    error = await site.refused(CANCEL, stranger, shipmentId=made["id"])
    assert (error["code"], error["path"]) == ("NOT_FOUND", ["input", "shipmentId"])


async def test_shipments_of_many_orders_are_read_at_once(shop: Storefront, site: Site) -> None:
    await shop.stock("A", 50)
    buyer, clerk = await shop.customer(), await shop.staff()
    counts = []
    await site.value(ORDERS, clerk)  # it fills the caches
    for orders in (1, 5):
        for _ in range(orders):
            order = await paid_order(shop, buyer, ("A", 2))
            await ship(shop, clerk, order, {"A": 1})
            await ship(shop, clerk, order, {"A": 1}, is_dispatched=False)
        with counting() as count:
            shown = await site.value(ORDERS, clerk)
        counts.append(count.data)
    assert len(shown["nodes"]) == 6
    assert counts[0] == counts[1], counts
    found = await site.value(LIST, clerk, filter={"orderNumber": order.order_number, "statuses": ["PENDING"]})
    number = {"number": f"{order.order_number}-2", "order": {"orderNumber": order.order_number}}
    assert found == {"totalCount": 1, "nodes": [number]}
    assert (await site.value(LIST, clerk, filter={"orderNumber": "nothing"}))["nodes"] == []
    assert (await site.value(LIST, clerk, filter={"trackingNumber": "JD1"}))["totalCount"] == 0
    assert (await site.value(LIST, clerk))["totalCount"] == 12


async def test_a_guest_sees_the_shipments_of_an_order_by_its_token(shop: Storefront, site: Site) -> None:
    await shop.stock("A", 5)
    guest, clerk = Actor.anonymous(site.company_id), await shop.staff()
    token = await shop.fill(guest, ("A", 1))
    placed = await shop.place(guest, cart_token=token, email="ada@example.com")
    order = await shop.pay(guest, placed.order, token=placed.token)
    await ship(shop, clerk, order)
    shown = await site.value(BY_TOKEN, None, token=placed.token)
    assert shown == {"shipments": [{"number": f"{order.order_number}-1", "status": "IN_TRANSIT"}]}
