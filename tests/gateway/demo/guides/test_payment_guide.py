"""The operations of docs/payments.md, one after the other: 3-D Secure, lists of staff, and the refund of a line."""

import re
from typing import Any
from urllib.parse import urlsplit

import httpx

from gateway.demo.loader import Demo
from gateway.demo.welcome import purchases_for
from tests.architecture.documents import blocks
from tests.gateway.demo.test_orders import ask, log_in


def operations(document: str) -> list[str]:
    texts = "".join(block.text for block in blocks("graphql") if block.document == document)
    return [each for each in re.split(r"^(?=query|mutation)", texts, flags=re.MULTILINE) if each.strip()]


def filled(operation: str, *ids: str) -> str:
    """An operation with its ids in place of the dots."""
    for each in ids:
        operation = operation.replace("…", each, 1)
    return operation


async def value(client: httpx.AsyncClient, operation: str, token: str) -> Any:
    (found,) = (await ask(client, operation, token)).values()
    assert found.get("errors", []) == []
    return found


async def test_the_operations_of_the_guide_pay_list_and_refund(client: httpx.AsyncClient, demo: Demo) -> None:
    create, confirm, *lists, order, refund, credit = operations("docs/payments.md")
    customer, staff, purchase = await log_in(client, 1), await log_in(client, 0), await demo.purchase()
    assert purchase is not None
    ordered = await ask(client, purchases_for(purchase)[0], customer)
    order_id = ordered["orderCreate"]["order"]["id"]

    begun = (await value(client, filled(create, order_id), customer))["payment"]
    assert (begun["status"], begun["nextAction"]["type"]) == ("REQUIRES_ACTION", "THREE_D_SECURE")
    page = urlsplit(begun["nextAction"]["url"]).path
    assert (await client.post(page, params={"outcome": "approve"})).status_code == 303
    confirmed = await value(client, filled(confirm, begun["id"]), customer)
    assert (confirmed["payment"]["status"], confirmed["order"]["paymentStatus"]) == ("SUCCEEDED", "PAID")

    found = [await value(client, each, staff) for each in lists]
    assert [len(each["nodes"]) for each in found] == [3, 3, 3, 0]
    assert found[0]["nodes"][0] == {"id": begun["id"], "status": "SUCCEEDED", "provider": "MOCK"}
    shown = await value(client, filled(order, order_id), staff)
    assert [(each["kind"], each["status"]) for each in shown["moneyTimeline"]][-1][1] == "SUCCEEDED"
    (item,) = shown["items"]
    refunded = await value(client, filled(refund, order_id, item["id"]), staff)
    assert refunded["order"]["paymentStatus"] == "PARTIALLY_REFUNDED"
    credited = await value(client, filled(credit, order_id), staff)
    assert [(each["destination"], each["amount"]["amount"]) for each in credited["refunds"]] == [
        ("STORE_CREDIT", "1.00")
    ]
