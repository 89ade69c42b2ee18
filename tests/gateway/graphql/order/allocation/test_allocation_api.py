"""Allocations, backorders and re-allocation of orders in the API."""

from typing import Any

from domains.kernel.actor import Actor
from tests.domains.order.allocation.warehouses import open_warehouse
from tests.domains.order.storefront import Storefront
from tests.gateway.graphql.order.operations import MOVE, key
from tests.gateway.site import Site

TERMS = """mutation ($input: StockBackorderUpdateInput!) { stockBackorderUpdate(input: $input) {
  item { backorderLimit backorderKind promisedAt backorderedUnits } errors { code path } } }"""
SHOW = """query ($id: ID!) { order(id: $id) { allocations { sku quantity warehouseId status }
  backorders { sku quantity allocated kind status promisedAt } } }"""
REALLOCATE = """mutation ($input: OrderReallocateInput!) { orderReallocate(input: $input) {
  order { allocations { quantity warehouseId status } } errors { code path } } }"""
CART = "{ cart { items { available isAvailable availability { status backorderedUnits promisedAt } } } }"
AWAITED = MOVE.replace("code message path", "code ... on OrderAwaitsStockError { awaited { sku units promisedAt } }")
SOON = "2030-01-01T00:00:00+00:00"


async def items(site: Site, buyer: Actor) -> list[Any]:
    return [tuple(item.values()) for item in (await site.data(CART, buyer))["cart"]["items"]]


async def test_a_cart_and_an_order_tell_what_is_waited_for(shop: Storefront, site: Site) -> None:
    product = await shop.stock("A", 1)
    ada, staff = await shop.customer(), await shop.staff()
    terms = {"sku": "A", "limit": 3, "kind": "PREORDER", "promisedAt": SOON}
    changed = (await site.data(TERMS, staff, input=terms))["stockBackorderUpdate"]
    expected = {"backorderLimit": 3, "backorderKind": "PREORDER", "promisedAt": SOON, "backorderedUnits": 0}
    assert (changed["item"], changed["errors"]) == (expected, [])
    await shop.fill(ada, ("A", 1))
    in_stock = {"status": "IN_STOCK", "backorderedUnits": 0, "promisedAt": None}
    assert await items(site, ada) == [(1, True, in_stock)]
    await shop.fill(ada, ("A", 2))
    preordered = {"status": "PREORDER", "backorderedUnits": 2, "promisedAt": SOON}
    assert await items(site, ada) == [(1, True, preordered)]
    order = (await shop.place(ada)).order
    own = SHOW.replace("allocations { sku quantity warehouseId status }", "")
    shown = (await site.data(own, ada, id=str(order.id)))["order"]
    waiting = {"sku": "A", "quantity": 2, "allocated": 0, "kind": "PREORDER", "status": "WAITING", "promisedAt": SOON}
    assert shown == {"backorders": [waiting]}
    assert await site.denied(SHOW, ada, id=str(order.id)) == "FORBIDDEN"
    seen = (await site.data(SHOW, staff, id=str(order.id)))["order"]
    assert [(each["quantity"], each["status"]) for each in seen["allocations"]] == [(1, "ACTIVE")]
    await shop.pay(ada, order)
    move = {"orderId": str(order.id), "status": "PROCESSING"}
    assert (await site.data(MOVE, staff, input=move))["orderStatusUpdate"]["errors"] == []
    shipped = (await site.data(AWAITED, staff, input={**move, "status": "SHIPPED"}))["orderStatusUpdate"]
    awaited = [{"sku": "A", "units": 2, "promisedAt": SOON}]
    assert shipped["errors"] == [{"code": "ORDER_AWAITS_STOCK", "awaited": awaited}]
    low = (await site.data(TERMS, staff, input={"sku": "A", "limit": 1}))["stockBackorderUpdate"]["errors"]
    assert low == [{"code": "BACKORDER_LIMIT_TOO_LOW", "path": ["input", "limit"]}]
    assert product.sku == "A"


async def test_staff_have_another_warehouse_send_an_order_once(shop: Storefront, site: Site) -> None:
    await shop.stock("A", 5)
    ada, staff = await shop.customer(), await shop.staff()
    order = await shop.buy(ada, ("A", 3))
    south = await open_warehouse(shop, "SOUTH", stock={"A": 5})
    ((first, *_),) = [
        tuple(row)
        for row in await shop.owner.fetch(
            "select warehouse_id from reservations where company_id = $1", shop.company_id
        )
    ]
    line = {"sku": "A", "quantity": 2, "fromWarehouseId": str(first), "toWarehouseId": str(south)}
    given = {"idempotencyKey": key(), "orderId": str(order.id), "lines": [line]}
    for _ in range(2):
        moved = (await site.data(REALLOCATE, staff, input=given))["orderReallocate"]
        assert moved["errors"] == []
        allocated = {each["warehouseId"]: each["quantity"] for each in moved["order"]["allocations"]}
        assert allocated == {str(first): 1, str(south): 2}
    again = {**given, "idempotencyKey": key()}
    refused = (await site.data(REALLOCATE, staff, input=again))["orderReallocate"]
    assert refused["errors"] == [{"code": "NOT_RESERVED", "path": ["input", "lines", "0", "quantity"]}]
    assert await site.denied(REALLOCATE, ada, input=again) == "FORBIDDEN"
