"""The declaration of the order domain."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from domains.account.service import AccountService
from domains.auth.service import AuthService
from domains.cart.service import CartService
from domains.company.service import CompanyService
from domains.inventory.service import InventoryService
from domains.kernel.domain import Domain, Job, Parts, Scope, Subscription, events_in
from domains.kernel.permissions import PermissionResource
from domains.order import events, invariants
from domains.order.cancellation import Cancellation
from domains.order.checkout.buyers import Buyers
from domains.order.checkout.checkout import Checkout
from domains.order.checkout.claims import Claims
from domains.order.checkout.quotes import Quotes
from domains.order.checkout.settings import settings_table
from domains.order.closure import Closure
from domains.order.expiry import Expiry
from domains.order.export import Export
from domains.order.fulfilment import Fulfilment
from domains.order.handlers import Purchases
from domains.order.payments.acceptance import Acceptance
from domains.order.payments.card_limits import CardLimits
from domains.order.payments.manual_payments import ManualPayments
from domains.order.payments.outcomes import PaymentOutcomes
from domains.order.payments.payments import Payments
from domains.order.payments.reconciliation import Reconciliation
from domains.order.payments.refunds import Refunds
from domains.order.search.index import index_outdated
from domains.order.search.listing import OrderSearch
from domains.order.service import OrderService
from domains.order.timeline import Timeline
from domains.payment.service import PaymentService
from domains.pricing.service import PricingService
from domains.promotion.service import PromotionService
from domains.review.service import ReviewService


def build(parts: Parts) -> OrderService:
    """The order service: each part gets the services and parts that it needs."""
    auth, company, clock = parts.of(AuthService), parts.of(CompanyService), parts.clock
    inventory, payment, promotion = parts.of(InventoryService), parts.of(PaymentService), parts.of(PromotionService)
    account = parts.of(AccountService)
    closure = Closure(inventory, promotion, account, clock)
    refunds = Refunds(payment, closure)
    outcomes = PaymentOutcomes(payment, inventory, account, closure, clock)
    settings = settings_table(parts.settings)
    acceptance = Acceptance(settings, inventory, clock)
    cards = CardLimits(auth, payment, promotion, clock)
    checkout = Checkout(
        Buyers(auth, account),
        Quotes(promotion, parts.of(PricingService), clock),
        Claims(inventory, promotion),
        parts.of(CartService),
        company,
        settings,
    )
    return OrderService(
        settings=settings,
        checkout=checkout,
        payments=Payments(payment, acceptance, outcomes, cards, clock),
        manual_payments=ManualPayments(payment, outcomes),
        refunds=refunds,
        cancellation=Cancellation(refunds, closure),
        fulfilment=Fulfilment(inventory, acceptance, refunds, clock),
        expiry=Expiry(closure, clock),
        reconciliation=Reconciliation(payment, outcomes, refunds),
        search=OrderSearch(auth),
        timeline=Timeline(payment, inventory),
        export=Export(company),
        purchases=Purchases(parts.of(ReviewService), account),
    )


def jobs(order: OrderService) -> Sequence[Job]:
    """End unpaid orders, reconcile payments with their providers, and keep the search index current."""
    return (
        Job("end unpaid orders", timedelta(seconds=30), order.expiry.end_unpaid),
        Job("end refunded orders", timedelta(minutes=10), order.expiry.end_refunded),
        Job("index orders", timedelta(seconds=30), index_outdated),
        Job("reconcile payments", timedelta(seconds=30), order.reconciliation.reconcile, Scope.COMPANY_WORKFLOW),
    )


def subscriptions(order: OrderService) -> Sequence[Subscription]:
    """Records what users have bought, for reviews."""
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
