"""The parts of marketing notifications."""

from dataclasses import dataclass

from domains.account.service import AccountService
from domains.auth.service import AuthService
from domains.cart.service import CartService
from domains.catalog.service import CatalogService
from domains.inventory.service import InventoryService
from domains.kernel.domain import Dependencies
from domains.kernel.settings import SettingsTable
from domains.notification.announcements.announcements import Announcements
from domains.notification.announcements.dispatch import Dispatch
from domains.notification.checks import Checks
from domains.notification.marketing.audience import Audience
from domains.notification.marketing.cart_contents import ReminderContents
from domains.notification.marketing.cart_reminders import CartReminders
from domains.notification.marketing.review_requests import ReviewRequests
from domains.notification.models import NotificationKind, NotificationSettings
from domains.notification.notifications import Notifications
from domains.notification.orders.told_orders import ToldOrders
from domains.notification.templates.email_templates import EmailTemplates
from domains.promotion.service import PromotionService
from domains.review.service import ReviewService


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketingService:
    """Marketing: reminders of carts, requests for reviews, and announcements."""

    cart_reminders: CartReminders
    review_requests: ReviewRequests
    announcements: Announcements
    dispatch: Dispatch

    @property
    def checks(self) -> Checks:
        """The checks of the kinds that are scheduled or wait."""
        return Checks(
            {
                NotificationKind.ABANDONED_CART: self.cart_reminders,
                NotificationKind.REVIEW_REQUEST: self.review_requests,
                NotificationKind.PROMOTION: self.dispatch,
                NotificationKind.RECOMMENDATION: self.dispatch,
                NotificationKind.NEWS: self.dispatch,
            }
        )


def marketing_service(
    dependencies: Dependencies,
    notifications: Notifications,
    settings: SettingsTable[NotificationSettings],
    orders: ToldOrders,
    templates: EmailTemplates,
) -> MarketingService:
    """Marketing over the carts, the orders, the reviews and the segments of a company."""
    audience = Audience(dependencies.get(AuthService), dependencies.get(AccountService), settings)
    contents = ReminderContents(dependencies.get(CartService), dependencies.get(InventoryService), settings)
    reviews, catalog = dependencies.get(ReviewService), dependencies.get(CatalogService)
    promotion = dependencies.get(PromotionService)
    return MarketingService(
        cart_reminders=CartReminders(audience, contents, notifications),
        review_requests=ReviewRequests(audience, orders, catalog, reviews, notifications),
        announcements=Announcements(promotion, templates),
        dispatch=Dispatch(audience, promotion, notifications),
    )
