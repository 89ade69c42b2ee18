"""Imports of products in batches, with a fixed number of statements for any number of products."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

from domains.catalog import data, sql
from domains.catalog.categories import attribute_values
from domains.catalog.categories import names as category_names
from domains.catalog.categories.attribute_values import ImportedAttributes
from domains.catalog.categories.names import CategoryNames
from domains.catalog.events import ProductCreated, ProductUpdated
from domains.catalog.imports import import_sql
from domains.catalog.imports.models import (
    DraftRefused,
    Outcome,
    ProductDraft,
    SavedProduct,
    SlugRequest,
    VariantDraft,
)
from domains.catalog.imports.rows import merge_draft
from domains.catalog.imports.variants import RowChanges, StoredProduct
from domains.catalog.models import ExportedProduct, Variant
from domains.catalog.products import price_changes
from domains.catalog.products.unit_prices import UnitPriceRules
from domains.catalog.search import index
from domains.catalog.slugs import slug_candidates
from domains.catalog.variants import skus
from domains.catalog.variants.skus import SkuOwner, Skus
from domains.kernel.database import Reader, Tx
from domains.kernel.errors import InvalidInput
from domains.kernel.values.money import UnitPrices

NO_CATEGORY: Final = "Uncategorised"


@dataclass(slots=True)
class ImportContext:
    """The data that a batch of drafts is merged with: stored products, owners of SKUs, earlier drafts."""

    stored: Mapping[str, StoredProduct]
    owners: Mapping[str, SkuOwner]
    names: Mapping[str, str]
    categories: CategoryNames
    attributes: ImportedAttributes
    sku_slugs: dict[str, str] = field(default_factory=dict)
    slugs: set[str] = field(default_factory=set)

    def refusal(self, sku: str, draft: ProductDraft) -> str | None:
        """Why a draft cannot have a SKU, or None."""
        if self.sku_slugs.get(sku, draft.slug) != draft.slug:
            return f"The SKU {sku!r} is already used by the product {self.sku_slugs[sku]!r} further up."
        owner, known = self.owners.get(sku), self.stored.get(draft.slug)
        if owner and (known is None or owner.product_id != known.product.id):
            return f"The SKU {sku!r} belongs to {self.names.get(sku, 'another product')}."
        return None


class Imports:
    """Saves the products of files, and reads products for files."""

    def __init__(self, unit_prices: UnitPriceRules) -> None:
        self._unit_prices = unit_prices

    async def save(self, tx: Tx, drafts: Sequence[ProductDraft]) -> list[SavedProduct]:
        """Save drafts with different slugs, in the company's currency; one result for each draft.

        Products are matched by slug (an archived one is restored), variants by SKU; other fields and variants stay.
        Categories are found by name, and created when they are missing. A draft that conflicts with what is
        stored is refused alone. A fixed number of statements for any number of drafts. Emits ProductCreated,
        ProductUpdated, PriceChanged, CategoryChanged.
        """
        prices = await self._unit_prices.current(tx)
        context = await _context(tx, drafts)
        saved: list[SavedProduct] = []
        changes: list[RowChanges] = []
        for draft in drafts:
            try:
                planned = _plan(draft, context, prices)
            except DraftRefused as reason:
                refused = SavedProduct(draft.slug, Outcome.REFUSED, reason=str(reason))
                saved.append(replace(refused, variant_index=reason.variant_index, field=reason.field))
                continue
            changes.append(planned)
            saved.append(planned.saved)
        await _write(tx, changes)
        await _emit(tx, changes, prices.currency)
        return saved

    async def slugs_for(self, tx: Tx, requests: Sequence[SlugRequest]) -> list[str]:
        """The slug of each product: that of the product with its first known SKU, else the first unused one.

        Two statements, one if all are known; more only if many products have the same name.
        """
        known = await sql.slugs_of_skus(tx, [sku for request in requests for sku in request.skus])
        found = [next((known[sku] for sku in request.skus if sku in known), None) for request in requests]
        taken: set[str] = {slug for slug in found if slug}
        bases = dict.fromkeys(request.slug for request, slug in zip(requests, found, strict=True) if slug is None)
        batches = {base: slug_candidates(base) for base in bases}
        free = {base: next(batches[base]) for base in bases}
        if bases:
            taken |= await sql.taken_slugs(tx, "products", [slug for batch in free.values() for slug in batch])
        slugs: list[str] = []
        for request, slug in zip(requests, found, strict=True):
            candidate = slug
            while candidate is None:
                candidate = next((slug for slug in free[request.slug] if slug not in taken), None)
                if candidate is None:
                    free[request.slug] = next(batches[request.slug])
                    taken |= await sql.taken_slugs(tx, "products", free[request.slug])
            taken.add(candidate)
            slugs.append(candidate)
        return slugs

    async def products_after(self, db: Reader, slug: str, *, take: int) -> list[ExportedProduct]:
        """The next products in the order of slugs, without archived ones. Two statements."""
        found = await import_sql.products_after(db, slug, take)
        variants: dict[UUID, list[Variant]] = {product.id: [] for product, _ in found}
        if found:
            for variant in await sql.find_variants(db, list(variants)):
                variants[variant.product_id].append(variant)
        return [ExportedProduct(product, category, variants[product.id]) for product, category in found]


async def _context(tx: Tx, drafts: Sequence[ProductDraft]) -> ImportContext:
    given = [
        sku for draft in drafts for variant in draft.variants for sku in (variant.sku, variant.fallback_sku) if sku
    ]
    await sql.lock_skus(tx, given)
    stored = await _stored(tx, [draft.slug for draft in drafts])
    owners = {owner.sku: owner for owner in await Skus().owners(tx, given)}
    own_ids = {known.product.id for known in stored.values()}
    taken = await skus.describe_owners(tx, [owner for owner in owners.values() if owner.product_id not in own_ids])
    names = [_category_name(draft) for draft in drafts if "category" in draft.provided or draft.slug not in stored]
    categories = await category_names.find_or_create(tx, names)
    with_attributes = [draft for draft in drafts if "attributes" in draft.provided]
    attributes = await ImportedAttributes.load(
        tx, [stored[draft.slug].product.id for draft in with_attributes if draft.slug in stored]
    )
    context = ImportContext(stored, owners, taken, categories, attributes)
    category_ids = {
        _category_of(draft, stored.get(draft.slug), context) for draft in with_attributes if draft.attributes
    }
    await attributes.load_rules(tx, category_ids)
    return context


async def _stored(tx: Tx, slugs: Collection[str]) -> dict[str, StoredProduct]:
    products = await import_sql.lock_products(tx, slugs)
    ids = [product.id for product in products]
    order: list[Any] = [{"display_order": "asc"}, {"id": "asc"}]
    rows = await data.product_variant.find_many(tx, where={"product_id": {"in": ids}}, order_by=order) if ids else []
    variants: dict[UUID, list[data.ProductVariantRow]] = {}
    for row in rows:
        variants.setdefault(row.product_id, []).append(row)
    return {product.slug: StoredProduct(product, variants.get(product.id, [])) for product in products}


def _plan(draft: ProductDraft, context: ImportContext, prices: UnitPrices) -> RowChanges:
    if draft.slug in context.slugs:
        raise DraftRefused(f"The handle {draft.slug!r} is used by another product further up.")
    context.slugs.add(draft.slug)
    _require_prices(draft, prices)
    stored = context.stored.get(draft.slug)
    planned = merge_draft(
        _with_free_skus(draft, context), stored, _category_of(draft, stored, context), prices.currency
    )
    if "attributes" in draft.provided:
        planned.attributes = context.attributes.changed(draft, stored, planned.product["category_id"])
    context.sku_slugs.update({saved.sku: draft.slug for saved in planned.skus if saved.sku})
    return planned


def _require_prices(draft: ProductDraft, prices: UnitPrices) -> None:
    """Raise DraftRefused for prices that are invalid because the settings have changed since they were read."""
    try:
        for variant in draft.variants:
            for amount in (variant.price, variant.compare_at_price):
                if amount is not None:
                    prices.require(amount)
    except InvalidInput as error:
        raise DraftRefused(error.message) from error


def _with_free_skus(draft: ProductDraft, context: ImportContext) -> ProductDraft:
    """The draft with fallback SKUs where other products have its SKUs. Raises DraftRefused without a fallback."""
    variants = [_with_free_sku(variant, index, draft, context) for index, variant in enumerate(draft.variants)]
    given = [variant.sku for variant in variants if variant.sku]
    if len(set(given)) < len(given):
        raise DraftRefused("Two variants of the product have the same SKU.", field="sku")
    return replace(draft, variants=tuple(variants))


def _with_free_sku(variant: VariantDraft, index: int, draft: ProductDraft, context: ImportContext) -> VariantDraft:
    reason = context.refusal(variant.sku, draft) if variant.sku else None
    if reason is None:
        return variant
    if variant.fallback_sku is None or context.refusal(variant.fallback_sku, draft):
        raise DraftRefused(reason, index, field="taken_sku")
    return replace(variant, sku=variant.fallback_sku, is_generated=True)


def _category_of(draft: ProductDraft, stored: StoredProduct | None, context: ImportContext) -> UUID:
    """The category of this name; without a name, the product's present one."""
    present = stored.product.category_id if stored else None
    if present and "category" not in draft.provided:
        return present
    found = context.categories.find(_category_name(draft), present=present)
    if found is None:
        raise AssertionError(f"The category {draft.category!r} must have been created before.")
    return found


def _category_name(draft: ProductDraft) -> str:
    return draft.category or NO_CATEGORY


async def _write(tx: Tx, changes: Sequence[RowChanges]) -> None:
    created: list[Any] = [change.product for change in changes if change.is_new]
    new_variants: list[Any] = [row for change in changes for row in change.new_variants]
    await data.product.create_many(tx, created)
    await import_sql.update_products(tx, [change.product for change in changes if change.is_changed])
    await data.product_variant.create_many(tx, new_variants)
    await import_sql.update_variants(tx, [row for change in changes for row in change.changed_variants])
    await attribute_values.write(
        tx, {change.product["id"]: change.attributes for change in changes if change.attributes is not None}
    )


async def _emit(tx: Tx, changes: Sequence[RowChanges], currency: str) -> None:
    changed_ids: list[UUID] = []
    for change in changes:
        product_id, outcome = change.product["id"], change.saved.outcome
        if outcome is Outcome.CREATED:
            tx.emit(ProductCreated(product_id=product_id, slug=change.product["slug"]))
        elif outcome is Outcome.UPDATED:
            tx.emit(ProductUpdated(product_id=product_id, fields=[]))
            price_changes.emit(tx, product_id, currency, change.prices)
        else:
            continue
        changed_ids.append(product_id)
    if changed_ids:
        in_stock = {change.product["id"] for change in changes if change.is_in_stock}
        await index.reindex(tx, changed_ids, in_stock)
