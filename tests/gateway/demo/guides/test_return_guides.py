"""The operations of docs/returns.md, docs/returns-refunds.md, order-editing.md and invoices.md, on the demo."""

import httpx

from gateway.demo.edits import DEARER, RAISED
from gateway.demo.returns import WAITING, WISHED
from tests.gateway.demo.guides.test_payment_guide import filled, operations, value
from tests.gateway.demo.guides.test_shipment_guides import ORDERS, newest
from tests.gateway.demo.test_orders import log_in

CARRIERS = "{ carriers(first: 5) { nodes { id name } } }"
GOODS = "HAND-TROWEL"  # was delivered with the goods of the waiting return
DOCUMENTED = "0198c0de-0000-7000-8000-000000000000"


async def test_the_operations_of_the_guides_return_and_refund_goods(client: httpx.AsyncClient, url: str) -> None:
    possible, request, mine, by_number, sent, cancel, *work = operations("docs/returns.md")
    pending, approve, reject, receive, inspect, close, label = work
    (refund,) = operations("docs/returns-refunds.md")
    staff, customer, order = await log_in(client, 0), await log_in(client, 1), await newest(url, ORDERS, GOODS)
    units = (await value(client, filled(possible, order["id"]), customer))["items"]
    assert {each["sku"]: each["returnableQuantity"] for each in units} == {GOODS: 1, WAITING: 0}
    asked = filled(request, order["id"], order["item_id"])
    first = (await value(client, asked, customer))["returnRequest"]
    assert (await value(client, filled(cancel, first["id"]), customer))["returnRequest"] == {"status": "CLOSED"}
    again = asked.replace('"shirt"', '"shirt again"')
    made = (await value(client, again, customer))["returnRequest"]
    listed = {each["id"]: each for each in (await value(client, pending, staff))["nodes"]}
    (item,) = listed[made["id"]]["items"]
    (waiting,) = [each for each in listed.values() if each["items"][0]["productSku"] == WAITING]
    await value(client, filled(reject, waiting["id"]), staff)
    approved = await value(client, filled(approve, made["id"], item["id"]), staff)
    assert approved["returnRequest"] == {"status": "APPROVED"}
    # Another guide creates carriers of its own.
    carriers = (await value(client, CARRIERS, staff))["nodes"]
    carrier = next(each for each in carriers if each["name"] == "Parcels of the demo")
    bought = await value(client, filled(label, made["id"], carrier["id"]), staff)
    assert bought["returnRequest"]["authorization"]["carrierName"] == carrier["name"]
    seen = await value(client, by_number.replace("RMA-1001", made["rmaNumber"]), customer)
    assert seen["authorization"]["returnAddress"]["city"] == "Stoke-on-Trent"
    assert (await value(client, filled(sent, made["id"]), customer))["returnRequest"] == {"status": "IN_TRANSIT"}
    assert (await value(client, filled(receive, made["id"], item["id"]), staff))["returnRequest"][
        "status"
    ] == "RECEIVED"
    assert made["rmaNumber"] in {each["rmaNumber"] for each in (await value(client, mine, customer))["nodes"]}
    inspected = await value(client, filled(inspect, made["id"], item["id"]), staff)
    assert inspected["returnRequest"]["items"] == [{"restocked": 1, "damaged": 0}]
    paid = await value(client, filled(refund, made["id"]), staff)
    assert (paid["returnRequest"]["status"], [each["status"] for each in paid["refunds"]]) == (
        "PROCESSED",
        ["COMPLETED"],
    )
    assert (await value(client, filled(close, made["id"]), staff))["returnRequest"] == {"status": "CLOSED"}


async def test_the_operations_of_the_guide_edit_an_order(client: httpx.AsyncClient, url: str) -> None:
    preview, edit = operations("docs/order-editing.md")
    staff, order = await log_in(client, 0), await newest(url, ORDERS, next(iter(DEARER)))
    shown = await value(client, filled(preview, order["id"], order["item_id"]), staff)
    assert float(shown["difference"]) < 0
    pen = await newest(url, ORDERS, RAISED)
    total = f"{float(shown['totalAfter']['amount']) + 38:.2f}"
    given = filled(edit, order["id"], order["item_id"], pen["product_id"]).replace('"14.00"', f'"{total}"')
    edited = await value(client, given, staff)
    assert float(edited["edit"]["totalAfter"]["amount"]) == float(edited["order"]["total"]["amount"]) == float(total)


async def test_the_operations_of_the_guide_issue_an_invoice_and_ship(client: httpx.AsyncClient, url: str) -> None:
    name, issue, ship = operations("docs/invoices.md")
    staff, order = await log_in(client, 0), await newest(url, ORDERS, WISHED)
    assert (await value(client, name, staff))["settings"]["legalName"] == "Example Trading GmbH"
    invoice = (await value(client, issue.replace(DOCUMENTED, order["id"]), staff))["invoice"]
    assert invoice["number"].startswith("R20")
    document = await client.get(invoice["documentPath"], headers={"authorization": f"Bearer {staff}"})
    assert (document.status_code, document.content[:5]) == (200, b"%PDF-")
    (result,) = (await value(client, ship.replace(DOCUMENTED, order["id"]), staff))["results"]
    assert (result["order"], result["errors"]) == ({"status": "SHIPPED"}, [])
