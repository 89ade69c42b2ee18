"""Stock takes through the API: started, counted, completed, and refused."""

import csv
import io

import pytest

from domains.kernel.actor import Actor, ActorKind
from domains.kernel.ids import new_id
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from tests.gateway.graphql.inventory.documents.test_transfers import available, wrong
from tests.gateway.site import Site

SHOWN = """stockTake { id number status warehouseId
  lines(first: 10) { nodes { expected counted difference inventory { sku } } } }
  errors { code message path ... on StockTakeBelowReservedError { sku missing reserved orders { orderId quantity } } }
} }"""
START = f"mutation ($input: StockTakeCreateInput!) {{ stockTakeCreate(input: $input) {{ {SHOWN}"
COUNT = f"mutation ($input: StockTakeCountInput!) {{ stockTakeCount(input: $input) {{ {SHOWN}"
COMPLETE = f"mutation ($input: StockTakeCompleteInput!) {{ stockTakeComplete(input: $input) {{ {SHOWN}"
CANCEL = f"mutation ($input: StockTakeCancelInput!) {{ stockTakeCancel(input: $input) {{ {SHOWN}"
LIST = """query ($filter: StockTakeFilterInput) { stockTakes(filter: $filter) {
  totalCount nodes { number lines(first: 5) { totalCount nodes { counted } } } } }"""
ONE = "query ($id: ID!) { stockTake(id: $id) { number status } }"


async def start(shop: Site, warehouse_id: str) -> str:
    made = await shop.do(START, "admin", warehouseId=warehouse_id)
    assert made["errors"] == []
    return str(made["stockTake"]["id"])


async def test_a_stock_take_corrects_the_difference_and_not_what_was_sold(
    shop: Site, warehouses: tuple[str, str]
) -> None:
    take = await start(shop, warehouses[0])
    counted = await shop.do(COUNT, "admin", id=take, lines=[{"sku": "A", "counted": 8}, {"sku": "B", "counted": 5}])
    assert counted["stockTake"]["lines"]["nodes"] == [
        {"expected": 10, "counted": 8, "difference": -2, "inventory": {"sku": "A"}},
        {"expected": 5, "counted": 5, "difference": 0, "inventory": {"sku": "B"}},
    ]
    actor = shop.actors["admin"]
    await shop.database.run(lambda tx: shop.services.inventory.update_stock(tx, "A", -3), actor)
    completed = await shop.do(COMPLETE, "admin", id=take)
    assert (completed["stockTake"]["number"], completed["stockTake"]["status"]) == ("ST-1001", "COMPLETED")
    assert await available(shop, "A") == 5
    assert await wrong(shop, COMPLETE, id=take) == [("STOCK_TAKE_NOT_OPEN", "id")]
    page = (await shop.data(LIST, "admin", filter={"statuses": ["COMPLETED"]}))["stockTakes"]
    assert page["nodes"][0]["lines"]["totalCount"] == 2


async def test_units_that_orders_have_reserved_are_named(shop: Site, warehouses: tuple[str, str]) -> None:
    take, order_id = await start(shop, warehouses[0]), new_id()
    reserve = shop.services.inventory.reserve_stock
    await shop.database.run(lambda tx: reserve(tx, "A", 6, order_id), shop.actors["admin"])
    await shop.do(COUNT, "admin", id=take, lines=[{"sku": "A", "counted": 4}])
    error = await shop.refused(COMPLETE, "admin", id=take)
    assert (error["code"], error["sku"], error["missing"]) == ("STOCK_TAKE_BELOW_RESERVED", "A", 2)
    assert error["orders"] == [{"orderId": str(order_id), "quantity": 6}]


async def test_bad_counts_name_the_line(shop: Site, warehouses: tuple[str, str]) -> None:
    take = await start(shop, warehouses[0])
    lines = [{"sku": "A", "counted": -1}, {"sku": "", "counted": 1}]
    assert await wrong(shop, COUNT, id=take, lines=lines) == [
        ("OUT_OF_RANGE", "lines.0.counted"),
        ("REQUIRED", "lines.1.sku"),
    ]
    await shop.do(COUNT, "admin", id=take, lines=[{"sku": "A", "counted": 1}])
    other = await start(shop, warehouses[0])
    assert await wrong(shop, COUNT, id=other, lines=[{"sku": "A", "counted": 1}]) == [
        ("SKU_IN_OPEN_STOCK_TAKE", "lines.0.sku")
    ]
    assert await wrong(shop, COMPLETE, id=other) == [("STOCK_TAKE_NOT_COUNTED", "id")]
    assert await wrong(shop, START, warehouseId=str(new_id())) == [("NOT_FOUND", "warehouseId")]
    assert (await shop.do(CANCEL, "admin", id=other))["stockTake"]["status"] == "CANCELLED"


@pytest.mark.parametrize("who", [None, "customer"])
async def test_only_staff_see_and_count(shop: Site, warehouses: tuple[str, str], who: str | None) -> None:
    take = await start(shop, warehouses[0])
    expected = "UNAUTHENTICATED" if who is None else "FORBIDDEN"
    for operation in (COMPLETE, CANCEL):
        assert await shop.denied(operation, who, input={"id": take}) == expected
    assert await shop.denied(ONE, who, id=take) == expected


async def test_results_are_downloaded_by_those_who_see_stock(shop: Site, warehouses: tuple[str, str]) -> None:
    take = await start(shop, warehouses[0])
    await start(shop, warehouses[1])
    await shop.do(COUNT, "admin", id=take, lines=[{"sku": "A", "counted": 8}, {"sku": "B", "counted": 5}])
    reading = Grant(PermissionResource.INVENTORY, PermissionAction.READ)
    shop.actors["reader"] = Actor(ActorKind.USER, shop.company_id, user_id=new_id(), grants=frozenset({reading}))
    path = "/export/stock-takes.csv"
    for query, status in (("", 200), (f"?stockTakeId={take}", 200), ("?stockTakeId=1", 400), ("?id=1", 400)):
        answer = await shop.send("GET", "reader", f"{path}{query}")
        assert answer.status_code == status
        if status == 200:
            rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
            assert [tuple(row.values())[:7] for row in rows] == [
                ("ST-1001", "MAIN", "OPEN", "A", "10", "8", "-2"),
                ("ST-1001", "MAIN", "OPEN", "B", "5", "5", "0"),
            ]
    assert (await shop.send("GET", "reader", f"{path}?stockTakeId={new_id()}")).status_code == 404
    for who, status in ((None, 401), ("customer", 403), ("editor", 403)):
        assert (await shop.send("GET", who, path)).status_code == status
    assert (await shop.send("GET", "stranger", path)).text.count("\r\n") == 1
    assert (await shop.send("GET", "stranger", f"{path}?stockTakeId={take}")).status_code == 404
