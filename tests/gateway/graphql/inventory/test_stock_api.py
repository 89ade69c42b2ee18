"""Stock through the API: lists, changes and settings for staff, and refusals."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from domains.inventory.models import StockLine
from domains.kernel.ids import new_id
from tests.gateway.graphql.catalog.operations import codes
from tests.gateway.site import Site

Stocked = Callable[..., Awaitable[str]]
ITEMS = """query ($filter: InventoryFilterInput, $search: String, $sortBy: InventorySortInput) {
  inventoryItems(filter: $filter, search: $search, sortBy: $sortBy) { totalCount nodes { sku } } }"""
MOVEMENTS = """query ($filter: MovementFilterInput, $search: String, $sortBy: MovementSortInput, $first: Int) {
  stockMovements(filter: $filter, search: $search, sortBy: $sortBy, first: $first) {
    nodes { type quantity reference inventory { sku product { name } } } } }"""
LOW = "query ($t: Int) { lowStock(threshold: $t) { nodes { sku availableStock reorderPoint reorderQuantity } } }"
BULK = """mutation ($input: StockBulkUpdateInput!) { stockBulkUpdate(input: $input) {
  items { sku availableStock totalStock }
  errors { code message path ... on InsufficientStockError { sku shortages { sku requested available } } } } }"""
REORDER = """mutation ($input: StockReorderUpdateInput!) { stockReorderUpdate(input: $input) {
  item { sku reorderPoint reorderQuantity location } errors { code path } } }"""


async def skus(shop: Site, **variables: Any) -> list[str]:
    page = (await shop.data(ITEMS, "admin", **variables))["inventoryItems"]
    assert page["totalCount"] == len(page["nodes"])
    return [node["sku"] for node in page["nodes"]]


async def moved(shop: Site, **variables: Any) -> list[tuple[str, str, int]]:
    nodes = (await shop.data(MOVEMENTS, "admin", **variables))["stockMovements"]["nodes"]
    return [(node["inventory"]["sku"], node["type"], node["quantity"]) for node in nodes]


async def reserve(shop: Site, sku: str, quantity: int) -> None:
    actor, inventory = shop.actors["customer"], shop.services.inventory
    await shop.database.run(
        lambda tx: inventory.reservations.reserve(
            tx, actor, [StockLine(sku, quantity)], order_id=new_id(), expires_at=None
        ),
        actor,
    )


async def test_stock_is_filtered_searched_and_sorted(shop: Site, stocked: Stocked) -> None:
    product = await stocked(**{"A-1": 5, "A-2": 1, "B-1": 9})
    await reserve(shop, "A-1", 2)
    assert await codes(shop, "stockReorderUpdate", {"sku": "B-1", "reorderPoint": 9}, "admin") == []

    assert await skus(shop) == ["A-1", "A-2", "B-1"]
    assert await skus(shop, search="A-") == ["A-1", "A-2"]
    assert await skus(shop, search="a-") == ["A-1", "A-2"]
    assert await skus(shop, search="%") == []
    for nothing in ("\u200b", "\N{WRAPPED PRESENT}", "nothing"):
        assert await skus(shop, search=nothing) == [], nothing
    assert await skus(shop, sortBy={"field": "AVAILABLE_STOCK", "direction": "DESC"}) == ["B-1", "A-1", "A-2"]
    for wanted, found in (
        ({"availableAtMost": 3}, ["A-1", "A-2"]),
        ({"availableAtLeast": 3}, ["A-1", "B-1"]),
        ({"availableAtLeast": 3, "availableAtMost": 3}, ["A-1"]),
        ({"isLow": True}, ["B-1"]),
        ({"isLow": False}, ["A-1", "A-2"]),
        ({"isReserved": True}, ["A-1"]),
        ({"isReserved": False}, ["A-2", "B-1"]),
        ({"productId": product}, ["A-1", "A-2", "B-1"]),
        ({"productId": str(new_id())}, []),
        ({}, ["A-1", "A-2", "B-1"]),
    ):
        assert await skus(shop, filter=wanted) == found, wanted


async def test_the_ledger_is_filtered_searched_and_sorted(shop: Site, stocked: Stocked) -> None:
    product = await stocked(A=5, B=1)
    delivery = {"sku": "A", "quantity": 3, "type": "RETURN", "reference": "D-1"}
    assert await codes(shop, "stockUpdate", delivery, "admin") == []
    await reserve(shop, "A", 2)
    times = await shop.data("{ stockMovements(first: 2) { nodes { createdAt } } }", "admin")
    last, delivered = [node["createdAt"] for node in times["stockMovements"]["nodes"]]

    first, second = ("A", "RETURN", 3), ("A", "RESERVATION", 2)
    assert (await moved(shop))[:2] == [second, first]
    assert (await moved(shop, sortBy={"direction": "ASC"}))[2:] == [first, second]
    assert await moved(shop, search="D-") == [first]
    assert await moved(shop, search="b") == [("B", "PURCHASE", 1)]
    assert await moved(shop, search="nothing") == []
    for wanted, found in (
        ({"sku": "A", "type": "RETURN"}, [first]),
        ({"sku": "B", "type": "RETURN"}, []),
        ({"sku": "unknown"}, []),
        ({"productId": product, "types": ["RETURN", "RESERVATION"]}, [second, first]),
        ({"productId": str(new_id())}, []),
        ({"types": []}, []),
        ({"reference": "D-1"}, [first]),
        ({"since": last}, [second]),
        ({"since": delivered, "until": last}, [first]),
        ({"performedBy": str(shop.actors["customer"].user_id)}, [second]),
    ):
        assert await moved(shop, filter=wanted) == found, wanted


async def test_empty_ranges_are_refused(shop: Site) -> None:
    upside_down = {"since": "2026-02-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"}
    for query, wanted, path in (
        (ITEMS, {"availableAtLeast": 5, "availableAtMost": 4}, ["filter", "availableAtMost"]),
        (MOVEMENTS, upside_down, ["filter", "until"]),
    ):
        (error,) = (await shop.ask(query, "admin", filter=wanted))["errors"]
        assert (error["extensions"]["code"], error["extensions"]["input"]) == ("RANGE_INVERTED", path)
        assert error["message"].startswith("This range ends at ")


async def test_low_stock_is_listed_with_the_scarcest_first(shop: Site, stocked: Stocked) -> None:
    await stocked(A=5, B=2, C=3)
    for sku, point in (("A", 5), ("B", 4), ("C", 2)):
        given = {"sku": sku, "reorderPoint": point, "reorderQuantity": 10}
        assert await codes(shop, "stockReorderUpdate", given, "admin") == []

    low = (await shop.data(LOW, "admin"))["lowStock"]["nodes"]
    assert low == [
        {"sku": "B", "availableStock": 2, "reorderPoint": 4, "reorderQuantity": 10},
        {"sku": "A", "availableStock": 5, "reorderPoint": 5, "reorderQuantity": 10},
    ]
    low = (await shop.data(LOW, "admin", t=3))["lowStock"]["nodes"]
    assert [node["sku"] for node in low] == ["B", "C"]


async def test_many_skus_are_changed_together(shop: Site, stocked: Stocked) -> None:
    await stocked(A=5, B=2)
    given = {"type": "PURCHASE", "changes": [{"sku": "B", "quantity": 3}, {"sku": "A", "quantity": 1}]}
    payload = (await shop.data(BULK, "admin", input=given))["stockBulkUpdate"]
    assert payload == {
        "items": [
            {"sku": "A", "availableStock": 6, "totalStock": 6},
            {"sku": "B", "availableStock": 5, "totalStock": 5},
        ],
        "errors": [],
    }
    assert shop.count.data == 5


async def test_no_changes_change_nothing(shop: Site, stocked: Stocked, snapshot: Any) -> None:
    await stocked(A=5)
    before = await snapshot()
    assert (await shop.data(BULK, "admin", input={"changes": []}))["stockBulkUpdate"] == {"items": [], "errors": []}
    assert await snapshot() == before


async def test_many_skus_are_changed_together_or_not_at_all(shop: Site, stocked: Stocked, snapshot: Any) -> None:
    await stocked(A=5, B=2, C=1)
    before = await snapshot()
    given = [{"sku": "C", "quantity": -2}, {"sku": "B", "quantity": -3}, {"sku": "A", "quantity": -1}]
    payload = (await shop.data(BULK, "admin", input={"changes": given}))["stockBulkUpdate"]
    (error,) = payload["errors"]
    assert (payload["items"], error["code"], error["sku"]) == (None, "INSUFFICIENT_STOCK", "B")
    assert error["shortages"] == [
        {"sku": "B", "requested": 3, "available": 2},
        {"sku": "C", "requested": 2, "available": 1},
    ]
    assert await snapshot() == before


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"changes": [{"sku": "A", "quantity": 0}]}, "OUT_OF_RANGE", ["input", "changes", "0", "quantity"]),
        ({"changes": [{"sku": "A", "quantity": 2**31 - 1}]}, "OUT_OF_RANGE", ["input", "changes", "0", "quantity"]),
        (
            {"changes": [{"sku": "A", "quantity": 1}, {"sku": "A", "quantity": 1}]},
            "DUPLICATE_VALUE",
            ["input", "changes", "1", "sku"],
        ),
        (
            {"changes": [{"sku": "A", "quantity": -1}], "type": "PURCHASE"},
            "MOVEMENT_DIRECTION_WRONG",
            ["input", "changes", "0", "quantity"],
        ),
        (
            {"changes": [{"sku": "A", "quantity": 1}], "type": "THEFT"},
            "MOVEMENT_DIRECTION_WRONG",
            ["input", "changes", "0", "quantity"],
        ),
        (
            {"changes": [{"sku": "A", "quantity": 1}], "type": "RELEASE"},
            "MOVEMENT_TYPE_NOT_ALLOWED",
            ["input", "type"],
        ),
    ],
)
async def test_an_invalid_change_is_refused_with_its_path(
    shop: Site, stocked: Stocked, snapshot: Any, given: dict[str, Any], code: str, path: list[str]
) -> None:
    await stocked(A=5)
    before = await snapshot()
    (error,) = (await shop.data(BULK, "admin", input=given))["stockBulkUpdate"]["errors"]
    assert (error["code"], error["path"]) == (code, path)
    assert await snapshot() == before


@pytest.mark.parametrize("kind", ["RESERVATION", "RELEASE"])
async def test_reserved_units_cannot_be_changed_by_staff(shop: Site, stocked: Stocked, kind: str) -> None:
    await stocked(A=5)
    assert await codes(shop, "stockUpdate", {"sku": "A", "quantity": 1, "type": kind}, "admin") == [
        "MOVEMENT_TYPE_NOT_ALLOWED"
    ]
    assert await moved(shop, filter={"sku": "A"}) == [("A", "PURCHASE", 5)]


async def test_reorder_settings_are_changed_individually(shop: Site, stocked: Stocked) -> None:
    await stocked(A=5)

    async def say(**given: Any) -> Any:
        payload = (await shop.data(REORDER, "admin", input={"sku": "A", **given}))["stockReorderUpdate"]
        return payload["item"] or payload["errors"]

    full = {"sku": "A", "reorderPoint": 3, "reorderQuantity": 10, "location": "Shelf 4"}
    assert await say(reorderPoint=3, reorderQuantity=10, location=" Shelf 4 ") == full
    assert await say() == full
    assert await say(reorderPoint=None, location=None) == {**full, "location": None}
    assert await say(reorderPoint=-1) == [{"code": "OUT_OF_RANGE", "path": ["input", "reorderPoint"]}]
    assert await say(reorderQuantity=2**31 - 1) == [{"code": "OUT_OF_RANGE", "path": ["input", "reorderQuantity"]}]
    assert await say(location="x" * 300) == [{"code": "TOO_LONG", "path": ["input", "location"]}]


async def test_a_page_of_the_ledger_with_skus_and_products_executes_three_statements(
    shop: Site, stocked: Stocked
) -> None:
    await stocked(A=5, B=2, C=3)
    await shop.data(MOVEMENTS, "admin")
    assert shop.count.data == 3
    await shop.data("{ lowStock(first: 5) { nodes { sku product { name } } } }", "admin")
    assert shop.count.data <= 2


async def test_each_item_has_its_own_paginated_ledger(shop: Site, stocked: Stocked) -> None:
    await stocked(A=5, B=2)
    for quantity in (1, 2, 3):
        assert await codes(shop, "stockUpdate", {"sku": "A", "quantity": quantity}, "admin") == []
    query = """query ($first: Int, $after: String, $last: Int) { inventoryItems { nodes { sku
      movements(first: $first, after: $after, last: $last) {
        totalCount nodes { quantity balanceAfter } pageInfo { hasNextPage endCursor } } } } }"""

    async def ledgers(**args: Any) -> dict[str, Any]:
        nodes = (await shop.data(query, "admin", **args))["inventoryItems"]["nodes"]
        return {node["sku"]: node["movements"] for node in nodes}

    page = await ledgers(first=2)
    assert shop.count.data == 3
    assert [(node["quantity"], node["balanceAfter"]) for node in page["A"]["nodes"]] == [(3, 11), (2, 8)]
    assert (page["A"]["totalCount"], page["A"]["pageInfo"]["hasNextPage"]) == (4, True)
    assert [node["quantity"] for node in page["B"]["nodes"]] == [2]
    rest = await ledgers(first=2, after=page["A"]["pageInfo"]["endCursor"])
    assert [node["quantity"] for node in rest["A"]["nodes"]] == [1, 5]
    assert [node["quantity"] for node in (await ledgers(last=1))["A"]["nodes"]] == [5]


@pytest.mark.parametrize("token", [None, "customer", "clerk", "editor", "stranger"])
async def test_lists_of_stock_require_staff_of_the_company(shop: Site, stocked: Stocked, token: str | None) -> None:
    await stocked(A=0)
    for query, field in ((LOW, "lowStock"), (ITEMS, "inventoryItems"), (MOVEMENTS, "stockMovements")):
        answer = await shop.ask(query, token)
        if token == "stranger":
            assert answer["data"][field]["nodes"] == []
        else:
            expected = "FORBIDDEN" if token else "UNAUTHENTICATED"
            assert [error["extensions"]["code"] for error in answer["errors"]] == [expected]


async def test_an_item_has_its_variant_and_whether_it_is_low(shop: Site, stocked: Stocked) -> None:
    await stocked(A=5, B=1)
    assert await codes(shop, "stockReorderUpdate", {"sku": "B", "reorderPoint": 1}, "admin") == []
    query = "{ inventoryItems { nodes { sku isLow variant { sku stock } } } }"
    assert (await shop.data(query, "admin"))["inventoryItems"]["nodes"] == [
        {"sku": "A", "isLow": False, "variant": {"sku": "A", "stock": 5}},
        {"sku": "B", "isLow": True, "variant": {"sku": "B", "stock": 1}},
    ]


async def test_the_stock_of_one_sku_is_found(shop: Site, stocked: Stocked) -> None:
    await stocked(**{"A-1": 5})
    query = "query ($sku: String!) { inventoryItem(sku: $sku) { sku totalStock } }"
    assert (await shop.data(query, "admin", sku="A-1"))["inventoryItem"] == {"sku": "A-1", "totalStock": 5}
    assert (await shop.data(query, "admin", sku="a-1"))["inventoryItem"] is None
    (error,) = (await shop.ask(query, "customer", sku="A-1"))["errors"]
    assert error["extensions"]["code"] == "FORBIDDEN"


async def test_stock_is_found_by_the_end_of_a_sku_and_by_its_product(shop: Site, stocked: Stocked) -> None:
    await stocked(**{"A-1": 5, "A-2": 1, "B-1": 9})
    assert await skus(shop, search="B-1") == await skus(shop, search="\u200bb-1 ") == ["B-1"]
    assert await skus(shop, search="polo") == ["A-1", "A-2", "B-1"]
    assert await skus(shop, search="pollo") == []
    assert await stocked(**{"170000D000237": 1})
    assert await skus(shop, search="d000237") == ["170000D000237"]
    assert await moved(shop, search="d000237") == [("170000D000237", "PURCHASE", 1)]
