"""Activities through GraphQL: reported by all within limits, read with the permission, isolated by company."""

from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import pytest

from domains.catalog import data as catalog
from domains.catalog.search import index
from domains.kernel.actor import Actor, ActorKind
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.ids import new_id
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from tests.domains.actors import CUSTOMER_ID, administrator, make_membership, make_user, member
from tests.domains.catalog.search_products import insert_category, insert_product
from tests.gateway.site import Site

TRACK = """
mutation ($input: ActivityTrackInput!) {
  activityTrack(input: $input) {
    tracked
    errors { __typename code path ... on RateLimitedError { retryAfter } }
  }
}
"""
LOGS = """
query ($filter: ActivityLogFilterInput, $search: String, $first: Int, $sortBy: ActivityLogSortInput) {
  activityLogs(filter: $filter, search: $search, first: $first, sortBy: $sortBy) {
    totalCount
    nodes { action resource metadata ipAddress userAgent timestamp userId user { email } product { name } }
  }
}
"""
RECENT = "query ($first: Int!) { recentlyViewed(first: $first) { name } }"


def view(product: object, **more: Any) -> dict[str, Any]:
    return {"action": "PRODUCT_VIEW", "resource": str(product), **more}


def page(resource: str = "/", **more: Any) -> dict[str, Any]:
    return {"action": "PAGE_VIEW", "resource": resource, **more}


def batch(*activities: dict[str, Any]) -> dict[str, Any]:
    return {"input": {"activities": list(activities)}}


@pytest.fixture
async def customer(owner: Any, company: UUID) -> Actor:
    user_id = await make_user(owner)
    await make_membership(owner, company, user_id, CUSTOMER_ID)
    return Actor(ActorKind.USER, company, user_id=user_id)


@pytest.fixture
async def products(database: Database, site: Site, company: UUID) -> dict[str, UUID]:
    system = Actor.system(company)
    async with database.transaction(system) as tx:
        category = await insert_category(tx, "Mugs")
        made = {name: await insert_product(tx, category, name) for name in ("Mug", "Pot", "Cup")}
        await index.reindex(tx, list(made.values()))
    return made


async def counted(owner: Any, company: UUID) -> tuple[int, int]:
    return (
        await owner.fetchval("select count(*) from activity_logs where company_id = $1", company),
        await owner.fetchval("select coalesce(sum(views), 0) from product_views where company_id = $1", company),
    )


async def test_a_batch_executes_two_statements_and_does_not_lock_a_product(
    site: Site, company: UUID, owner: Any, customer: Actor, products: dict[str, UUID]
) -> None:
    async with owner.acquire() as connection, connection.transaction():
        await connection.execute("select from products where company_id = $1 for no key update", company)
        answer = await site.data(
            TRACK,
            customer,
            **batch(view(products["Mug"]), view(products["Mug"]), view(new_id()), page(metadata={"duration": 3})),
        )
    assert answer["activityTrack"] == {"tracked": 4, "errors": []}
    assert site.count.data == 2
    assert await counted(owner, company) == (4, 1)


async def test_administrators_read_the_log_with_four_statements(
    site: Site, company: UUID, customer: Actor, products: dict[str, UUID], clock: FixedClock
) -> None:
    guest = Actor.anonymous(company)
    await site.data(TRACK, guest, **batch(page("/start", metadata={"at": [1, 2]}, timestamp="2020-01-01T00:00:00Z")))
    await site.data(TRACK, customer, **batch(view(products["Mug"])))
    logs = (await site.data(LOGS, administrator(company)))["activityLogs"]
    assert site.count.data == 4
    assert logs["totalCount"] == 2
    assert logs["nodes"] == [
        {
            "action": "PRODUCT_VIEW",
            "resource": str(products["Mug"]),
            "metadata": {},
            "ipAddress": "192.0.2.7",
            "userAgent": logs["nodes"][0]["userAgent"],
            "timestamp": clock.now().isoformat(),
            "userId": str(customer.user_id),
            "user": {"email": f"{cast('UUID', customer.user_id).hex}@example.com"},
            "product": {"name": "Mug"},
        },
        {
            "action": "PAGE_VIEW",
            "resource": "/start",
            "metadata": {"at": [1, 2]},
            "ipAddress": "192.0.2.7",
            "userAgent": logs["nodes"][0]["userAgent"],
            "timestamp": (clock.now() - timedelta(days=1)).isoformat(),
            "userId": None,
            "user": None,
            "product": None,
        },
    ]
    assert logs["nodes"][0]["userAgent"].startswith("python-httpx")
    for variables, found in (
        ({"filter": {"action": "PAGE_VIEW"}}, ["/start"]),
        ({"filter": {"userId": str(customer.user_id)}}, [str(products["Mug"])]),
        ({"filter": {"resource": "/start"}}, ["/start"]),
        ({"filter": {"end": clock.now().isoformat()}}, ["/start"]),
        ({"filter": {"start": clock.now().isoformat()}}, [str(products["Mug"])]),
        ({"search": "STAR"}, ["/start"]),
        ({"sortBy": {"field": "TIMESTAMP", "direction": "ASC"}, "first": 1}, ["/start"]),
    ):
        nodes = (await site.data(LOGS, administrator(company), **variables))["activityLogs"]["nodes"]
        assert [node["resource"] for node in nodes] == found


@pytest.mark.parametrize(
    ("activities", "code", "path"),
    [
        ([page()] * 51, "BATCH_TOO_LARGE", ["input", "activities"]),
        ([page(), page("")], "REQUIRED", ["input", "activities", "1", "resource"]),
        ([page("x" * 300)], "TOO_LONG", ["input", "activities", "0", "resource"]),
        ([view("mug")], "INVALID", ["input", "activities", "0", "resource"]),
        ([page(metadata={"a": "x" * 2_000})], "METADATA_TOO_LARGE", ["input", "activities", "0", "metadata"]),
        ([page(metadata={"a": [[[[1]]]]})], "METADATA_TOO_LARGE", ["input", "activities", "0", "metadata"]),
        ([page(metadata="text")], "INVALID", ["input", "activities", "0", "metadata"]),
    ],
)
async def test_an_invalid_batch_is_refused_as_a_whole(
    site: Site, company: UUID, owner: Any, activities: list[dict[str, Any]], code: str, path: list[str]
) -> None:
    answer = await site.data(TRACK, Actor.anonymous(company), **batch(*activities))
    errors = [{"__typename": "GenericUserError", "code": code, "path": path}]
    assert answer["activityTrack"] == {"tracked": 0, "errors": errors}
    assert await counted(owner, company) == (0, 0)


async def test_batches_from_one_address_are_rate_limited(site: Site, company: UUID, owner: Any) -> None:
    guest = Actor.anonymous(company)
    for _ in range(120):
        await site.services.activity.admit(company, site.ip, [])
    refused = await site.data(TRACK, guest, **batch(page()))
    assert refused["activityTrack"]["errors"] == [
        {"__typename": "RateLimitedError", "code": "RATE_LIMITED", "path": None, "retryAfter": 60}
    ]
    assert await counted(owner, company) == (0, 0)


async def test_customers_see_their_recently_viewed_products(
    site: Site, company: UUID, customer: Actor, products: dict[str, UUID], clock: FixedClock
) -> None:
    moments = [(clock.now() - timedelta(minutes=60 - minute)).isoformat() for minute in range(4)]
    viewed = zip(("Mug", "Pot", "Mug", "Cup"), moments, strict=True)
    activities = [view(products[name], timestamp=moment) for name, moment in viewed]
    await site.data(TRACK, customer, **batch(*activities, view(new_id())))
    answer = await site.data(RECENT, customer, first=10)
    assert [product["name"] for product in answer["recentlyViewed"]] == ["Cup", "Mug", "Pot"]
    assert site.count.data == 2
    assert len((await site.data(RECENT, customer, first=3))["recentlyViewed"]) == 2
    other_user = Actor(ActorKind.USER, company, user_id=new_id())
    assert await site.data(RECENT, other_user, first=10) == {"recentlyViewed": []}
    assert await site.denied(RECENT, customer, first=101) == "OUT_OF_RANGE"
    assert await site.denied(RECENT, Actor.anonymous(company), first=1) == "UNAUTHENTICATED"


async def test_the_log_requires_the_permission(
    site: Site, company: UUID, other_company: UUID, customer: Actor
) -> None:
    await site.data(TRACK, customer, **batch(page()))
    assert await site.denied(LOGS, Actor.anonymous(company)) == "UNAUTHENTICATED"
    assert await site.denied(LOGS, customer) == "FORBIDDEN"
    analyst = member(company, "ANALYST", 10, frozenset([Grant(PermissionResource.ANALYTICS, PermissionAction.READ)]))
    answer = await site.ask(LOGS, analyst)
    assert [node["user"] for node in answer["data"]["activityLogs"]["nodes"]] == [None]
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    elsewhere = (await site.data(LOGS, administrator(other_company)))["activityLogs"]
    assert elsewhere == {"totalCount": 0, "nodes": []}


async def test_views_of_another_companys_product_are_not_counted(
    site: Site, company: UUID, other_company: UUID, owner: Any, products: dict[str, UUID]
) -> None:
    stranger = Actor.anonymous(other_company)
    answer = await site.data(TRACK, stranger, **batch(view(products["Mug"])))
    assert answer["activityTrack"] == {"tracked": 1, "errors": []}
    assert await counted(owner, company) == (0, 0)
    assert await counted(owner, other_company) == (1, 0)
    logs = (await site.data(LOGS, administrator(other_company)))["activityLogs"]["nodes"]
    assert [node["product"] for node in logs] == [None]
    assert await catalog.product_view.count(site.database.reader(company)) == 0
