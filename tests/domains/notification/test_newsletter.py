"""The newsletter is asked for with the registration, and chosen once the address is confirmed."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from domains.auth.models import NewAccount
from domains.kernel.events import Envelope
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.pages import PageArgs
from domains.notification.domain import subscriptions
from domains.notification.models import NotificationCategory, NotificationType, PreferenceSource
from domains.notification.preferences.preferences import ChannelChoice
from domains.notification.service import NotificationService
from domains.notification.suppressions.suppressions import SuppressionFilter
from domains.notification.suppressions.unsubscribe_links import Unsubscription
from gateway.messaging.event_emitter import EventEmitter
from tests.domains.auth.conftest import HOME, PASSWORD, Shop
from tests.domains.notification.mailbox import Mailbox
from tests.domains.notification.told import OUTBOX
from tests.gateway.site import services_of

NEWS, EMAIL = NotificationCategory.NEWS, NotificationType.EMAIL
TOPICS = ["user.registered", "user.email_confirmed"]


class Registering:
    """Registrations in a shop, whose events are delivered."""

    def __init__(self, shop: Shop, owner: Any) -> None:
        self.shop, self.owner = shop, owner
        self.email = shop.email()
        self.service: NotificationService = services_of(shop.clock, shop.db, Mailbox()).notification

    async def register(self, *, newsletter: bool) -> str:
        """Register, and return the ticket."""
        new = NewAccount(email=self.email, password=PASSWORD, newsletter_subscribed=newsletter)
        return (await self.shop.auth.register(self.shop.db, self.shop.guest, HOME, new)).ticket

    async def confirm(self, ticket: str) -> None:
        code = self.shop.mailbox.last(self.email).code
        await self.shop.auth.registration.confirm(self.shop.db, self.shop.guest, HOME, self.email, ticket, code)

    async def events(self) -> list[Envelope]:
        rows = await self.owner.fetch(OUTBOX, self.shop.company_id, TOPICS)
        return [Envelope(*row) for row in rows]

    async def deliver(self) -> None:
        emitter = EventEmitter(self.shop.db)
        for subscription in subscriptions(self.service):
            emitter.on(subscription, None)  # type: ignore[arg-type]
        for event in await self.events():
            await emitter.emit(event)

    async def user_id(self) -> UUID:
        user_id: UUID = await self.owner.fetchval("select id from users where email = $1", self.email)
        return user_id

    async def newsletter(self) -> ChannelChoice:
        user_id = await self.user_id()
        found = await self.service.preferences.of_user(self.shop.db.reader(self.shop.company_id), user_id)
        return next(each for each in found if (each.category, each.channel) == (NEWS, EMAIL))


@pytest.fixture
def registering(shop: Shop, owner: Any) -> Registering:
    return Registering(shop, owner)


async def test_a_consent_counts_with_the_confirmed_address(registering: Registering) -> None:
    await registering.confirm(await registering.register(newsletter=True))
    assert not (await registering.newsletter()).enabled
    before = registering.shop.db.clock.now()
    for _ in range(2):
        await registering.deliver()
    chosen = await registering.newsletter()
    assert (chosen.enabled, chosen.source) == (True, PreferenceSource.REGISTRATION)
    assert chosen.chosen_at
    assert before <= chosen.chosen_at <= registering.shop.db.clock.now()


async def test_without_consent_nothing_is_chosen_and_no_statement_is_made(registering: Registering) -> None:
    await registering.confirm(await registering.register(newsletter=False))
    (event,) = await registering.events()
    with counting() as counted:
        await registering.shop.db.run(
            lambda tx: registering.service.newsletter.subscribe(tx, event), registering.shop.system
        )
    assert counted.data == 0
    chosen = await registering.newsletter()
    assert (chosen.enabled, chosen.chosen_at) == (False, None)


async def test_an_account_for_use_at_once_gets_it_when_its_address_is_confirmed(
    make_shop: Callable[..., Shop], owner: Any
) -> None:
    registering = Registering(make_shop(require_confirmed_email=False), owner)
    ticket = await registering.register(newsletter=True)
    await registering.deliver()
    assert not (await registering.newsletter()).enabled
    await registering.confirm(ticket)
    await registering.deliver()
    assert (await registering.newsletter()).enabled


async def test_what_the_user_chose_meanwhile_stays(registering: Registering) -> None:
    await registering.confirm(await registering.register(newsletter=True))
    refused = ChannelChoice(category=NEWS, channel=EMAIL, enabled=False)
    user_id, shop = await registering.user_id(), registering.shop
    await shop.db.run(lambda tx: registering.service.preferences.update(tx, user_id, [refused]), shop.system)
    await registering.deliver()
    chosen = await registering.newsletter()
    assert (chosen.enabled, chosen.source) == (False, PreferenceSource.ACCOUNT)


async def test_it_takes_back_that_the_address_had_unsubscribed_as_a_guest(registering: Registering) -> None:
    shop, suppressions = registering.shop, registering.service.suppressions
    of = Unsubscription(
        company_id=shop.company_id,
        address=registering.email,
        categories=[NEWS, NotificationCategory.CARTS],
        user_id=None,
    )
    await shop.db.run(lambda tx: suppressions.unsubscribe(tx, of), shop.system)
    await registering.confirm(await registering.register(newsletter=True))
    (event,) = await registering.events()
    with counting() as counted:
        await shop.db.run(lambda tx: registering.service.newsletter.subscribe(tx, event), shop.system)
    assert counted.data == 4  # the user, the choice, the suppression, the event
    page = await suppressions.find(shop.db.reader(shop.company_id), PageArgs(first=10), SuppressionFilter())
    assert [each.category for each in page.items] == [NotificationCategory.CARTS]
