"""Samples go to the own address of the member of staff who asks for them, ten an hour at most."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from domains.kernel.actor import Actor
from domains.kernel.database import Database
from domains.kernel.errors import NotFound
from domains.notification.models import NotificationKind
from domains.notification.templates.sample_emails import MOST, PERIOD, SampleEmails, TooManySampleEmails
from domains.role.models import SystemRole
from tests.domains.auth.conftest import Shop
from tests.domains.notification.templates.test_email_templates import SOURCE
from tests.gateway.site import services_of

KIND = NotificationKind.WELCOME


class Samples:
    """A shop that sends samples."""

    def __init__(self, shop: Shop) -> None:
        self.clock = shop.clock
        self.database = Database(shop.db._pool, shop.clock)  # not that of the machine, which may be set back
        services = services_of(shop.clock, shop.db, shop.mailbox)
        self.service: SampleEmails = services.notification.sample_emails
        self.delivery = services.notification.delivery

    async def send(self, actor: Actor, source: Any = SOURCE) -> str:
        return await self.database.run(lambda tx: self.service.send(tx, actor, KIND, "en", source), actor)


async def test_a_draft_is_sent_to_the_own_address(shop: Shop, owner: Any) -> None:
    samples, user = Samples(shop), await shop.account(SystemRole.ADMIN)
    actor = await shop.logged_in(user.email)
    assert await samples.send(actor) == user.email
    rows = await owner.fetch("select * from notifications where company_id = $1", shop.company_id)
    ((created,), message) = [row["id"] for row in rows if row["user_id"] == user.id], shop.mailbox
    await samples.delivery.send(shop.db, shop.company_id, created, 1)
    sent = message.last(user.email)
    assert (sent.subject, sent.text) == ("Hi Ann", "Hello Ann\n")


async def test_samples_are_limited_also_at_once(shop: Shop) -> None:
    samples, actor = Samples(shop), await shop.actor(SystemRole.ADMIN)
    outcomes = await asyncio.gather(*(samples.send(actor) for _ in range(MOST + 3)), return_exceptions=True)
    assert Counter(type(outcome) for outcome in outcomes) == {str: MOST, TooManySampleEmails: 3}
    await samples.send(await shop.actor(SystemRole.ADMIN))
    samples.clock.advance(PERIOD - timedelta(microseconds=1))
    with pytest.raises(TooManySampleEmails):
        await samples.send(actor)
    samples.clock.advance(timedelta(microseconds=1))
    await samples.send(actor)


async def test_the_platform_gets_no_sample(shop: Shop) -> None:
    with pytest.raises(NotFound):
        await Samples(shop).send(shop.system)
