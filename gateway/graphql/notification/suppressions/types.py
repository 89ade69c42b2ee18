"""Suppressions as the API shows them to staff."""

from datetime import datetime

import strawberry

from domains.notification import models
from domains.notification.models import NotificationCategory, NotificationType, SuppressionReason
from gateway.graphql.core.enums import describe
from gateway.graphql.core.node import Node
from gateway.graphql.notification import enums as _enums  # noqa: F401 - it makes the enums those of the API

describe(
    SuppressionReason,
    "Why an address gets no notifications.",
    {
        SuppressionReason.HARD_BOUNCE: "The mailbox does not exist: it gets nothing at all.",
        SuppressionReason.COMPLAINT: "The recipient reported an e-mail as spam: only what cannot be refused is sent.",
        SuppressionReason.UNSUBSCRIBED: "The recipient unsubscribed. Only the recipient can subscribe again.",
        SuppressionReason.MANUAL: "A member of staff entered the address.",
    },
    name="NotificationSuppressionReason",
)


@strawberry.type(
    description=(
        "An address that gets no notifications, of one category or at all; an address has one for each reason. "
        "Requires USERS:READ."
    )
)
class NotificationSuppression(Node, model=models.NotificationSuppression):
    """The notification domain's suppression."""

    channel: NotificationType = strawberry.field(description="The channel by which nothing is sent, EMAIL or SMS.")
    address: str = strawberry.field(
        description="The mailbox, in lower case and without tags such as `+tea`, or the telephone number in E.164."
    )
    category: NotificationCategory | None = strawberry.field(
        description="What is not sent; null for all that the reason forbids."
    )
    reason: SuppressionReason = strawberry.field(description="Who or what ended the messages to the address.")
    created_at: datetime = strawberry.field(description="Since when nothing is sent for this reason.")
