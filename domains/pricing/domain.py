"""The declaration of the pricing domain."""

from typing import Final

from domains.kernel.domain import Dependencies, Domain
from domains.kernel.events import EventQueue
from domains.pricing.service import PricingService
from domains.shipping.service import ShippingService
from domains.tax.service import TaxService


def build(dependencies: Dependencies) -> PricingService:
    """Quotes over taxes, shipping and promotions."""
    return PricingService(dependencies.get(TaxService), dependencies.get(ShippingService))


DOMAIN: Final = Domain(name="pricing", build=build, queue=EventQueue.ORDER)
