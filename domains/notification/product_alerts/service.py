"""The parts of product alerts."""

from dataclasses import dataclass

from domains.auth.service import AuthService
from domains.catalog.service import CatalogService
from domains.inventory.service import InventoryService
from domains.kernel.domain import Dependencies
from domains.kernel.settings import SettingsTable
from domains.notification.models import NotificationSettings
from domains.notification.notifications import Notifications
from domains.notification.product_alerts.alert_confirmation import AlertConfirmation
from domains.notification.product_alerts.alert_notices import AlertNotices
from domains.notification.product_alerts.listing import ProductAlertListing
from domains.notification.product_alerts.product_alerts import ProductAlerts
from domains.notification.suppressions.suppressions import Suppressions


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductAlertService:
    """Product alerts: created, confirmed by guests, told once, and listed."""

    alerts: ProductAlerts
    confirmation: AlertConfirmation
    notices: AlertNotices
    listing: ProductAlertListing


def product_alert_service(
    dependencies: Dependencies,
    notifications: Notifications,
    settings: SettingsTable[NotificationSettings],
    suppressions: Suppressions,
) -> ProductAlertService:
    """Product alerts over the catalogue, the stock and the accounts of a company."""
    auth, inventory = dependencies.get(AuthService), dependencies.get(InventoryService)
    catalog = dependencies.get(CatalogService)
    alerts = ProductAlerts(catalog, inventory, settings, suppressions)
    return ProductAlertService(
        alerts=alerts,
        confirmation=AlertConfirmation(alerts, auth.email_verification, notifications, suppressions),
        notices=AlertNotices(auth, catalog, inventory, notifications, settings),
        listing=ProductAlertListing(dependencies.clock),
    )
