"""Saving many products at once: a fixed number of statements however many there are."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from domains.catalog import bulk_queries, data, indexing, queries, skus
from domains.catalog.drafts import Outcome, ProductDraft, SavedProduct
from domains.catalog.events import CategoryChanged, ProductCreated, ProductUpdated
from domains.catalog.merging import Stored, Unfit, Writes, merged
from domains.catalog.skus import SkuOwner
from domains.catalog.slugs import slug_from
from domains.kernel.database import Tx
from domains.kernel.errors import InvalidInput
from domains.kernel.ids import new_id
from domains.kernel.money import UnitPrices

Owners = Mapping[str, SkuOwner]


async def save_products(tx: Tx, prices: UnitPrices, drafts: Sequence[ProductDraft]) -> list[SavedProduct]:
    """Make the shop hold what the drafts say; see CatalogService.save_products."""
    given = [form.sku for draft in drafts for form in draft.forms]
    await queries.lock_skus(tx, given)
    stored = await _stored(tx, [draft.slug for draft in drafts])
    owners = {owner.sku: owner for owner in await skus.owners(tx, given)}
    categories = await _categories(tx, drafts, stored.values())
    saved: list[SavedProduct] = []
    writes: list[Writes] = []
    claimed: dict[str, str] = {}
    for draft in drafts:
        known = stored.get(draft.slug)
        try:
            _require_free(draft, known, owners, claimed)
            _require_prices(draft, prices)
            wanted = merged(draft, known, _category_of(draft, known, categories), prices.currency)
        except Unfit as reason:
            saved.append(SavedProduct(draft.slug, Outcome.REFUSED, reason=str(reason)))
            continue
        claimed |= {form.sku: draft.slug for form in draft.forms}
        writes.append(wanted)
        saved.append(wanted.saved)
    await _write(tx, writes)
    await _tell(tx, saved)
    return saved


async def _stored(tx: Tx, slugs: Collection[str]) -> dict[str, Stored]:
    products = await bulk_queries.hold_products(tx, slugs)
    ids = [product.id for product in products]
    order: list[Any] = [{"display_order": "asc"}, {"id": "asc"}]
    rows = await data.product_variant.find_many(tx, where={"product_id": {"in": ids}}, order_by=order) if ids else []
    variants: dict[UUID, list[data.ProductVariantRow]] = {}
    for row in rows:
        variants.setdefault(row.product_id, []).append(row)
    return {product.slug: Stored(product, variants.get(product.id, [])) for product in products}


def _require_free(draft: ProductDraft, known: Stored | None, owners: Owners, claimed: Mapping[str, str]) -> None:
    for form in draft.forms:
        owner = owners.get(form.sku)
        if form.sku in claimed:
            raise Unfit(f"The SKU {form.sku!r} is given to the product {claimed[form.sku]!r} further up already.")
        if owner and (known is None or owner.product_id != known.product.id):
            raise Unfit(f"The SKU {form.sku!r} belongs to another product.")


def _require_prices(draft: ProductDraft, prices: UnitPrices) -> None:
    """Raise Unfit for prices that were read by settings which have changed since."""
    try:
        for form in draft.forms:
            prices.require(form.price)
            prices.require(form.compare_at_price or form.price)
    except InvalidInput as error:
        raise Unfit(error.message) from error


def _category_of(draft: ProductDraft, known: Stored | None, categories: Mapping[str | UUID, Any]) -> UUID:
    """The category of the draft's name; of two with the same name the one that the product is in already."""
    present = categories.get(known.product.category_id) if known else None
    if present and present.name.casefold() == draft.category.casefold():
        return UUID(str(present.id))
    return UUID(str(categories[_category_slug(draft.category)].id))


def _category_slug(name: str) -> str:
    return slug_from(name, fallback=f"category-{hashlib.sha256(name.encode()).hexdigest()[:8]}")


async def _categories(
    tx: Tx, drafts: Sequence[ProductDraft], stored: Iterable[Stored]
) -> dict[str | UUID, data.CategoryRow]:
    """The categories of drafts and of stored products, by slug and by id; those that are missing are made."""
    names = {_category_slug(draft.category): draft.category for draft in drafts}
    ids = list({known.product.category_id for known in stored})
    where: data.CategoryWhere = {"OR": [{"slug": {"in": list(names)}}, {"id": {"in": ids}}]}
    found = await data.category.find_many(tx, where=where)
    missing = sorted(names.keys() - {row.slug for row in found})
    if missing:
        made = {new_id(): slug for slug in missing}
        rows: list[data.CategoryCreate] = [
            {"id": key, "slug": slug, "name": names[slug]} for key, slug in made.items()
        ]
        await data.category.create_many(tx, rows, skip_duplicates=True)
        # Somebody else may have made one of them meanwhile: whichever row won is read.
        found += await data.category.find_many(tx, where={"slug": {"in": missing}})
        for row in found:
            if row.id in made:
                tx.emit(CategoryChanged(category_id=row.id))
    return {row.slug: row for row in found} | {row.id: row for row in found}


async def _write(tx: Tx, writes: Sequence[Writes]) -> None:
    created: list[Any] = [w.product for w in writes if w.is_new]
    new_variants: list[Any] = [row for w in writes for row in w.new_variants]
    await data.product.create_many(tx, created)
    await bulk_queries.update_products(tx, [w.product for w in writes if w.is_changed])
    await data.product_variant.create_many(tx, new_variants)
    await bulk_queries.update_variants(tx, [row for w in writes for row in w.changed_variants])


async def _tell(tx: Tx, saved: Sequence[SavedProduct]) -> None:
    touched: list[UUID] = []
    for product in saved:
        if product.product_id and product.outcome is Outcome.CREATED:
            tx.emit(ProductCreated(product_id=product.product_id, slug=product.slug))
            touched.append(product.product_id)
        elif product.product_id and product.outcome is Outcome.UPDATED:
            tx.emit(ProductUpdated(product_id=product.product_id, fields=[]))
            touched.append(product.product_id)
    if touched:
        await indexing.reindex(tx, touched)
