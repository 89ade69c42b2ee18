"""The taxes of a sale: the rates of its lines and of its shipping, and the settings of a company."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from domains.tax.data import TaxSettingsRow as TaxSettings

__all__ = ["TaxRates", "TaxSettings"]


@dataclass(frozen=True, slots=True)
class TaxRates:
    """The tax rates of a sale, each a fraction (0.19 is 19 %).

    `products` contains the rates of products that do not have the standard rate. With `prices_include_tax` the prices
    of lines and shipping contain their tax; otherwise the tax is added to them.
    """

    standard: Decimal
    prices_include_tax: bool
    products: Mapping[UUID, Decimal] = field(default_factory=dict)
    shipping: Decimal = Decimal(0)

    def of_product(self, product_id: UUID) -> Decimal:
        """The rate of a product."""
        return self.products.get(product_id, self.standard)
