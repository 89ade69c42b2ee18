"""Mutations of the choices of the caller about notifications."""

from typing import Annotated

import strawberry

from domains.auth.policy import require_user_id
from domains.kernel.database import Tx
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import AUTHENTICATED, command, present_all
from gateway.graphql.notification.preferences import inputs, payloads
from gateway.graphql.notification.preferences.types import NotificationPreference, NotificationProfile


@strawberry.type
class NotificationPreferenceMutation:
    """The fields of Mutation about preferences."""

    @command(AUTHENTICATED)
    async def notification_preferences_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.NotificationPreferencesUpdateInput,
            strawberry.argument(description="The categories and channels to enable or disable."),
        ],
    ) -> payloads.NotificationPreferencesUpdatePayload:
        """Choose which notifications you get, by which channel and how often, in this company.

        Enabling the e-mails of a category takes back an unsubscription by the link of an e-mail.
        """
        context = info.context
        changes = [each.as_choice() for each in input.preferences]
        preferences = context.services.notification.preferences
        stored = await preferences.update(tx, require_user_id(context.actor), changes)
        return payloads.NotificationPreferencesUpdatePayload(preferences=present_all(NotificationPreference, stored))

    @command(AUTHENTICATED)
    async def notification_profile_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.NotificationProfileUpdateInput,
            strawberry.argument(description="The language, the time zone and the quiet hours to change."),
        ],
    ) -> payloads.NotificationProfileUpdatePayload:
        """Change the language, the time zone and the quiet hours of your notifications in this company."""
        context = info.context
        preferences = context.services.notification.preferences
        profile = await preferences.update_profile(tx, require_user_id(context.actor), input.as_changes())
        return payloads.NotificationProfileUpdatePayload(profile=NotificationProfile.of(profile))
