"""Purchase orders, alerts and quarantine through the API."""

import pytest

from domains.kernel.ids import new_id
from tests.gateway.graphql.inventory.documents.test_transfers import RECEIVE as RECEIVE_TRANSFER
from tests.gateway.graphql.inventory.documents.test_transfers import SHIP, available, draft, wrong
from tests.gateway.site import Site

SHOWN = """purchaseOrder { id number status supplierName
  lines { quantity received expected unitCost inventory { sku } } } errors { code message path } } }"""
CREATE = f"mutation ($input: PurchaseOrderCreateInput!) {{ purchaseOrderCreate(input: $input) {{ {SHOWN}"
PLACE = f"mutation ($input: PurchaseOrderPlaceInput!) {{ purchaseOrderPlace(input: $input) {{ {SHOWN}"
RECEIVE = f"mutation ($input: PurchaseOrderReceiveInput!) {{ purchaseOrderReceive(input: $input) {{ {SHOWN}"
SUGGESTED = """query ($id: ID!) { purchaseOrderSuggestions(warehouseId: $id) {
  available incoming quantity inventory { sku } } }"""
LIST = "{ purchaseOrders { totalCount nodes { number lines { inventory { sku } } } } }"
INCOMING = """{ inventoryItems { nodes { sku levels { warehouse { code } incoming } } } }"""
PLACES = """{ purchaseOrders { nodes { warehouse { code } } } stockTakes { nodes { warehouse { code } } }
  stockTransfers { nodes { fromWarehouse { code } toWarehouse { code } } } }"""
REORDER = """mutation ($input: StockReorderUpdateInput!) { stockReorderUpdate(input: $input) {
  item { maxStockThreshold } errors { code path } } }"""
ALERTS = """query ($isOpen: Boolean, $kind: StockAlertKind) { stockAlerts(isOpen: $isOpen, kind: $kind) {
  nodes { kind isOpen inventory { sku } } } }"""
ITEM = "item { sku availableStock totalStock } errors { code message path } } }"
HOLD = f"mutation ($input: StockQuarantineInput!) {{ stockQuarantine(input: $input) {{ {ITEM}"
FREE = f"mutation ($input: StockQuarantineReleaseInput!) {{ stockQuarantineRelease(input: $input) {{ {ITEM}"
DAMAGE = f"mutation ($input: StockDamageInput!) {{ stockDamage(input: $input) {{ {ITEM}"


async def test_what_is_low_is_suggested_ordered_and_received(shop: Site, warehouses: tuple[str, str]) -> None:
    await shop.do(REORDER, "admin", sku="B", reorderPoint=5, reorderQuantity=8)
    (suggested,) = (await shop.data(SUGGESTED, "admin", id=warehouses[0]))["purchaseOrderSuggestions"]
    assert suggested == {"available": 5, "incoming": 0, "quantity": 8, "inventory": {"sku": "B"}}

    lines = [{"sku": "B", "quantity": suggested["quantity"], "unitCost": "2.5"}]
    given = {"warehouseId": warehouses[0], "supplierName": "Acme", "currency": "EUR", "lines": lines}
    made = (await shop.do(CREATE, "admin", **given))["purchaseOrder"]
    assert (made["number"], made["status"], made["lines"][0]["expected"]) == ("PO-1001", "DRAFT", 8)
    assert await wrong(shop, RECEIVE, id=made["id"]) == [("PURCHASE_ORDER_NOT_RECEIVABLE", "id")]
    await shop.do(PLACE, "admin", id=made["id"])
    assert (await shop.data(SUGGESTED, "admin", id=warehouses[0]))["purchaseOrderSuggestions"] == []

    delivery = {"id": made["id"], "lines": [{"sku": "B", "quantity": 3}], "idempotencyKey": str(new_id())}
    first, again = [await shop.do(RECEIVE, "admin", **delivery) for _ in range(2)]
    assert first == again
    assert first["purchaseOrder"]["status"] == "PARTIALLY_RECEIVED"
    too_many = [{"sku": "B", "quantity": 6}]
    assert await wrong(shop, RECEIVE, id=made["id"], lines=too_many) == [("MORE_THAN_ORDERED", "lines.0.quantity")]
    assert await available(shop, "B") == 8
    page = (await shop.data(LIST, "admin"))["purchaseOrders"]
    assert [node["lines"] for node in page["nodes"]] == [[{"inventory": {"sku": "B"}}]]
    assert shop.count.data == 4  # the page, its count, the lines, their items


async def test_levels_show_what_is_incoming_and_documents_their_warehouses(
    shop: Site, warehouses: tuple[str, str]
) -> None:
    main, other = warehouses
    lines = [{"sku": sku, "quantity": 8} for sku in "AB"]
    transfer = await draft(shop, warehouses, A=4, B=2)
    orders = [
        (await shop.do(CREATE, "admin", warehouseId=place, supplierName="Acme", currency="EUR", lines=lines))
        for place in (main, other, other)
    ]

    async def incoming() -> dict[tuple[str, str], int]:
        nodes = (await shop.data(INCOMING, "admin"))["inventoryItems"]["nodes"]
        return {
            (node["sku"], level["warehouse"]["code"]): level["incoming"] for node in nodes for level in node["levels"]
        }

    assert set((await incoming()).values()) == {0}
    await shop.do(SHIP, "admin", id=transfer["id"])
    await shop.do(RECEIVE_TRANSFER, "admin", id=transfer["id"], lines=[{"sku": sku, "received": 1} for sku in "AB"])
    for made in orders[:2]:
        await shop.do(PLACE, "admin", id=made["purchaseOrder"]["id"])
    some = [{"sku": "B", "quantity": 5}]
    await shop.do(RECEIVE, "admin", id=orders[1]["purchaseOrder"]["id"], lines=some)
    found = await incoming()
    assert sorted(found.values()) == [4, 8, 8, 11]
    assert (found["A", "MAIN"], found["B", "MAIN"]) == (8, 8)
    assert shop.count.data == 4  # the items, their levels, the warehouses of these, and what is incoming to them

    places = await shop.data(PLACES, "admin")
    assert {node["warehouse"]["code"] for node in places["purchaseOrders"]["nodes"]} == {code for _, code in found}
    (node,) = places["stockTransfers"]["nodes"]
    assert node["fromWarehouse"]["code"] == "MAIN" != node["toWarehouse"]["code"]


async def test_incoming_units_beyond_an_integer_are_shown_as_the_greatest_one(
    shop: Site, warehouses: tuple[str, str]
) -> None:
    lines = [{"sku": "A", "quantity": 1_000_000_000}]
    for _ in range(3):
        given = {"warehouseId": warehouses[0], "supplierName": "Acme", "currency": "EUR", "lines": lines}
        made = (await shop.do(CREATE, "admin", **given))["purchaseOrder"]
        await shop.do(PLACE, "admin", id=made["id"])
    await shop.do(REORDER, "admin", sku="B", reorderPoint=5, reorderQuantity=8)
    nodes = (await shop.data(INCOMING, "admin"))["inventoryItems"]["nodes"]
    assert [level["incoming"] for node in nodes for level in node["levels"]] == [2_147_483_647, 0]
    (suggested,) = (await shop.data(SUGGESTED, "admin", id=warehouses[0]))["purchaseOrderSuggestions"]
    assert suggested["inventory"] == {"sku": "B"}


async def test_alerts_show_crossed_limits(shop: Site, warehouses: tuple[str, str]) -> None:
    changed = await shop.do(REORDER, "admin", sku="A", reorderPoint=10, maxStockThreshold=9)
    assert changed["item"]["maxStockThreshold"] == 9
    found = (await shop.data(ALERTS, "admin", isOpen=True))["stockAlerts"]["nodes"]
    assert sorted((node["kind"], node["inventory"]["sku"]) for node in found) == [("LOW", "A"), ("OVERSTOCK", "A")]
    await shop.do(REORDER, "admin", sku="A", maxStockThreshold=None)
    found = (await shop.data(ALERTS, "admin", kind="OVERSTOCK"))["stockAlerts"]["nodes"]
    assert [node["isOpen"] for node in found] == [False]


async def test_units_are_set_apart_and_written_off(shop: Site, warehouses: tuple[str, str]) -> None:
    given = {"sku": "A", "quantity": 4, "reason": "Recalled", "idempotencyKey": str(new_id())}
    first, again = [(await shop.do(HOLD, "admin", **given))["item"] for _ in range(2)]
    assert first == again == {"sku": "A", "availableStock": 6, "totalStock": 10}
    freed = await shop.do(FREE, "admin", sku="A", quantity=1, reason="Checked", warehouseId=warehouses[0])
    assert freed["item"]["availableStock"] == 7
    gone = await shop.do(DAMAGE, "admin", sku="A", quantity=3, reason="Wet", isQuarantined=True)
    assert gone["item"] == {"sku": "A", "availableStock": 7, "totalStock": 7}
    assert await wrong(shop, FREE, sku="A", quantity=1, reason="Checked") == [("INSUFFICIENT_STOCK", "quantity")]
    assert await wrong(shop, DAMAGE, sku="A", quantity=0, reason=" ") == [
        ("OUT_OF_RANGE", "quantity"),
        ("REQUIRED", "reason"),
    ]


@pytest.mark.parametrize("who", [None, "customer"])
async def test_only_staff_see_and_change_them(shop: Site, warehouses: tuple[str, str], who: str | None) -> None:
    expected = "UNAUTHENTICATED" if who is None else "FORBIDDEN"
    units = {"sku": "A", "quantity": 1, "reason": "Mine"}
    for operation in (HOLD, FREE, DAMAGE):
        assert await shop.denied(operation, who, input=units) == expected
    for operation in (PLACE, RECEIVE):
        assert await shop.denied(operation, who, input={"id": str(new_id())}) == expected
    assert await shop.denied(SUGGESTED, who, id=warehouses[0]) == expected
    assert [await shop.denied(LIST, who), await shop.denied(ALERTS, who)] == [expected] * 2
    assert await available(shop, "A") == 10
