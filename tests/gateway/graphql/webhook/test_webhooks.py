"""Webhooks over HTTP: for staff with SETTINGS permissions; a secret is shown once."""

from typing import Any, Final
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from gateway.infra.public_http import PublicHttp
from tests.domains.actors import administrator, member
from tests.gateway.site import Site

A, R = PermissionAction, PermissionResource
ENDPOINT: Final = "id url description topics apiVersion isActive failingSince disabledAt disabledReason previousUntil"
ERRORS: Final = "errors { code message path }"
CREATE: Final = f"""mutation ($input: WebhookEndpointCreateInput!) {{ webhookEndpointCreate(input: $input) {{
  endpoint {{ {ENDPOINT} }} secret {ERRORS} }} }}"""
UPDATE: Final = f"""mutation ($input: WebhookEndpointUpdateInput!) {{ webhookEndpointUpdate(input: $input) {{
  endpoint {{ {ENDPOINT} }} {ERRORS} }} }}"""


def change(name: str, fields: str) -> str:
    """A mutation of one endpoint."""
    return (
        f"mutation ($input: WebhookEndpointInput!) {{ webhookEndpoint{name}(input: $input) {{ {fields} {ERRORS} }} }}"
    )


ROTATE: Final = change("SecretRotate", f"endpoint {{ {ENDPOINT} }} secret")
ENABLE: Final = change("Enable", f"endpoint {{ {ENDPOINT} }}")
DISABLE: Final = change("Disable", f"endpoint {{ {ENDPOINT} }}")
DELETE: Final = change("Delete", "deletedId")
TEST: Final = change("Test", "delivery { id topic status attempts payload endpoint { id } }")
REPLAY: Final = f"""mutation ($input: WebhookDeliveryReplayInput!) {{ webhookDeliveryReplay(input: $input) {{
  delivery {{ id status attempts nextAttempt }} {ERRORS} }} }}"""
REPLAY_ALL: Final = f"""mutation ($input: WebhookDeliveriesReplayInput!) {{ webhookDeliveriesReplay(input: $input) {{
  count {ERRORS} }} }}"""
LIST: Final = f"query {{ webhookEndpoints {{ totalCount nodes {{ {ENDPOINT} }} }} }}"
ONE: Final = "query ($id: ID!) { webhookEndpoint(id: $id) { url } }"
DELIVERIES: Final = """query ($filter: WebhookDeliveryFilterInput, $sortBy: WebhookDeliverySortInput) {
  webhookDeliveries(filter: $filter, sortBy: $sortBy) { nodes {
    id topic status endpoint { url } lastAttempts { number responseStatus } } } }"""
TOPICS: Final = "query { webhookTopics { topic description version } }"
NEW: Final = {"url": "https://hooks.example.com/in", "topics": ["order.paid"]}


@pytest.fixture
def boss(site: Site) -> Actor:
    return administrator(site.company_id)


def clerk(site: Site, action: PermissionAction) -> Actor:
    return member(site.company_id, "CLERK", 10, frozenset({Grant(R.SETTINGS, action)}))


async def end(owner: Any, delivery_id: str) -> None:
    """Let a delivery fail."""
    statement = "update webhook_deliveries set status = 'FAILED', attempts = 5, ended_at = now() where id = $1"
    await owner.execute(statement, UUID(delivery_id))


async def test_an_endpoint_lives_and_shows_its_secret_once(site: Site, boss: Actor) -> None:
    made = await site.do(CREATE, boss, **NEW, description="Warehouse")
    endpoint_id, secret = made["endpoint"]["id"], made["secret"]
    assert secret.startswith("whsec_")
    assert len(secret) > 40
    assert made["endpoint"] | {"id": None} == {
        "id": None,
        **NEW,
        "description": "Warehouse",
        "apiVersion": "2026-12",
        "isActive": True,
        **dict.fromkeys(("failingSince", "disabledAt", "disabledReason", "previousUntil")),
    }
    updated = await site.do(UPDATE, boss, id=endpoint_id, topics=["*", "order.paid"])
    assert (updated["endpoint"]["topics"], updated["endpoint"]["url"]) == (["*"], NEW["url"])
    rotated = await site.do(ROTATE, boss, id=endpoint_id)
    assert rotated["secret"] != secret
    assert rotated["endpoint"]["previousUntil"] is not None
    disabled = (await site.do(DISABLE, boss, id=endpoint_id))["endpoint"]
    assert (disabled["isActive"], disabled["disabledReason"]) == (False, "BY_STAFF")
    assert (await site.do(ENABLE, boss, id=endpoint_id))["endpoint"]["isActive"]
    assert secret not in str(await site.value(LIST, boss))
    assert (await site.do(DELETE, boss, id=endpoint_id))["deletedId"] == endpoint_id
    assert (await site.value(LIST, boss))["totalCount"] == 0


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"url": "ftp://example.com"}, "WEBHOOK_ADDRESS_REFUSED", ["input", "url"]),
        ({"url": "https://me:word@example.com/"}, "WEBHOOK_ADDRESS_REFUSED", ["input", "url"]),
        ({"url": "https://example.com/#part"}, "WEBHOOK_ADDRESS_REFUSED", ["input", "url"]),
        ({"url": "http://example.com/"}, "WEBHOOK_ADDRESS_REFUSED", ["input", "url"]),
        ({"url": "https://169.254.169.254/latest"}, "WEBHOOK_ADDRESS_REFUSED", ["input", "url"]),
        ({"url": " "}, "REQUIRED", ["input", "url"]),
        ({"topics": []}, "REQUIRED", ["input", "topics"]),
        ({"topics": ["order.paid", "role.created"]}, "WEBHOOK_TOPIC_UNKNOWN", ["input", "topics", "1"]),
        ({"topics": ["order.paid", "order.paid"]}, "DUPLICATE_VALUE", ["input", "topics", "1"]),
        ({"topics": ["order.paid"] * 200}, "TOO_MANY", ["input", "topics"]),
        ({"description": "x" * 1_001}, "TOO_LONG", ["input", "description"]),
    ],
)
async def test_bad_input_is_refused(
    site: Site, boss: Actor, given: dict[str, Any], code: str, path: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = site.services.webhook.endpoints._transport.client
    monkeypatch.setattr(client, "is_allowed", PublicHttp().is_allowed)
    made = await site.value(CREATE, boss, input=NEW | given)
    assert [(each["code"], each["path"]) for each in made["errors"]] == [(code, path)]


async def test_a_company_has_twenty_endpoints_at_most(site: Site, boss: Actor) -> None:
    for _ in range(20):
        await site.do(CREATE, boss, **NEW)
    made = await site.value(CREATE, boss, input=NEW)
    assert [each["code"] for each in made["errors"]] == ["TOO_MANY_WEBHOOK_ENDPOINTS"]


async def test_a_ping_and_a_replay(site: Site, boss: Actor, owner: Any) -> None:
    endpoint_id = (await site.do(CREATE, boss, **NEW))["endpoint"]["id"]
    ping = (await site.do(TEST, boss, id=endpoint_id))["delivery"]
    assert (ping["topic"], ping["status"], ping["endpoint"]["id"]) == ("ping", "PENDING", endpoint_id)
    refused = await site.value(REPLAY, boss, input={"id": ping["id"]})
    assert [each["code"] for each in refused["errors"]] == ["WEBHOOK_DELIVERY_PENDING"]
    await end(owner, ping["id"])
    replayed = (await site.do(REPLAY, boss, id=ping["id"]))["delivery"]
    assert (replayed["id"], replayed["status"], replayed["attempts"]) == (ping["id"], "PENDING", 0)
    await end(owner, ping["id"])
    since = "2026-01-01T00:00:00Z"
    assert (await site.do(REPLAY_ALL, boss, endpointId=endpoint_id, since=since))["count"] == 1
    assert (await site.do(REPLAY_ALL, boss, endpointId=endpoint_id, since=since))["count"] == 0
    await end(owner, ping["id"])
    await site.do(DISABLE, boss, id=endpoint_id)
    for text, given in (
        (REPLAY, {"id": ping["id"]}),
        (REPLAY_ALL, {"endpointId": endpoint_id, "since": since}),
        (TEST, {"id": endpoint_id}),
    ):
        answer = await site.value(text, boss, input=given)
        assert [each["code"] for each in answer["errors"]] == ["WEBHOOK_ENDPOINT_INACTIVE"]


async def test_deliveries_are_listed_by_three_statements_however_many(site: Site, boss: Actor) -> None:
    ids = [(await site.do(CREATE, boss, **NEW))["endpoint"]["id"] for _ in range(2)]
    for endpoint_id in (*ids, *ids):
        await site.do(TEST, boss, id=endpoint_id)
    found = await site.value(DELIVERIES, boss)
    assert len(found["nodes"]) == 4
    assert site.count.data == 3
    one = await site.value(DELIVERIES, boss, filter={"endpointId": ids[0], "status": ["PENDING"], "topic": "ping"})
    assert len(one["nodes"]) == 2
    assert (await site.value(DELIVERIES, boss, filter={"status": ["FAILED"]}))["nodes"] == []
    for field in ("CREATED_AT", "TOPIC", "ATTEMPTS"):
        listed = await site.value(DELIVERIES, boss, sortBy={"field": field, "direction": "ASC"})
        assert len(listed["nodes"]) == 4


async def test_the_topics_are_described(site: Site, boss: Actor) -> None:
    topics = {each["topic"]: each for each in await site.value(TOPICS, boss)}
    assert topics["order.paid"]["description"]
    assert not {"role.created", "user.email_requested", "ledger.adjusted", "webhook_endpoint.created"} & topics.keys()


async def test_who_may_what(site: Site, boss: Actor) -> None:
    endpoint_id = (await site.do(CREATE, boss, **NEW))["endpoint"]["id"]
    reads: list[tuple[str, dict[str, Any]]] = [(LIST, {}), (ONE, {"id": endpoint_id}), (DELIVERIES, {}), (TOPICS, {})]
    writes: list[tuple[str, dict[str, Any]]] = [
        (CREATE, {"input": NEW}),
        *((text, {"input": {"id": endpoint_id}}) for text in (UPDATE, ROTATE, ENABLE, DISABLE, DELETE, TEST, REPLAY)),
        (REPLAY_ALL, {"input": {"endpointId": endpoint_id, "since": "2026-01-01T00:00:00Z"}}),
    ]
    for who, refused in (
        (None, reads + writes),
        (clerk(site, A.UPDATE), reads + writes),
        (clerk(site, A.READ), writes),
    ):
        for text, given in refused:
            answer = (await site.post(text, who, **given)).json()
            assert answer["errors"][0]["extensions"]["code"] in {"UNAUTHENTICATED", "FORBIDDEN"}, text
    for text, given in reads:
        assert "errors" not in (await site.post(text, clerk(site, A.READ), **given)).json()
