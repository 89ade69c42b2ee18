"""Suppressions through the API: listed, created and lifted by staff, and by no one else."""

import asyncio
from typing import Any

from domains.kernel.actor import Actor
from domains.notification.models import NotificationCategory
from domains.notification.suppressions.unsubscribe_links import Unsubscription
from tests.gateway.graphql.catalog.conftest import shop
from tests.gateway.site import Site

__all__ = ["shop"]
FIELDS = "{ id channel address category reason createdAt }"
ALL = f"""query ($filter: NotificationSuppressionFilterInput) {{
  notificationSuppressions(filter: $filter, first: 10) {{ totalCount nodes {FIELDS} }} }}"""
CREATE = f"""mutation ($input: NotificationSuppressionCreateInput!) {{ notificationSuppressionCreate(input: $input) {{
  suppression {FIELDS} errors {{ code path }} }} }}"""
DELETE = """mutation ($input: NotificationSuppressionDeleteInput!) {
  notificationSuppressionDelete(input: $input) { deletedId errors { code path } } }"""
NODE = "query ($id: ID!) { node(id: $id) { ... on NotificationSuppression { address } } }"
GUS = "gus@example.com"


async def create(site: Site, **given: Any) -> Any:
    return await site.value(CREATE, "admin", input={"address": GUS, **given})


async def unsubscribe(site: Site, *categories: NotificationCategory) -> None:
    of = Unsubscription(company_id=site.company_id, address=GUS, categories=categories, user_id=None)
    system = Actor.system(site.company_id)
    await site.database.run(lambda tx: site.services.notification.suppressions.unsubscribe(tx, of), system)


async def listed(site: Site, who: Any = "admin", **conditions: Any) -> Any:
    return await site.value(ALL, who, filter=conditions)


async def test_staff_create_list_and_lift_a_suppression(shop: Site) -> None:
    made = await create(shop, address="Gus+tea@Example.com", category="NEWS")
    assert made["errors"] == []
    assert shop.count.data == 2  # the suppression, the event
    row = made["suppression"]
    assert (row["channel"], row["address"], row["category"], row["reason"]) == ("EMAIL", GUS, "NEWS", "MANUAL")
    await create(shop, channel="SMS", address="+49 (0)30 1234567")
    await unsubscribe(shop, NotificationCategory.NEWS)
    found = await listed(shop)
    assert shop.count.data == 2  # the page, its number
    assert found["totalCount"] == 3
    assert [each["address"] for each in found["nodes"]] == [GUS, "+49301234567", GUS]
    assert (await listed(shop, address="GUS@example.com", reason="MANUAL"))["nodes"] == [row]
    assert (await listed(shop, channel="SMS"))["totalCount"] == 1
    assert (await listed(shop, category="NEWS"))["totalCount"] == 2
    lifted = await shop.value(DELETE, "admin", input={"id": row["id"]})
    assert lifted == {"deletedId": row["id"], "errors": []}
    assert shop.count.data == 3  # the suppression, locked and deleted; the event
    assert (await listed(shop, category="NEWS", reason="MANUAL"))["totalCount"] == 0


async def test_the_same_suppression_at_once_is_one(shop: Site) -> None:
    made = await asyncio.gather(*(create(shop) for _ in range(4)))
    assert len({each["suppression"]["id"] for each in made}) == 1


async def test_an_unsubscription_is_lifted_by_the_recipient_alone(shop: Site) -> None:
    await unsubscribe(shop, NotificationCategory.NEWS)
    ((row,), note) = ((await listed(shop))["nodes"], "A mistake")
    refused = await shop.value(DELETE, "admin", input={"id": row["id"], "note": note})
    assert refused["errors"] == [{"code": "SUPPRESSION_BY_RECIPIENT", "path": ["input", "id"]}]
    assert (await listed(shop))["totalCount"] == 1


async def test_bad_input_is_refused_with_its_path(shop: Site) -> None:
    async def errors(**given: Any) -> Any:
        return [(each["code"], each["path"]) for each in (await create(shop, **given))["errors"]]

    assert await errors(address="nobody") == [("INVALID", ["input", "address"])]
    assert await errors(address="x" * 300 + "@example.com") == [("INVALID", ["input", "address"])]
    assert await errors(channel="SMS") == [("INVALID", ["input", "address"])]
    assert await errors(channel="PUSH") == [("NOT_APPLICABLE", ["input", "channel"])]
    assert await errors(category="STAFF") == [("NOT_APPLICABLE", ["input", "category"])]
    (error,) = (await shop.ask(ALL, "admin", filter={"address": "030"}))["errors"]
    assert (error["extensions"]["code"], error["extensions"]["input"]) == ("INVALID", ["filter", "address"])


async def test_guests_and_the_wrong_role_are_denied_and_strangers_find_nothing(
    shop: Site, make_site: Any, other_company: Any
) -> None:
    row = (await create(shop))["suppression"]["id"]
    for who in ("customer", "clerk"):
        assert await shop.denied(ALL, who) == "FORBIDDEN"
        assert await shop.denied(CREATE, who, input={"address": GUS}) == "FORBIDDEN"
        assert await shop.denied(DELETE, who, input={"id": row}) == "FORBIDDEN"
        assert await shop.value(NODE, who, id=row) is None
    assert await shop.denied(ALL) == "UNAUTHENTICATED"
    elsewhere, stranger = make_site(other_company), shop.actors["stranger"]
    assert (await listed(elsewhere, stranger))["totalCount"] == 0
    assert await elsewhere.value(NODE, stranger, id=row) is None
    refused = await elsewhere.value(DELETE, stranger, input={"id": row})
    assert refused["errors"] == [{"code": "NOT_FOUND", "path": ["input", "id"]}]
    assert await shop.value(NODE, "admin", id=row) == {"address": GUS}
