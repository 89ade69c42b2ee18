"""The root fields and nodes of the notification domain."""

from typing import Final

from gateway.graphql.core.nodes import AnyNodeType
from gateway.graphql.notification.announcements.mutations import AnnouncementMutation
from gateway.graphql.notification.announcements.nodes import NODES as ANNOUNCEMENTS
from gateway.graphql.notification.announcements.queries import AnnouncementQuery
from gateway.graphql.notification.inbox.mutations import InboxMutation
from gateway.graphql.notification.inbox.queries import InboxQuery
from gateway.graphql.notification.inbox.subscriptions import InboxSubscription
from gateway.graphql.notification.listing.mutations import NotificationMutation
from gateway.graphql.notification.listing.queries import NotificationQuery
from gateway.graphql.notification.nodes import NODES as NOTIFICATIONS
from gateway.graphql.notification.preferences.mutations import NotificationPreferenceMutation
from gateway.graphql.notification.preferences.queries import NotificationPreferenceQuery
from gateway.graphql.notification.product_alerts.mutations import ProductAlertMutation
from gateway.graphql.notification.product_alerts.nodes import NODES as PRODUCT_ALERTS
from gateway.graphql.notification.product_alerts.queries import ProductAlertQuery
from gateway.graphql.notification.push_devices.mutations import PushDeviceMutation
from gateway.graphql.notification.push_devices.nodes import NODES as PUSH_DEVICES
from gateway.graphql.notification.push_devices.queries import PushDeviceQuery
from gateway.graphql.notification.suppressions.mutations import NotificationSuppressionMutation
from gateway.graphql.notification.suppressions.nodes import NODES as SUPPRESSIONS
from gateway.graphql.notification.suppressions.queries import NotificationSuppressionQuery
from gateway.graphql.notification.templates.mutations import EmailTemplateMutation
from gateway.graphql.notification.templates.queries import EmailTemplateQuery

QUERIES: Final = (
    InboxQuery,
    NotificationQuery,
    ProductAlertQuery,
    EmailTemplateQuery,
    NotificationPreferenceQuery,
    NotificationSuppressionQuery,
    PushDeviceQuery,
    AnnouncementQuery,
)
MUTATIONS: Final = (
    InboxMutation,
    NotificationMutation,
    ProductAlertMutation,
    EmailTemplateMutation,
    NotificationPreferenceMutation,
    NotificationSuppressionMutation,
    PushDeviceMutation,
    AnnouncementMutation,
)
SUBSCRIPTIONS: Final = (InboxSubscription,)
NODES: Final[list[AnyNodeType]] = [*ANNOUNCEMENTS, *NOTIFICATIONS, *PRODUCT_ALERTS, *SUPPRESSIONS, *PUSH_DEVICES]
