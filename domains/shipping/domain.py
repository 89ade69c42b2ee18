"""The declaration of the shipping domain."""

from typing import Final

from domains.company.service import CompanyService
from domains.kernel.domain import Dependencies, Domain, events_in
from domains.kernel.events import EventQueue
from domains.shipping import events
from domains.shipping.service import ShippingService


def build(dependencies: Dependencies) -> ShippingService:
    """Shipping rates from the settings of companies."""
    return ShippingService(dependencies.get(CompanyService), dependencies.settings)


DOMAIN: Final = Domain(name="shipping", build=build, queue=EventQueue.ORDER, events=events_in(events))
