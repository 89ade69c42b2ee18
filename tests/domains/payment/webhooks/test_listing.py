"""Listing finds the events that webhooks have missed, and only those of the company's payments."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.ids import new_id
from domains.payment.models import CaptureMode
from domains.payment.providers.results import WebhookEvent
from domains.payment.service import PaymentService
from domains.payment.webhooks.listing import FIRST_WINDOW, OVERLAP
from gateway.providers.mock.declines import APPROVES
from gateway.providers.mock.mock_payments import MockPayments
from tests.domains.payment.payer import Payer


class Listed:
    """A provider's list of events."""

    def __init__(self) -> None:
        self.events: list[WebhookEvent] = []
        self.asked: list[datetime] = []
        self.size = 1_000

    async def since(self, _provider: object, moment: datetime) -> Sequence[WebhookEvent]:
        self.asked.append(moment)
        return [each for each in self.events if each.occurred_at >= moment][: self.size]


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> Listed:
    listed = Listed()

    async def since(self: MockPayments, moment: datetime) -> Sequence[WebhookEvent]:
        return await listed.since(self, moment)

    monkeypatch.setattr(MockPayments, "events_since", since)
    return listed


async def open_payment(payer: Payer) -> UUID:
    return (await payer.begin(APPROVES, CaptureMode.MANUAL)).id


async def stored(owner: Any, company: UUID) -> list[str]:
    rows = await owner.fetch(
        "select provider_event_id from payment_webhooks where company_id = $1 order by provider_event_id", company
    )
    return [row[0] for row in rows]


def event(name: str, at: datetime, payment_id: UUID | None, *ids: str) -> WebhookEvent:
    return WebhookEvent(name, "payment.succeeded", at, ids, payment_id)


async def test_events_of_our_payments_are_stored_once(
    payments: PaymentService, database: Database, actor: Actor, payer: Payer, owner: Any, listed: Listed
) -> None:
    payment_id = await open_payment(payer)
    now = payments._clock.now()
    listed.events = [event("ours", now, payment_id), event("foreign", now, new_id(), "ch"), event("none", now, None)]
    assert await payments.event_listing.run(database, actor) == 1
    assert await payments.event_listing.run(database, actor) == 0
    assert await stored(owner, actor.company_id) == ["ours"]


async def test_the_list_goes_on_where_it_ended_with_an_overlap(
    payments: PaymentService, database: Database, actor: Actor, payer: Payer, clock: FixedClock, listed: Listed
) -> None:
    await open_payment(payer)
    first = clock.now()
    await payments.event_listing.run(database, actor)
    clock.advance(timedelta(minutes=15))
    await payments.event_listing.run(database, actor)
    assert listed.asked == [first - FIRST_WINDOW, first - OVERLAP]


async def test_a_list_is_followed_by_the_next_however_short_it_is(
    payments: PaymentService, database: Database, actor: Actor, payer: Payer, owner: Any, listed: Listed
) -> None:
    """A provider whose list is too long may leave out its later part."""
    listed.size = 2
    payment_id, now = await open_payment(payer), payments._clock.now()
    listed.events = [event(f"e{number}", now - timedelta(minutes=9 - number), payment_id) for number in range(5)]
    assert await payments.event_listing.run(database, actor) == 5
    assert await stored(owner, actor.company_id) == ["e0", "e1", "e2", "e3", "e4"]


async def test_a_provider_that_does_not_answer_is_asked_again_from_the_same_time(
    payments: PaymentService, database: Database, actor: Actor, payer: Payer, listed: Listed
) -> None:
    await open_payment(payer)
    with pytest.MonkeyPatch.context() as patch:

        async def silent(*_: object) -> Sequence[WebhookEvent]:
            raise ConnectionError

        patch.setattr(Listed, "since", silent)
        with pytest.raises(ExceptionGroup) as raised:
            await payments.event_listing.run(database, actor)
    assert raised.value.exceptions[0].__notes__ == ["provider MOCK"]
    await payments.event_listing.run(database, actor)
    assert listed.asked == [payments._clock.now() - FIRST_WINDOW]


async def test_a_company_without_accounts_and_open_payments_asks_no_provider(
    payments: PaymentService, database: Database, actor: Actor, payer: Payer, listed: Listed
) -> None:
    await payer.pay()
    assert await payments.event_listing.run(database, actor) == 0
    assert listed.asked == []


async def test_a_cursor_that_moved_further_stays(
    payments: PaymentService, database: Database, actor: Actor, payer: Payer, clock: FixedClock, owner: Any
) -> None:
    await open_payment(payer)
    await payments.event_listing.run(database, actor)
    read = "select listed_to from payment_event_cursors where company_id = $1 and provider = 'MOCK'"
    moved = await owner.fetchval(read, actor.company_id)
    await payments.event_listing._move(database, actor, "MOCK", clock.now() - timedelta(hours=1))
    assert await owner.fetchval(read, actor.company_id) == moved


async def test_the_list_of_the_mock_provider_has_the_same_events_as_its_webhooks(
    payments: PaymentService, database: Database, actor: Actor, payer: Payer, provider: MockPayments, owner: Any
) -> None:
    payment = await payer.begin(APPROVES, CaptureMode.MANUAL)
    await payer.authorize(payment, APPROVES)
    await payments.webhooks.receive(database, actor, "MOCK", *await provider.webhook(payment.id))
    assert await payments.event_listing.run(database, actor) == 0
    assert len(await stored(owner, actor.company_id)) == 1
