"""Exporting products: page after page by slug, each handed out as CSV before the next is read."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from decimal import Decimal

from domains.catalog.categories.attributes import AttributeValue
from domains.catalog.imports.variants import compare_at_of, derived, lowest
from domains.catalog.models import ExportedProduct, Variant
from domains.catalog.service import CatalogService
from domains.feed.models import FeedProduct, FeedVariant
from domains.feed.shopify.product_rows import ALSO_ONE_FORM, ONE_FORM
from domains.feed.shopify.writer import CsvText
from domains.inventory.service import InventoryService
from domains.kernel.database import Reader
from domains.kernel.text.html import safe_html
from domains.kernel.values.money import Money

PAGE = 250
Stock = Mapping[str, int]


async def export(catalog: CatalogService, inventory: InventoryService, db: Reader) -> AsyncIterator[bytes]:
    """The bytes of the CSV; four statements a page."""
    text = CsvText()
    after = ""
    while sheets := await catalog.imports.products_after(db, after, take=PAGE):
        ids = [sheet.product.id for sheet in sheets]
        stock = {item.sku: item.available_stock for item in await inventory.listing.items_of_products(db, ids)}
        answers: dict[object, list[AttributeValue]] = {}
        for row in await catalog.products.attributes_of(db, ids):
            answers.setdefault(row.product_id, []).append(AttributeValue(row.name, row.value, row.unit))
        for sheet in sheets:
            text.add(_product(sheet, stock, answers.get(sheet.product.id, [])))
        yield text.take()
        after = sheets[-1].product.slug
    yield text.take()


def _product(sheet: ExportedProduct, stock: Stock, answers: Sequence[AttributeValue]) -> FeedProduct:
    product = sheet.product
    tags = (part.strip() for tag in product.tags for part in tag.split(","))
    variants = tuple(_variants(sheet, stock) if sheet.variants else _simple(sheet, stock))
    base, compare_at = lowest(
        [(variant.price, variant.compare_at_price) for variant in variants if variant.price is not None]
    )
    own_strike = product.compare_at_price or None
    return FeedProduct(
        line=0,
        handle=product.slug,
        title=product.name,
        body=safe_html(product.long_description or "").strip() or None,
        summary=product.description,
        vendor=product.brand,
        model=product.model,
        category=sheet.category,
        tags=tuple(dict.fromkeys(filter(None, tags))),
        is_published=product.is_active,
        is_featured=product.is_featured,
        images=tuple(dict.fromkeys(product.images)),
        image_alt_texts=product.image_alt_texts,
        variants=variants,
        is_simple=not sheet.variants,
        base_price=None if product.base_price == base else _shown(product.base_price, product.currency),
        base_compare_at_price=None
        if own_strike == compare_at
        else _shown(own_strike or Decimal(0), product.currency),
        attributes=tuple(answers),
    )


def _simple(sheet: ExportedProduct, stock: Stock) -> Iterator[FeedVariant]:
    product = sheet.product
    yield FeedVariant(
        line=0,
        sku=product.sku,
        is_generated=False,
        options=(),
        price=_shown(product.base_price, product.currency),
        compare_at_price=_shown(product.compare_at_price, product.currency) if product.compare_at_price else None,
        is_tracked=product.is_tracked,
        quantity=stock.get(product.sku or ""),
    )


def _variants(sheet: ExportedProduct, stock: Stock) -> Iterator[FeedVariant]:
    has_odd_options = not _fit_columns(sheet.variants)
    for variant in sheet.variants:
        options = tuple((option.name, option.value) for option in variant.options)
        follows = derived(options, sheet.product.name)
        compare_at = compare_at_of(variant.compare_at_price, variant.product_compare_at_price, variant.price_modifier)
        yield FeedVariant(
            line=0,
            sku=variant.sku,
            is_generated=False,
            options=options,
            price=_shown(variant.base_price + variant.price_modifier, variant.currency),
            compare_at_price=_shown(compare_at, variant.currency) if compare_at else None,
            is_tracked=variant.is_tracked,
            quantity=stock.get(variant.sku),
            images=tuple(dict.fromkeys(variant.images)),
            is_active=variant.is_active,
            name=None if variant.name == follows["name"] else variant.name,
            color=None if variant.color == follows["color"] else variant.color,
            size=None if variant.size == follows["size"] else variant.size,
            has_odd_options=has_odd_options,
        )


def _shown(amount: Decimal, currency: str) -> Decimal:
    """An amount with the currency's places, or with more where it has more."""
    return Money(amount, currency).shown()


def _fit_columns(variants: Sequence[Variant]) -> bool:
    """Whether the option columns distinguish the variants: all have options with the same names, in the same order.

    Shopify's words for a product without options are none.
    """
    names = [option.name for option in variants[0].options]
    for variant in variants:
        words = tuple((option.name.lower(), option.value.lower()) for option in variant.options)
        if words in {ONE_FORM, ALSO_ONE_FORM} or [option.name for option in variant.options] != names:
            return False
    return bool(names)
