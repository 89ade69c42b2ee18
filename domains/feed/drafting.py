"""Products of a file as the drafts that the catalogue saves, and the stock counts that the inventory sets."""

from collections.abc import Iterator

from domains.catalog.models import FormDraft, ProductDraft, SavedProduct
from domains.feed.columns import Column
from domains.feed.models import FeedProduct, FeedVariant
from domains.inventory.models import StockCount

# What of a product each column gives; a file without the column leaves it as it is.
GIVES = {
    Column.BODY: ("description", "long_description"),
    Column.VENDOR: ("brand",),
    Column.TYPE: ("category_id",),
    Column.TAGS: ("tags",),
    Column.PUBLISHED: ("is_active",),
    Column.STATUS: ("is_active",),
    Column.IMAGE: ("images",),
    Column.TRACKER: ("is_tracked",),
    Column.COMPARE_AT_PRICE: ("compare_at_price",),
    Column.VARIANT_IMAGE: ("variant_images",),
}


def draft_of(product: FeedProduct) -> ProductDraft:
    """What the catalogue is to hold."""
    given = {name for column in product.given for name in GIVES.get(column, ())}
    return ProductDraft(
        slug=product.handle,
        name=product.title,
        category=product.category,
        forms=tuple(_form_of(variant) for variant in product.variants),
        description=product.summary,
        long_description=product.body,
        brand=product.vendor,
        tags=product.tags,
        images=product.images,
        is_active=product.is_published,
        given=frozenset(given),
    )


def _form_of(variant: FeedVariant) -> FormDraft:
    return FormDraft(
        sku=variant.sku,
        price=variant.price,
        options=variant.options,
        is_made_up=variant.is_made_up,
        compare_at_price=variant.compare_at_price,
        is_tracked=variant.is_tracked,
        images=(variant.image,) if variant.image else (),
    )


def counts_of(product: FeedProduct, saved: SavedProduct) -> Iterator[StockCount]:
    """The stock that the file gives for a product that was saved."""
    for variant, stocked in zip(product.variants, saved.skus, strict=True):
        if variant.quantity is not None:
            yield StockCount(stocked.sku, variant.quantity)
