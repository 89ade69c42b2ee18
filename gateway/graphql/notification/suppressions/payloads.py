"""Payloads of the mutations of suppressions."""

from typing import Any
from uuid import UUID

import strawberry

from gateway.graphql.core.errors import UserError
from gateway.graphql.notification.suppressions.types import NotificationSuppression


def _errors() -> Any:
    return strawberry.field(default_factory=list, description="Why nothing was changed; empty on success.")


@strawberry.type(description="The result of `notificationSuppressionCreate`.")
class NotificationSuppressionCreatePayload:
    """See Suppressions.add."""

    suppression: NotificationSuppression | None = strawberry.field(
        default=None,
        description="The suppression, also one that staff had created before; null when there are errors.",
    )
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `notificationSuppressionDelete`.")
class NotificationSuppressionDeletePayload:
    """See Suppressions.remove."""

    deleted_id: UUID | None = strawberry.field(
        default=None, description="The id of the lifted suppression; null when there are errors."
    )
    errors: list[UserError] = _errors()
