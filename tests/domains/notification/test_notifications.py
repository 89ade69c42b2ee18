"""Notifications are created once for each key, and sent unless their recipient refused them."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from domains.auth.emails.mailboxes import mailbox_of
from domains.auth.models import User
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.personal_data import erased_email
from domains.notification.channels import Gone, Outcome, Rejected, Retry
from domains.notification.delivery import ATTEMPTS, Deferred, Delivery, Result
from domains.notification.models import NewNotification, NotificationKind, NotificationType
from domains.notification.notifications import Notifications
from tests.domains.auth.conftest import Shop
from tests.domains.notification.mailbox import Mailbox
from tests.gateway.site import services_of

ANN = "ann@example.com"
PREFERENCE = """
insert into notification_preferences (id, company_id, user_id, category, channel, enabled, updated_at)
values ($1, $2, $3, $4, 'EMAIL', $5, now())
"""
SUPPRESSION = """
insert into notification_suppressions (id, company_id, channel, address, category, reason)
values ($1, $2, 'EMAIL', $3, $4, $5)
"""


class Parts:
    """The notification domain of a company with a mailbox."""

    def __init__(self, database: Database, clock: FixedClock, company: UUID, owner: Any) -> None:
        self.mailbox = Mailbox()
        services = services_of(clock, database, self.mailbox)
        self.notifications: Notifications = services.notification.notifications
        self.delivery: Delivery = services.notification.delivery
        self.database, self.company, self.owner = database, company, owner

    async def create(self, kind: NotificationKind, key: str = "a key", **given: Any) -> list[UUID]:
        new = NewNotification(kind=kind, dedupe_key=key, **{"recipient": ANN, "variables": VARIABLES} | given)
        return await self.database.run(lambda tx: self.notifications.create(tx, [new]), Actor.system(self.company))

    async def send(self, notification_id: UUID, attempt: int = 1) -> Any:
        return await self.delivery.send(self.database, self.company, notification_id, attempt)

    async def row(self, notification_id: UUID) -> dict[str, Any]:
        return dict(await self.owner.fetchrow("select * from notifications where id = $1", notification_id))

    async def count(self) -> tuple[int, int]:
        """How many notifications there are, and how many of them in the queue."""
        tables = ("notifications", "queued_notifications")
        query = "select count(*) from {} where company_id = $1"
        notifications, queued = [await self.owner.fetchval(query.format(each), self.company) for each in tables]
        return notifications, queued


VARIABLES = {"code": "123456", "new_email": "bob@example.com"}


@pytest.fixture
def parts(database: Database, clock: FixedClock, company: UUID, owner: Any) -> Parts:
    return Parts(database, clock, company, owner)


async def test_a_notification_with_a_known_key_is_not_created_again(parts: Parts) -> None:
    first = await parts.create(NotificationKind.CART_CODE)
    assert (len(first), await parts.create(NotificationKind.CART_CODE, recipient="bob@example.com")) == (1, [])
    assert await parts.count() == (1, 1)
    await parts.send(first[0])
    assert await parts.create(NotificationKind.CART_CODE) == []
    assert [mail.to for mail in parts.mailbox.mails] == [ANN]


async def test_of_two_at_once_one_creates_the_notification(parts: Parts) -> None:
    created = await asyncio.gather(*(parts.create(NotificationKind.CART_CODE) for _ in range(4)))
    assert sorted(len(each) for each in created) == [0, 0, 0, 1]
    assert await parts.count() == (1, 1)


async def test_several_notifications_are_created_by_one_statement(parts: Parts) -> None:
    new = [
        NewNotification(kind=NotificationKind.NO_ACCOUNT, dedupe_key=f"key {number % 3}", recipient=ANN)
        for number in range(4)
    ]
    with counting() as counted:
        async with parts.database.transaction(Actor.system(parts.company)) as tx:
            created = await parts.notifications.create(tx, new)
    assert (len(created), counted.data) == (3, 1)
    assert await parts.count() == (3, 3)


async def test_nothing_is_created_for_an_erased_recipient(parts: Parts) -> None:
    assert await parts.create(NotificationKind.NO_ACCOUNT, recipient=erased_email(new_id())) == []
    assert await parts.count() == (0, 0)


async def test_an_email_of_normal_priority_waits_outside_of_the_queue(parts: Parts) -> None:
    await parts.create(NotificationKind.NEWS)
    assert await parts.count() == (1, 0)
    await parts.create(NotificationKind.NEWS, "another", type=NotificationType.IN_APP, recipient=None)
    assert await parts.count() == (2, 1)


async def test_the_text_of_a_kind_without_a_secret_is_stored(parts: Parts) -> None:
    (secret,) = await parts.create(NotificationKind.CART_CODE, "secret")
    (warning,) = await parts.create(NotificationKind.EMAIL_CHANGED, "warning", language="de-AT")
    assert [await parts.send(each) for each in (secret, warning)] == [Result.SENT] * 2
    row = await parts.row(secret)
    assert (row["subject"], row["body"], row["content"], row["language"]) == (None, None, None, "en")
    row = await parts.row(warning)
    mail = parts.mailbox.last(ANN)
    assert (row["subject"], row["content"], row["language"]) == (mail.subject, None, "de")
    assert row["body"] in mail.text
    assert "bob@example.com" in row["body"]
    assert (row["status"], row["attempts"], row["sent_at"] is None) == ("SENT", 1, False)


@pytest.mark.parametrize(
    ("outcome", "attempt", "ended", "status"),
    [
        (Retry("MAILBOX", "451"), 1, Deferred(None, "451"), "PENDING"),
        (Retry("MAILBOX", "451"), ATTEMPTS - 1, Deferred(None, "451"), "PENDING"),
        (Retry("MAILBOX", "451"), ATTEMPTS, Result.EXPIRED, "FAILED"),
        (Rejected("MAILBOX", "554"), 1, Result.REFUSED, "FAILED"),
        (Gone("MAILBOX", "550"), 1, Result.REFUSED, "BOUNCED"),
    ],
)
async def test_each_outcome_is_recorded(
    parts: Parts, monkeypatch: pytest.MonkeyPatch, outcome: Outcome, attempt: int, ended: Any, status: str
) -> None:
    async def answer(*_: object) -> Outcome:
        return outcome

    monkeypatch.setattr(Mailbox, "send", answer)
    (notification_id,) = await parts.create(NotificationKind.CART_CODE)
    assert await parts.send(notification_id, attempt) == ended
    row = await parts.row(notification_id)
    assert (row["status"], row["attempts"], row["content"] is None) == (status, 1, status != "PENDING")
    (log,) = await parts.owner.fetch("select * from notification_logs where notification_id = $1", notification_id)
    logged = "FAILED" if status == "PENDING" else status
    assert (log["status"], log["provider"], log["error"]) == (logged, "MAILBOX", row["failure_reason"] or "451")
    suppressed = await parts.owner.fetch(
        "select address, reason, category from notification_suppressions where company_id = $1", row["company_id"]
    )
    expected = [(mailbox_of(row["recipient"]), "HARD_BOUNCE", None)] if status == "BOUNCED" else []
    assert [tuple(each) for each in suppressed] == expected


async def test_a_notification_that_has_ended_is_not_sent_again(parts: Parts) -> None:
    (notification_id,) = await parts.create(NotificationKind.CART_CODE)
    assert [await parts.send(notification_id) for _ in range(2)] == [Result.SENT, None]
    other = Parts(parts.database, FixedClock(parts.database.clock.now()), new_id(), parts.owner)
    (waiting,) = await parts.create(NotificationKind.CART_CODE, "another")
    assert (await other.send(waiting), other.mailbox.mails) == (None, [])
    assert len(parts.mailbox.mails) == 1


@pytest.mark.parametrize(
    ("kind", "category", "reason", "refused"),
    [
        (NotificationKind.EMAIL_CHANGED, None, "HARD_BOUNCE", "BOUNCED_BEFORE"),
        (NotificationKind.EMAIL_CHANGED, None, "UNSUBSCRIBED", None),
        (NotificationKind.GIFT_CARDS, None, "COMPLAINT", "UNSUBSCRIBED"),
        (NotificationKind.GIFT_CARDS, "ORDERS", "MANUAL", "UNSUBSCRIBED"),
        (NotificationKind.GIFT_CARDS, "NEWS", "UNSUBSCRIBED", None),
    ],
)
async def test_a_suppressed_address_gets_nothing_of_its_categories(
    parts: Parts, kind: NotificationKind, category: str | None, reason: str, refused: str | None
) -> None:
    await parts.owner.execute(SUPPRESSION, new_id(), parts.company, "ann@example.com", category, reason)
    (notification_id,) = await parts.create(
        kind, recipient="ann+tea@example.com", variables=VARIABLES | {"cards": []}
    )
    ended = await parts.send(notification_id)
    row = await parts.row(notification_id)
    assert (ended, row["failure_reason"]) == (Result.UNWANTED if refused else Result.SENT, refused)
    assert len(parts.mailbox.mails) == (0 if refused else 1)
    topic = await parts.owner.fetchval("select topic from outbox_events where aggregate_id = $1", notification_id)
    assert topic == ("notification.failed" if refused else "notification.sent")


@pytest.mark.parametrize(
    ("kind", "chosen", "is_sent"),
    [
        (NotificationKind.EMAIL_CHANGED, False, True),
        (NotificationKind.GIFT_CARDS, False, False),
        (NotificationKind.GIFT_CARDS, True, True),
        (NotificationKind.GIFT_CARDS, None, True),
    ],
)
async def test_a_user_gets_what_they_chose(
    parts: Parts, shop: Shop, kind: NotificationKind, chosen: bool | None, is_sent: bool
) -> None:
    user: User = await shop.account()
    if chosen is not None:
        for category in ("ACCOUNT", "ORDERS"):
            await parts.owner.execute(PREFERENCE, new_id(), parts.company, user.id, category, chosen)
    (notification_id,) = await parts.create(kind, user_id=user.id, variables=VARIABLES | {"cards": []})
    assert await parts.send(notification_id) == (Result.SENT if is_sent else Result.UNWANTED)
    assert (await parts.row(notification_id))["failure_reason"] == (None if is_sent else "NOT_WANTED")


async def test_a_stored_mail_is_sent_as_it_was_written(parts: Parts) -> None:
    text = {"to": ANN, "subject": "A shop: Your code", "text": "It is 123456.\n", "traceparent": None}
    (notification_id,) = await parts.create(NotificationKind.STORED_MAIL, recipient=None, variables=text)
    assert await parts.send(notification_id) == Result.SENT
    (mail,) = parts.mailbox.mails
    assert (mail.to, mail.subject, mail.text) == (ANN, "A shop: Your code", "It is 123456.\n")
    row = await parts.row(notification_id)
    assert (row["subject"], row["body"], row["recipient"]) == (None, None, None)
