"""The registry of domain services: what bootstrap wires and every resolver reaches through its context."""

from dataclasses import dataclass

from domains.activity.service import ActivityService
from domains.auth.service import AuthService
from domains.cart.service import CartService
from domains.catalog.reviews.service import ReviewService
from domains.catalog.service import CatalogService
from domains.company.service import CompanyService
from domains.feed.service import FeedService
from domains.inventory.service import InventoryService
from domains.kernel.ports import Cache
from domains.order.service import OrderService
from domains.payment.service import PaymentService
from domains.promotion.service import PromotionService
from domains.role.service import RoleService


@dataclass(frozen=True, slots=True)
class Services:
    """One attribute per domain service, named as its domain, in alphabetical order; and the cache, to count by."""

    activity: ActivityService
    auth: AuthService
    cache: Cache
    cart: CartService
    catalog: CatalogService
    company: CompanyService
    feed: FeedService
    inventory: InventoryService
    order: OrderService
    payment: PaymentService
    promotion: PromotionService
    reviews: ReviewService
    role: RoleService
