"""The operations of docs/warehouses.md, one after the other."""

import httpx

from tests.gateway.demo.test_orders import ask, log_in
from tests.gateway.demo.test_payment_guide import filled, operations, value

ITEM = "query { inventoryItems(first: 1) { nodes { sku availableStock } } }"


async def test_the_operations_of_the_guide_create_and_stock_a_warehouse(client: httpx.AsyncClient) -> None:
    create, stock, warehouse, movements = operations("docs/warehouses.md")
    staff = await log_in(client, 0)
    east = (await value(client, create, staff))["warehouse"]
    assert (east["code"], east["countries"], east["isDefault"]) == ("EAST", ["GB", "IE"], False)
    (item,) = (await ask(client, ITEM, staff))["inventoryItems"]["nodes"]
    changed = await value(client, filled(stock, item["sku"], east["id"]), staff)
    assert (changed["changed"], changed["items"][0]["availableStock"]) == (1, item["availableStock"] + 12)
    assert {"availableStock": 12, "warehouse": {"code": "EAST"}} in changed["items"][0]["levels"]
    (level,) = (await value(client, warehouse, staff))["levels"]["nodes"]
    assert (level["inventory"]["sku"], level["totalStock"]) == (item["sku"], 12)
    (movement,) = (await value(client, filled(movements, east["id"]), staff))["nodes"]
    assert (movement["type"], movement["balanceAfter"]) == ("ADJUSTMENT", 12)
