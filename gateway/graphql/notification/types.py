"""Notifications as the API shows them, to who has them in the shop and to staff."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final
from uuid import UUID

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.notification import models
from domains.notification.models import (
    NotificationCategory,
    NotificationKind,
    NotificationPriority,
    NotificationStatus,
    NotificationType,
)
from gateway.graphql.auth.loaders import load_users
from gateway.graphql.core.fields import guarded, relation, requires
from gateway.graphql.core.node import Node
from gateway.graphql.core.scalars import JSON
from gateway.graphql.notification import enums as _enums  # noqa: F401 - describes the channels and categories first
from gateway.graphql.notification import statuses as _statuses  # noqa: F401 - describes the statuses first
from gateway.graphql.notification.loaders import load_logs
from gateway.graphql.notification.templates import kinds as _kinds  # noqa: F401 - describes the kinds first
from gateway.graphql.order.loaders import load_visible_orders

if TYPE_CHECKING:
    from gateway.graphql.auth.types import User
    from gateway.graphql.order.types import Order

LazyUser = Annotated["User", strawberry.lazy("gateway.graphql.auth.types")]
LazyOrder = Annotated["Order", strawberry.lazy("gateway.graphql.order.types")]
SEES_USERS: Final = requires(PermissionResource.USERS, PermissionAction.READ)
SEES_LOGS: Final = SEES_USERS | requires(PermissionResource.ORDERS, PermissionAction.READ)


@strawberry.type(description="One attempt to send a notification, or one report of what became of it. For staff.")
class NotificationLog:
    """The domain's NotificationLog."""

    status: NotificationStatus = strawberry.field(description="What the attempt or the report came to.")
    provider: str = strawberry.field(
        description="Who took or refused it, such as `SMTP`; `none` when it was given to no provider."
    )
    provider_message_id: str | None = strawberry.field(
        description="The provider's id of the message, by which its support finds it; null without one."
    )
    provider_response: JSON = strawberry.field(description="The codes of the provider's answer, without addresses.")
    error: str | None = strawberry.field(description="Why it failed, as a code; null when it did not.")
    created_at: datetime = strawberry.field(description="When the attempt ended, or the report came.")


@strawberry.type(
    description=(
        "A message to one recipient by one channel. Users see those that they have in the shop (IN_APP), and staff "
        "with USERS:READ all."
    )
)
class Notification(Node, model=models.Notification):
    """The domain's Notification."""

    type: NotificationType = strawberry.field(description="The channel by which it goes out.")
    kind: NotificationKind = strawberry.field(description="What it is about.")
    category: NotificationCategory = strawberry.field(description="What its recipient can refuse it by.")
    priority: NotificationPriority = strawberry.field(description="How urgent it is.")
    status: NotificationStatus = strawberry.field(description="What became of it.")
    subject: str | None = strawberry.field(
        description=(
            "The title in the recipient's language, or the subject of an e-mail; null before it was sent, of kinds "
            "with a code or another secret, and once the person was erased."
        )
    )
    body: str | None = strawberry.field(
        description="The plain text as it was sent; null when `subject` is. In the shop at most 160 characters."
    )
    url: str | None = strawberry.field(
        description="The page of the shop that it is about, such as that of an order; null without one."
    )
    language: str | None = strawberry.field(
        description="The language of its text (BCP 47); null before it was sent, for that of the company."
    )
    order_id: UUID | None = strawberry.field(description="The id of the order that it is about; null without one.")
    created_at: datetime = strawberry.field(description="When what it tells happened, as far as the shop knows.")
    scheduled_at: datetime = strawberry.field(description="The time before which it is not sent.")
    sent_at: datetime | None = strawberry.field(
        description="When the provider took it, or it appeared in the shop; null before, and when it failed."
    )
    delivered_at: datetime | None = strawberry.field(
        description="When it arrived, as far as the provider reports it; null before."
    )
    read_at: datetime | None = strawberry.field(
        description="When its user read it in the shop; null before, and for other channels."
    )
    attempts: int = strawberry.field(description="The number of attempts to send it.")
    failure_reason: str | None = strawberry.field(
        description=(
            "Why it was not sent, as a code, such as UNSUBSCRIBED or the provider's; null when it did not fail."
        )
    )
    recipient: str | None = guarded(
        SEES_USERS,
        "recipient",
        description=(
            "The e-mail address or telephone number; null for other channels, and once the person was erased. "
            "Requires USERS:READ."
        ),
    )
    user_id: UUID | None = guarded(
        SEES_USERS, "user_id", description="The id of the user whom it is for; null for others. Requires USERS:READ."
    )
    user: LazyUser | None = relation(
        "user_id",
        load_users,
        guard=SEES_USERS,
        description="The user whom it is for; null for guests and other addresses. Requires USERS:READ.",
    )
    order: LazyOrder | None = relation(
        "order_id", load_visible_orders, description="The order that it is about, when the caller may see it."
    )
    logs: list[NotificationLog] | None = relation(
        "id",
        load_logs,
        many=True,
        size=3,
        guard=SEES_LOGS,
        description=(
            "The latest attempts to send it and reports about it, newest first, at most 100. Requires USERS:READ or "
            "ORDERS:READ."
        ),
    )
