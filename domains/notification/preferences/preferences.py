"""Preferences: which notifications a user gets by which channel, and how often."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.auth.emails.mailboxes import mailbox_of
from domains.auth.models import User
from domains.auth.service import AuthService
from domains.company.settings import require_time_zone
from domains.kernel.database import Reader, Tx
from domains.kernel.errors import DuplicateValue, NotApplicable, NotFound, TooMany
from domains.kernel.ids import new_id
from domains.kernel.validation import collect_errors
from domains.notification import data
from domains.notification.events import NotificationPreferencesUpdated
from domains.notification.kinds import REQUIRED
from domains.notification.models import (
    NotificationCategory,
    NotificationFrequency,
    NotificationProfile,
    NotificationType,
    PreferenceSource,
)
from domains.notification.preferences.choices import is_wanted_by_default
from domains.notification.preferences.quiet_hours import require_time
from domains.order.invoices.languages import require_language

CATEGORIES: Final = tuple(each for each in NotificationCategory if each is not NotificationCategory.STAFF)
MOST_CHANGES: Final = len(CATEGORIES) * len(NotificationType)
# Rows are locked in one order, so that two changes at once wait for each other.
_CHOOSE: Final = """
insert into notification_preferences as old (id, company_id, user_id, category, channel, enabled, frequency, source,
                                             chosen_at, created_at, updated_at)
select id, $1, $2, category, channel, enabled, frequency, $8::preference_source, $9, $9, $9
from unnest($3::uuid[], $4::notification_category[], $5::notification_type[], $6::boolean[],
            $7::notification_frequency[]) as given (id, category, channel, enabled, frequency)
order by category, channel
on conflict (company_id, user_id, category, channel) do update
set enabled = excluded.enabled, frequency = excluded.frequency, updated_at = excluded.updated_at,
    source = case when old.enabled = excluded.enabled then old.source else excluded.source end,
    chosen_at = case when old.enabled = excluded.enabled then old.chosen_at else excluded.chosen_at end
where (old.enabled, old.frequency) is distinct from (excluded.enabled, excluded.frequency) and not $10
returning category, channel, enabled, chosen_at = $9 as is_new
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelChoice:
    """What a user gets of one category by one channel. `chosen_at` and `source` are null for the default."""

    category: NotificationCategory
    channel: NotificationType
    enabled: bool
    frequency: NotificationFrequency = NotificationFrequency.IMMEDIATE
    is_required: bool = False
    chosen_at: datetime | None = None
    source: PreferenceSource | None = None


class Preferences:
    """The choices of users, and their profiles."""

    def __init__(self, auth: AuthService) -> None:
        self._auth = auth

    async def of_user(self, db: Reader, user_id: UUID) -> list[ChannelChoice]:
        """Every category by every channel, with what the user chose or the default. Two statements.

        Raises NotFound for a user whom the company does not know.
        """
        await self._user(db, user_id)
        return (await self.of_users(db, [user_id]))[user_id]

    async def of_users(self, db: Reader, user_ids: Sequence[UUID]) -> Mapping[UUID, list[ChannelChoice]]:
        """The same of users whom the caller has found in the company. One statement."""
        chosen: dict[UUID, dict[tuple[NotificationCategory, NotificationType], Any]] = {each: {} for each in user_ids}
        for row in await data.notification_preference.find_many(db, where={"user_id": {"in": list(user_ids)}}):
            chosen[row.user_id][row.category, row.channel] = row
        return {
            user_id: [
                _shown(category, channel, rows.get((category, channel)))
                for category in CATEGORIES
                for channel in NotificationType
            ]
            for user_id, rows in chosen.items()
        }

    async def update(self, tx: Tx, user_id: UUID, changes: Sequence[ChannelChoice]) -> list[ChannelChoice]:
        """Store choices of a user, and return all; the time and source of a consent or its withdrawal are stored.

        E-mails of a category that are enabled are sent again to an address that had unsubscribed. At most four
        statements. Raises NotFound, TooMany, DuplicateValue, and NotApplicable for a required category. Emits
        notification.preferences_updated when something is enabled or disabled.
        """
        user = await self._user(tx, user_id)
        _check(changes)
        await choose(tx, user_id, changes, PreferenceSource.ACCOUNT)
        enabled = [each.category for each in changes if each.enabled and each.channel is NotificationType.EMAIL]
        if enabled:
            where: Any = {"channel": "EMAIL", "address": mailbox_of(user.email), "reason": "UNSUBSCRIBED"}
            await data.notification_suppression.delete_many(tx, where=where | {"category": {"in": enabled}})
        return (await self.of_users(tx, [user_id]))[user_id]

    async def profile(self, db: Reader, user_id: UUID) -> NotificationProfile | None:
        """How a user gets notifications; None where the company's defaults apply. Two statements. Raises NotFound."""
        await self._user(db, user_id)
        return await data.notification_profile.find_first(db, where={"user_id": user_id})

    async def profiles_of(self, db: Reader, user_ids: Sequence[UUID]) -> list[NotificationProfile]:
        """The profiles of users whom the caller has found in the company, in no order. One statement."""
        return await data.notification_profile.find_many(db, where={"user_id": {"in": list(user_ids)}})

    async def update_profile(self, tx: Tx, user_id: UUID, changes: Mapping[str, Any]) -> NotificationProfile:
        """Change `language`, `time_zone` or `quiet_hours` (two local times) of a user; null for the company's.

        Two statements. Raises NotFound, LanguageInvalid and InvalidInput.
        """
        await self._user(tx, user_id)
        values: Any = _profile(changes)
        new: Any = {"id": new_id(), "user_id": user_id, **values}
        return await data.notification_profile.upsert(tx, where={"user_id": user_id}, create=new, update=values)

    async def _user(self, db: Reader, user_id: UUID) -> User:
        for user in await self._auth.users.find(db, [user_id]):
            return user
        raise NotFound("There is no such user.", field=("user_id",))


async def choose(
    tx: Tx, user_id: UUID, changes: Sequence[ChannelChoice], source: PreferenceSource, *, only_first: bool = False
) -> bool:
    """Store choices of a user, with `only_first` where there is none yet; whether one was stored.

    One statement, none for no choices.

    Emits notification.preferences_updated when something is enabled or disabled; a frequency alone tells no one.
    """
    if not changes:
        return False
    rows = [(new_id(), each.category, each.channel, each.enabled, each.frequency) for each in changes]
    columns = [list(column) for column in zip(*rows, strict=True)]
    stored = await tx.fetch(_CHOOSE, tx.company_id, user_id, *columns, source, tx.clock.now(), only_first)
    chosen = {True: list[str](), False: list[str]()}
    for row in stored:
        if row["is_new"]:
            chosen[row["enabled"]].append(f"{row['category']}:{row['channel']}")
    if chosen[True] or chosen[False]:
        tx.emit(
            NotificationPreferencesUpdated(
                user_id=user_id, enabled=sorted(chosen[True]), disabled=sorted(chosen[False]), source=source.value
            )
        )
    return bool(stored)


def _shown(category: NotificationCategory, channel: NotificationType, row: Any) -> ChannelChoice:
    is_required = category in REQUIRED
    if row is None or is_required:
        enabled = is_required or is_wanted_by_default(category, channel)
        return ChannelChoice(category=category, channel=channel, enabled=enabled, is_required=is_required)
    return ChannelChoice(
        category=category,
        channel=channel,
        enabled=row.enabled,
        frequency=row.frequency,
        chosen_at=row.chosen_at,
        source=row.source,
    )


def _check(changes: Sequence[ChannelChoice]) -> None:
    if len(changes) > MOST_CHANGES:
        raise TooMany(f"There are at most {MOST_CHANGES} preferences.", field=("preferences",))
    seen: set[tuple[NotificationCategory, NotificationType]] = set()
    with collect_errors() as errors:
        for index, change in enumerate(changes):
            with errors:
                if change.category in REQUIRED:
                    message = f"Notifications of the category {change.category} are always sent at once."
                    raise NotApplicable(message, field=("preferences", str(index), "category"))
                if (change.category, change.channel) in seen:
                    message = "This category and channel are there twice."
                    raise DuplicateValue(message, field=("preferences", str(index)))
                seen.add((change.category, change.channel))


def _profile(changes: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    with collect_errors() as errors:
        if "language" in changes:
            with errors:
                language = changes["language"]
                values["language"] = None if language is None else require_language(language)
        if "time_zone" in changes:
            with errors:
                time_zone = changes["time_zone"]
                values["time_zone"] = None if time_zone is None else require_time_zone(time_zone)
        if "quiet_hours" in changes:
            for name, text in zip(("start", "end"), changes["quiet_hours"] or (None, None), strict=True):
                with errors:
                    field = ("quiet_hours", name)
                    values[f"quiet_hours_{name}"] = None if text is None else require_time(text, field=field)
    return values
