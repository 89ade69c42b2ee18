"""The declaration of the order domain."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from domains.account.service import AccountService
from domains.auth.service import AuthService
from domains.cart.service import CartService
from domains.catalog.service import CatalogService
from domains.company.service import CompanyService
from domains.inventory.service import InventoryService
from domains.kernel.domain import Dependencies, Domain, Job, Scope, Subscription, events_in
from domains.kernel.events import EventQueue
from domains.kernel.nodes import NodeTable
from domains.kernel.permissions import PermissionResource
from domains.kernel.prisma.privileges import APPEND_ONLY, NEVER_DELETED
from domains.kernel.settings import SettingsTable
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
from domains.order.editing.contents import ContentsReader
from domains.order.editing.edits import Edits
from domains.order.editing.new_lines import NewLines
from domains.order.editing.plans import EditPlans
from domains.order.editing.settlement import Settlement
from domains.order.exchanges.exchange_orders import ExchangeOrders
from domains.order.exchanges.exchanges import Exchanges
from domains.order.expiry import Expiry
from domains.order.export import Export
from domains.order.fulfilment import invariants as shipment_invariants
from domains.order.fulfilment.bulk_fulfilment import BulkFulfilment
from domains.order.fulfilment.followed_shipments import ShipmentFollowing
from domains.order.fulfilment.holds import Holds
from domains.order.fulfilment.lookup import ParcelLookup
from domains.order.fulfilment.order_stock import OrderStock
from domains.order.fulfilment.parcels import Parcels
from domains.order.fulfilment.progress import Progress
from domains.order.fulfilment.returned_parcels import ReturnedParcels
from domains.order.fulfilment.status import Fulfilment
from domains.order.gift_cards.returns import FailedReturns
from domains.order.handlers import Purchases
from domains.order.invoices import invariants as invoices
from domains.order.invoices.invoices import Invoices
from domains.order.invoices.settings import document_settings
from domains.order.invoices.sources import InvoiceSources
from domains.order.labels.label_purchases import LabelPurchases
from domains.order.models import OrderSettings
from domains.order.notes import events as note_events
from domains.order.notes.notes import Notes
from domains.order.packing.packing_lists import PackingLists
from domains.order.packing.remaining_orders import RemainingOrders
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
from domains.order.service import OrderService, ShipmentTracking
from domains.order.timeline import Timeline
from domains.payment.service import PaymentService
from domains.pricing.service import PricingService
from domains.promotion.service import PromotionService
from domains.review.service import ReviewService
from domains.shipping.service import ShippingService
from domains.tax.service import TaxService

ORDERS: Final = NodeTable("orders")
ORDER_ADJUSTMENTS: Final = NodeTable("order_adjustments", owner="order_id")
ORDER_ADDRESSES: Final = NodeTable(
    "order_addresses",
    owner="""(select o.id from orders o where o.company_id = $1
      and order_addresses.id in (o.shipping_address_id, o.billing_address_id) limit 1)""",
)
ORDER_ITEMS: Final = NodeTable("order_items", owner="order_id")
ORDER_NOTES: Final = NodeTable("order_notes", owner="order_id")
ORDER_PROMOTIONS: Final = NodeTable("order_promotions", owner="order_id")
ORDER_EDITS: Final = NodeTable("order_edits")
ORDER_STATUS_HISTORY: Final = NodeTable("order_status_history", owner="order_id")
INVOICES: Final = NodeTable("invoices", owner="order_id")


def build(dependencies: Dependencies) -> OrderService:
    """The order service and its parts."""
    get, clock = dependencies.get, dependencies.clock
    auth, company, account = get(AuthService), get(CompanyService), get(AccountService)
    inventory, payment, promotion = get(InventoryService), get(PaymentService), get(PromotionService)
    shipping, sales = get(ShippingService), Sales(get(LedgerService), payment)
    closure = Closure(payment, OrderStock(inventory, shipping), promotion, account, sales, clock)
    settings, documents = settings_table(dependencies.settings), document_settings(dependencies.settings)
    reversals, acceptance = Reversals(payment, closure, sales), Acceptance(settings, inventory, sales, clock)
    refunds, cards = Refunds(payment, reversals), CardLimits(auth, payment, promotion, clock)
    failures = Failures(closure, refunds)
    outcomes = PaymentOutcomes(payment, account, acceptance, failures, reversals, clock)
    captures, new_lines = Captures(payment, outcomes), NewLines(get(CatalogService), get(PricingService))
    exchange_orders = ExchangeOrders(new_lines, inventory, company, settings, clock)
    parcels = Parcels(shipping, inventory, captures, Progress(shipping, sales, clock), clock)
    settlement = Settlement(payment, acceptance, outcomes, captures, closure)
    return OrderService(
        settings=settings,
        checkout=_checkout(dependencies, settings, CheckoutTenders(payment, acceptance, outcomes)),
        payments=Payments(payment, acceptance, outcomes, Replacement(payment, outcomes), cards, clock),
        confirmation=Confirmation(payment, outcomes),
        manual_payments=ManualPayments(payment, outcomes),
        captures=captures,
        refunds=refunds,
        cancellation=Cancellation(refunds, closure),
        discounts=ManualDiscounts(acceptance, clock),
        new_lines=new_lines,
        exchanges=Exchanges(payment, refunds, exchange_orders, outcomes, acceptance),
        edits=_edits(dependencies, new_lines, sales, settlement, refunds),
        fulfilment=Fulfilment(acceptance, parcels, clock),
        bulk_fulfilment=BulkFulfilment(parcels),
        parcels=parcels,
        progress=parcels.progress,
        shipment_tracking=_shipment_tracking(shipping, inventory, parcels),
        reallocations=Reallocations(inventory),
        notes=Notes(),
        holds=Holds(clock),
        expiry=Expiry(closure, failures, clock),
        reconciliation=Reconciliation(payment, outcomes, refunds),
        webhooks=Webhooks(payment, outcomes),
        search=OrderSearch(auth),
        timeline=Timeline(payment, inventory),
        export=Export(company),
        failed_returns=FailedReturns(payment),
        label_purchases=LabelPurchases(shipping),
        packing_lists=PackingLists(inventory, shipping, RemainingOrders(inventory, shipping, payment)),
        invoices=Invoices(InvoiceSources(documents, company, get(TaxService), payment), clock),
        purchases=Purchases(get(ReviewService), account),
        payment_details=payment.details,
    )


def _checkout(
    dependencies: Dependencies, settings: SettingsTable[OrderSettings], tenders: CheckoutTenders
) -> Checkout:
    get = dependencies.get
    promotion = get(PromotionService)
    return Checkout(
        Buyers(get(AuthService), get(AccountService)),
        Quotes(promotion, get(PricingService), dependencies.clock),
        OrderReservation(get(InventoryService), promotion, tenders),
        get(CartService),
        get(CompanyService),
        settings,
    )


def _edits(
    dependencies: Dependencies, new_lines: NewLines, sales: Sales, settlement: Settlement, refunds: Refunds
) -> Edits:
    get = dependencies.get
    contents = ContentsReader(get(CatalogService), get(ShippingService), get(PaymentService))
    plans = EditPlans(contents, new_lines, get(ShippingService), dependencies.clock)
    return Edits(plans, get(InventoryService), sales, settlement, refunds, dependencies.clock)


def _shipment_tracking(shipping: ShippingService, inventory: InventoryService, parcels: Parcels) -> ShipmentTracking:
    following = ShipmentFollowing(shipping, parcels, parcels.progress)
    return ShipmentTracking(following, ReturnedParcels(shipping, inventory), ParcelLookup(shipping))


def jobs(order: OrderService) -> Sequence[Job]:
    """The jobs that expire orders, issue invoices, process webhooks, reconcile payments, and index orders."""
    return (
        Job("end unpaid orders", timedelta(seconds=30), order.expiry.end_unpaid, Scope.COMPANY_WORKFLOW),
        Job("end refunded orders", timedelta(minutes=10), order.expiry.end_refunded, Scope.COMPANY_WORKFLOW),
        Job("issue invoices", timedelta(seconds=30), order.invoices.issue_due, Scope.COMPANY_WORKFLOW),
        Job("erase buyers from old invoices", timedelta(hours=24), order.invoices.retention.erase_due),
        Job("index orders", timedelta(seconds=30), index_outdated),
        Job("process payment webhooks", timedelta(seconds=30), order.webhooks.process_due, Scope.COMPANY_WORKFLOW),
        Job("reconcile payments", timedelta(seconds=30), order.reconciliation.reconcile, Scope.COMPANY_WORKFLOW),
    )


def subscriptions(order: OrderService) -> Sequence[Subscription]:
    """Records what users have bought, restores gift cards of failed refunds, and lets orders follow shipments."""
    purchases, returns, following = order.purchases, order.failed_returns, order.shipment_tracking.following
    return (
        Subscription("order.purchases", purchases.topics, purchases.record, purchases.concerns),
        Subscription("order.gift-cards-of-failed-refunds", returns.topics, returns.restore),
        Subscription("order.follow-shipments", following.topics, following.follow),
    )


DOMAIN: Final = Domain(
    name="order",
    build=build,
    queue=EventQueue.ORDER,
    invariants=(
        *invariants.INVARIANTS,
        *shipment_invariants.INVARIANTS,
        *invariants.ROW_INVARIANTS,
        *invoices.INVARIANTS,
    ),
    jobs=jobs,
    subscriptions=subscriptions,
    events=(*events_in(events), *events_in(note_events)),
    permissions=(PermissionResource.ORDERS,),
    money_tables=(
        "orders",
        "order_items",
        "order_taxes",
        "order_promotions",
        "order_adjustments",
        "order_edits",
        "invoices",
    ),
    privileges={
        "order_counters": NEVER_DELETED,
        "order_status_history": APPEND_ONLY,
        "order_edits": NEVER_DELETED,
        "invoices": NEVER_DELETED,
        "invoice_counters": NEVER_DELETED,
    },
    export_person=personal_data.export_person,
    erase_person=personal_data.erase_person,
    merge_person=personal_data.merge_person,
)
