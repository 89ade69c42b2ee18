"""The cost of shipping a sale, and the settings of a company."""

from dataclasses import dataclass
from decimal import Decimal

from domains.kernel.values.money import Money
from domains.shipping.data import ShippingSettingsRow as ShippingSettings

__all__ = ["ShippingRate", "ShippingSettings"]


@dataclass(frozen=True, slots=True)
class ShippingRate:
    """The price of shipping a sale, which is free for a subtotal from `free_from` on (None: never).

    The subtotal is that of the lines before discounts, in the currency of the price.
    """

    price: Money
    free_from: Decimal | None = None

    def cost(self, subtotal: Decimal) -> Decimal:
        """The price for a subtotal, rounded to the currency's minor unit."""
        if self.free_from is not None and subtotal >= self.free_from:
            return Decimal(0)
        return self.price.rounded().amount
