"""Queries of the choices of the caller about notifications."""

import strawberry

from domains.auth.policy import require_user_id
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import AUTHENTICATED, present_all, query
from gateway.graphql.notification.preferences.types import NotificationPreference, NotificationProfile


@strawberry.type
class NotificationPreferenceQuery:
    """The fields of Query about preferences."""

    @query(AUTHENTICATED)
    async def my_notification_preferences(self, info: Info) -> list[NotificationPreference]:
        """Every category by every channel, with what the caller chose or the default.

        Staff see those of a customer as `User.notificationPreferences`.
        """
        context = info.context
        found = await context.services.notification.preferences.of_user(
            context.reader, require_user_id(context.actor)
        )
        return present_all(NotificationPreference, found)

    @query(AUTHENTICATED)
    async def my_notification_profile(self, info: Info) -> NotificationProfile:
        """The language, time zone and quiet hours of the caller's notifications."""
        context = info.context
        return NotificationProfile.of(
            await context.services.notification.preferences.profile(context.reader, require_user_id(context.actor))
        )
