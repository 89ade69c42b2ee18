"""The demo's announcements reach those who asked for them, and one of its carts counts as abandoned."""

from typing import Any

import asyncpg
import pytest

from domains.cart.events import CartAbandoned
from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from gateway.bootstrap import Platform
from gateway.demo.announcements import READERS
from gateway.demo.loader import LOGINS
from tests.gateway.demo.test_stories import rows_of

ANNOUNCEMENTS = "select kind::text, status::text, created, scheduled_at > now() as waits from announcements"
TOLD = "select language, recipient from notifications where company_id = $1 and kind = 'NEWS'"


class Undo(Exception):
    """Ends a transaction whose changes other tests must not see."""


async def test_news_wait_to_be_sent_and_a_promotion_for_its_day(url: str) -> None:
    rows = {row.pop("kind"): row for row in await rows_of(url, ANNOUNCEMENTS)}
    assert rows["PROMOTION"] == {"status": "SCHEDULED", "created": 0, "waits": True}
    assert not rows["NEWS"]["waits"]


async def test_the_jobs_send_the_news_and_find_the_abandoned_cart(platform: Platform) -> None:
    services = platform.services
    company = await services.company.default_company(platform.database.reader(None))
    told: list[asyncpg.Record] = []
    left: list[Any] = []

    async def work(tx: Tx) -> None:
        assert await services.notification.marketing.dispatch.send(tx) == len(READERS)
        told.extend(await tx.fetch(TOLD, tx.company_id))
        await services.cart.abandonment.report(tx)
        abandoned = [each for _, events in tx.emitted() for each in events if isinstance(each, CartAbandoned)]
        buyers = [(each.user_id, "") for each in abandoned]
        left.extend(await services.account.buyer_history.customers_among(tx, buyers))
        raise Undo

    with pytest.raises(Undo):
        await platform.database.run(work, Actor.system(company.id))
    assert len(left) == 1
    assert [row["language"] for row in told] == ["en"] * len(READERS)
    assert LOGINS[1].email in {row["recipient"] for row in told}
