"""NotificationService: the parts of the notification domain."""

from dataclasses import dataclass, field

from domains.kernel.settings import SettingsTable
from domains.notification.account_notices import AccountNotices
from domains.notification.delivery import Delivery
from domains.notification.digests.digests import Digests
from domains.notification.inbox.inbox import Inbox
from domains.notification.listing.listing import NotificationListing
from domains.notification.marketing.service import MarketingService
from domains.notification.models import NotificationSettings
from domains.notification.notifications import Notifications
from domains.notification.orders.order_notifications import OrderNotifications
from domains.notification.orders.order_repeats import OrderRepeats
from domains.notification.preferences.newsletter import Newsletter
from domains.notification.preferences.preferences import Preferences
from domains.notification.product_alerts.service import ProductAlertService
from domains.notification.push_devices.push_devices import PushDevices
from domains.notification.retention import Retention
from domains.notification.staff.staff_notifications import StaffNotifications
from domains.notification.suppressions.reports import Reports
from domains.notification.suppressions.suppressions import Suppressions
from domains.notification.suppressions.unsubscribe_links import UnsubscribeLinks
from domains.notification.templates.email_templates import EmailTemplates
from domains.notification.templates.sample_emails import SampleEmails


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationService:
    """Notifications: created from events, and sent by the delivery. Lower domains know none of it."""

    settings: SettingsTable[NotificationSettings]
    notifications: Notifications
    delivery: Delivery
    reports: Reports
    account_notices: AccountNotices
    order_notifications: OrderNotifications
    order_repeats: OrderRepeats
    staff_notifications: StaffNotifications
    templates: EmailTemplates
    sample_emails: SampleEmails
    product_alerts: ProductAlertService
    push_devices: PushDevices
    web_push_key: str | None
    digests: Digests
    inbox: Inbox = field(default_factory=Inbox)
    listing: NotificationListing = field(default_factory=NotificationListing)
    marketing: MarketingService
    preferences: Preferences
    newsletter: Newsletter
    retention: Retention
    suppressions: Suppressions
    unsubscribe_links: UnsubscribeLinks
