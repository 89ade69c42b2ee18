"""Creation and changes of products."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Final
from uuid import UUID

import asyncpg

from domains.catalog import data, sql, unique_slugs, validation
from domains.catalog.categories.attributes import AttributeValue, effective_rules, require_values
from domains.catalog.errors import CategoryNotFound, ProductNotFound, SkuOnProduct
from domains.catalog.events import ProductCreated, ProductUpdated
from domains.catalog.models import NewProduct, Product, ProductChanges
from domains.catalog.products import price_changes
from domains.catalog.search import index
from domains.catalog.slugs import require_slug
from domains.catalog.variants import options, skus
from domains.kernel.database import Tx
from domains.kernel.errors import NotApplicable, NotFound
from domains.kernel.ids import new_id
from domains.kernel.validation import collect_errors
from domains.kernel.values.money import UnitPrices

SLUG_FIELD = ("slug",)
SKU_FIELD = ("sku",)
REFERENCES: Final = {
    "products_company_id_tax_class_id_fkey": ("tax class", "tax_class_id"),
    "products_company_id_shipping_profile_id_fkey": ("shipping profile", "shipping_profile_id"),
}


async def create(tx: Tx, prices: UnitPrices, given: NewProduct) -> Product:
    """Create a product with its attributes and variants; see CatalogService.create_product."""
    product_id, slug = new_id(), None
    known: data.ProductCreate | None = None
    rows: list[data.ProductVariantCreate] = []
    with collect_errors() as errors:
        with errors:
            fields = validation.fields_of(given)
            known = values = validation.normalize_fields(
                data.ProductCreate, validation.PRODUCT_INPUT, fields, prices=prices
            )
            values["is_tracked"] = given.is_tracked and not given.is_gift_card
            values["requires_shipping"] = given.requires_shipping and not given.is_gift_card
        with errors:
            slug = require_slug(given.slug, field=SLUG_FIELD) if given.slug is not None else None
        with errors:
            rows = options.new_rows(product_id, known, given.variants, prices)
        sku_paths: dict[str, Sequence[str]] = {
            row["sku"]: (*options.PATH, str(index), "sku") for index, row in enumerate(rows)
        }
        if known and (sku := known.get("sku")) is not None:
            sku_paths[sku] = SKU_FIELD
        await skus.lock(tx, sku_paths)
        with errors:
            if given.variants and given.sku is not None:
                raise SkuOnProduct("Leave it out.", field=SKU_FIELD)
            await skus.require_free(tx, sku_paths)
        with errors:
            attributes = await _validate_attributes(tx, given.category_id, given.attributes)
        with errors:
            if errors.collected:
                await unique_slugs.require_free(tx, "products", slug)

    async def write(free: str) -> data.ProductRow:
        row = values | {"id": product_id, "slug": free, "category_id": given.category_id, "currency": prices.currency}
        with known_references():
            return await data.product.create(tx, row)

    row = await unique_slugs.write_with_slug(tx, "products", write, name=values["name"], slug=slug)
    await _write_attributes(tx, product_id, attributes)
    await data.product_variant.create_many(tx, rows)
    await index.reindex(tx, [product_id])
    tx.emit(ProductCreated(product_id=product_id, slug=row.slug))
    return Product.from_row(row)


async def update(
    tx: Tx,
    prices: UnitPrices | None,
    product_id: UUID,
    changes: ProductChanges,
    *,
    field: Sequence[str] = ("id",),
) -> Product:
    """Change a product; see CatalogService.update_product. `prices` is needed where one changes."""
    values: data.ProductUpdate = {}
    slug = None
    variants: Sequence[price_changes.VariantModifier] = ()
    with collect_errors() as errors:
        with errors:
            values = validation.normalize_fields(data.ProductUpdate, validation.PRODUCT_INPUT, changes, prices=prices)
        sku = values.get("sku")
        await skus.lock(tx, [] if sku is None else [sku])
        product = await lock(tx, product_id, field=field)
        with errors:
            require_trackable(product, is_tracked=bool(values.get("is_tracked")))
        with errors:
            _require_shippable(product, requires_shipping=bool(values.get("requires_shipping")))
        with errors:
            slug = _new_slug(product, changes)
        with errors:
            base_price = values.get("base_price")
            if isinstance(base_price, Decimal):
                variants = await sql.modifiers_of(tx, product_id)
                for modifier in sorted({variant.price_modifier for variant in variants}):
                    options.require_price(base_price, modifier, ("base_price",))
        with errors:
            if values.get("sku", product.sku) != product.sku:
                await _require_own_sku(tx, product_id, values["sku"])
        with errors:
            attributes = await _new_attributes(tx, product, changes)
        with errors:
            if errors.collected:
                await unique_slugs.require_free(tx, "products", slug)
    if attributes is not None:
        await _write_attributes(tx, product_id, attributes, replace=True)
    values["category_id"] = changes.get("category_id") or product.category_id
    row = await _write(tx, product, values, slug)
    await record_change(tx, product_id, sorted(changes))
    if base_price is not None:
        before, after = (price_changes.unit_prices(each, variants) for each in (product, row))
        price_changes.emit(tx, product_id, row.currency, price_changes.changes(before, after))
    return Product.from_row(row)


async def lock(tx: Tx, product_id: UUID, *, field: Sequence[str] = ("id",)) -> data.ProductRow:
    """The product's row, locked until the end of the transaction. Raises ProductNotFound, also when archived."""
    row = await sql.lock_product(tx, product_id)
    if row is None or row.archived_at is not None:
        raise ProductNotFound(product_id, field=field)
    return row


@contextmanager
def known_references() -> Iterator[None]:
    """Raise NotFound where a product that is written names a tax class or a shipping profile that does not exist."""
    try:
        yield
    except asyncpg.ForeignKeyViolationError as error:
        if (reference := REFERENCES.get(error.constraint_name or "")) is None:
            raise
        name, field = reference
        raise NotFound(f"There is no {name} with this id.", field=(field,)) from error


def require_trackable(product: data.ProductRow, *, is_tracked: bool) -> None:
    """Raise NotApplicable for a gift card whose stock would be counted."""
    if product.is_gift_card and is_tracked:
        raise NotApplicable("The stock of a gift card is not counted.", field=("is_tracked",))


def _require_shippable(product: data.ProductRow, *, requires_shipping: bool) -> None:
    if product.is_gift_card and requires_shipping:
        raise NotApplicable("A gift card is sent by e-mail, not shipped.", field=("requires_shipping",))


async def record_change(tx: Tx, product_id: UUID, fields: list[str]) -> None:
    """Update the search index after a change of a product, and emit ProductUpdated."""
    await index.reindex(tx, [product_id])
    tx.emit(ProductUpdated(product_id=product_id, fields=fields))


async def _write(tx: Tx, product: data.ProductRow, values: data.ProductUpdate, slug: str | None) -> data.ProductRow:
    async def write(slug: str) -> data.ProductRow:
        with known_references():
            return await data.product.update(tx, id=product.id, data=values | {"slug": slug})

    if slug is None:
        return await write(product.slug)
    return await unique_slugs.write_with_slug(tx, "products", write, name=product.name, slug=slug)


def _new_slug(product: data.ProductRow, changes: ProductChanges) -> str | None:
    """The new slug, or None when it does not change."""
    slug = changes.get("slug", product.slug)
    return None if slug == product.slug else require_slug(slug, field=SLUG_FIELD)


async def _require_own_sku(tx: Tx, product_id: UUID, sku: str | None) -> None:
    if sku is None:
        return
    if await data.product_variant.count(tx, where={"product_id": product_id}):
        raise SkuOnProduct("Leave it out.", field=SKU_FIELD)
    await skus.require_free(tx, {sku: SKU_FIELD})


async def _validate_attributes(tx: Tx, category_id: UUID, given: Sequence[AttributeValue]) -> list[AttributeValue]:
    levels = await sql.attribute_rules(tx, category_id)
    if levels is None:
        raise CategoryNotFound(category_id, field=("category_id",))
    return require_values(effective_rules(levels), given, field=("attributes",))


async def _new_attributes(tx: Tx, product: data.ProductRow, changes: ProductChanges) -> list[AttributeValue] | None:
    """The new attribute values for the product's (new) category, or None when they do not change."""
    category_id = changes.get("category_id", product.category_id)
    if category_id is None:
        raise CategoryNotFound("null", field=("category_id",))
    given = changes.get("attributes")
    if given is None and category_id == product.category_id:
        return None
    return await _validate_attributes(
        tx, category_id, await _attributes_of(tx, product.id) if given is None else given
    )


async def _attributes_of(tx: Tx, product_id: UUID) -> list[AttributeValue]:
    rows = await data.product_attribute.find_many(tx, where={"product_id": product_id}, order_by=[{"id": "asc"}])
    return [AttributeValue(row.name, row.value, row.unit) for row in rows]


async def _write_attributes(
    tx: Tx, product_id: UUID, attributes: Sequence[AttributeValue], *, replace: bool = False
) -> None:
    if replace:
        await data.product_attribute.delete_many(tx, where={"product_id": product_id})
    await data.product_attribute.create_many(
        tx, [{"product_id": product_id, "name": a.name, "value": a.value, "unit": a.unit} for a in attributes]
    )
