"""Saving many products at once: a fixed number of statements however many there are."""

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
from domains.catalog.imports.rows import merged
from domains.catalog.imports.variants import Stored, Writes
from domains.catalog.models import ExportedProduct, Variant
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
    """What a batch of drafts meets: what is stored, whose SKUs are, and what earlier drafts of it have taken."""

    stored: Mapping[str, Stored]
    owners: Mapping[str, SkuOwner]
    names: Mapping[str, str]
    categories: CategoryNames
    attributes: ImportedAttributes
    claimed: dict[str, str] = field(default_factory=dict)
    slugs: set[str] = field(default_factory=set)

    def refusal(self, sku: str, draft: ProductDraft) -> str | None:
        """Why a draft cannot have a SKU, or None."""
        if self.claimed.get(sku, draft.slug) != draft.slug:
            return f"The SKU {sku!r} is given to the product {self.claimed[sku]!r} further up already."
        owner, known = self.owners.get(sku), self.stored.get(draft.slug)
        if owner and (known is None or owner.product_id != known.product.id):
            return f"The SKU {sku!r} belongs to {self.names.get(sku, 'another product')}."
        return None


class Imports:
    """Saves the products of files, and reads products for files."""

    def __init__(self, unit_prices: UnitPriceRules) -> None:
        self._unit_prices = unit_prices

    async def save(self, tx: Tx, drafts: Sequence[ProductDraft]) -> list[SavedProduct]:
        """Make the shop hold what drafts of different slugs say, in the company's currency; one outcome a draft.

        Products are matched by slug (an archived one comes back), variants by SKU; what a draft does not name stays.
        Categories are found by their names, and made where there are none. A draft that does not go with what is
        stored is refused by itself. A fixed number of statements, however many drafts. Emits ProductCreated,
        ProductUpdated, CategoryChanged.
        """
        prices = await self._unit_prices.current(tx)
        context = await _context(tx, drafts)
        saved: list[SavedProduct] = []
        writes: list[Writes] = []
        for draft in drafts:
            try:
                wanted = _wanted(draft, context, prices)
            except DraftRefused as reason:
                refused = SavedProduct(draft.slug, Outcome.REFUSED, reason=str(reason))
                saved.append(replace(refused, place=reason.place, field=reason.field))
                continue
            writes.append(wanted)
            saved.append(wanted.saved)
        await _write(tx, writes)
        await _emit(tx, saved)
        return saved

    async def slugs_for(self, tx: Tx, wishes: Sequence[SlugRequest]) -> list[str]:
        """The slug of each product: that of the product which has its first known SKU, else the first free one.

        Two statements, one if all are known; more only if many products have the same name.
        """
        known = await sql.slugs_of_skus(tx, [sku for wish in wishes for sku in wish.skus])
        found = [next((known[sku] for sku in wish.skus if sku in known), None) for wish in wishes]
        taken: set[str] = {slug for slug in found if slug}
        bases = dict.fromkeys(wish.slug for wish, slug in zip(wishes, found, strict=True) if slug is None)
        tries = {base: slug_candidates(base) for base in bases}
        free = {base: next(tries[base]) for base in bases}
        if bases:
            taken |= await sql.taken_slugs(tx, "products", [slug for batch in free.values() for slug in batch])
        slugs: list[str] = []
        for wish, slug in zip(wishes, found, strict=True):
            chosen = slug
            while chosen is None:
                chosen = next((one for one in free[wish.slug] if one not in taken), None)
                if chosen is None:
                    free[wish.slug] = next(tries[wish.slug])
                    taken |= await sql.taken_slugs(tx, "products", free[wish.slug])
            taken.add(chosen)
            slugs.append(chosen)
        return slugs

    async def products_after(self, db: Reader, slug: str, *, take: int) -> list[ExportedProduct]:
        """The next products in the order of slugs, without archived ones. Two statements."""
        found = await import_sql.products_after(db, slug, take)
        variants: dict[UUID, list[Variant]] = {product.id: [] for product, _ in found}
        if found:
            for variant in await sql.find_variants(db, list(variants), active_only=False):
                variants[variant.product_id].append(variant)
        return [ExportedProduct(product, category, variants[product.id]) for product, category in found]


async def _context(tx: Tx, drafts: Sequence[ProductDraft]) -> ImportContext:
    given = [
        sku for draft in drafts for variant in draft.variants for sku in (variant.sku, variant.fallback_sku) if sku
    ]
    await sql.lock_skus(tx, given)
    stored = await _stored(tx, [draft.slug for draft in drafts])
    owners = {owner.sku: owner for owner in await Skus().owners(tx, given)}
    own = {known.product.id for known in stored.values()}
    taken = await skus.describe_owners(tx, [owner for owner in owners.values() if owner.product_id not in own])
    names = [_category_name(draft) for draft in drafts if "category" in draft.given or draft.slug not in stored]
    categories = await category_names.find_or_create(tx, names)
    saying = [draft for draft in drafts if "attributes" in draft.given]
    attributes = await ImportedAttributes.stored(
        tx, [stored[draft.slug].product.id for draft in saying if draft.slug in stored]
    )
    context = ImportContext(stored, owners, taken, categories, attributes)
    asked = {_category_of(draft, stored.get(draft.slug), context) for draft in saying if draft.attributes}
    await attributes.load_rules(tx, asked)
    return context


async def _stored(tx: Tx, slugs: Collection[str]) -> dict[str, Stored]:
    products = await import_sql.lock_products(tx, slugs)
    ids = [product.id for product in products]
    order: list[Any] = [{"display_order": "asc"}, {"id": "asc"}]
    rows = await data.product_variant.find_many(tx, where={"product_id": {"in": ids}}, order_by=order) if ids else []
    variants: dict[UUID, list[data.ProductVariantRow]] = {}
    for row in rows:
        variants.setdefault(row.product_id, []).append(row)
    return {product.slug: Stored(product, variants.get(product.id, [])) for product in products}


def _wanted(draft: ProductDraft, context: ImportContext, prices: UnitPrices) -> Writes:
    if draft.slug in context.slugs:
        raise DraftRefused(f"The handle {draft.slug!r} is that of another product further up.")
    context.slugs.add(draft.slug)
    _require_prices(draft, prices)
    stored = context.stored.get(draft.slug)
    wanted = merged(_with_free_skus(draft, context), stored, _category_of(draft, stored, context), prices.currency)
    if "attributes" in draft.given:
        wanted.attributes = context.attributes.changed(draft, stored, wanted.product["category_id"])
    context.claimed.update({saved.sku: draft.slug for saved in wanted.skus if saved.sku})
    return wanted


def _require_prices(draft: ProductDraft, prices: UnitPrices) -> None:
    """Raise DraftRefused for prices that were read by settings which have changed since."""
    try:
        for variant in draft.variants:
            for amount in (variant.price, variant.compare_at_price):
                if amount is not None:
                    prices.require(amount)
    except InvalidInput as error:
        raise DraftRefused(error.message) from error


def _with_free_skus(draft: ProductDraft, context: ImportContext) -> ProductDraft:
    """The draft with spare SKUs where others have those it gives. Raises DraftRefused where there is none."""
    variants = [_with_free_sku(variant, place, draft, context) for place, variant in enumerate(draft.variants)]
    given = [variant.sku for variant in variants if variant.sku]
    if len(set(given)) < len(given):
        raise DraftRefused("Two variants of the product have the same SKU.", field="sku")
    return replace(draft, variants=tuple(variants))


def _with_free_sku(variant: VariantDraft, place: int, draft: ProductDraft, context: ImportContext) -> VariantDraft:
    reason = context.refusal(variant.sku, draft) if variant.sku else None
    if reason is None:
        return variant
    if variant.fallback_sku is None or context.refusal(variant.fallback_sku, draft):
        raise DraftRefused(reason, place, field="taken_sku")
    return replace(variant, sku=variant.fallback_sku, is_generated=True)


def _category_of(draft: ProductDraft, stored: Stored | None, context: ImportContext) -> UUID:
    """The category of the draft's name; without one where the product is at present."""
    present = stored.product.category_id if stored else None
    if present and "category" not in draft.given:
        return present
    found = context.categories.find(_category_name(draft), present=present)
    if found is None:
        raise AssertionError(f"The category {draft.category!r} was made before.")
    return found


def _category_name(draft: ProductDraft) -> str:
    return draft.category or NO_CATEGORY


async def _write(tx: Tx, writes: Sequence[Writes]) -> None:
    created: list[Any] = [w.product for w in writes if w.is_new]
    new_variants: list[Any] = [row for w in writes for row in w.new_variants]
    await data.product.create_many(tx, created)
    await import_sql.update_products(tx, [w.product for w in writes if w.is_changed])
    await data.product_variant.create_many(tx, new_variants)
    await import_sql.update_variants(tx, [row for w in writes for row in w.changed_variants])
    await attribute_values.write(tx, {w.product["id"]: w.attributes for w in writes if w.attributes is not None})


async def _emit(tx: Tx, saved: Sequence[SavedProduct]) -> None:
    touched: list[UUID] = []
    for product in saved:
        if product.product_id and product.outcome is Outcome.CREATED:
            tx.emit(ProductCreated(product_id=product.product_id, slug=product.slug))
            touched.append(product.product_id)
        elif product.product_id and product.outcome is Outcome.UPDATED:
            tx.emit(ProductUpdated(product_id=product.product_id, fields=[]))
            touched.append(product.product_id)
    if touched:
        await index.reindex(tx, touched)
