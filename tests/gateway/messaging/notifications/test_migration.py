"""Mail that waits when notifications are introduced is sent afterwards, and nothing of it is lost."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import orjson

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.ids import new_id
from domains.notification.queue import waiting
from gateway.infra.encryption import Cipher
from gateway.infra.migrations import migrate
from gateway.infra.postgres import RELAY_ROLE, connected, opened_pool
from tests.gateway.infra.migrations.earlier_migrations import migrations_before
from tests.gateway.messaging.notifications.samples import KEYS, LOST, PURPOSE, Sending, send_due

MIGRATION: Final = "20261203000000_notifications"
NOW: Final = datetime(2026, 12, 3, 12, tzinfo=UTC)
COMPANY: Final = "insert into companies (id, name, slug, currency, updated_at) values ($1, 'A', $2, 'EUR', now())"
MAIL: Final = """
insert into queued_mails (id, content, key_id, attempts, next_attempt_at, created_at) values ($1, $2, $3, $4, $5, $6)
"""


def mail(to: str, key: bytes, *, attempts: int = 0, due: datetime = NOW, has_key: bool = True) -> tuple[Any, ...]:
    """A row of the earlier queue."""
    cipher = Cipher([key], PURPOSE)
    content = orjson.dumps({"to": to, "subject": "A shop: Your code", "text": "It is 123456.\n", "traceparent": None})
    key_id = cipher.key_ids[0] if has_key else None
    return (new_id(), cipher.encrypt(content), key_id, attempts, due, NOW - timedelta(hours=1))


async def migrated(url: str, folder: Path, mails: list[tuple[Any, ...]]) -> UUID:
    """Fill a database of the earlier version with a second company and mails, migrate it; return the first one."""
    second = new_id()
    await migrate(url, folder=migrations_before(MIGRATION, folder))
    async with connected(url) as connection:
        await connection.execute(COMPANY, second, second.hex)
        await connection.executemany(MAIL, mails)
        first: UUID = await connection.fetchval("select id from companies order by id limit 1")
    await migrate(url)
    return first


async def test_mail_that_waits_is_sent_after_the_migration(empty_database: str, tmp_path: Path) -> None:
    mails = [
        mail("ann@example.com", KEYS[0]),
        mail("bob@example.com", KEYS[1], attempts=3, due=NOW + timedelta(minutes=9)),
        mail("eve@example.com", KEYS[0], has_key=False),
        mail("zoe@example.com", LOST),
    ]
    company = await migrated(empty_database, tmp_path, mails)
    clock = FixedClock(NOW)
    async with (
        opened_pool(empty_database, size=2) as pool,
        opened_pool(empty_database, role=RELAY_ROLE, size=2) as relay_pool,
        connected(empty_database) as owner,
    ):
        sending = Sending(
            database=Database(pool, clock), company=company, relay_pool=relay_pool, owner=owner, clock=clock
        )
        process, channel = sending.process(), sending.channel
        found = await waiting(owner, process.key_ids, NOW)
        assert (found.readable, found.unreadable, found.oldest) == (3, 1, NOW - timedelta(hours=1))
        assert (await send_due(process), channel.recipients) == (2, ["ann@example.com", "eve@example.com"])
        clock.advance(timedelta(minutes=9))
        assert (await send_due(process), await send_due(sending.process(LOST))) == (1, 1)
        assert {each.id for each in channel.messages} == {each[0] for each in mails}
        assert {(each.subject, each.text) for each in channel.messages} == {("A shop: Your code", "It is 123456.\n")}
        attempts = await owner.fetchval("select sum(attempts) from notifications")
        assert (await sending.queued(), await sending.ends(), attempts) == (0, [("SENT", None)] * 4, 4)
        assert await owner.fetchval("select to_regclass('queued_mails')") is None


async def test_a_database_without_mail_is_migrated(empty_database: str, tmp_path: Path) -> None:
    await migrated(empty_database, tmp_path, [])
    async with connected(empty_database) as connection:
        assert await connection.fetchval("select count(*) from notifications") == 0
