"""The operations of docs/backorders.md, one after the other."""

import httpx

from tests.gateway.demo.guides.test_payment_guide import filled, operations, value
from tests.gateway.demo.test_orders import ask, log_in

CATEGORY = "{ categories(first: 1) { nodes { id } } }"
WAREHOUSES = "{ warehouses(first: 10) { nodes { id code } } }"
TEA = """mutation { productCreate(input: {name: "Tea", categoryId: "…", basePrice: "4", sku: "TEA"}) {
  product { id } errors { message } } }"""
STOCK = """mutation { stockSet(input: {reason: "Opening stock", levels: [
  {sku: "TEA", available: 10, warehouseId: "…"}, {sku: "TEA", available: 4, warehouseId: "…"}]}) {
  changed errors { message } } }"""
CART = """mutation { cartItemAdd(input: {productId: "…", quantity: 12}) {
  cart { id } errors { message } } }"""
ORDER = """mutation { orderCreate(input: {idempotencyKey: "tea", shippingAddress: {fullName: "Vera Field",
  addressLine1: "3 Kiln Lane", city: "Stoke", postalCode: "ST1 1AA", country: "GB"}}) {
  order { id } errors { message } } }"""


async def sold_tea(client: httpx.AsyncClient, staff: str) -> tuple[str, str, str]:
    """A product with 10 units in Stoke and 4 in Bremen: its id, and those of the two warehouses."""
    (category,) = (await ask(client, CATEGORY, staff))["categories"]["nodes"]
    tea = (await value(client, filled(TEA, category["id"]), staff))["product"]["id"]
    listed = (await ask(client, WAREHOUSES, staff))["warehouses"]["nodes"]
    codes = {warehouse["code"]: warehouse["id"] for warehouse in listed}
    await value(client, filled(STOCK, codes["STOKE"], codes["BREMEN"]), staff)
    return tea, codes["STOKE"], codes["BREMEN"]


async def test_the_operations_of_the_guide_sell_on_backorder_and_reallocate(client: httpx.AsyncClient) -> None:
    allocated, reallocate, sell, line = operations("docs/backorders.md")
    staff, customer = await log_in(client, 0), await log_in(client, 1)
    tea, stoke, bremen = await sold_tea(client, staff)
    item = (await value(client, sell, staff))["item"]
    assert (item["availableStock"], item["backorderLimit"], item["backorderKind"]) == (14, 50, "PREORDER")

    await value(client, "mutation { cartClear(input: {}) { errors { message } } }", customer)
    await value(client, filled(CART, tea), customer)
    (shown,) = (await ask(client, line, customer))["cart"]["items"]
    assert (shown["sku"], shown["quantity"]) == ("TEA", 12)
    order = (await value(client, ORDER, customer))["order"]["id"]
    found = (await ask(client, filled(allocated, order), staff))["order"]
    held = {"sku": "TEA", "quantity": 10, "warehouseId": stoke, "status": "ACTIVE"}
    assert found["allocations"] == [held]
    (waiting,) = found["backorders"]
    assert (waiting["quantity"], waiting["status"]) == (2, "WAITING")
    moved = (await value(client, filled(reallocate, order, stoke, bremen), staff))["order"]["allocations"]
    # The units that Stoke no longer holds go to the two that the order waits for.
    assert {each["warehouseId"]: each["quantity"] for each in moved} == {stoke: 10, bremen: 2}
