"""Exporting products: page after page by slug, each handed out as CSV before the next is read."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

from domains.catalog.models import Product, ProductSheet, Variant
from domains.catalog.service import CatalogService
from domains.feed.models import FeedProduct, FeedVariant
from domains.feed.writing import CsvText
from domains.inventory.service import InventoryService
from domains.kernel.database import Reader
from domains.kernel.markup import safe_html

PAGE = 250


async def export(catalog: CatalogService, inventory: InventoryService, db: Reader) -> AsyncIterator[bytes]:
    """The bytes of the CSV; three statements a page."""
    text = CsvText()
    after = ""
    while sheets := await catalog.products_after(db, after, take=PAGE):
        items = await inventory.stock_of(db, [sheet.product.id for sheet in sheets])
        stock = {item.sku: item.available_stock for item in items}
        for sheet in sheets:
            if sheet.variants or sheet.product.sku:
                text.add(_product(sheet, stock))
        yield text.take()
        after = sheets[-1].product.slug
    yield text.take()


def _product(sheet: ProductSheet, stock: Mapping[str, int]) -> FeedProduct:
    product = sheet.product
    tags = (part.strip() for tag in product.tags for part in tag.split(","))
    return FeedProduct(
        line=0,
        handle=product.slug,
        title=product.name,
        body=safe_html(product.long_description or product.description or "").strip() or None,
        summary=None,
        vendor=product.brand,
        category=sheet.category,
        tags=tuple(dict.fromkeys(filter(None, tags))),
        is_published=product.is_active,
        images=tuple(product.images),
        variants=tuple(_forms(sheet, stock)),
    )


def _forms(sheet: ProductSheet, stock: Mapping[str, int]) -> Iterable[FeedVariant]:
    product = sheet.product
    if not sheet.variants:
        sku = product.sku or ""
        yield _form(product, sku, (), stock, image=None)
    names = _option_names(sheet.variants)
    for variant in sheet.variants:
        values = {option.name: option.value for option in variant.options}
        options = tuple((name, values[name]) for name in names) if names else (("Variant", variant.sku),)
        yield _form(variant, variant.sku, options, stock, image=variant.image)


def _form(
    sold: Product | Variant,
    sku: str,
    options: tuple[tuple[str, str], ...],
    stock: Mapping[str, int],
    *,
    image: str | None,
) -> FeedVariant:
    return FeedVariant(
        line=0,
        sku=sku,
        is_made_up=False,
        options=options,
        price=sold.price.shown(),
        compare_at_price=sold.compare_at.shown() if sold.compare_at else None,
        is_tracked=sold.is_tracked,
        quantity=stock.get(sku),
        image=image,
    )


def _option_names(variants: Sequence[Variant]) -> list[str]:
    """The names of the options that tell the variants apart; none when they do not: then the SKU has to."""
    names = [option.name for option in variants[0].options] if variants else []
    chosen = [{option.name: option.value for option in variant.options} for variant in variants]
    distinct = {tuple(values.get(name, "").casefold() for name in names) for values in chosen}
    alike = all(values.keys() == set(names) for values in chosen)
    return names if alike and len(distinct) == len(variants) else []
