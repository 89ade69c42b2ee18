"""The subscription of activities: for staff with the permission, in their company, by filter."""

from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from domains.role.models import SystemRole
from gateway.graphql.activity.subscriptions import ACTIVITIES
from tests.domains.actors import administrator, member
from tests.gateway.graphql.activity.test_activity import TRACK, batch, page
from tests.gateway.live.live_site import LiveSite
from tests.gateway.site import Site

ACTIVITY = """subscription ($filter: ActivityLogFilterInput) {
  activity(filter: $filter) { activities { action resource } } }"""


def analyst(company: UUID) -> Actor:
    return member(company, "ANALYST", 1, frozenset({Grant(PermissionResource.ANALYTICS, PermissionAction.READ)}))


async def track(site: Site, *activities: dict[str, Any], who: Actor | None = None) -> None:
    answer = await site.value(TRACK, who, **batch(*activities))
    assert answer["errors"] == []


def click(resource: str) -> dict[str, Any]:
    return {"action": "BUTTON_CLICK", "resource": resource}


async def test_staff_see_what_visitors_do(site: Site, live: LiveSite, company: UUID, other_company: UUID) -> None:
    async with (
        live.watching(ACTIVITY, analyst(company)) as watched,
        live.watching(ACTIVITY, analyst(company), filter={"action": "BUTTON_CLICK"}) as clicks,
        live.watching(ACTIVITY, administrator(other_company)) as elsewhere,
    ):
        await track(site, page("/a"), click("buy"))
        await live.deliver()
        await watched.wait_for(1)
        await track(site, page("/b"))
        await live.deliver()
        await watched.wait_for(2)
    seen = [sorted(each["resource"] for each in value["activities"]) for value in watched.values]
    assert seen == [["/a", "buy"], ["/b"]]
    assert clicks.values == [{"activities": [{"action": "BUTTON_CLICK", "resource": "buy"}]}]
    assert elsewhere.answers == []
    assert live.topics >= {event.topic for event in ACTIVITIES.events}


async def test_activities_need_the_permission(live: LiveSite, company: UUID) -> None:
    wrong = member(company, "CLERK", 1, frozenset({Grant(PermissionResource.ORDERS, PermissionAction.MANAGE)}))
    assert await live.refusal(ACTIVITY) == "UNAUTHENTICATED"
    assert await live.refusal(ACTIVITY, wrong) == "FORBIDDEN"


@pytest.mark.parametrize(("given", "code"), [({"resource": "x" * 300}, "TOO_LONG"), ({"resource": ""}, None)])
async def test_an_invalid_filter_is_refused_at_once(
    live: LiveSite, company: UUID, given: dict[str, Any], code: str | None
) -> None:
    async with live.watching(ACTIVITY, analyst(company), filter=given) as watched:
        assert watched.ended.is_set() == (code is not None)
    assert watched.codes == ([code] if code else [])


async def test_a_batch_executes_a_statement_for_the_actor_and_one_for_its_activities(
    site: Site, live: LiveSite
) -> None:
    token = await site.token(SystemRole.ADMIN)
    with counting() as count:
        async with live.watching(ACTIVITY, token, filter={"action": "PAGE_VIEW"}) as watched:
            await track(site, *(page(f"/{number}") for number in range(50)))
            count.data = count.actor = 0
            await live.deliver()
            await watched.wait_for(1)
    assert (count.actor, count.data) == (1, 1)
    assert len(watched.values[0]["activities"]) == 50
