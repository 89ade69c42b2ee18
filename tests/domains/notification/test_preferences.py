"""What users choose to get: stored with the time and source, by the account and by the links of e-mails."""

import asyncio
from datetime import time, timedelta
from typing import Any
from uuid import UUID

import pytest

from domains.auth.models import User
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.errors import DomainError, DuplicateValue, NotApplicable, NotFound
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.pages import PageArgs
from domains.notification.models import (
    NotificationCategory,
    NotificationFrequency,
    NotificationType,
    PreferenceSource,
)
from domains.notification.preferences.preferences import ChannelChoice
from domains.notification.service import NotificationService
from domains.notification.suppressions.suppressions import SuppressionFilter
from domains.notification.suppressions.unsubscribe_links import Unsubscription
from tests.domains.auth.conftest import Shop
from tests.domains.notification.mailbox import Mailbox
from tests.gateway.site import services_of

EMAIL, NEWS, CARTS = NotificationType.EMAIL, NotificationCategory.NEWS, NotificationCategory.CARTS


class Choosing:
    """The choices of one user of a company."""

    def __init__(self, database: Database, service: NotificationService, company: UUID, user: User) -> None:
        self.database, self.service, self.company, self.user = database, service, company, user

    async def run(self, work: Any) -> Any:
        return await self.database.run(work, Actor.system(self.company))

    async def choose(self, *choices: ChannelChoice, user_id: UUID | None = None) -> None:
        await self.run(lambda tx: self.service.preferences.update(tx, user_id or self.user.id, choices))

    async def of(self, category: NotificationCategory, channel: NotificationType = EMAIL) -> ChannelChoice:
        reader = self.database.reader(self.company)
        found = await self.service.preferences.of_user(reader, self.user.id)
        return next(each for each in found if (each.category, each.channel) == (category, channel))

    async def unsubscribe(self, address: str, user_id: UUID | None, *categories: NotificationCategory) -> None:
        of = Unsubscription(company_id=self.company, address=address, categories=categories, user_id=user_id)
        await self.run(lambda tx: self.service.suppressions.unsubscribe(tx, of))

    async def suppressed(self) -> list[tuple[str, str | None, str]]:
        reader = self.database.reader(self.company)
        page = await self.service.suppressions.find(reader, PageArgs(first=50), SuppressionFilter())
        return sorted((each.address, each.category, each.reason) for each in page.items)


@pytest.fixture
async def choosing(pool: Any, clock: FixedClock, company: UUID, shop: Shop) -> Choosing:
    database = Database(pool, clock)
    service = services_of(clock, database, Mailbox()).notification
    return Choosing(database, service, company, await shop.account())


def choice(category: NotificationCategory, enabled: bool, **given: Any) -> ChannelChoice:
    return ChannelChoice(category=category, channel=EMAIL, enabled=enabled, **given)


async def test_without_choices_all_defaults_are_shown(choosing: Choosing) -> None:
    reader = choosing.database.reader(choosing.company)
    with counting() as counted:
        found = await choosing.service.preferences.of_user(reader, choosing.user.id)
    assert (len(found), counted.data) == (10 * 4, 2)
    assert {each.category for each in found if each.is_required} == {NotificationCategory.ACCOUNT}
    refused = {(each.category.value, each.channel.value) for each in found if not each.enabled}
    marketing = {"PROMOTIONS", "RECOMMENDATIONS", "NEWS"}
    others = {each.category.value for each in found} - marketing - {"ACCOUNT"}
    assert refused == {(category, each.value) for category in marketing for each in NotificationType} | {
        (category, "SMS") for category in others
    }
    assert NotificationCategory.STAFF not in {each.category for each in found}


async def test_a_consent_and_its_withdrawal_are_stored_with_time_and_source(
    choosing: Choosing, clock: FixedClock
) -> None:
    consent = clock.now()
    await choosing.choose(choice(NEWS, True))
    clock.advance(timedelta(minutes=1))
    await choosing.choose(choice(NEWS, True, frequency=NotificationFrequency.WEEKLY))
    kept = await choosing.of(NEWS)
    assert (kept.chosen_at, kept.frequency, kept.source) == (consent, "WEEKLY", PreferenceSource.ACCOUNT)
    await choosing.unsubscribe(choosing.user.email, choosing.user.id, NEWS)
    withdrawn = await choosing.of(NEWS)
    assert (withdrawn.enabled, withdrawn.chosen_at) == (False, consent + timedelta(minutes=1))
    assert withdrawn.source is PreferenceSource.UNSUBSCRIBE_LINK


async def test_unsubscribing_twice_is_the_same_and_choosing_again_lifts_it(choosing: Choosing) -> None:
    address = choosing.user.email
    for _ in range(2):
        await choosing.unsubscribe(address, choosing.user.id, NEWS, CARTS)
    assert await choosing.suppressed() == [(address, "CARTS", "UNSUBSCRIBED"), (address, "NEWS", "UNSUBSCRIBED")]
    await choosing.choose(choice(NEWS, True))
    assert await choosing.suppressed() == [(address, "CARTS", "UNSUBSCRIBED")]
    assert (await choosing.of(NEWS)).enabled


async def test_a_link_to_an_earlier_address_changes_no_choice_of_the_user(choosing: Choosing) -> None:
    await choosing.choose(choice(NEWS, True))
    await choosing.unsubscribe("before@example.com", choosing.user.id, NEWS)
    await choosing.unsubscribe("guest@example.com", None, NEWS)
    assert (await choosing.of(NEWS)).enabled
    assert [each[0] for each in await choosing.suppressed()] == ["before@example.com", "guest@example.com"]


async def test_what_is_required_is_not_refused_and_nothing_of_the_change_is_stored(choosing: Choosing) -> None:
    with pytest.raises(NotApplicable) as refused:
        await choosing.choose(choice(NEWS, True), choice(NotificationCategory.ACCOUNT, False))
    assert refused.value.field == ("preferences", "1", "category")
    assert not (await choosing.of(NEWS)).enabled
    with pytest.raises(DuplicateValue):
        await choosing.choose(choice(NEWS, True), choice(NEWS, False))
    with pytest.raises(NotFound):
        await choosing.choose(choice(NEWS, True), user_id=new_id())


async def test_two_changes_at_once_in_any_order_both_end(choosing: Choosing) -> None:
    categories = [NEWS, CARTS, NotificationCategory.ORDERS, NotificationCategory.REVIEWS]
    changes = [
        [choice(each, True) for each in categories],
        [choice(each, False) for each in reversed(categories)],
    ] * 4
    await asyncio.gather(*(choosing.choose(*each) for each in changes))
    assert len({(await choosing.of(each)).enabled for each in categories}) == 1


async def test_a_profile_has_what_was_chosen_and_null_for_the_rest(choosing: Choosing) -> None:
    preferences, user_id = choosing.service.preferences, choosing.user.id
    reader = choosing.database.reader(choosing.company)
    assert await preferences.profile(reader, user_id) is None
    given = {"language": "DE", "quiet_hours": ("22:00", "07:30")}
    await choosing.run(lambda tx: preferences.update_profile(tx, user_id, given))
    made = await choosing.run(lambda tx: preferences.update_profile(tx, user_id, {"time_zone": "America/New_York"}))
    assert (made.language, made.time_zone) == ("de", "America/New_York")
    assert (made.quiet_hours_start, made.quiet_hours_end) == (time(22), time(7, 30))
    none = {"language": None, "quiet_hours": None}
    made = await choosing.run(lambda tx: preferences.update_profile(tx, user_id, none))
    assert (made.language, made.quiet_hours_start, made.quiet_hours_end) == (None, None, None)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"language": "not a language"}, ("language",)),
        ({"time_zone": "Mars/Olympus"}, ("time_zone",)),
        ({"quiet_hours": ("22:00", "24:00")}, ("quiet_hours", "end")),
        ({"quiet_hours": ("7", "09:00")}, ("quiet_hours", "start")),
    ],
)
async def test_invalid_profiles_are_refused(choosing: Choosing, changes: Any, field: tuple[str, ...]) -> None:
    with pytest.raises(DomainError) as refused:
        await choosing.run(lambda tx: choosing.service.preferences.update_profile(tx, choosing.user.id, changes))
    assert refused.value.field == field


async def test_a_frequency_alone_is_no_consent_and_tells_no_one(
    choosing: Choosing, owner: Any, clock: FixedClock
) -> None:
    told = "select payload from outbox_events where topic = 'notification.preferences_updated' and company_id = $1"
    await choosing.choose(choice(NEWS, True), choice(CARTS, False))
    clock.advance(timedelta(minutes=1))
    for _ in range(2):
        await choosing.choose(choice(NEWS, True, frequency=NotificationFrequency.DAILY), choice(CARTS, False))
    (row,) = await owner.fetch(told, choosing.company)
    assert row["payload"] == {
        "user_id": str(choosing.user.id),
        "enabled": ["NEWS:EMAIL"],
        "disabled": ["CARTS:EMAIL"],
        "source": "ACCOUNT",
    }
