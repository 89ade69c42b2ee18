"""The operations of docs/stock-transfers.md, one after the other."""

import httpx

from domains.kernel.ids import new_id
from tests.gateway.demo.guides.test_payment_guide import filled, operations, value
from tests.gateway.demo.test_orders import ask, log_in

STOCKED = """query { inventoryItems(first: 50) { nodes { sku availableStock
  levels { availableStock warehouse { id isDefault } } } } }"""
CREATE = """mutation { warehouseCreate(input: {code: "SIDE", name: "Side"}) {
  warehouse { id } errors { message } } }"""


async def test_the_operations_of_the_guide_move_order_and_count_units(client: httpx.AsyncClient) -> None:
    guide = operations("docs/stock-transfers.md")
    create, ship, receive, level, order, place, start, count, complete = guide
    staff = await log_in(client, 0)
    items = (await ask(client, STOCKED, staff))["inventoryItems"]["nodes"]
    sku, source = next(
        (item["sku"], each["warehouse"]["id"])
        for item in items
        for each in item["levels"]
        if each["availableStock"] >= 4
    )
    side = (await value(client, CREATE, staff))["warehouse"]["id"]

    transfer = (await value(client, filled(create, source, side, sku), staff))["transfer"]
    assert (transfer["status"], transfer["toWarehouse"]) == ("DRAFT", {"code": "SIDE"})
    shipped = (await value(client, filled(ship, transfer["id"]), staff))["transfer"]
    assert shipped == {"status": "IN_TRANSIT", "lines": [{"underWay": 4}]}
    received = (await value(client, filled(receive, transfer["id"], sku, str(new_id())), staff))["transfer"]
    assert received["status"] == "PARTIALLY_RECEIVED"
    assert received["lines"] == [{"shipped": 4, "received": 2, "lost": 1, "returned": 0, "underWay": 1}]

    ordered = (await value(client, filled(order, side, sku), staff))["purchaseOrder"]
    assert ordered["warehouse"] == {"code": "SIDE"}
    assert (await value(client, filled(place, ordered["id"]), staff))["purchaseOrder"] == {"status": "ORDERED"}
    (shown,) = (await value(client, filled(level, side), staff))["levels"]["nodes"]
    assert shown == {"availableStock": 2, "incoming": 9, "inventory": {"sku": sku}}

    take = (await value(client, filled(start, side), staff))["stockTake"]
    (line,) = (await value(client, filled(count, take["id"], sku), staff))["stockTake"]["lines"]["nodes"]
    assert line == {"expected": 2, "counted": 3, "difference": 1}
    assert (await value(client, filled(complete, take["id"]), staff))["stockTake"] == {"status": "COMPLETED"}
    results = await client.get(
        f"/export/stock-takes.csv?stockTakeId={take['id']}", headers={"authorization": f"Bearer {staff}"}
    )
    assert f"{sku},2,3,1," in results.text
