"""The declaration of the returns domain."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from domains.catalog.service import CatalogService
from domains.inventory.service import InventoryService
from domains.kernel.domain import Dependencies, Domain, Job, Subscription, events_in
from domains.kernel.events import EventQueue
from domains.kernel.nodes import NodeTable
from domains.kernel.prisma.privileges import APPEND_ONLY, NEVER_DELETED
from domains.order.service import OrderService
from domains.payment.service import PaymentService
from domains.returns import events, invariants, personal_data
from domains.returns.labels.return_labels import ReturnLabels
from domains.returns.processing.approvals import Approvals
from domains.returns.processing.endings import Endings
from domains.returns.processing.parcels import Parcels
from domains.returns.processing.receipts import Receipts
from domains.returns.refunds.progress import RefundProgress
from domains.returns.refunds.refunds import ReturnRefunds
from domains.returns.requests.listing import ReturnListing
from domains.returns.requests.requests import Requests
from domains.returns.requests.returnables import Returnables
from domains.returns.service import ReturnsService
from domains.returns.settings import settings_table
from domains.shipping.service import ShippingService

RETURN_REQUESTS: Final = NodeTable("return_requests")
RETURN_ITEMS: Final = NodeTable("return_items", owner="return_request_id")
RETURN_REFUNDS: Final = NodeTable("return_refunds", owner="return_request_id")


def build(dependencies: Dependencies) -> ReturnsService:
    """The returns service and its parts."""
    clock, inventory, orders = dependencies.clock, dependencies.get(InventoryService), dependencies.get(OrderService)
    shipping, payment = dependencies.get(ShippingService), dependencies.get(PaymentService)
    settings = settings_table(dependencies.settings, dependencies.get(CatalogService))
    returnables = Returnables(orders, payment, dependencies.get(CatalogService))
    approvals = Approvals(settings, inventory, shipping, clock)
    refund_progress = RefundProgress(payment, clock)
    return ReturnsService(
        settings=settings,
        listing=ReturnListing(),
        returnables=returnables,
        requests=Requests(settings, returnables, approvals, clock),
        approvals=approvals,
        receipts=Receipts(inventory, refund_progress, clock),
        endings=Endings(clock),
        parcels=Parcels(clock),
        labels=ReturnLabels(orders, shipping),
        refunds=ReturnRefunds(orders, settings, refund_progress),
        refund_progress=refund_progress,
        orders=orders,
    )


def jobs(returns: ReturnsService) -> Sequence[Job]:
    """Closes approved returns whose goods were not sent in time."""
    return (Job("expire return authorizations", timedelta(minutes=10), returns.endings.close_expired),)


def subscriptions(returns: ReturnsService) -> Sequence[Subscription]:
    """Records the outcomes of refunds of returns, and what carriers say of their labels and parcels."""
    progress, labels, parcels = returns.refund_progress, returns.labels, returns.parcels
    return (
        Subscription("returns.refunds", progress.topics, progress.handle),
        Subscription("returns.labels", labels.topics, labels.follow),
        Subscription("returns.parcels", parcels.topics, parcels.follow),
    )


DOMAIN: Final = Domain(
    name="returns",
    build=build,
    queue=EventQueue.ORDER,
    invariants=(*invariants.INVARIANTS, *invariants.ROW_INVARIANTS),
    jobs=jobs,
    subscriptions=subscriptions,
    events=events_in(events),
    money_tables=("return_requests", "return_items", "return_refunds"),
    privileges={
        "return_requests": NEVER_DELETED,
        "return_items": NEVER_DELETED,
        "return_authorizations": NEVER_DELETED,
        "return_refunds": NEVER_DELETED,
        "return_counters": NEVER_DELETED,
        "return_status_history": APPEND_ONLY,
        "return_tracking": APPEND_ONLY,
    },
    export_person=personal_data.export_person,
    erase_person=personal_data.erase_person,
    merge_person=personal_data.merge_person,
)
