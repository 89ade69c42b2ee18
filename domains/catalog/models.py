"""Products, variants and categories, and the inputs that create and change them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Self, TypedDict
from uuid import UUID

from domains.catalog.categories.attributes import AttributeValue
from domains.catalog.data import AttributeType, ProductRow
from domains.catalog.data import CatalogSettingsRow as CatalogSettings
from domains.catalog.data import CategoryAttributeRow as CategoryAttribute
from domains.catalog.data import CategoryRow as Category
from domains.catalog.data import ProductAttributeRow as ProductAttribute
from domains.catalog.imports.models import Outcome, ProductDraft, SavedProduct, SavedSku, VariantDraft
from domains.catalog.products.prices import amount_of, price_of
from domains.catalog.products.product_values import ProductValues, RowStock
from domains.kernel.prisma.rows import RowFactory
from domains.kernel.values.money import Money

__all__ = [
    "AttributeType",
    "AttributeValue",
    "CatalogSettings",
    "Category",
    "CategoryAttribute",
    "CategoryChanges",
    "CategoryContents",
    "ExportedProduct",
    "NewCategory",
    "NewProduct",
    "NewVariant",
    "Outcome",
    "Product",
    "ProductAttribute",
    "ProductChanges",
    "ProductDraft",
    "SavedProduct",
    "SavedSku",
    "Variant",
    "VariantChanges",
    "VariantDraft",
    "VariantOption",
]


@dataclass(frozen=True, slots=True)
class Image:
    """A picture of a product, variant or category; `sort_order` is its position, from 0."""

    url: str
    alt_text: str | None
    sort_order: int = 0


def images_of(urls: Sequence[str], alt_texts: Mapping[str, str]) -> list[Image]:
    """Stored images in their order."""
    return [Image(url, alt_texts.get(url), index) for index, url in enumerate(urls)]


class Product(ProductValues, ProductRow):
    """A stored product with derived properties; a row is read as a product without a copy.

    A row knows its long texts and views, and nothing of what is stored beside it.
    """

    __slots__ = ()
    attributes: ClassVar[None] = None
    category: ClassVar[None] = None
    price_range: ClassVar[None] = None
    revision: ClassVar[None] = None
    variants: ClassVar[None] = None

    @classmethod
    def from_row(cls, row: ProductRow) -> Self:
        """The product of a row."""
        return cls(*(getattr(row, field.name) for field in fields(ProductRow)))

    @property
    def stock_key(self) -> RowStock:
        """What decides its stock and whether it can be bought."""
        return RowStock(self.id, self.is_tracked)

    @property
    def known_description(self) -> str | None:
        """The description."""
        return self.description

    @property
    def known_long_description(self) -> str | None:
        """The full description."""
        return self.long_description

    @property
    def known_view_count(self) -> int:
        """The number of views."""
        return self.view_count


product_from_record = RowFactory(Product, ())


@dataclass(frozen=True, slots=True)
class VariantOption:
    """An option of a variant with its value: `Size` is `XL`."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Variant:
    """A variant, with the fields of its product that its price depends on.

    Its weight and dimensions are its product's where it has none of its own.
    """

    id: UUID
    product_id: UUID
    sku: str
    name: str
    raw_options: Any
    color: str | None
    size: str | None
    price_modifier: Decimal
    compare_at_price: Decimal | None
    images: list[str]
    image_alt_texts: Mapping[str, str]
    is_tracked: bool
    is_active: bool
    display_order: int
    weight: Decimal | None
    length: Decimal | None
    width: Decimal | None
    height: Decimal | None
    created_at: datetime
    updated_at: datetime
    base_price: Decimal
    product_compare_at_price: Decimal | None
    currency: str

    @property
    def options(self) -> list[VariantOption]:
        """Its options, in order."""
        return [VariantOption(option["name"], option["value"]) for option in self.raw_options]

    @property
    def price(self) -> Money:
        """The price."""
        return amount_of(self, self)

    @property
    def compare_at(self) -> Money | None:
        """The compare-at price; None without a higher one."""
        return price_of(_BasePrices(self), self).compare_at

    @property
    def modifier(self) -> Money:
        """The amount that it adds to the product's base price."""
        return Money(self.price_modifier, self.currency)

    @property
    def image(self) -> str | None:
        """The first of its own images."""
        return self.images[0] if self.images else None

    @property
    def stock_key(self) -> tuple[UUID, UUID]:
        """The key of its stock."""
        return (self.product_id, self.id)

    @property
    def availability_key(self) -> tuple[UUID, UUID, bool]:
        """The key of its availability: the key of its stock, and whether it is tracked."""
        return (self.product_id, self.id, self.is_tracked)


class _BasePrices:
    """The prices of a variant's product."""

    __slots__ = ("base_price", "compare_at_price", "currency")

    def __init__(self, variant: Variant) -> None:
        self.base_price = variant.base_price
        self.compare_at_price = variant.product_compare_at_price
        self.currency = variant.currency


variant_from_record = RowFactory(Variant, ())


@dataclass(frozen=True, slots=True)
class ExportedProduct:
    """A product as it is exported, without stock; `variants` are all of its variants, in display order."""

    product: Product
    category: str
    variants: Sequence[Variant]


@dataclass(frozen=True, slots=True)
class NewImage:
    """An image with its alternative text."""

    url: str
    alt_text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVariant:
    """A variant to create. Prices are in the company's currency, with the decimals of its unit prices.

    Weight (kg) and dimensions (cm) of None are those of the product.
    """

    sku: str
    name: str | None = None
    options: Sequence[VariantOption] = ()
    color: str | None = None
    size: str | None = None
    price_modifier: Decimal = Decimal(0)
    compare_at_price: Decimal | None = None
    images: Sequence[NewImage | str] = ()
    is_tracked: bool = True
    is_active: bool = True
    display_order: int | None = None
    weight: Decimal | None = None
    length: Decimal | None = None
    width: Decimal | None = None
    height: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProduct:
    """A product to create. Without a slug one is made from the name; `sku` only when there are no variants.

    The stock of a gift card is never counted, whatever `is_tracked` says, and it is never shipped, whatever
    `requires_shipping` says. Weight is in kilograms, dimensions in centimetres; None for what is unknown.
    """

    name: str
    category_id: UUID
    base_price: Decimal
    slug: str | None = None
    description: str | None = None
    long_description: str | None = None
    compare_at_price: Decimal | None = None
    images: Sequence[NewImage | str] = ()
    brand: str | None = None
    model: str | None = None
    tags: Sequence[str] = ()
    sku: str | None = None
    is_tracked: bool = True
    is_active: bool = True
    is_featured: bool = False
    is_gift_card: bool = False
    tax_class_id: UUID | None = None
    weight: Decimal | None = None
    length: Decimal | None = None
    width: Decimal | None = None
    height: Decimal | None = None
    requires_shipping: bool = True
    shipping_profile_id: UUID | None = None
    attributes: Sequence[AttributeValue] = ()
    variants: Sequence[NewVariant] = ()


class ProductChanges(TypedDict, total=False):
    """Changes to a product; absent fields do not change."""

    name: str | None
    category_id: UUID | None
    base_price: Decimal | None
    slug: str | None
    description: str | None
    long_description: str | None
    compare_at_price: Decimal | None
    images: Sequence[NewImage | str] | None
    brand: str | None
    model: str | None
    tags: Sequence[str] | None
    sku: str | None
    is_tracked: bool | None
    is_active: bool | None
    is_featured: bool | None
    tax_class_id: UUID | None
    weight: Decimal | None
    length: Decimal | None
    width: Decimal | None
    height: Decimal | None
    requires_shipping: bool | None
    shipping_profile_id: UUID | None
    attributes: Sequence[AttributeValue] | None


class VariantChanges(TypedDict, total=False):
    """Changes to a variant; absent fields do not change."""

    sku: str | None
    name: str | None
    options: Sequence[VariantOption] | None
    color: str | None
    size: str | None
    price_modifier: Decimal | None
    compare_at_price: Decimal | None
    images: Sequence[NewImage | str] | None
    is_tracked: bool | None
    is_active: bool | None
    display_order: int | None
    weight: Decimal | None
    length: Decimal | None
    width: Decimal | None
    height: Decimal | None


@dataclass(frozen=True, slots=True)
class CategoryContents:
    """The numbers of a category's sub-categories (five by name), products and archived products."""

    children: int
    names: Sequence[str]
    products: int
    archived: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCategory:
    """A category to create; without a parent it is a root, without a slug one is made from the name."""

    name: str
    slug: str | None = None
    parent_id: UUID | None = None
    description: str | None = None
    image: NewImage | None = None
    icon: str | None = None
    display_order: int = 0
    is_active: bool = True
    is_featured: bool = False


class CategoryChanges(TypedDict, total=False):
    """Changes to a category; absent fields do not change."""

    name: str | None
    slug: str | None
    description: str | None
    image: NewImage | None
    icon: str | None
    display_order: int | None
    is_active: bool | None
    is_featured: bool | None
