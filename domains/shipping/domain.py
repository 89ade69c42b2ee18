"""The declaration of the shipping domain."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from domains.company.service import CompanyService
from domains.kernel.domain import Dependencies, Domain, Job, Scope, events_in
from domains.kernel.events import EventQueue
from domains.kernel.nodes import NodeTable
from domains.kernel.personal_data import merge_nothing
from domains.kernel.prisma.privileges import APPEND_ONLY, NEVER_DELETED
from domains.shipping import events, invariants
from domains.shipping.carriers import events as carrier_events
from domains.shipping.carriers import label_events
from domains.shipping.carriers.registry import CarrierAdapters
from domains.shipping.service import ShippingService
from domains.shipping.shipments import events as shipment_events
from domains.shipping.shipments import personal_data
from domains.shipping.tracking import events as tracking_events
from domains.tax.service import TaxService

SHIPPING_ZONES: Final = NodeTable("shipping_zones")
SHIPPING_METHODS: Final = NodeTable("shipping_methods")
SHIPPING_RATES: Final = NodeTable("shipping_rates")
SHIPPING_PROFILES: Final = NodeTable("shipping_profiles")

CARRIERS: Final = NodeTable("carriers")
SHIPPING_LABELS: Final = NodeTable("shipping_labels")
SHIPMENTS: Final = NodeTable("shipments", owner="order_id")


def build(dependencies: Dependencies) -> ShippingService:
    """The zones, methods and profiles by which companies ship, with the carriers that are installed."""
    return ShippingService(
        dependencies.get(CompanyService),
        dependencies.get(TaxService),
        dependencies.settings,
        dependencies.get(CarrierAdapters),
        dependencies.clock,
    )


def jobs(shipping: ShippingService) -> Sequence[Job]:
    """Finishes interrupted purchases and voids of labels, and follows parcels."""
    finish, follow = shipping.labels.finish_due, shipping.tracking.follow_due
    return (
        Job("finish shipping labels", timedelta(seconds=30), finish, Scope.COMPANY_WORKFLOW),
        Job("follow parcels", timedelta(minutes=5), follow, Scope.COMPANY_WORKFLOW),
    )


DOMAIN: Final = Domain(
    name="shipping",
    build=build,
    queue=EventQueue.ORDER,
    jobs=jobs,
    invariants=(*invariants.INVARIANTS, *invariants.ROW_INVARIANTS),
    events=(
        *events_in(events),
        *events_in(carrier_events),
        *events_in(label_events),
        *events_in(shipment_events),
        *events_in(tracking_events),
    ),
    money_tables=("shipping_methods",),
    privileges={
        "shipping_labels": NEVER_DELETED,
        "mock_parcels": NEVER_DELETED,
        "shipments": NEVER_DELETED,
        "shipment_tracking": APPEND_ONLY,
    },
    export_person=personal_data.export_person,
    erase_person=personal_data.erase_person,
    merge_person=merge_nothing,
)
