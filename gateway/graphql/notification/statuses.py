"""The statuses and priorities of notifications in the API."""

from domains.notification.models import NotificationPriority as Priority
from domains.notification.models import NotificationStatus as Status
from gateway.graphql.core.enums import describe

describe(
    Status,
    "What became of a notification.",
    {
        Status.PENDING: "It waits to be sent: at its time, in its turn, or after a failed attempt.",
        Status.SENT: "The provider has taken it.",
        Status.DELIVERED: "It has arrived, as the provider reports, or stands in the list in the shop.",
        Status.FAILED: "It was not sent, and will not be; `failureReason` says why.",
        Status.BOUNCED: "The address does not exist. Nothing more is sent there.",
    },
)
describe(
    Priority,
    "How urgent a notification is.",
    {
        Priority.CRITICAL: "It is sent at once, in quiet hours too.",
        Priority.IMPORTANT: "It is sent within seconds, but not in quiet hours.",
        Priority.NORMAL: "It waits for the next digest of its recipient.",
    },
)
