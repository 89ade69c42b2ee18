"""Warehouses through the API: created, changed and closed by staff, and stock by warehouse."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.gateway.graphql.catalog.operations import codes
from tests.gateway.graphql.inventory.test_stock_api import moved, reserve, skus
from tests.gateway.site import Site

Stocked = Callable[..., Awaitable[str]]
FIELDS = "id code name city country priority countries isActive isDefault isPickupPoint"
CREATE = f"""mutation ($input: WarehouseCreateInput!) {{ warehouseCreate(input: $input) {{
  warehouse {{ {FIELDS} }} errors {{ code message path }} }} }}"""
UPDATE = f"""mutation ($input: WarehouseUpdateInput!) {{ warehouseUpdate(input: $input) {{
  warehouse {{ {FIELDS} }} errors {{ code message path }} }} }}"""
DELETE = """mutation ($input: WarehouseDeleteInput!) { warehouseDelete(input: $input) {
  deletedId errors { code message path } } }"""
SET = """mutation ($input: StockSetInput!) { stockSet(input: $input) { changed
  items { sku availableStock levels { warehouse { code } availableStock } } errors { code path } } }"""
ALL = """query ($filter: WarehouseFilterInput, $search: String) {
  warehouses(first: 10, filter: $filter, search: $search) { totalCount nodes { code } } }"""
LEVELS = """query { inventoryItems { nodes { sku availableStock reservedStock quarantinedStock totalStock location
  levels { id availableStock reservedStock quarantinedStock totalStock location warehouse { code }
    inventory { sku } } } } }"""
LEDGER = "query { stockMovements(first: 9) { nodes { warehouse { code name } quarantinedDelta balanceAfter } } }"
IN_WAREHOUSE = """query ($code: String!) { warehouse(code: $code) {
  name levels(first: 5) { totalCount nodes { availableStock inventory { sku } } } } }"""


async def make(site: Site, code: str, **given: Any) -> Any:
    return (await site.do(CREATE, "admin", code=code, name=code.title(), **given))["warehouse"]


async def listed(site: Site, **variables: Any) -> list[str]:
    return [node["code"] for node in (await site.value(ALL, "admin", **variables))["nodes"]]


async def test_staff_create_change_close_and_delete_warehouses(shop: Site, stocked: Stocked) -> None:
    await stocked(A=5)
    made = await make(
        shop, "ber", city="Berlin", country="de", countries=["DE", "AT"], priority=1, isPickupPoint=True
    )
    berlin = made
    flags = {"isActive": True, "isDefault": False, "isPickupPoint": True}
    place = {"city": "Berlin", "country": "DE", "countries": ["AT", "DE"]}
    assert made == {"id": berlin["id"], "code": "BER", "name": "Ber", "priority": 1} | place | flags
    assert await listed(shop) == ["MAIN", "BER"]
    assert await listed(shop, search="main") == ["MAIN"]
    changed = (await shop.do(UPDATE, "admin", id=berlin["id"], isActive=False, city=None))["warehouse"]
    assert (changed["isActive"], changed["city"], changed["country"]) == (False, None, "DE")
    assert await listed(shop, filter={"isActive": True}) == ["MAIN"]
    error = await shop.refused(SET, "admin", levels=[{"sku": "A", "available": 1, "warehouseId": berlin["id"]}])
    assert (error["code"], error["path"]) == ("WAREHOUSE_INACTIVE", ["input", "levels", "0", "warehouseId"])
    assert (await shop.do(DELETE, "admin", id=berlin["id"]))["deletedId"] == berlin["id"]
    assert await listed(shop) == ["MAIN"]


async def test_refused_changes_say_what_to_do(shop: Site, stocked: Stocked) -> None:
    await stocked(A=5)
    main = (await shop.value('{ warehouse(code: "MAIN") { id } }', "admin"))["id"]
    for operation, given, code, path in (
        (CREATE, {"code": "main", "name": "Again"}, "WAREHOUSE_CODE_TAKEN", ["input", "code"]),
        (UPDATE, {"id": main, "isActive": False}, "WAREHOUSE_IS_DEFAULT", ["input", "isActive"]),
        (UPDATE, {"id": main, "isDefault": False}, "WAREHOUSE_IS_DEFAULT", ["input", "isDefault"]),
        (DELETE, {"id": main}, "WAREHOUSE_IS_DEFAULT", ["input", "id"]),
    ):
        error = await shop.refused(operation, "admin", **given)
        assert (error["code"], error["path"]) == (code, path)
    other = await make(shop, "B", isDefault=True)
    assert other["isDefault"]
    error = await shop.refused(UPDATE, "admin", id=main, isActive=False)
    assert (error["code"], error["path"]) == ("WAREHOUSE_HAS_STOCK", ["input", "isActive"])
    assert error["message"].startswith("There are 5 units of 'A' in the warehouse 'MAIN'")
    for arguments in ("", f'(id: "{main}", code: "MAIN")'):
        answer = await shop.ask(f"{{ warehouse{arguments} {{ id }} }}", "admin")
        assert answer["errors"][0]["extensions"]["code"] == "INVALID"
    assert (await shop.value('{ warehouse(code: "NONE") { id } }', "admin")) is None


async def test_stock_is_set_changed_and_shown_by_warehouse(shop: Site, stocked: Stocked) -> None:
    await stocked(A=5, B=2)
    other = (await make(shop, "B1"))["id"]
    payload = await shop.do(SET, "admin", levels=[{"sku": "A", "available": 3, "warehouseId": other}])
    assert payload["changed"] == 1
    assert payload["items"] == [
        {
            "sku": "A",
            "availableStock": 8,
            "levels": [
                {"warehouse": {"code": "B1"}, "availableStock": 3},
                {"warehouse": {"code": "MAIN"}, "availableStock": 5},
            ],
        }
    ]
    change = {"sku": "A", "quantity": -1, "warehouseId": other}
    assert await codes(shop, "stockUpdate", change, "admin") == []
    assert await codes(shop, "stockBulkUpdate", {"changes": [change]}, "admin") == []
    place = {"sku": "A", "location": "Bay 7", "warehouseId": other}
    assert await codes(shop, "stockReorderUpdate", place, "admin") == []
    assert await codes(shop, "stockReorderUpdate", {"sku": "A", "location": "Shelf 1"}, "admin") == []
    await reserve(shop, "A", 6)

    nodes = (await shop.value(LEVELS, "admin"))["nodes"]
    assert shop.count.data == 4
    item = nodes[0]
    assert (item["availableStock"], item["reservedStock"], item["totalStock"], item["location"]) == (
        0,
        6,
        6,
        "Shelf 1",
    )
    assert [
        (level["warehouse"]["code"], level["availableStock"], level["reservedStock"], level["location"])
        for level in item["levels"]
    ] == [("B1", 0, 1, "Bay 7"), ("MAIN", 0, 5, "Shelf 1")]
    assert item["levels"][0]["inventory"] == {"sku": "A"}
    node = await shop.value("query ($id: ID!) { node(id: $id) { id } }", "admin", id=item["levels"][0]["id"])
    assert node == {"id": item["levels"][0]["id"]}


async def test_stock_and_its_ledger_are_listed_by_warehouse(shop: Site, stocked: Stocked) -> None:
    await stocked(A=5, B=2)
    other = (await make(shop, "B1"))["id"]
    for quantity in (3, -1):
        change = {"sku": "A", "quantity": quantity, "warehouseId": other}
        assert await codes(shop, "stockUpdate", change, "admin") == []

    assert await skus(shop, filter={"warehouseId": other}) == ["A"]
    assert await moved(shop, filter={"warehouseId": other}) == [("A", "ADJUSTMENT", 1), ("A", "ADJUSTMENT", 3)]
    entries = (await shop.value(LEDGER, "admin"))["nodes"]
    assert shop.count.data == 2
    assert [entry["warehouse"]["code"] for entry in entries] == ["B1", "B1", "MAIN", "MAIN"]
    shown = await shop.value(IN_WAREHOUSE, "admin", code="main")
    assert shop.count.data == 4
    assert sorted((each["inventory"]["sku"], each["availableStock"]) for each in shown["levels"]["nodes"]) == [
        ("A", 5),
        ("B", 2),
    ]


@pytest.mark.parametrize("token", [None, "customer", "clerk", "stranger"])
async def test_warehouses_are_for_staff_of_the_company(shop: Site, stocked: Stocked, token: str | None) -> None:
    await stocked(A=5)
    main = (await shop.value('{ warehouse(code: "MAIN") { id } }', "admin"))["id"]
    if token == "stranger":
        assert await shop.value("{ warehouses { nodes { code } } }", token) == {"nodes": []}
        assert (await shop.refused(UPDATE, token, id=main, name="Mine"))["code"] == "NOT_FOUND"
        assert (await shop.refused(DELETE, token, id=main))["code"] == "NOT_FOUND"
        return
    expected = "FORBIDDEN" if token else "UNAUTHENTICATED"
    assert await shop.denied("{ warehouses { nodes { code } } }", token) == expected
    assert await shop.denied('{ warehouse(code: "MAIN") { id } }', token) == expected
    for operation, given in ((CREATE, {"code": "X", "name": "X"}), (UPDATE, {"id": main}), (DELETE, {"id": main})):
        assert await shop.denied(operation, token, input=given) == expected
