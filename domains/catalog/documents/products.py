"""Products as they are shown, with everything that their documents say."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, NamedTuple
from uuid import UUID

from domains.catalog.data import CategoryRow, ProductAttributeRow
from domains.catalog.models import Variant
from domains.catalog.products.prices import PriceRange, range_of
from domains.catalog.products.product_values import ProductValues, SoldStock, sold_stock


class Revision(NamedTuple):
    """What a shown product is made of: products of equal revision are equal in every attribute."""

    product_id: UUID
    version: int
    category_version: int
    with_drafts: bool


@dataclass(frozen=True, slots=True, eq=False)
class ProductContents:
    """What a document says of a product, with its category."""

    id: UUID
    company_id: UUID
    name: str
    slug: str
    base_price: Decimal
    compare_at_price: Decimal | None
    currency: str
    images: list[str]
    image_alt_texts: Mapping[str, str]
    brand: str | None
    model: str | None
    tags: list[str]
    sku: str | None
    is_tracked: bool
    is_active: bool
    is_featured: bool
    is_gift_card: bool
    weight: Decimal | None
    length: Decimal | None
    width: Decimal | None
    height: Decimal | None
    requires_shipping: bool
    rating_sum: int
    review_count: int
    archived_at: datetime | None
    created_at: datetime
    updated_at: datetime
    category_id: UUID
    attributes: list[ProductAttributeRow]
    variants: list[Variant]
    category: CategoryRow
    revision: Revision | None


class ShownProduct(ProductValues, ProductContents):
    """A product with its category, attributes and variants, all of them for staff and the active ones for customers.

    It is remembered and shown to many, so that nothing changes it or its lists. `revision` is None for what only one
    transaction sees. Long texts and views are read when they are asked for.
    """

    __slots__ = ()
    known_description: ClassVar[None] = None
    known_long_description: ClassVar[None] = None
    known_view_count: ClassVar[None] = None

    @property
    def price_range(self) -> PriceRange:
        """The lowest and the highest price of its active variants, or its own price without any."""
        return range_of(self.price, [variant.price for variant in self.variants if variant.is_active])

    @property
    def stock_key(self) -> SoldStock:
        """What decides its stock and whether it can be bought."""
        return sold_stock(self.id, self.variants, is_tracked=self.is_tracked)
