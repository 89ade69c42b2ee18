"""The declaration of the shipping domain."""

from typing import Final

from domains.company.service import CompanyService
from domains.kernel.domain import Domain, Parts, events_in
from domains.shipping import events
from domains.shipping.service import ShippingService


def build(parts: Parts) -> ShippingService:
    """Shipping rates from the settings of companies."""
    return ShippingService(parts.of(CompanyService), parts.settings)


DOMAIN: Final = Domain(name="shipping", build=build, events=events_in(events))
