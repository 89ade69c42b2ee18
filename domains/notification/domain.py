"""The declaration of the notification domain."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from domains.auth.service import AuthService
from domains.catalog.service import CatalogService
from domains.company.service import CompanyService
from domains.inventory.service import InventoryService
from domains.kernel.domain import Dependencies, Domain, Job, Subscription, events_in
from domains.kernel.events import EventQueue
from domains.kernel.nodes import NodeTable
from domains.kernel.prisma.privileges import APPEND_ONLY, NEVER_DELETED
from domains.notification import events, invariants, personal_data
from domains.notification.account_notices import AccountNotices
from domains.notification.attachments import Attachments
from domains.notification.channels import Outbound
from domains.notification.delivery import Delivery
from domains.notification.digests.digests import Digests
from domains.notification.marketing.service import marketing_service
from domains.notification.notifications import Notifications
from domains.notification.orders.details import Details
from domains.notification.orders.order_notices import concerns
from domains.notification.orders.order_notifications import OrderNotifications
from domains.notification.orders.order_repeats import OrderRepeats
from domains.notification.orders.told_orders import ToldOrders
from domains.notification.preferences.newsletter import Newsletter
from domains.notification.preferences.preferences import Preferences
from domains.notification.preferences.recipients import Recipients
from domains.notification.product_alerts.service import product_alert_service
from domains.notification.push_devices.push_devices import PushDevices
from domains.notification.renderer import Renderer
from domains.notification.retention import Retention
from domains.notification.service import NotificationService
from domains.notification.settings import settings_table
from domains.notification.staff.staff_notifications import StaffNotifications
from domains.notification.suppressions.reports import Reports
from domains.notification.suppressions.suppressions import Suppressions
from domains.notification.suppressions.unsubscribe_links import UnsubscribeLinks
from domains.notification.templates.email_templates import EmailTemplates
from domains.notification.templates.sample_emails import SampleEmails
from domains.order.service import OrderService
from domains.payment.service import PaymentService
from domains.returns.service import ReturnsService
from domains.shipping.service import ShippingService

NOTIFICATIONS: Final = NodeTable("notifications")
PRODUCT_ALERTS: Final = NodeTable("product_stock_alerts")
ANNOUNCEMENTS: Final = NodeTable("announcements")
SUPPRESSIONS: Final = NodeTable("notification_suppressions")
PUSH_DEVICES: Final = NodeTable("push_devices")


def build(dependencies: Dependencies) -> NotificationService:
    """The notification service and its parts."""
    auth, outbound = dependencies.get(AuthService), dependencies.get(Outbound)
    settings, notifications = settings_table(dependencies.settings), Notifications(outbound)
    companies = dependencies.get(CompanyService)
    templates = EmailTemplates(companies, settings)
    devices = PushDevices(auth, outbound.encryption, outbound.may_post)
    renderer, recipients = Renderer(companies, settings), Recipients(companies, settings, devices)
    order_service = dependencies.get(OrderService)
    orders = ToldOrders(order_service, settings)
    details = Details(
        dependencies.get(PaymentService), dependencies.get(ShippingService), dependencies.get(ReturnsService)
    )
    inventory, catalog = dependencies.get(InventoryService), dependencies.get(CatalogService)
    marketing = marketing_service(dependencies, notifications, settings, orders, templates)
    digests = Digests(outbound, notifications, recipients, renderer, marketing.checks)
    attachments = Attachments(order_service, outbound.documents)
    suppressions = Suppressions(auth)
    return NotificationService(
        settings=settings,
        notifications=notifications,
        delivery=Delivery(outbound, renderer, recipients, digests, attachments, marketing.checks),
        reports=Reports(),
        account_notices=AccountNotices(auth, notifications, outbound),
        order_notifications=OrderNotifications(orders, details, notifications),
        order_repeats=OrderRepeats(orders, details, notifications),
        staff_notifications=StaffNotifications(orders, inventory, catalog, auth.members, settings, notifications),
        templates=templates,
        sample_emails=SampleEmails(auth, templates, notifications),
        product_alerts=product_alert_service(dependencies, notifications, settings, suppressions),
        push_devices=devices,
        web_push_key=outbound.web_push_key,
        digests=digests,
        marketing=marketing,
        preferences=Preferences(auth),
        newsletter=Newsletter(auth, suppressions),
        retention=Retention(settings),
        suppressions=suppressions,
        unsubscribe_links=UnsubscribeLinks(outbound.encryption, outbound.public_url),
    )


def subscriptions(notification: NotificationService) -> Sequence[Subscription]:
    """Creates notifications of what happens."""
    newsletter = notification.newsletter
    notices, orders = notification.account_notices, notification.order_notifications
    staff, of_products = notification.staff_notifications, notification.product_alerts.notices
    carts, reviews = notification.marketing.cart_reminders, notification.marketing.review_requests
    devices = notification.push_devices
    return (
        Subscription("notification.requested_emails", notices.requests, notices.send_requested),
        Subscription("notification.account_notices", notices.topics, notices.notify),
        Subscription("notification.orders", orders.topics, orders.notify, concerns),
        Subscription("notification.newsletter", newsletter.topics, newsletter.subscribe),
        Subscription("notification.staff", staff.topics, staff.notify),
        Subscription("notification.product_alerts", of_products.topics, of_products.handle),
        Subscription("notification.cart_reminders", carts.topics, carts.remind),
        Subscription("notification.review_requests", reviews.topics, reviews.ask),
        Subscription("notification.push_devices", devices.topics, devices.end),
    )


def jobs(notification: NotificationService) -> Sequence[Job]:
    """Sends digests, tells those who wait for products what no event told, and deletes what has expired."""
    of_products = notification.product_alerts
    return (
        Job("send digests", timedelta(minutes=1), notification.digests.make),
        Job("send announcements", timedelta(minutes=1), notification.marketing.dispatch.send),
        Job("delete old notifications", timedelta(hours=1), notification.retention.delete_old),
        Job("check product alerts", timedelta(minutes=10), of_products.notices.check),
        Job("delete expired product alerts", timedelta(hours=1), of_products.alerts.delete_expired),
    )


DOMAIN: Final = Domain(
    name="notification",
    build=build,
    queue=EventQueue.NOTIFICATION,
    jobs=jobs,
    subscriptions=subscriptions,
    invariants=invariants.ROW_INVARIANTS,
    events=events_in(events),
    money_tables=("product_stock_alerts", "product_alert_codes"),
    privileges={
        "announcements": NEVER_DELETED,
        "email_templates": NEVER_DELETED,
        "notification_logs": APPEND_ONLY | {"DELETE"},
        "queued_notifications": frozenset({"INSERT"}),
    },
    export_person=personal_data.export_person,
    erase_person=personal_data.erase_person,
    merge_person=personal_data.merge_person,
)
