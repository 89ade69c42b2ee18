"""Notifications that have ended are deleted with their logs once they are older than the company keeps them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.ids import new_id
from domains.notification.models import NewNotification, NotificationKind
from tests.domains.notification.mailbox import Mailbox
from tests.gateway.site import services_of

SENT = """
update notifications set status = 'SENT', sent_at = now(), content = null, digest_at = null, digest_id = $2
where id = $1
"""
LOG = """
insert into notification_logs (id, company_id, notification_id, status, provider) values ($1, $2, $3, 'SENT', 'TEST')
"""


async def test_what_has_ended_is_deleted_after_its_time_and_a_digest_with_its_items(
    pool: Any, clock: FixedClock, company: UUID, owner: Any
) -> None:
    database, actor = Database(pool, clock), Actor.system(company)
    service = services_of(clock, database, Mailbox()).notification

    async def create(kind: NotificationKind) -> UUID:
        new = NewNotification(kind=kind, dedupe_key=str(new_id()), recipient="ann@example.com")
        (made,) = await database.run(lambda tx: service.notifications.create(tx, [new]), actor)
        await owner.execute(LOG, new_id(), company, made)
        return made

    async def left() -> set[UUID]:
        while await database.run(service.retention.delete_old, actor):
            pass
        rows = await owner.fetch("select id from notifications where company_id = $1", company)
        query = "select distinct notification_id as id from notification_logs where company_id = $1"
        assert {row["id"] for row in rows} == {row["id"] for row in await owner.fetch(query, company)}
        return {row["id"] for row in rows}

    pending, item, digest = [
        await create(each) for each in (NotificationKind.NO_ACCOUNT, NotificationKind.NEWS, NotificationKind.DIGEST)
    ]
    clock.advance(timedelta(days=1))
    late_item = await create(NotificationKind.NEWS)
    await owner.execute(SENT, digest, None)
    await owner.execute(SENT, item, digest)
    await owner.execute(SENT, late_item, digest)
    clock.advance(timedelta(days=399))
    assert await left() == {pending, item, digest, late_item}
    clock.advance(timedelta(seconds=1))
    assert await left() == {pending, digest, late_item}
    clock.advance(timedelta(days=1))
    assert await left() == {pending}
