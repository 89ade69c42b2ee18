"""Addresses that get no notifications: one suppression for each reason, which staff lift alone."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.errors import DomainError, InvalidInput, NotApplicable
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.text.validation import Required
from domains.notification import sql
from domains.notification.models import (
    NewNotification,
    NotificationCategory,
    NotificationKind,
    NotificationSuppression,
    NotificationType,
    SuppressionReason,
)
from domains.notification.preferences.choices import Refusal, Refuse
from domains.notification.service import NotificationService
from domains.notification.suppressions.errors import SuppressionByRecipient, SuppressionNotFound
from domains.notification.suppressions.reports import suppress
from domains.notification.suppressions.suppressions import SuppressionFilter
from domains.notification.suppressions.unsubscribe_links import Unsubscription
from tests.domains.notification.mailbox import Mailbox
from tests.gateway.site import services_of

EMAIL, SMS, CARTS = NotificationType.EMAIL, NotificationType.SMS, NotificationCategory.CARTS
GUS = "gus@example.com"
CART = {"cart": {"items": [], "total": "1.00", "currency": "EUR", "url": None}, "step": 1}


class Desk:
    """Suppressions of a company, and e-mails about a cart to GUS."""

    def __init__(self, database: Database, service: NotificationService, company: UUID) -> None:
        self.database, self.service, self.company = database, service, company

    async def run(self, work: Any) -> Any:
        return await self.database.run(work, Actor.system(self.company))

    async def mail(self) -> UUID:
        new = NewNotification(
            kind=NotificationKind.ABANDONED_CART, dedupe_key=str(new_id()), recipient=GUS, variables=CART
        )
        (created,) = await self.run(lambda tx: self.service.notifications.create(tx, [new]))
        return UUID(str(created))

    async def suppress(self, reason: SuppressionReason) -> None:
        mail = await self.mail()
        await self.run(lambda tx: suppress(tx, mail, reason))

    async def unsubscribe(self, *categories: NotificationCategory) -> None:
        of = Unsubscription(company_id=self.company, address=GUS, categories=categories, user_id=None)
        await self.run(lambda tx: self.service.suppressions.unsubscribe(tx, of))

    async def add(self, channel: NotificationType, address: str, category: Any = None) -> NotificationSuppression:
        found: NotificationSuppression = await self.run(
            lambda tx: self.service.suppressions.add(tx, channel, address, category)
        )
        return found

    async def lift(self, suppression_id: UUID, note: str | None = None) -> None:
        await self.run(lambda tx: self.service.suppressions.remove(tx, suppression_id, note=note))

    async def listed(self, **conditions: Any) -> list[NotificationSuppression]:
        filters, reader = SuppressionFilter(**conditions), self.database.reader(self.company)
        return list((await self.service.suppressions.find(reader, PageArgs(first=50), filters)).items)

    async def id_of(self, reason: SuppressionReason) -> UUID:
        (found,) = await self.listed(reason=reason)
        return found.id

    async def refusal(self) -> Refusal | None:
        """Why an e-mail about a cart is not sent to GUS now, or None."""
        reader = self.database.reader(self.company)
        (loaded,) = await sql.load(reader, [await self.mail()])
        decision = await self.service.delivery._recipients.decide(reader, loaded, self.database.clock.now())
        return decision.reason if isinstance(decision, Refuse) else None


@pytest.fixture
def desk(pool: Any, clock: FixedClock, company: UUID) -> Desk:
    database = Database(pool, clock)
    return Desk(database, services_of(clock, database, Mailbox()).notification, company)


async def test_a_lifted_bounce_leaves_the_unsubscription_and_the_complaint(desk: Desk) -> None:
    await desk.unsubscribe(CARTS)
    for reason in (SuppressionReason.COMPLAINT, SuppressionReason.HARD_BOUNCE, SuppressionReason.HARD_BOUNCE):
        await desk.suppress(reason)
    assert {each.reason.value for each in await desk.listed()} == {"UNSUBSCRIBED", "COMPLAINT", "HARD_BOUNCE"}
    assert len(await desk.listed()) == 3
    assert await desk.refusal() is Refusal.BOUNCED_BEFORE
    await desk.lift(await desk.id_of(SuppressionReason.HARD_BOUNCE), "The mailbox exists again.")
    assert await desk.refusal() is Refusal.UNSUBSCRIBED
    await desk.lift(await desk.id_of(SuppressionReason.COMPLAINT), "It was a mistake, as she wrote.")
    assert await desk.refusal() is Refusal.UNSUBSCRIBED


async def test_bounces_complaints_and_unsubscribing_at_once_are_one_each(desk: Desk) -> None:
    reasons = [SuppressionReason.HARD_BOUNCE, SuppressionReason.COMPLAINT] * 4
    await asyncio.gather(*(desk.suppress(each) for each in reasons), *(desk.unsubscribe(CARTS) for _ in range(4)))
    assert sorted(each.reason.value for each in await desk.listed()) == ["COMPLAINT", "HARD_BOUNCE", "UNSUBSCRIBED"]


async def test_staff_lift_no_unsubscription_and_a_bounce_for_a_reason(desk: Desk, owner: Any) -> None:
    await desk.unsubscribe(CARTS)
    await desk.suppress(SuppressionReason.HARD_BOUNCE)
    with pytest.raises(SuppressionByRecipient):
        await desk.lift(await desk.id_of(SuppressionReason.UNSUBSCRIBED), "Because.")
    bounce = await desk.id_of(SuppressionReason.HARD_BOUNCE)
    for nothing in (None, "", " \n"):
        with pytest.raises(Required) as refused:
            await desk.lift(bounce, nothing)
        assert refused.value.field == ("note",)
    assert len(await desk.listed()) == 2
    await desk.lift(bounce, "A new provider.")
    with pytest.raises(SuppressionNotFound):
        await desk.lift(bounce, "Again.")
    emitted = await owner.fetch(
        "select topic, payload->>'suppression_reason' as reason, payload->>'note' as note from outbox_events "
        "where company_id = $1 and topic like 'notification.suppression%' order by id",
        desk.company,
    )
    assert [tuple(each) for each in emitted] == [
        ("notification.suppression_created", "UNSUBSCRIBED", None),
        ("notification.suppression_created", "HARD_BOUNCE", None),
        ("notification.suppression_lifted", "HARD_BOUNCE", "A new provider."),
    ]


async def test_two_who_lift_one_at_once_lift_it_once(desk: Desk) -> None:
    manual = await desk.add(EMAIL, GUS)
    outcomes = await asyncio.gather(*(desk.lift(manual.id) for _ in range(4)), return_exceptions=True)
    assert sorted(type(each).__name__ for each in outcomes) == ["NoneType"] + ["SuppressionNotFound"] * 3


async def test_staff_suppress_an_address_once_beside_what_its_owner_chose(desk: Desk) -> None:
    await desk.unsubscribe(CARTS)
    added = await asyncio.gather(*(desk.add(EMAIL, to, CARTS) for to in ("Gus+tea@example.com", GUS) * 3))
    assert len({each.id for each in added}) == 1
    assert [each.reason.value for each in await desk.listed(address="GUS+x@example.com", category=CARTS)] == [
        "MANUAL",
        "UNSUBSCRIBED",
    ]
    await desk.lift(added[0].id)
    assert await desk.refusal() is Refusal.UNSUBSCRIBED
    number = await desk.add(SMS, "+49 (0)30 1234567")
    assert (number.address, [each.id for each in await desk.listed(channel=SMS)]) == ("+49301234567", [number.id])
    assert [each.id for each in await desk.listed(address="+49 30 123 45 67")] == [number.id]
    with counting() as counted:
        await desk.listed(address=GUS, reason=SuppressionReason.UNSUBSCRIBED)
    assert counted.data == 1


@pytest.mark.parametrize(
    ("given", "error", "field"),
    [
        ((EMAIL, "nobody", None), InvalidInput, ("address",)),
        ((EMAIL, "a@b.example\r\nBcc: c@d.example", None), InvalidInput, ("address",)),
        ((SMS, GUS, None), InvalidInput, ("address",)),
        ((SMS, "030 123456", None), InvalidInput, ("address",)),
        ((SMS, "+49 30 1234567 x12", None), InvalidInput, ("address",)),
        ((SMS, "", None), InvalidInput, ("address",)),
        ((NotificationType.PUSH, GUS, None), NotApplicable, ("channel",)),
        ((EMAIL, GUS, NotificationCategory.ACCOUNT), NotApplicable, ("category",)),
    ],
)
async def test_what_is_no_address_and_what_cannot_be_refused_is_not_suppressed(
    desk: Desk, given: Any, error: type[DomainError], field: tuple[str, ...]
) -> None:
    with pytest.raises(error) as refused:
        await desk.add(*given)
    assert refused.value.field == field
    assert await desk.listed() == []
