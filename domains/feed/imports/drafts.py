"""Products of a file as the drafts that the catalogue saves, and the stock counts that the inventory sets."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Final

from domains.catalog.imports.models import ProductDraft, SavedProduct, SavedSku, VariantDraft
from domains.feed.csv.columns import OPTION_COLUMNS, Column
from domains.feed.models import FeedProduct, FeedVariant, ImportOptions
from domains.inventory.models import StockCount

# What of a product, and of its variants, each column gives; a file without the column leaves it as it is.
OF_PRODUCT: Final[Mapping[str, tuple[str, ...]]] = {
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
OF_FORMS: Final[Mapping[str, tuple[str, ...]]] = {
    Column.PRICE: ("price",),
    Column.COMPARE_AT_PRICE: ("compare_at_price",),
    Column.TRACKER: ("is_tracked",),
    Column.VARIANT_STATUS: ("is_active",),
    Column.VARIANT_NAME: ("name",),
    Column.VARIANT_COLOR: ("color",),
    Column.VARIANT_SIZE: ("size",),
    Column.VARIANT_IMAGE: ("image",),
    Column.VARIANT_IMAGES: ("image", "images"),
    Column.VARIANT_OPTIONS: ("options",),
    **dict.fromkeys(OPTION_COLUMNS, ("options",)),
}
# The column that says a field of a draft, for reports.
COLUMNS: Final[Mapping[str, Column]] = {
    **{field: Column(column) for column, fields in OF_PRODUCT.items() for field in fields},
    **{field: Column(column) for column, fields in OF_FORMS.items() for field in fields},
    "options": Column.OPTION1_VALUE,
    "sku": Column.SKU,
    "taken_sku": Column.SKU,
}


def draft_of(product: FeedProduct, options: ImportOptions = ImportOptions()) -> ProductDraft:  # noqa: B008 - frozen
    """What the catalogue is to hold."""
    given = {name for column in product.given for name in OF_PRODUCT.get(column, ())}
    if product.category is not None:
        given.add("category")
    return ProductDraft(
        slug=product.handle,
        name=product.title or "",
        category=product.category,
        variants=tuple(_form_of(variant, product, options) for variant in product.variants),
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
        base_price=product.base_price,
        compare_at_price=product.base_compare_at_price,
        attributes=product.attributes,
        provided=frozenset(given),
    )


def _form_of(variant: FeedVariant, product: FeedProduct, options: ImportOptions) -> VariantDraft:
    is_uncounted = options.default_untracked and variant.quantity is None
    given = _given(product.given, variant.unread, has_options=product.is_simple is not None)
    # Not given, it holds for a variant that is new, and one that exists stays as it is.
    given -= {"is_tracked"} if is_uncounted else set()
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
        is_tracked=variant.is_tracked and not is_uncounted,
        is_active=variant.is_active,
        images=variant.images,
        provided=given,
    )


@lru_cache(maxsize=256)
def _given(columns: frozenset[str], unread: frozenset[str], *, has_options: bool) -> frozenset[str]:
    given = {name for column in columns - unread for name in OF_FORMS.get(column, ())}
    return frozenset(given if has_options else given - {"options"})


def counts_of(product: FeedProduct, saved: SavedProduct) -> Iterator[StockCount]:
    """The stock that the file gives for a product that was saved."""
    for variant, stocked in zip(product.variants, saved.skus, strict=True):
        if variant.quantity is not None and stocked.sku is not None:
            yield StockCount(stocked.sku, variant.quantity)


def uncounted_of(product: FeedProduct, saved: SavedProduct) -> Iterator[SavedSku]:
    """The SKUs of a product that was saved which are to be counted, and whose stock the file does not give."""
    for variant, stocked in zip(product.variants, saved.skus, strict=True):
        if variant.quantity is None and stocked.sku is not None and stocked.is_tracked:
            yield stocked
