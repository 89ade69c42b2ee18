"""The declaration of the shipping domain."""

from typing import Final

from domains.company.service import CompanyService
from domains.kernel.domain import Dependencies, Domain, events_in
from domains.kernel.events import EventQueue
from domains.kernel.nodes import NodeTable
from domains.kernel.prisma.privileges import NEVER_DELETED
from domains.shipping import events
from domains.shipping.carriers import events as carrier_events
from domains.shipping.carriers.registry import CarrierAdapters
from domains.shipping.service import ShippingService

CARRIERS: Final = NodeTable("carriers")
SHIPPING_LABELS: Final = NodeTable("shipping_labels")


def build(dependencies: Dependencies) -> ShippingService:
    """The shipping of sales, with the carriers that are installed."""
    company, adapters = dependencies.get(CompanyService), dependencies.get(CarrierAdapters)
    return ShippingService(company, dependencies.settings, adapters, dependencies.clock)


DOMAIN: Final = Domain(
    name="shipping",
    build=build,
    queue=EventQueue.ORDER,
    events=(*events_in(events), *events_in(carrier_events)),
    privileges={"shipping_labels": NEVER_DELETED, "mock_parcels": NEVER_DELETED},
)
