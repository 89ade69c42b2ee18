"""The declaration of the order domain."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from domains.account.service import AccountService
from domains.auth.service import AuthService
from domains.cart.service import CartService
from domains.company.service import CompanyService
from domains.inventory.service import InventoryService
from domains.kernel.domain import Dependencies, Domain, Job, Scope, Subscription, events_in
from domains.kernel.events import EventQueue
from domains.kernel.nodes import NodeTable
from domains.kernel.permissions import PermissionResource
from domains.kernel.prisma.privileges import APPEND_ONLY, NEVER_DELETED
from domains.ledger.service import LedgerService
from domains.order import events, invariants, personal_data
from domains.order.allocation.reallocation import Reallocations
from domains.order.cancellation import Cancellation
from domains.order.checkout.buyers import Buyers
from domains.order.checkout.checkout import Checkout
from domains.order.checkout.quotes import Quotes
from domains.order.checkout.reservation import OrderReservation
from domains.order.checkout.settings import settings_table
from domains.order.checkout.tenders import CheckoutTenders
from domains.order.closure import Closure
from domains.order.discounts.manual_discounts import ManualDiscounts
from domains.order.expiry import Expiry
from domains.order.export import Export
from domains.order.fulfilment import Fulfilment
from domains.order.gift_cards.returns import FailedReturns
from domains.order.handlers import Purchases
from domains.order.labels.label_purchases import LabelPurchases
from domains.order.payments.acceptance import Acceptance
from domains.order.payments.captures import Captures
from domains.order.payments.card_limits import CardLimits
from domains.order.payments.confirmation import Confirmation
from domains.order.payments.failures import Failures
from domains.order.payments.manual_payments import ManualPayments
from domains.order.payments.outcomes import PaymentOutcomes
from domains.order.payments.payments import Payments
from domains.order.payments.reconciliation import Reconciliation
from domains.order.payments.refunds import Refunds
from domains.order.payments.replacement import Replacement
from domains.order.payments.reversals import Reversals
from domains.order.payments.webhooks import Webhooks
from domains.order.sales.sales import Sales
from domains.order.search.index import index_outdated
from domains.order.search.listing import OrderSearch
from domains.order.service import OrderService
from domains.order.timeline import Timeline
from domains.payment.service import PaymentService
from domains.pricing.service import PricingService
from domains.promotion.service import PromotionService
from domains.review.service import ReviewService
from domains.shipping.service import ShippingService

ORDERS: Final = NodeTable("orders")
ORDER_ADJUSTMENTS: Final = NodeTable("order_adjustments", owner="order_id")
ORDER_ADDRESSES: Final = NodeTable(
    "order_addresses",
    owner="""(select o.id from orders o where o.company_id = $1
      and order_addresses.id in (o.shipping_address_id, o.billing_address_id) limit 1)""",
)
ORDER_ITEMS: Final = NodeTable("order_items", owner="order_id")
ORDER_PROMOTIONS: Final = NodeTable("order_promotions", owner="order_id")
ORDER_STATUS_HISTORY: Final = NodeTable("order_status_history", owner="order_id")


def build(dependencies: Dependencies) -> OrderService:
    """The order service and its parts."""
    auth, company, clock = dependencies.get(AuthService), dependencies.get(CompanyService), dependencies.clock
    inventory, payment, promotion = (
        dependencies.get(InventoryService),
        dependencies.get(PaymentService),
        dependencies.get(PromotionService),
    )
    account = dependencies.get(AccountService)
    sales = Sales(dependencies.get(LedgerService), payment)
    closure = Closure(payment, inventory, promotion, account, sales, clock)
    reversals = Reversals(payment, closure, sales)
    refunds = Refunds(payment, reversals)
    failures = Failures(closure, refunds)
    settings = settings_table(dependencies.settings)
    acceptance = Acceptance(settings, inventory, sales, clock)
    outcomes = PaymentOutcomes(payment, account, acceptance, failures, reversals, clock)
    captures = Captures(payment, outcomes)
    cards = CardLimits(auth, payment, promotion, clock)
    checkout = Checkout(
        Buyers(auth, account),
        Quotes(promotion, dependencies.get(PricingService), clock),
        OrderReservation(inventory, promotion, CheckoutTenders(payment, acceptance, outcomes)),
        dependencies.get(CartService),
        company,
        settings,
    )
    return OrderService(
        settings=settings,
        checkout=checkout,
        payments=Payments(payment, acceptance, outcomes, Replacement(payment, outcomes), cards, clock),
        confirmation=Confirmation(payment, outcomes),
        manual_payments=ManualPayments(payment, outcomes),
        captures=captures,
        refunds=refunds,
        cancellation=Cancellation(refunds, closure),
        discounts=ManualDiscounts(acceptance, clock),
        fulfilment=Fulfilment(inventory, acceptance, captures, refunds, sales, clock),
        reallocations=Reallocations(inventory),
        expiry=Expiry(closure, failures, clock),
        reconciliation=Reconciliation(payment, outcomes, refunds),
        webhooks=Webhooks(payment, outcomes),
        search=OrderSearch(auth),
        timeline=Timeline(payment, inventory),
        export=Export(company),
        failed_returns=FailedReturns(payment),
        label_purchases=LabelPurchases(dependencies.get(ShippingService)),
        purchases=Purchases(dependencies.get(ReviewService), account),
        payment_details=payment.details,
    )


def jobs(order: OrderService) -> Sequence[Job]:
    """The jobs that expire orders, process webhooks, reconcile payments, and update the search index."""
    return (
        Job("end unpaid orders", timedelta(seconds=30), order.expiry.end_unpaid, Scope.COMPANY_WORKFLOW),
        Job("end refunded orders", timedelta(minutes=10), order.expiry.end_refunded, Scope.COMPANY_WORKFLOW),
        Job("index orders", timedelta(seconds=30), index_outdated),
        Job("process payment webhooks", timedelta(seconds=30), order.webhooks.process_due, Scope.COMPANY_WORKFLOW),
        Job("reconcile payments", timedelta(seconds=30), order.reconciliation.reconcile, Scope.COMPANY_WORKFLOW),
    )


def subscriptions(order: OrderService) -> Sequence[Subscription]:
    """Records the products that users have bought, for reviews, and restores gift cards of refunds that failed."""
    purchases, returns = order.purchases, order.failed_returns
    return (
        Subscription("order.purchases", purchases.topics, purchases.record, purchases.concerns),
        Subscription("order.gift-cards-of-failed-refunds", returns.topics, returns.restore),
    )


DOMAIN: Final = Domain(
    name="order",
    build=build,
    queue=EventQueue.ORDER,
    invariants=(*invariants.INVARIANTS, *invariants.ROW_INVARIANTS),
    jobs=jobs,
    subscriptions=subscriptions,
    events=events_in(events),
    permissions=(PermissionResource.ORDERS,),
    money_tables=("orders", "order_items", "order_taxes", "order_promotions", "order_adjustments"),
    privileges={"order_counters": NEVER_DELETED, "order_status_history": APPEND_ONLY},
    export_person=personal_data.export_person,
    erase_person=personal_data.erase_person,
    merge_person=personal_data.merge_person,
)
