"""Stock transfers through the API: drafted, shipped, received in parts, and refused."""

from typing import Any

import pytest

from domains.kernel.ids import new_id
from tests.gateway.site import Site

SHOWN = """transfer { id number status fromWarehouseId toWarehouseId expectedOn
  lines { quantity shipped received lost lostReason returned underWay inventory { sku } } }
  errors { code message path ... on MoreThanUnderWayError { sku requested underWay } } } }"""
CREATE = f"mutation ($input: StockTransferCreateInput!) {{ stockTransferCreate(input: $input) {{ {SHOWN}"
UPDATE = f"mutation ($input: StockTransferUpdateInput!) {{ stockTransferUpdate(input: $input) {{ {SHOWN}"
SHIP = f"mutation ($input: StockTransferShipInput!) {{ stockTransferShip(input: $input) {{ {SHOWN}"
RECEIVE = f"mutation ($input: StockTransferReceiveInput!) {{ stockTransferReceive(input: $input) {{ {SHOWN}"
CANCEL = f"mutation ($input: StockTransferCancelInput!) {{ stockTransferCancel(input: $input) {{ {SHOWN}"
LIST = """query ($filter: StockTransferFilterInput) { stockTransfers(filter: $filter) {
  totalCount nodes { number isOpen lines { underWay inventory { sku } } } } }"""
CLOSE = """mutation ($input: WarehouseUpdateInput!) { warehouseUpdate(input: $input) {
  errors { code message path } } }"""
ONE = "query ($id: ID!) { stockTransfer(id: $id) { number createdAt } }"
STOCK = "query ($sku: String!) { inventoryItem(sku: $sku) { availableStock } }"


async def available(shop: Site, sku: str) -> int:
    found = (await shop.data(STOCK, "admin", sku=sku))["inventoryItem"]
    return int(found["availableStock"])


async def draft(shop: Site, warehouses: tuple[str, str], **units: int) -> Any:
    lines = [{"sku": sku, "quantity": quantity} for sku, quantity in units.items()]
    given = {"fromWarehouseId": warehouses[0], "toWarehouseId": warehouses[1], "lines": lines}
    made = await shop.do(CREATE, "admin", **given)
    assert made["errors"] == []
    return made["transfer"]


async def wrong(shop: Site, mutation: str, **given: Any) -> list[tuple[str, str]]:
    """The code and the path of each error of a refused mutation."""
    payload = await shop.value(mutation, "admin", input=given)
    return [(error["code"], ".".join(error["path"][1:])) for error in payload["errors"]]


async def test_a_transfer_is_drafted_changed_shipped_and_received_in_parts(
    shop: Site, warehouses: tuple[str, str]
) -> None:
    transfer = await draft(shop, warehouses, A=4, B=2)
    assert (transfer["number"], transfer["status"]) == ("TR-1001", "DRAFT")
    await shop.do(UPDATE, "admin", id=transfer["id"], expectedOn="2026-12-24", lines=None)
    shipped = (await shop.do(SHIP, "admin", id=transfer["id"]))["transfer"]
    assert (shipped["status"], shipped["expectedOn"]) == ("IN_TRANSIT", "2026-12-24")
    assert [line["underWay"] for line in shipped["lines"]] == [4, 2]
    assert await available(shop, "A") == 6

    lines = [{"sku": "A", "received": 3, "lost": 1, "lostReason": "Broken"}]
    partly = (await shop.do(RECEIVE, "admin", id=transfer["id"], lines=lines))["transfer"]
    assert partly["status"] == "PARTIALLY_RECEIVED"
    assert partly["lines"][0] == {
        "quantity": 4,
        "shipped": 4,
        "received": 3,
        "lost": 1,
        "lostReason": "Broken",
        "returned": 0,
        "underWay": 0,
        "inventory": {"sku": "A"},
    }
    done = (await shop.do(RECEIVE, "admin", id=transfer["id"]))["transfer"]
    assert done["status"] == "RECEIVED"
    assert [await available(shop, sku) for sku in "AB"] == [9, 5]


async def test_a_receipt_that_is_sent_twice_with_a_key_is_recorded_once(
    shop: Site, warehouses: tuple[str, str]
) -> None:
    transfer = await draft(shop, warehouses, A=4)
    await shop.do(SHIP, "admin", id=transfer["id"])
    given = {"id": transfer["id"], "lines": [{"sku": "A", "received": 2}], "idempotencyKey": str(new_id())}
    first, again = [await shop.do(RECEIVE, "admin", **given) for _ in range(2)]
    assert first == again
    assert first["transfer"]["lines"][0]["received"] == 2
    error = await shop.refused(RECEIVE, "admin", id=transfer["id"], lines=[{"sku": "A", "received": 3}])
    assert (error["code"], error["requested"], error["underWay"]) == ("MORE_THAN_UNDER_WAY", 3, 2)
    assert await available(shop, "A") == 8


async def test_a_cancelled_transfer_returns_its_units(shop: Site, warehouses: tuple[str, str]) -> None:
    transfer = await draft(shop, warehouses, A=4)
    await shop.do(SHIP, "admin", id=transfer["id"])
    cancelled = (await shop.do(CANCEL, "admin", id=transfer["id"]))["transfer"]
    assert (cancelled["status"], cancelled["lines"][0]["returned"]) == ("CANCELLED", 4)
    assert await wrong(shop, CANCEL, id=transfer["id"]) == [("STOCK_TRANSFER_NOT_CANCELLABLE", "id")]
    assert await available(shop, "A") == 10


async def test_bad_input_names_the_field_and_changes_nothing(shop: Site, warehouses: tuple[str, str]) -> None:
    main, north = warehouses

    async def refused(**given: Any) -> list[tuple[str, str]]:
        lines = [{"sku": "A", "quantity": 1}]
        values = {"fromWarehouseId": main, "toWarehouseId": north, "lines": lines} | given
        return await wrong(shop, CREATE, **values)

    assert await refused(toWarehouseId=main) == [("SAME_WAREHOUSE", "toWarehouseId")]
    assert await refused(fromWarehouseId=str(new_id())) == [("NOT_FOUND", "fromWarehouseId")]
    assert await refused(lines=[]) == [("LINES_MISSING", "lines")]
    assert await refused(lines=[{"sku": "X", "quantity": 1}]) == [("NOT_FOUND", "lines.0.sku")]
    assert await refused(lines=[{"sku": "A", "quantity": 1}, {"sku": " A", "quantity": -1}]) == [
        ("DUPLICATE_VALUE", "lines.1.sku"),
        ("OUT_OF_RANGE", "lines.1.quantity"),
    ]
    transfer = await draft(shop, warehouses, A=11)
    assert await wrong(shop, SHIP, id=transfer["id"]) == [("INSUFFICIENT_STOCK", "id")]
    assert await wrong(shop, RECEIVE, id=transfer["id"]) == [("STOCK_TRANSFER_NOT_RECEIVABLE", "id")]
    assert await available(shop, "A") == 10


async def test_a_list_of_transfers_takes_the_same_statements_for_any_number(
    shop: Site, warehouses: tuple[str, str]
) -> None:
    await draft(shop, warehouses, A=1)
    await draft(shop, warehouses, B=1)
    page = (await shop.data(LIST, "admin", filter={"statuses": ["DRAFT"]}))["stockTransfers"]
    assert [node["lines"][0]["inventory"]["sku"] for node in page["nodes"]] == ["B", "A"]
    assert shop.count.data == 4  # the page, its count, the lines, their items
    assert (await shop.data(LIST, "admin", filter={"sku": "A"}))["stockTransfers"]["totalCount"] == 1


@pytest.mark.parametrize("who", [None, "customer"])
async def test_only_staff_see_and_change_transfers(shop: Site, warehouses: tuple[str, str], who: str | None) -> None:
    transfer = await draft(shop, warehouses, A=4)
    expected = "UNAUTHENTICATED" if who is None else "FORBIDDEN"
    for operation in (SHIP, RECEIVE, CANCEL, UPDATE):
        assert await shop.denied(operation, who, input={"id": transfer["id"]}) == expected
    assert await shop.denied(ONE, who, id=transfer["id"]) == expected
    assert await available(shop, "A") == 10


async def test_a_warehouse_of_an_open_transfer_is_not_closed(shop: Site, warehouses: tuple[str, str]) -> None:
    transfer = await draft(shop, warehouses, A=4)
    error = await shop.refused(CLOSE, "admin", id=warehouses[1], isActive=False)
    assert (error["code"], error["path"]) == ("WAREHOUSE_HAS_OPEN_DOCUMENTS", ["input", "isActive"])
    assert f"are open: {transfer['number']}." in error["message"]
