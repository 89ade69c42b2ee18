"""The declaration of the order domain."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from domains.auth.service import AuthService
from domains.cart.service import CartService
from domains.catalog.reviews.service import ReviewService
from domains.company.service import CompanyService
from domains.inventory.service import InventoryService
from domains.kernel.domain import Domain, Job, Parts, Scope, Subscription, events_in
from domains.kernel.permissions import PermissionResource
from domains.order import events, invariants
from domains.order.below import Below
from domains.order.handlers import Purchases
from domains.order.service import OrderService
from domains.payment.service import PaymentService
from domains.promotion.service import PromotionService


def build(parts: Parts) -> OrderService:
    """Orders of the carts' goods."""
    promotion = parts.of(PromotionService)
    below = Below(
        auth=parts.of(AuthService),
        cart=parts.of(CartService),
        company=parts.of(CompanyService),
        inventory=parts.of(InventoryService),
        payment=parts.of(PaymentService),
        promotion=promotion,
        clock=parts.clock,
    )
    return OrderService(below, Purchases(parts.of(ReviewService), promotion))


def jobs(order: OrderService) -> Sequence[Job]:
    """End unpaid orders, reconcile payments with their providers, and keep the search index current."""
    return (
        Job("end unpaid orders", timedelta(seconds=30), order.expire),
        Job("end refunded orders", timedelta(minutes=10), order.end_refunded),
        Job("index orders", timedelta(seconds=30), order.index_outdated),
        Job("reconcile payments", timedelta(seconds=30), order.settle, Scope.COMPANY_WORKFLOW),
    )


def subscriptions(order: OrderService) -> Sequence[Subscription]:
    """Record who has bought what, for reviews and promotions below."""
    purchases = order.purchases
    return (Subscription("order.purchases", purchases.topics, purchases.record, purchases.concerns),)


DOMAIN: Final = Domain(
    name="order",
    build=build,
    rules=(*invariants.INVARIANTS, *invariants.INSPECTIONS),
    jobs=jobs,
    subscriptions=subscriptions,
    events=events_in(events),
    permissions=(PermissionResource.ORDERS,),
    money_tables=("orders", "order_items", "order_promotions"),
)
