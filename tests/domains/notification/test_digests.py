"""Digests: e-mails of normal priority that are due for a recipient go out as one, each of them once."""

import asyncio
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.ids import new_id
from domains.kernel.monitoring import traces
from domains.kernel.monitoring.statement_counts import counting
from domains.notification.delivery import Result
from domains.notification.models import NewNotification, NotificationKind, NotificationType
from gateway.infra.encryption import Cipher
from tests.domains.auth.conftest import Shop
from tests.domains.notification.mailbox import Mailbox
from tests.gateway.site import services_of

ANN, BOB = "ann@example.com", "bob@example.com"
PRODUCTS = {"products": [{"name": "Tea", "url": None, "image_url": None}], "order": {"number": "1", "id": "1"}}
CART = {"cart": {"items": [], "total": "1.00", "currency": "EUR", "url": None}, "step": 1}
OLD_KEY, NEW_KEY = b"1" * 32, b"2" * 32
TRACEPARENT = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
NEWS = {"title": "News", "text": "A text", "url": "https://shop.example.com/news"}


@dataclass(slots=True)
class KeyedMailbox(Mailbox):
    """A mailbox with encryption under keys that change."""

    cipher: Cipher = field(init=False)

    def __post_init__(self) -> None:
        self.use_keys(OLD_KEY)

    def use_keys(self, *keys: bytes) -> None:
        """Encrypt under the first key, and decrypt under each."""
        self.cipher = Cipher(keys, b"notifications")
        self.key_ids = self.cipher.key_ids

    def encrypt(self, plain: bytes) -> bytes:
        return self.cipher.encrypt(plain)

    def decrypt(self, encrypted: bytes) -> bytes:
        return self.cipher.decrypt(encrypted)


class Parts:
    """The digests of a company with a mailbox."""

    def __init__(self, database: Database, clock: FixedClock, company: UUID, owner: Any) -> None:
        self.mailbox = KeyedMailbox()
        self.services = services_of(clock, database, self.mailbox).notification
        self.database, self.clock, self.company, self.owner = database, clock, company, owner

    async def create(
        self, *recipients: str, kind: NotificationKind = NotificationKind.ABANDONED_CART, **given: Any
    ) -> list[UUID]:
        new = [
            NewNotification(
                kind=kind, **{"dedupe_key": str(new_id()), "recipient": each, "variables": {**CART, **NEWS}} | given
            )
            for each in recipients
        ]
        return await self.database.run(
            lambda tx: self.services.notifications.create(tx, new), Actor.system(self.company)
        )

    async def make(self) -> int:
        """Run the job once: every batch that is due."""
        made = total = await self.batch()
        while made:
            made = await self.batch()
            total += made
        return total

    async def batch(self) -> int:
        return await self.database.run(self.services.digests.make, Actor.system(self.company))

    async def queued(self) -> list[UUID]:
        rows = await self.owner.fetch("select * from queued_notifications where company_id = $1", self.company)
        return [row["notification_id"] for row in rows]

    async def send(self) -> list[Any]:
        """Send all that is in the queue."""
        ends = []
        for each in await self.queued():
            ends.append(await self.services.delivery.send(self.database, self.company, each, 1))
            if isinstance(ends[-1], Result):
                await self.owner.execute("delete from queued_notifications where notification_id = $1", each)
        return ends

    async def rows(self, kind: str = "ABANDONED_CART") -> list[Any]:
        query = "select * from notifications where company_id = $1 and kind::text = $2 order by id"
        found: list[Any] = await self.owner.fetch(query, self.company, kind)
        return found

    async def suppress(self, address: str, category: str | None, reason: str = "UNSUBSCRIBED") -> None:
        await self.owner.execute(
            "insert into notification_suppressions (id, company_id, channel, address, category, reason)"
            " values ($1, $2, 'EMAIL', $3, $4, $5)",
            *(new_id(), self.company, address, category, reason),
        )


async def user_of_news(parts: Parts, shop: Shop) -> UUID:
    """A user who asked for news by e-mail."""
    user = await shop.account()
    await parts.owner.execute(
        "insert into notification_preferences (id, company_id, user_id, category, channel, enabled, updated_at)"
        " values ($1, $2, $3, 'NEWS', 'EMAIL', true, now())",
        *(new_id(), parts.company, user.id),
    )
    return user.id


@pytest.fixture
def parts(pool: Any, clock: FixedClock, company: UUID, owner: Any) -> Parts:
    return Parts(Database(pool, clock), clock, company, owner)


async def test_what_is_due_for_a_recipient_is_sent_as_one_and_one_alone_as_itself(parts: Parts) -> None:
    await parts.create(ANN, ANN, BOB, ANN)
    (later,) = await parts.create(ANN, scheduled_at=parts.clock.now() + timedelta(days=1))
    assert await parts.make() == 4
    assert await parts.send() == [Result.SENT] * 2
    assert sorted(mail.to for mail in parts.mailbox.mails) == [ANN, BOB]
    (digest,) = await parts.rows("DIGEST")
    assert digest["status"] == "SENT"
    rows = {row["id"]: (row["recipient"], row["status"], row["digest_id"]) for row in await parts.rows()}
    assert rows.pop(later) == (ANN, "PENDING", None)
    assert sorted(rows.values(), key=str) == [(ANN, "SENT", digest["id"])] * 3 + [(BOB, "SENT", None)]
    topics = await parts.owner.fetch(
        "select topic from outbox_events where company_id = $1 and topic like 'notification.%'", parts.company
    )
    assert [row["topic"] for row in topics] == ["notification.sent"] * 5
    assert (await parts.make(), await parts.queued()) == (0, [])


async def test_a_digest_lists_its_items_in_the_order_in_which_they_were_created(parts: Parts, shop: Shop) -> None:
    user_id, titles = await user_of_news(parts, shop), [f"Text {number}" for number in range(6)]
    for title in titles:
        await parts.create(ANN, kind=NotificationKind.NEWS, variables={**NEWS, "title": title}, user_id=user_id)
        parts.clock.advance(timedelta(seconds=1))
    assert await parts.make() == len(titles)
    # A change moves a row to the end of the table, and so of what an unsorted statement returns.
    for row in reversed(await parts.rows("NEWS")):
        await parts.owner.execute("update notifications set updated_at = now() where id = $1", row["id"])
    assert await parts.send() == [Result.SENT]
    (mail,) = parts.mailbox.mails
    assert re.findall("Text [0-9]", mail.text) == titles


async def test_one_alone_enters_the_queue_under_the_newest_key_and_with_the_trace_of_the_job(parts: Parts) -> None:
    parts.mailbox.use_keys(OLD_KEY)
    (alone,) = await parts.create(ANN)
    parts.mailbox.use_keys(NEW_KEY, OLD_KEY)
    with traces.continued(TRACEPARENT):
        assert await parts.make() == 1
    place = "select key_id, traceparent, due_at from queued_notifications where notification_id = $1"
    expected = (parts.mailbox.key_ids[0], TRACEPARENT, parts.clock.now())
    assert tuple(await parts.owner.fetchrow(place, alone)) == expected
    parts.mailbox.use_keys(NEW_KEY)
    assert await parts.send() == [Result.SENT]


async def test_two_jobs_at_once_put_each_item_into_one_digest(parts: Parts) -> None:
    await parts.create(*[ANN, BOB] * 40)
    made = await asyncio.gather(*(parts.make() for _ in range(3)))
    assert sum(made) == 80
    digests = await parts.rows("DIGEST")
    rows = await parts.rows()
    assert {row["digest_id"] for row in rows} - {None} == {row["id"] for row in digests}
    alone = [row["id"] for row in rows if row["digest_id"] is None]
    assert sorted(await parts.queued()) == sorted([*alone, *(row["id"] for row in digests)])


async def test_a_batch_that_fails_leaves_its_items_for_the_next_run(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    await parts.create(ANN, ANN)

    async def fail(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("domains.notification.digests.sql.assign", fail)
        with pytest.raises(ZeroDivisionError):
            await parts.make()
    assert (await parts.rows("DIGEST"), await parts.queued()) == ([], [])
    assert (await parts.make(), len(await parts.queued())) == (2, 1)


async def test_thousands_take_few_statements_and_a_recipient_has_one_digest(parts: Parts) -> None:
    recipients = [f"ann{number}@example.com" for number in range(240)]
    await parts.create(*(each for each in recipients for _ in range(5)))
    with counting() as counted:
        assert await parts.make() == 1_200
    assert counted.data <= 30
    digests = await parts.rows("DIGEST")
    assert sorted(row["recipient"] for row in digests) == sorted(recipients)
    items = await parts.rows()
    assert {row["id"]: row["recipient"] for row in digests} == {row["digest_id"]: row["recipient"] for row in items}


async def test_a_recipient_who_unsubscribes_after_the_digest_was_made_gets_only_the_rest(
    parts: Parts, shop: Shop
) -> None:
    user_id = await user_of_news(parts, shop)
    await parts.create(ANN, ANN, user_id=user_id)
    await parts.create(ANN, kind=NotificationKind.NEWS, user_id=user_id)
    assert await parts.make() == 3
    await parts.suppress(ANN, "CARTS")
    assert await parts.send() == [Result.SENT]
    assert [(row["status"], row["failure_reason"]) for row in await parts.rows()] == [("FAILED", "UNSUBSCRIBED")] * 2
    (news,) = await parts.rows("NEWS")
    assert news["status"] == "SENT"


async def test_a_digest_of_which_nothing_is_wanted_any_more_is_not_sent(parts: Parts) -> None:
    await parts.create(ANN, ANN)
    await parts.make()
    await parts.suppress(ANN, None)
    assert (await parts.send(), parts.mailbox.mails) == ([Result.UNWANTED], [])
    assert {row["status"] for row in [*await parts.rows(), *await parts.rows("DIGEST")]} == {"FAILED"}


async def test_what_is_refused_ends_without_a_digest(parts: Parts) -> None:
    await parts.suppress(ANN, "CARTS", "COMPLAINT")
    await parts.create(ANN, ANN)
    await parts.create(ANN, kind=NotificationKind.NEWS)  # nobody asked for it
    assert (await parts.make(), await parts.queued()) == (3, [])
    ends = [(row["status"], row["failure_reason"]) for row in [*await parts.rows(), *await parts.rows("NEWS")]]
    assert ends == [("FAILED", "UNSUBSCRIBED")] * 2 + [("FAILED", "NOT_WANTED")]
    logs = await parts.owner.fetch("select error from notification_logs where company_id = $1", parts.company)
    assert sorted(row["error"] for row in logs) == ["NOT_WANTED", "UNSUBSCRIBED", "UNSUBSCRIBED"]


async def test_daily_ones_wait_for_nine_in_the_morning_of_the_recipient(parts: Parts, shop: Shop) -> None:
    user = await shop.account()
    await parts.owner.execute(
        "insert into notification_preferences"
        " (id, company_id, user_id, category, channel, enabled, frequency, updated_at)"
        " values ($1, $2, $3, 'CARTS', 'EMAIL', true, 'DAILY', now())",
        *(new_id(), parts.company, user.id),
    )
    await parts.owner.execute(
        "insert into notification_profiles"
        " (id, company_id, user_id, language, time_zone, quiet_hours_start, quiet_hours_end, updated_at)"
        " values ($1, $2, $3, 'de', 'America/New_York', $4, $5, now())",
        *(new_id(), parts.company, user.id, time(22), time(7)),
    )
    parts.clock.advance(datetime(2027, 6, 1, 12, tzinfo=UTC) - parts.clock.now())  # 8:00 in New York
    await parts.create(ANN, ANN, user_id=user.id)
    assert (await parts.make(), await parts.make(), await parts.queued()) == (2, 0, [])
    assert {row["digest_at"] for row in await parts.rows()} == {datetime(2027, 6, 1, 13, tzinfo=UTC)}
    parts.clock.advance(timedelta(hours=1))
    assert (await parts.make(), await parts.send()) == (2, [Result.SENT])
    (digest,) = await parts.rows("DIGEST")
    assert digest["language"] == "de"


async def test_others_than_emails_of_normal_priority_are_not_digested(parts: Parts) -> None:
    await parts.create(ANN, type=NotificationType.IN_APP)
    await parts.create(ANN, kind=NotificationKind.BACK_IN_STOCK)
    assert (await parts.make(), len(await parts.queued())) == (0, 2)
