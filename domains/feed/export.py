"""Exports of products: pages in the order of slugs, each written as CSV before the next is read."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from decimal import Decimal

from domains.catalog.categories.attributes import AttributeValue
from domains.catalog.imports.variants import compare_at_of, derived, lowest
from domains.catalog.models import ExportedProduct, Variant
from domains.catalog.service import CatalogService
from domains.feed.models import FeedProduct, FeedVariant
from domains.feed.shopify.product_rows import DEFAULT_OPTION, OLD_DEFAULT_OPTION
from domains.feed.shopify.writer import CsvText
from domains.inventory.service import InventoryService
from domains.kernel.database import Reader
from domains.kernel.text.html import safe_html
from domains.kernel.values.money import Money

PAGE = 250
Stock = Mapping[str, int]


async def export(catalog: CatalogService, inventory: InventoryService, db: Reader) -> AsyncIterator[bytes]:
    """The bytes of the CSV; four statements a page. Quantities are of the default warehouse, as imports set them."""
    text = CsvText()
    after = ""
    while products := await catalog.imports.products_after(db, after, take=PAGE):
        ids = [exported.product.id for exported in products]
        stock = await inventory.listing.default_units(db, ids)
        attributes: dict[object, list[AttributeValue]] = {}
        for row in await catalog.products.attributes_of(db, ids):
            attributes.setdefault(row.product_id, []).append(AttributeValue(row.name, row.value, row.unit))
        for exported in products:
            text.add(_product(exported, stock, attributes.get(exported.product.id, [])))
        yield text.read_bytes()
        after = products[-1].product.slug
    yield text.read_bytes()


def _product(exported: ExportedProduct, stock: Stock, attributes: Sequence[AttributeValue]) -> FeedProduct:
    product = exported.product
    tags = (part.strip() for tag in product.tags for part in tag.split(","))
    variants = tuple(_variants(exported, stock) if exported.variants else _simple(exported, stock))
    base, compare_at = lowest(
        [(variant.price, variant.compare_at_price) for variant in variants if variant.price is not None]
    )
    own_compare_at = product.compare_at_price or None
    return FeedProduct(
        line=0,
        handle=product.slug,
        title=product.name,
        body=safe_html(product.long_description or "").strip() or None,
        summary=product.description,
        vendor=product.brand,
        model=product.model,
        category=exported.category,
        tags=tuple(dict.fromkeys(filter(None, tags))),
        is_published=product.is_active,
        is_featured=product.is_featured,
        is_gift_card=product.is_gift_card,
        images=tuple(dict.fromkeys(product.images)),
        image_alt_texts=product.image_alt_texts,
        variants=variants,
        is_simple=not exported.variants,
        base_price=None if product.base_price == base else _at_scale(product.base_price, product.currency),
        base_compare_at_price=None
        if own_compare_at == compare_at
        else _at_scale(own_compare_at or Decimal(0), product.currency),
        attributes=tuple(attributes),
    )


def _simple(exported: ExportedProduct, stock: Stock) -> Iterator[FeedVariant]:
    product = exported.product
    yield FeedVariant(
        line=0,
        sku=product.sku,
        is_generated=False,
        options=(),
        price=_at_scale(product.base_price, product.currency),
        compare_at_price=_at_scale(product.compare_at_price, product.currency) if product.compare_at_price else None,
        is_tracked=product.is_tracked,
        quantity=stock.get(product.sku or ""),
        weight=product.weight,
        requires_shipping=product.requires_shipping,
    )


def _variants(exported: ExportedProduct, stock: Stock) -> Iterator[FeedVariant]:
    has_json_options = not _fit_columns(exported.variants)
    for variant in exported.variants:
        options = tuple((option.name, option.value) for option in variant.options)
        derived_values = derived(options, exported.product.name)
        compare_at = compare_at_of(variant.compare_at_price, variant.product_compare_at_price, variant.price_modifier)
        yield FeedVariant(
            line=0,
            sku=variant.sku,
            is_generated=False,
            options=options,
            price=_at_scale(variant.base_price + variant.price_modifier, variant.currency),
            compare_at_price=_at_scale(compare_at, variant.currency) if compare_at else None,
            is_tracked=variant.is_tracked,
            quantity=stock.get(variant.sku),
            images=tuple(dict.fromkeys(variant.images)),
            is_active=variant.is_active,
            name=None if variant.name == derived_values["name"] else variant.name,
            color=None if variant.color == derived_values["color"] else variant.color,
            size=None if variant.size == derived_values["size"] else variant.size,
            has_json_options=has_json_options,
            weight=variant.weight,
            requires_shipping=exported.product.requires_shipping,
        )


def _at_scale(amount: Decimal, currency: str) -> Decimal:
    """An amount with the currency's places, or with more where it has more."""
    return Money(amount, currency).shown()


def _fit_columns(variants: Sequence[Variant]) -> bool:
    """Whether the option columns distinguish the variants: all have options with the same names, in the same order.

    Shopify's default option of a product without options does not count.
    """
    names = [option.name for option in variants[0].options]
    for variant in variants:
        pairs = tuple((option.name.lower(), option.value.lower()) for option in variant.options)
        if pairs in {DEFAULT_OPTION, OLD_DEFAULT_OPTION} or [option.name for option in variant.options] != names:
            return False
    return bool(names)
