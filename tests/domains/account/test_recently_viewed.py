"""The products that a user viewed last."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domains.account.recently_viewed import RecentlyViewed
from domains.activity.models import ActivityAction, ReportedActivity
from domains.activity.service import ActivityService
from domains.kernel.actor import Actor, ActorKind
from domains.kernel.clock import FixedClock
from domains.kernel.database import Tx
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from gateway.infra.memory import MemoryCache
from tests.domains.actors import make_user

VIEW, PAGE = ActivityAction.PRODUCT_VIEW, ActivityAction.PAGE_VIEW


@pytest.fixture
def activity(clock: FixedClock) -> ActivityService:
    return ActivityService(MemoryCache(clock), clock)


@pytest.fixture
async def customer(owner: Any, company: UUID) -> Actor:
    return Actor(ActorKind.USER, company, user_id=await make_user(owner))


async def test_recent_views_are_the_actors_own_without_duplicates_newest_first(
    activity: ActivityService, tx: Tx, customer: Actor, owner: Any, company: UUID, clock: FixedClock
) -> None:
    mug, pot, cup = new_id(), new_id(), new_id()
    other_customer = Actor(ActorKind.USER, company, user_id=await make_user(owner))
    for actor, product in ((customer, mug), (customer, pot), (other_customer, cup), (customer, mug)):
        clock.advance(timedelta(seconds=1))
        await activity.track(tx, actor, [ReportedActivity(action=VIEW, resource=str(product))])
    await activity.track(tx, customer, [ReportedActivity(action=PAGE, resource=str(cup))])
    with counting() as count:
        assert await RecentlyViewed(activity).find(tx, customer) == [mug, pot]
        assert await RecentlyViewed(activity).find(tx, Actor.anonymous(company)) == []
    assert count.data == 1
    assert await RecentlyViewed(activity).find(tx, customer, take=1) == [mug]
    assert await RecentlyViewed(activity).find(tx, customer, take=-1) == []
