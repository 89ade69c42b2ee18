"""Converts products of a file to drafts for the catalogue and stock counts for the inventory."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Final

from domains.catalog.imports.models import ProductDraft, SavedProduct, SavedSku, VariantDraft
from domains.feed.csv.columns import OPTION_COLUMNS, Column
from domains.feed.models import FeedProduct, FeedVariant, ImportOptions
from domains.inventory.models import StockCount

# The fields of products and of variants that each column sets; a file without the column does not change them.
PRODUCT_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    Column.TITLE: ("name",),
    Column.BODY: ("long_description",),
    Column.SUMMARY: ("description",),
    Column.VENDOR: ("brand",),
    Column.MODEL: ("model",),
    Column.TAGS: ("tags",),
    Column.PUBLISHED: ("is_active",),
    Column.STATUS: ("is_active",),
    Column.FEATURED: ("is_featured",),
    Column.IMAGE: ("images",),
    Column.IMAGE_ALT_TEXT: ("image_alt_texts",),
    Column.BASE_PRICE: ("base_price",),
    Column.BASE_COMPARE_AT_PRICE: ("compare_at_price",),
    Column.ATTRIBUTES: ("attributes",),
}
VARIANT_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    Column.PRICE: ("price",),
    Column.COMPARE_AT_PRICE: ("compare_at_price",),
    Column.TRACKER: ("is_tracked",),
    Column.GRAMS: ("weight",),
    Column.VARIANT_STATUS: ("is_active",),
    Column.VARIANT_NAME: ("name",),
    Column.VARIANT_COLOR: ("color",),
    Column.VARIANT_SIZE: ("size",),
    Column.VARIANT_IMAGE: ("image",),
    Column.VARIANT_IMAGES: ("image", "images"),
    Column.VARIANT_OPTIONS: ("options",),
    **dict.fromkeys(OPTION_COLUMNS, ("options",)),
}
# The column of each field of a draft, for reports.
COLUMNS: Final[Mapping[str, Column]] = {
    **{field: Column(column) for column, fields in PRODUCT_FIELDS.items() for field in fields},
    **{field: Column(column) for column, fields in VARIANT_FIELDS.items() for field in fields},
    "options": Column.OPTION1_VALUE,
    "is_gift_card": Column.GIFT_CARD,
    "sku": Column.SKU,
    "taken_sku": Column.SKU,
}


def draft_of(product: FeedProduct, options: ImportOptions = ImportOptions()) -> ProductDraft:  # noqa: B008 - frozen
    """The draft of a product."""
    provided = {name for column in product.columns for name in PRODUCT_FIELDS.get(column, ())}
    if product.category is not None:
        provided.add("category")
    return ProductDraft(
        slug=product.handle,
        name=product.title or "",
        category=product.category,
        variants=tuple(_variant_draft_of(variant, product, options) for variant in product.variants),
        is_simple=product.is_simple,
        description=product.summary,
        long_description=product.body,
        brand=product.vendor,
        model=product.model,
        tags=product.tags,
        images=product.images,
        image_alt_texts=product.image_alt_texts,
        is_active=product.is_published,
        is_featured=product.is_featured,
        is_gift_card=product.is_gift_card,
        requires_shipping=product.requires_shipping,
        base_price=product.base_price,
        compare_at_price=product.base_compare_at_price,
        attributes=product.attributes,
        provided=frozenset(provided),
    )


def _variant_draft_of(variant: FeedVariant, product: FeedProduct, options: ImportOptions) -> VariantDraft:
    is_untracked = options.default_untracked and variant.quantity is None
    provided = _provided_fields(product.columns, variant.unread, has_options=product.is_simple is not None)
    # A field that is not provided applies to new variants; existing variants keep theirs.
    provided -= {"is_tracked"} if is_untracked else set()
    return VariantDraft(
        sku=variant.sku,
        price=variant.price or Decimal(0),
        options=variant.options,
        is_generated=variant.is_generated,
        fallback_sku=variant.fallback_sku,
        name=variant.name,
        color=variant.color,
        size=variant.size,
        compare_at_price=variant.compare_at_price,
        is_tracked=variant.is_tracked and not is_untracked,
        is_active=variant.is_active,
        is_stocked=bool(options.default_stock if variant.quantity is None else variant.quantity),
        images=variant.images,
        weight=variant.weight or None,
        provided=provided,
    )


@lru_cache(maxsize=256)
def _provided_fields(columns: frozenset[str], unread: frozenset[str], *, has_options: bool) -> frozenset[str]:
    provided = {name for column in columns - unread for name in VARIANT_FIELDS.get(column, ())}
    return frozenset(provided if has_options else provided - {"options"})


def stock_counts_of(product: FeedProduct, saved: SavedProduct) -> Iterator[StockCount]:
    """The stock in the file of a saved product."""
    for variant, stocked in zip(product.variants, saved.skus, strict=True):
        if variant.quantity is not None and stocked.sku is not None:
            yield StockCount(stocked.sku, variant.quantity)


def skus_without_quantity(product: FeedProduct, saved: SavedProduct) -> Iterator[SavedSku]:
    """The tracked SKUs of a saved product without a quantity in the file."""
    for variant, stocked in zip(product.variants, saved.skus, strict=True):
        if variant.quantity is None and stocked.sku is not None and stocked.is_tracked:
            yield stocked
