"""Returns over HTTP: by buyers, guests and staff, with their statements, lists and refusals."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from tests.domains.actors import make_user, member
from tests.domains.returns.delivered_orders import DeliveredOrder, deliver
from tests.gateway.graphql.order.operations import key
from tests.gateway.graphql.returns import operations
from tests.gateway.graphql.returns.operations import requesting
from tests.gateway.site import Site

READ = Grant(PermissionResource.ORDERS, PermissionAction.READ)
UPDATE = Grant(PermissionResource.ORDERS, PermissionAction.UPDATE)
TABLES = ("return_requests", "return_items", "return_status_history", "return_authorizations", "stock_movements")


@pytest.fixture
async def clerk(site: Site, owner: Any) -> Actor:
    """A member of the staff who may update orders."""
    actor = member(site.company_id, "CLERK", 1, frozenset({READ, UPDATE}))
    return replace(actor, user_id=await make_user(owner))


async def test_a_return_from_the_request_to_the_stock(site: Site, delivered: DeliveredOrder, clerk: Actor) -> None:
    asked = requesting(delivered, 2, notes="Too big")
    request = (await site.do(operations.CREATE, delivered.buyer, **asked))["returnRequest"]
    assert (request["rmaNumber"], request["status"], request["returnNotes"]) == ("RMA-1001", "PENDING", "Too big")
    assert (await site.do(operations.CREATE, delivered.buyer, **asked))["returnRequest"] == request
    given = {"returnRequestId": request["id"]}
    approved = await site.do(operations.APPROVE, clerk, **given, instructions="Use the box", trackingNumber="R1")
    assert (approved["returnRequest"]["status"], approved["returnRequest"]["items"][0]["approved"]) == ("APPROVED", 2)
    sent = await site.do(operations.SHIP, delivered.buyer, **given, carrierName="Post")
    assert sent["returnRequest"]["status"] == "IN_TRANSIT"
    at = site.clock.now() - timedelta(hours=1)
    event = {**given, "status": "PICKED_UP", "timestamp": at.isoformat(), "location": "Bonn"}
    for _ in range(2):
        await site.do(operations.TRACK, clerk, **event)
    item_id = request["items"][0]["id"]
    receipt = {**given, "idempotencyKey": key(), "lines": [{"returnItemId": item_id, "received": 2}]}
    received = [(await site.do(operations.RECEIVE, clerk, **receipt))["returnRequest"] for _ in range(2)]
    assert received[0]["status"] == "RECEIVED"
    assert received[1] == received[0]
    line = {"returnItemId": item_id, "restocked": 1, "damaged": 1, "condition": "USED"}
    inspection = {**given, "idempotencyKey": key(), "lines": [line]}
    for _ in range(2):
        inspected = (await site.do(operations.INSPECT, clerk, **inspection))["returnRequest"]
    assert (inspected["items"][0]["restocked"], inspected["items"][0]["damaged"]) == (1, 1)
    assert await delivered.shop.level("A") == (28, 0)
    assert (await site.do(operations.CLOSE, clerk, **given))["returnRequest"]["status"] == "CLOSED"
    shown = await site.value(operations.BY_NUMBER, delivered.buyer, number="rma-1001")
    assert shown["order"] == {"id": str(delivered.order.id)}
    assert shown["authorization"]["events"] == [{"status": "PICKED_UP", "location": "Bonn"}]
    assert [change["status"] for change in shown["statusHistory"]] == [
        "PENDING",
        "APPROVED",
        "IN_TRANSIT",
        "RECEIVED",
        "CLOSED",
    ]


async def test_a_request_takes_eight_statements_at_most(site: Site, delivered: DeliveredOrder) -> None:
    await site.do(operations.CREATE, delivered.buyer, **requesting(delivered, 1))
    create = operations.CREATE.replace(operations.RETURN, "returnRequest { rmaNumber } errors { code }")
    with counting() as count:
        await site.do(create, delivered.buyer, **requesting(delivered, 1, 1))
    assert count.data == 8


async def test_a_rejection_says_why(site: Site, delivered: DeliveredOrder, clerk: Actor) -> None:
    request = (await site.do(operations.CREATE, delivered.buyer, **requesting(delivered, 2)))["returnRequest"]
    given = {"returnRequestId": request["id"]}
    error = await site.refused(operations.REJECT, clerk, **given, reason=" ")
    assert (error["code"], error["path"]) == ("REQUIRED", ["input", "reason"])
    rejected = (await site.do(operations.REJECT, clerk, **given, reason="Worn"))["returnRequest"]
    assert (rejected["status"], rejected["rejectionReason"]) == ("REJECTED", "Worn")
    error = await site.refused(operations.APPROVE, clerk, **given)
    assert (error["code"], error["path"]) == ("RETURN_NOT_ALLOWED", ["input", "returnRequestId"])


async def test_what_cannot_be_returned_is_refused_with_its_path(site: Site, delivered: DeliveredOrder) -> None:
    answer = await site.value(operations.CREATE, delivered.buyer, input=requesting(delivered, 4, 3))
    assert [(error["code"], error["path"]) for error in answer["errors"]] == [
        ("RETURN_QUANTITY_TOO_LARGE", ["input", "lines", "0", "quantity"]),
        ("RETURN_QUANTITY_TOO_LARGE", ["input", "lines", "1", "quantity"]),
    ]
    site.clock.advance(timedelta(days=31))
    error = await site.refused(operations.CREATE, delivered.buyer, **requesting(delivered, 1))
    assert error["code"] == "RETURN_WINDOW_ENDED"
    assert await delivered.shop.count("return_requests") == 0


async def test_the_returns_of_four_orders_take_as_many_statements_as_of_two(
    site: Site, delivered: DeliveredOrder, clerk: Actor
) -> None:
    for _ in range(3):
        other = await deliver(delivered.shop, ("A", 1), ("B", 1))
        await other.request(1)
    await site.value(operations.ORDERS, clerk, first=1)  # caches the settings
    counts = []
    for first in (2, 4):
        with counting() as count:
            answer = await site.value(operations.ORDERS, clerk, first=first)
        counts.append(count.data)
    assert counts[0] == counts[1]
    newest = answer["nodes"][0]
    assert [request["items"] for request in newest["returns"]] == [[{"quantity": 1}]]
    quantities = {item["sku"]: item["returnableQuantity"] for item in newest["items"]}
    assert quantities == {"A": 0, "B": 1}
    assert newest["returnWindowEndsAt"] is not None


async def test_lists_show_what_the_filter_asks_for(site: Site, delivered: DeliveredOrder, clerk: Actor) -> None:
    first, second = await delivered.request(1), await delivered.request(1)
    await delivered.approve(second)
    for given, expected in (
        ({}, [second, first]),
        ({"statuses": ["APPROVED"]}, [second]),
        ({"rmaNumber": "rma-1001"}, [first]),
        ({"orderId": str(delivered.order.id), "reason": "CHANGED_MIND"}, [second, first]),
        ({"reason": "DEFECTIVE"}, []),
    ):
        page = await site.value(operations.LIST, clerk, filter=given, first=5)
        assert [node["rmaNumber"] for node in page["nodes"]] == [request.rma_number for request in expected]
    mine = await site.value(operations.MINE, delivered.buyer)
    assert [node["rmaNumber"] for node in mine["nodes"]] == ["RMA-1002", "RMA-1001"]
    assert (await site.value(operations.MINE, clerk))["nodes"] == []


async def digests(delivered: DeliveredOrder) -> list[Any]:
    """The contents of all tables that a denied call might change."""
    sql = "select md5(coalesce(string_agg(t::text, '' order by t::text), '')) from {} t where company_id = $1"
    return [await delivered.shop.owner.fetchval(sql.format(table), delivered.shop.company_id) for table in TABLES]


async def test_a_denied_call_changes_nothing(
    site: Site, delivered: DeliveredOrder, clerk: Actor, other_company: UUID
) -> None:
    request = await delivered.request(1)
    (item,) = await delivered.items_of(request)
    given = {"returnRequestId": str(request.id)}
    line = {"returnItemId": str(item.id)}
    calls = {
        operations.CREATE: requesting(delivered, 1, idempotencyKey="k"),
        operations.CANCEL: given,
        operations.SHIP: given,
        operations.APPROVE: given,
        operations.REJECT: {**given, "reason": "No"},
        operations.RECEIVE: {**given, "idempotencyKey": "k", "lines": [{**line, "received": 1}]},
        operations.INSPECT: {**given, "idempotencyKey": "k", "lines": [{**line, "damaged": 1}]},
        operations.CLOSE: given,
        operations.TRACK: {**given, "status": "DELIVERED", "timestamp": "2020-01-01T00:00:00Z"},
    }
    before = await digests(delivered)
    strangers = [
        Actor.anonymous(site.company_id),
        await delivered.shop.customer(),
        member(site.company_id, "READER", 1, frozenset({READ})),
    ]
    for actor in strangers:
        for query, variables in calls.items():
            answer = await site.ask(query, actor, input=variables)
            refused = answer.get("errors") or next(iter(answer["data"].values()))["errors"]
            assert refused, (actor, query, answer)
    buyer_alone = [query for query in calls if query not in (operations.CREATE, operations.CANCEL, operations.SHIP)]
    for query in buyer_alone:
        assert (await site.ask(query, delivered.buyer, input=calls[query])).get("errors"), query
    assert await digests(delivered) == before
    assert await site.value(operations.BY_NUMBER, strangers[1], number=request.rma_number) is None
    assert (await site.value(operations.BY_NUMBER, clerk, number=request.rma_number))["status"] == "PENDING"
