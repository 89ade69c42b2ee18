"""Payloads of the mutations of preferences."""

from typing import Any

import strawberry

from gateway.graphql.core.errors import UserError
from gateway.graphql.notification.preferences.types import NotificationPreference, NotificationProfile


def _errors() -> Any:
    return strawberry.field(default_factory=list, description="Why nothing was changed; empty on success.")


@strawberry.type(description="The result of `notificationPreferencesUpdate`.")
class NotificationPreferencesUpdatePayload:
    """See Preferences.update."""

    preferences: list[NotificationPreference] | None = strawberry.field(
        default=None, description="All choices of the caller; null when there are errors."
    )
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `notificationProfileUpdate`.")
class NotificationProfileUpdatePayload:
    """See Preferences.update_profile."""

    profile: NotificationProfile | None = strawberry.field(
        default=None, description="The changed profile; null when there are errors."
    )
    errors: list[UserError] = _errors()
