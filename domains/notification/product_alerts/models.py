"""Product alerts as the domain shows them, and what a visitor wishes."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from domains.catalog.products.offers import OfferKey
from domains.notification.data import ProductAlertKind
from domains.notification.data import ProductStockAlertRow as ProductStockAlert

__all__ = [
    "AlertDemand",
    "NewProductAlert",
    "ProductAlertFilter",
    "ProductAlertKind",
    "ProductAlertSort",
    "ProductStockAlert",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProductAlert:
    """A product or variant to be told of. `target_price` is in the product's currency, and of PRICE_DROP only."""

    product_id: UUID
    variant_id: UUID | None = None
    kind: ProductAlertKind = ProductAlertKind.BACK_IN_STOCK
    target_price: Decimal | None = None
    language: str | None = None

    @property
    def key(self) -> OfferKey:
        """The key of the offer."""
        return (self.product_id, self.variant_id)


class ProductAlertSort(StrEnum):
    """The column that a list of alerts is sorted by."""

    CREATED_AT = "created_at"
    EXPIRES_AT = "expires_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductAlertFilter:
    """Conditions on alerts, all of which must hold; None sets no condition."""

    product_id: UUID | None = None
    variant_id: UUID | None = None
    user_id: UUID | None = None
    kind: ProductAlertKind | None = None
    notified: bool | None = None


@dataclass(frozen=True, slots=True)
class AlertDemand:
    """How many wait for a product or variant."""

    product_id: UUID
    variant_id: UUID | None
    back_in_stock: int
    price_drop: int
