"""The declaration of the pricing domain."""

from typing import Final

from domains.kernel.domain import Domain, Parts
from domains.pricing.service import PricingService
from domains.shipping.service import ShippingService
from domains.tax.service import TaxService


def build(parts: Parts) -> PricingService:
    """Quotes over taxes, shipping and promotions."""
    return PricingService(parts.of(TaxService), parts.of(ShippingService))


DOMAIN: Final = Domain(name="pricing", build=build)
