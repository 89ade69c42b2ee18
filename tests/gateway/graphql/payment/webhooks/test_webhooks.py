"""Webhooks in the API: who sees and replays them, pages, filters, and what a denied call leaves as it was."""

from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor, ActorKind
from domains.kernel.ids import new_id
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from domains.order.models import OrderStatus
from tests.domains.actors import administrator
from tests.domains.order.storefront import Storefront
from tests.gateway.graphql.order.conftest import shop
from tests.gateway.site import Site
from tests.gateway.webhooks.conftest import completed, stored

__all__ = ["shop"]

LIST = """
query ($filter: PaymentWebhookFilterInput, $sortBy: PaymentWebhookSortInput, $first: Int) {
  paymentWebhooks(filter: $filter, sortBy: $sortBy, first: $first) {
    totalCount nodes { id provider eventType status attempts error paymentId payment { status } }
  }
}
"""
REPLAY = """
mutation ($id: ID!) {
  paymentWebhookReplay(input: {webhookId: $id}) { webhook { id status attempts paymentId } errors { code path } }
}
"""
NODE = "query ($id: ID!) { node(id: $id) { id ... on PaymentWebhook { eventType providerEventId } } }"
READ = Grant(PermissionResource.ORDERS, PermissionAction.READ)
MANAGE = Grant(PermissionResource.ORDERS, PermissionAction.MANAGE)
PRODUCTS = Grant(PermissionResource.PRODUCTS, PermissionAction.MANAGE)


def member(site: Site, *grants: Grant) -> Actor:
    return Actor(ActorKind.USER, site.company_id, user_id=new_id(), grants=frozenset(grants))


async def received(site: Site, shop: Storefront) -> tuple[Any, UUID, UUID]:
    """An order with a payment that was completed, and the webhook about it, which is not processed."""
    order, payment_id = await completed(shop)
    assert await site.webhook("MOCK", *await shop.provider.webhook(payment_id)) == 200
    return order, payment_id, (await stored(shop))[-1].id


async def test_staff_see_webhooks_with_their_payments_in_three_statements(site: Site, shop: Storefront) -> None:
    await shop.stock("A", 5)
    _, payment_id, webhook_id = await received(site, shop)
    await site.webhooks.drain()
    data = await site.data(LIST, member(site, READ))
    assert site.count.data == 3
    (node,) = data["paymentWebhooks"]["nodes"]
    assert node == {
        "id": str(webhook_id),
        "provider": "MOCK",
        "eventType": "payment.succeeded",
        "status": "PROCESSED",
        "attempts": 1,
        "error": None,
        "paymentId": str(payment_id),
        "payment": {"status": "SUCCEEDED"},
    }


async def test_webhooks_are_filtered(site: Site, shop: Storefront) -> None:
    await shop.stock("A", 5)
    _, payment_id, first = await received(site, shop)
    await site.webhooks.drain()
    _, _, second = await received(site, shop)
    for given, expected in (
        ({}, [second, first]),
        ({"status": ["PENDING"]}, [second]),
        ({"status": ["PROCESSED", "FAILED"]}, [first]),
        ({"paymentId": str(payment_id)}, [first]),
        ({"ids": [str(second)]}, [second]),
        ({"provider": "STRIPE"}, []),
        ({"provider": "MOCK", "eventType": "payment.succeeded"}, [second, first]),
        ({"eventType": "payment.failed"}, []),
    ):
        data = await site.data(LIST, member(site, READ), filter=given)
        found = data["paymentWebhooks"]
        assert ([UUID(node["id"]) for node in found["nodes"]], found["totalCount"]) == (expected, len(expected))
    ascending = {"field": "OCCURRED_AT", "direction": "ASC"}
    data = await site.data(LIST, member(site, READ), sortBy=ascending, first=1)
    assert [UUID(node["id"]) for node in data["paymentWebhooks"]["nodes"]] == [first]


async def test_a_replay_processes_a_webhook_and_returns_its_result(site: Site, shop: Storefront) -> None:
    await shop.stock("A", 5)
    order, payment_id, webhook_id = await received(site, shop)
    staff = await shop.staff()
    for _ in range(2):
        payload = (await site.data(REPLAY, staff, id=str(webhook_id)))["paymentWebhookReplay"]
        assert payload == {
            "webhook": {
                "id": str(webhook_id),
                "status": "PROCESSED",
                "attempts": 1,
                "paymentId": str(payment_id),
            },
            "errors": [],
        }
    assert (await shop.order(order.id)).status is OrderStatus.PAID
    logged = await shop.owner.fetch(
        "select user_id from payment_audit_logs where company_id = $1 and event_type = 'WEBHOOK_REPLAYED'",
        shop.company_id,
    )
    assert [row[0] for row in logged] == [staff.user_id] * 2
    payload = (await site.data(REPLAY, staff, id=str(new_id())))["paymentWebhookReplay"]
    assert payload == {"webhook": None, "errors": [{"code": "NOT_FOUND", "path": ["input", "webhookId"]}]}


@pytest.mark.parametrize("name", ["guest", "customer", "wrong role", "other company", "reader"])
async def test_a_denied_call_changes_nothing(site: Site, shop: Storefront, other_company: UUID, name: str) -> None:
    await shop.stock("A", 5)
    order, _, webhook_id = await received(site, shop)
    who = {
        "guest": None,
        "customer": member(site),
        "wrong role": member(site, PRODUCTS),
        "reader": member(site, READ),
        "other company": administrator(other_company),
    }[name]
    replay = await site.ask(REPLAY, who, id=str(webhook_id))
    codes = [each["extensions"]["code"] for each in replay.get("errors", ())]
    codes += [each["code"] for each in ((replay["data"] or {}).get("paymentWebhookReplay") or {}).get("errors", ())]
    assert codes == [{"guest": "UNAUTHENTICATED", "other company": "NOT_FOUND"}.get(name, "FORBIDDEN")]
    listed = await site.ask(LIST, who)
    nodes = ((listed.get("data") or {}).get("paymentWebhooks") or {"nodes": []})["nodes"]
    node = (await site.ask(NODE, who, id=str(webhook_id)))["data"]["node"]
    assert (len(nodes), node is not None) == ((1, True) if name == "reader" else (0, False))
    assert (await shop.order(order.id)).status is OrderStatus.PAYMENT_PENDING
    assert [each.attempts for each in await stored(shop)] == [0]
