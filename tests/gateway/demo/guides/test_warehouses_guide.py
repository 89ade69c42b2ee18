"""The operations of docs/warehouses.md, one after the other."""

import httpx

from tests.gateway.demo.guides.test_payment_guide import filled, operations, value
from tests.gateway.demo.test_orders import ask, log_in

CATEGORY = "{ categories(first: 1) { nodes { id } } }"
PRODUCT = """mutation { productCreate(input: {name: "Slate", categoryId: "…", basePrice: "4", sku: "SLATE-1"}) {
  product { id } errors { message } } }"""


async def test_the_operations_of_the_guide_fill_a_warehouse(client: httpx.AsyncClient) -> None:
    create, count, show, movements = operations("docs/warehouses.md")
    staff = await log_in(client, 0)
    (category,) = (await ask(client, CATEGORY, staff))["categories"]["nodes"]
    await value(client, filled(PRODUCT, category["id"]), staff)
    made = (await value(client, create, staff))["warehouse"]
    assert (made["code"], made["countries"], made["isDefault"]) == ("EAST", ["GB", "IE"], False)
    counted = await value(client, filled(count, "SLATE-1", made["id"]), staff)
    assert (counted["changed"], counted["items"][0]["availableStock"]) == (1, 12)
    assert counted["items"][0]["levels"] == [{"warehouse": {"code": "EAST"}, "availableStock": 12}]
    shown = await value(client, show, staff)
    assert [(level["inventory"]["sku"], level["totalStock"]) for level in shown["levels"]["nodes"]] == [
        ("SLATE-1", 12)
    ]
    (entry,) = (await value(client, filled(movements, made["id"]), staff))["nodes"]
    assert entry == {"type": "ADJUSTMENT", "quantity": 12, "balanceAfter": 12, "warehouse": {"code": "EAST"}}
