"""The activity log on the real database: one statement per batch, isolated by company."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domains.activity import service
from domains.activity.errors import TooManyBatches
from domains.activity.models import ActivityAction, ActivityFilter, ActivityLog, ReportedActivity
from domains.activity.reports import size_of
from domains.activity.service import MAX_BATCHES, RETENTION, ActivityService
from domains.kernel.actor import Actor, ActorKind
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Tx
from domains.kernel.errors import InvalidInput, RateLimited
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.keyset import Sort
from domains.kernel.pagination.pages import PageArgs
from gateway.infra.memory import MemoryCache
from tests.domains.actors import make_user

VIEW, PAGE, CLICK = ActivityAction.PRODUCT_VIEW, ActivityAction.PAGE_VIEW, ActivityAction.BUTTON_CLICK


@pytest.fixture
def activity(clock: FixedClock) -> ActivityService:
    return ActivityService(MemoryCache(clock), clock)


@pytest.fixture
async def customer(owner: Any, company: UUID) -> Actor:
    return Actor(ActorKind.USER, company, user_id=await make_user(owner))


async def listed(activity: ActivityService, tx: Tx, **wanted: Any) -> list[str]:
    page = await activity.find_activities(tx, PageArgs(first=100), filters=ActivityFilter(**wanted))
    return [each.resource for each in page.items]


async def test_a_batch_of_activities_is_one_statement(
    activity: ActivityService, tx: Tx, customer: Actor, clock: FixedClock
) -> None:
    product = new_id()
    batch = [
        ReportedActivity(action=VIEW, resource=str(product), metadata={"duration": 1.5, "at": [3, 4]}),
        ReportedActivity(action=PAGE, resource="/", timestamp=clock.now() - timedelta(minutes=1)),
        *(ReportedActivity(action=CLICK, resource=f"b{number}") for number in range(48)),
    ]
    with counting() as count:
        views = await activity.track(
            tx, customer, batch, ip_address="192.0.2.1", user_agent="Browser/1 " + "x" * 2_000
        )
    assert (count.data, views) == (1, [product])
    page = await activity.find_activities(tx, PageArgs(first=100), filters=ActivityFilter(action=VIEW))
    assert [(each.user_id, each.product_id, each.metadata, each.ip_address) for each in page.items] == [
        (customer.user_id, product, {"duration": 1.5, "at": [3, 4]}, "192.0.2.1")
    ]
    assert [len(each.user_agent or "") for each in page.items] == [1_000]
    everything = await activity.find_activities(tx, PageArgs(first=1))
    assert await everything.count() == 50


async def test_an_empty_batch_executes_no_statement(activity: ActivityService, tx: Tx, customer: Actor) -> None:
    with counting() as count:
        assert await activity.track(tx, customer, []) == []
    assert count.data == 0


async def test_the_activity_of_a_guest_has_no_user(activity: ActivityService, tx: Tx, company: UUID) -> None:
    await activity.track(tx, Actor.anonymous(company), [ReportedActivity(action=PAGE, resource="/")], user_agent=" ")
    (only,) = (await activity.find_activities(tx, PageArgs())).items
    assert (only.user_id, only.user_agent, only.ip_address, only.metadata) == (None, None, None, {})


async def test_activities_are_filtered_searched_and_paginated(
    activity: ActivityService, tx: Tx, customer: Actor, company: UUID, clock: FixedClock
) -> None:
    start = clock.now()
    for number in range(6):
        actor = customer if number % 2 else Actor.anonymous(company)
        action = CLICK if number > 3 else PAGE
        clock.advance(timedelta(minutes=1))
        await activity.track(
            tx, actor, [ReportedActivity(action=action, resource=f"/p{number}")], user_agent=f"Agent {number}"
        )
    assert await listed(activity, tx) == ["/p5", "/p4", "/p3", "/p2", "/p1", "/p0"]
    assert await listed(activity, tx, user_id=customer.user_id) == ["/p5", "/p3", "/p1"]
    assert await listed(activity, tx, action=CLICK) == ["/p5", "/p4"]
    assert await listed(activity, tx, resource="/p2") == ["/p2"]
    span = {"start": start + timedelta(minutes=2), "end": start + timedelta(minutes=4)}
    assert await listed(activity, tx, **span) == ["/p2", "/p1"]
    found = await activity.find_activities(tx, PageArgs(), search="aGENT 3")
    assert [each.resource for each in found.items] == ["/p3"]
    by_resource = Sort("resource", str, "asc")
    first = await activity.find_activities(tx, PageArgs(first=4), sort=by_resource)
    rest = await activity.find_activities(tx, PageArgs(first=4, after=first.cursors[-1]), sort=by_resource)
    assert [each.resource for each in (*first.items, *rest.items)] == [f"/p{number}" for number in range(6)]
    with pytest.raises(InvalidInput):
        await listed(activity, tx, resource="\x00")


async def test_activities_are_isolated_by_company(
    activity: ActivityService, database: Database, customer: Actor, other_company: UUID, clock: FixedClock
) -> None:
    view = ReportedActivity(action=VIEW, resource=str(new_id()))
    await database.run(lambda tx: activity.track(tx, customer, [view]), customer)
    theirs = Actor(ActorKind.USER, other_company, user_id=customer.user_id)
    reader = database.reader(other_company)
    assert customer.user_id is not None
    assert await activity.last_viewed(reader, customer.user_id, 20) == []
    assert await (await activity.find_activities(reader, PageArgs())).count() == 0
    clock.advance(RETENTION + timedelta(days=1))
    assert await database.run(activity.delete_old, theirs) == 0
    assert await database.run(activity.delete_old, customer) == 1


async def test_activities_are_deleted_in_batches_after_ninety_days(
    activity: ActivityService, tx: Tx, customer: Actor, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "DELETE_BATCH", 2)
    for place in ("a", "b", "c", "d"):
        await activity.track(tx, customer, [ReportedActivity(action=PAGE, resource=place)])
        clock.advance(timedelta(minutes=1))
    clock.advance(RETENTION - timedelta(minutes=1, seconds=1))
    assert [await activity.delete_old(tx) for _ in range(3)] == [2, 1, 0]
    assert await listed(activity, tx) == ["d"]


async def test_batches_from_one_address_are_rate_limited(
    activity: ActivityService, company: UUID, clock: FixedClock
) -> None:
    outcomes = await asyncio.gather(
        *(activity.admit(company, "192.0.2.1", []) for _ in range(MAX_BATCHES + 5)), return_exceptions=True
    )
    refused = [each for each in outcomes if each is not None]
    assert [type(each) for each in refused] == [TooManyBatches] * 5
    await activity.admit(company, "192.0.2.2", [])
    with pytest.raises(TooManyBatches):
        await activity.admit(company, "::ffff:192.0.2.1", [])
    clock.advance(timedelta(minutes=1))
    await activity.admit(company, "192.0.2.1", [])


async def test_the_keys_of_the_cache_do_not_show_the_address_of_a_visitor(
    clock: FixedClock, company: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, keys = MemoryCache(clock), []
    increment = cache.increment

    async def noted(key: str, *args: Any, **options: Any) -> int:
        keys.append(key)
        return await increment(key, *args, **options)

    monkeypatch.setattr(cache, "increment", noted)
    activity, guest = ActivityService(cache, clock), Actor(ActorKind.GUEST, company)
    await activity.admit(company, "192.0.2.1", [ReportedActivity(action=PAGE, resource="/")])
    await activity.first_views(guest, "192.0.2.1", [new_id()])
    assert (len(keys), [key for key in keys if "192.0.2.1" in key]) == (5, [])


async def test_the_refusal_for_the_limit_of_all_addresses_does_not_blame_the_caller(
    activity: ActivityService, company: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = ReportedActivity(action=PAGE, resource="/")
    monkeypatch.setattr(service, "BYTES_IN_TOTAL", replace(service.BYTES_IN_TOTAL, limit=size_of([page])))
    await activity.admit(company, "192.0.2.1", [page])
    with pytest.raises(RateLimited) as refused:
        await activity.admit(company, "192.0.2.2", [page])
    assert refused.value.message == "Too many activities. Try again later."


def test_the_activity_log_has_the_fields_of_the_diagram() -> None:
    names = set(ActivityLog.__slots__)
    assert {"id", "user_id", "action", "resource", "metadata", "ip_address", "user_agent", "timestamp"} <= names
