"""The operations of docs/shipments.md, docs/tracking.md and docs/order-notes.md, on orders of the demo."""

from typing import Any

import httpx

from gateway.demo.edits import CHEAPER
from gateway.demo.parcels import HELD
from gateway.infra.postgres import connected
from tests.gateway.demo.guides.test_payment_guide import filled, operations, value
from tests.gateway.demo.test_orders import ask, log_in

ORDERS = """
select o.id::text, o.order_number, o.email, i.id::text as item_id, i.product_id::text, i.sku
from orders o join order_items i on i.order_id = o.id
where i.sku = $1 and o.cancelled_at is null order by right(o.order_number, 6) desc
"""
PARCELS = """
select s.id::text, o.id::text as order_id, o.email, o.order_number || '-' || s.position as number,
  l.order_item_id::text, s.warehouse_id::text
from shipments s join orders o on o.id = s.order_id join shipment_lines l on l.shipment_id = s.id
where s.status::text = $1 order by s.id desc
"""


async def newest(url: str, statement: str, value: str) -> Any:
    """The newest row of a statement."""
    async with connected(url) as connection:
        return await connection.fetchrow(statement, value)


async def test_the_operations_of_the_guide_pack_divide_and_ship_an_order(client: httpx.AsyncClient, url: str) -> None:
    ship, pack, split, cancel, dispatch, pending, shown = operations("docs/shipments.md")
    staff = await log_in(client, 0)
    order = await newest(url, ORDERS, next(iter(CHEAPER)))
    packed = (await value(client, filled(pack, "pack", order["id"], order["item_id"]), staff))["shipment"]
    assert (packed["status"], packed["number"]) == ("PENDING", f"{order['order_number']}-1")
    divided = await value(client, filled(split, "split", packed["id"], order["item_id"]), staff)
    listed = (await value(client, pending, staff))["nodes"]
    assert {packed["number"], divided["newShipment"]["number"]} <= {each["number"] for each in listed}
    cancelled = await value(client, filled(cancel, divided["newShipment"]["id"]), staff)
    assert cancelled["shipment"]["status"] == "CANCELLED"
    sent = (await value(client, filled(dispatch, packed["id"]), staff))["shipment"]
    assert (sent["status"], sent["shippedAt"] is not None) == ("IN_TRANSIT", True)
    rest = (await value(client, filled(ship, "ship", order["id"]), staff))["shipment"]
    assert rest == {"number": f"{order['order_number']}-3", "status": "IN_TRANSIT"}
    items = (await value(client, filled(shown, order["id"]), staff))["items"]
    assert [each for each in items if each["packedQuantity"] != each["shippedQuantity"]] == []


async def test_the_operations_of_the_guide_follow_parcels(client: httpx.AsyncClient, url: str) -> None:
    track, events, add, receive = operations("docs/tracking.md")
    staff = await log_in(client, 0)
    carried = await newest(url, PARCELS, "OUT_FOR_DELIVERY")
    asked = track.replace("2026-000042-1", carried["number"])
    assert await ask(client, asked) == {"trackShipment": []}
    (parcel,) = (await ask(client, asked.replace("ada@example.com", carried["email"])))["trackShipment"]
    assert (parcel["status"], len(parcel["events"])) == ("OUT_FOR_DELIVERY", 3)
    waiting = await newest(url, PARCELS, "READY_FOR_PICKUP")
    collected = (await value(client, filled(add, waiting["id"]), staff))["shipment"]
    assert (collected["status"], collected["events"][-1]["status"]) == ("DELIVERED", "DELIVERED")
    (shown,) = (await value(client, filled(events, waiting["order_id"]), await log_in(client, 1)))["shipments"]
    assert (shown["status"], len(shown["events"])) == ("DELIVERED", 4)
    back = await newest(url, PARCELS, "RETURNED_TO_SENDER")
    came = filled(receive, back["id"], back["warehouse_id"], back["order_item_id"])
    received = (await value(client, came, staff))["shipment"]
    assert [line["restocked"] for line in received["lines"]] == [1]


async def test_the_operations_of_the_guide_write_notes_and_hold_an_order(client: httpx.AsyncClient, url: str) -> None:
    add, notes, update, delete, hold, held, release = operations("docs/order-notes.md")
    staff, order = await log_in(client, 0), await newest(url, ORDERS, next(iter(HELD)))
    note = (await value(client, filled(add, order["id"]), staff))["note"]
    assert note["isInternal"] is True
    assert note["id"] in {
        each["id"] for each in (await value(client, filled(notes, order["id"]), staff))["orderNotes"]
    }
    assert (await value(client, filled(update, note["id"]), staff))["note"] == {"isInternal": False}
    assert (await value(client, filled(delete, note["id"]), staff))["deletedId"] == note["id"]
    changed = (await value(client, filled(hold, order["id"]), staff))["order"]
    listed = (await value(client, held, staff))["nodes"]
    assert [each["holdReason"] for each in listed] == [changed["holdReason"]]
    assert (await value(client, filled(release, order["id"]), staff))["order"] == {"heldAt": None}
