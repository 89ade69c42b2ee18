"""Batch functions of the choices of users."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from domains.notification.models import NotificationCategory, NotificationType
from domains.notification.preferences.preferences import ChannelChoice
from gateway.graphql.core.context import Context
from gateway.graphql.core.relations import Derived
from gateway.graphql.engine.loading import one_per_key
from gateway.graphql.notification.preferences.types import NotificationProfile


async def load_preferences(context: Context, keys: Sequence[UUID]) -> Sequence[list[ChannelChoice]]:
    """Every category by every channel of users. One statement."""
    found = await context.services.notification.preferences.of_users(context.reader, keys)
    return [found[key] for key in keys]


async def load_profiles(context: Context, keys: Sequence[UUID]) -> Sequence[NotificationProfile]:
    """How users get notifications. One statement."""
    rows = await context.services.notification.preferences.profiles_of(context.reader, keys)
    return [NotificationProfile.of(row) for row in one_per_key(keys, rows, lambda row: row.user_id)]


def _itself(key: UUID) -> UUID:
    return key


def _newsletter(choices: Sequence[ChannelChoice], _key: UUID) -> bool:
    wanted = (NotificationCategory.NEWS, NotificationType.EMAIL)
    return any(each.enabled for each in choices if (each.category, each.channel) == wanted)


NEWSLETTER: Final = Derived(_itself, _newsletter)
