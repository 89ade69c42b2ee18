"""Events of the catalog domain."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, TypedDict
from uuid import UUID

from domains.kernel.events import Event
from domains.kernel.settings import SettingsUpdated


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductEvent(Event):
    """The base of the events about one product."""

    product_id: UUID

    @property
    def aggregate_id(self) -> UUID:
        """The product."""
        return self.product_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductCreated(ProductEvent):
    """A product was created, perhaps as a draft."""

    topic: ClassVar[str] = "product.created"
    slug: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductUpdated(ProductEvent):
    """A product, its variants or its attributes changed; `fields` names the changed fields."""

    topic: ClassVar[str] = "product.updated"
    fields: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductDeleted(ProductEvent):
    """A product was archived: it can no longer be found or bought."""

    topic: ClassVar[str] = "product.deleted"


class ChangedPrice(TypedDict):
    """The price of one unit of a variant, or without a variant of the product itself, before and after a change."""

    variant_id: UUID | None
    sku: str | None
    old_price: Decimal
    new_price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceChanged(ProductEvent):
    """Prices of a product changed, on sale or not; `prices` has each variant whose price is another one now.

    A product without variants has one entry without a `variant_id`. Compare-at prices, promotions and taxes do not
    count, and a variant that is new has no earlier price.
    """

    topic: ClassVar[str] = "price.changed"
    currency: str
    prices: list[ChangedPrice]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductAvailabilityChanged(Event):
    """The catalog shows products as in stock, or as out of stock, in its lists and filters from now on.

    It follows StockChanged of the inventory: by then the stock had changed, and now the lists show it.
    """

    topic: ClassVar[str] = "product.availability_changed"
    in_stock: list[UUID]
    out_of_stock: list[UUID]

    @property
    def aggregate_id(self) -> UUID:
        """The first of the products."""
        return min((*self.in_stock, *self.out_of_stock))


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryEvent(Event):
    """The base of the events about one category."""

    category_id: UUID

    @property
    def aggregate_id(self) -> UUID:
        """The category."""
        return self.category_id


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryChanged(CategoryEvent):
    """A category was created, updated or moved."""

    topic: ClassVar[str] = "category.changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryDeleted(CategoryEvent):
    """A category was deleted."""

    topic: ClassVar[str] = "category.deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogSettingsUpdated(SettingsUpdated):
    """Catalog settings of a company changed."""

    topic: ClassVar[str] = "catalog.settings_updated"
