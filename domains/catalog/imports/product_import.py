"""Saving many products at once: a fixed number of statements however many there are."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

from domains.catalog import data, sql
from domains.catalog.categories import attribute_values as answering
from domains.catalog.categories import names as category_names
from domains.catalog.categories.attribute_values import Answers
from domains.catalog.categories.names import CategoryNames
from domains.catalog.events import ProductCreated, ProductUpdated
from domains.catalog.imports import import_sql
from domains.catalog.imports.models import FormDraft, Outcome, ProductDraft, SavedProduct, Unfit
from domains.catalog.imports.rows import merged
from domains.catalog.imports.variants import Stored, Writes
from domains.catalog.search import index
from domains.catalog.variants import skus
from domains.catalog.variants.skus import SkuOwner
from domains.kernel.database import Tx
from domains.kernel.errors import InvalidInput
from domains.kernel.values.money import UnitPrices

NO_CATEGORY: Final = "Uncategorised"


@dataclass(slots=True)
class Ground:
    """What a batch of drafts meets: what is stored, whose SKUs are, and what earlier drafts of it have taken."""

    stored: Mapping[str, Stored]
    owners: Mapping[str, SkuOwner]
    names: Mapping[str, str]
    categories: CategoryNames
    answers: Answers
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


async def save_products(tx: Tx, prices: UnitPrices, drafts: Sequence[ProductDraft]) -> list[SavedProduct]:
    """Make the shop hold what the drafts say; see CatalogService.save_products."""
    ground = await _ground(tx, drafts)
    saved: list[SavedProduct] = []
    writes: list[Writes] = []
    for draft in drafts:
        try:
            wanted = _wanted(draft, ground, prices)
        except Unfit as reason:
            refused = SavedProduct(draft.slug, Outcome.REFUSED, reason=str(reason))
            saved.append(replace(refused, place=reason.place, field=reason.field))
            continue
        writes.append(wanted)
        saved.append(wanted.saved)
    await _write(tx, writes)
    await _tell(tx, saved)
    return saved


async def _ground(tx: Tx, drafts: Sequence[ProductDraft]) -> Ground:
    given = [sku for draft in drafts for form in draft.forms for sku in (form.sku, form.spare_sku) if sku]
    await sql.lock_skus(tx, given)
    stored = await _stored(tx, [draft.slug for draft in drafts])
    owners = {owner.sku: owner for owner in await skus.owners(tx, given)}
    own = {known.product.id for known in stored.values()}
    taken = await skus.named(tx, [owner for owner in owners.values() if owner.product_id not in own])
    names = [_category_name(draft) for draft in drafts if "category" in draft.given or draft.slug not in stored]
    categories = await category_names.named(tx, names)
    saying = [draft for draft in drafts if "attributes" in draft.given]
    answers = await Answers.stored(tx, [stored[draft.slug].product.id for draft in saying if draft.slug in stored])
    ground = Ground(stored, owners, taken, categories, answers)
    asked = {_category_of(draft, stored.get(draft.slug), ground) for draft in saying if draft.attributes}
    await answers.ask(tx, asked)
    return ground


async def _stored(tx: Tx, slugs: Collection[str]) -> dict[str, Stored]:
    products = await import_sql.hold_products(tx, slugs)
    ids = [product.id for product in products]
    order: list[Any] = [{"display_order": "asc"}, {"id": "asc"}]
    rows = await data.product_variant.find_many(tx, where={"product_id": {"in": ids}}, order_by=order) if ids else []
    variants: dict[UUID, list[data.ProductVariantRow]] = {}
    for row in rows:
        variants.setdefault(row.product_id, []).append(row)
    return {product.slug: Stored(product, variants.get(product.id, [])) for product in products}


def _wanted(draft: ProductDraft, ground: Ground, prices: UnitPrices) -> Writes:
    if draft.slug in ground.slugs:
        raise Unfit(f"The handle {draft.slug!r} is that of another product further up.")
    ground.slugs.add(draft.slug)
    _require_prices(draft, prices)
    stored = ground.stored.get(draft.slug)
    wanted = merged(_with_free_skus(draft, ground), stored, _category_of(draft, stored, ground), prices.currency)
    if "attributes" in draft.given:
        wanted.attributes = ground.answers.changed(draft, stored, wanted.product["category_id"])
    ground.claimed.update({saved.sku: draft.slug for saved in wanted.skus if saved.sku})
    return wanted


def _require_prices(draft: ProductDraft, prices: UnitPrices) -> None:
    """Raise Unfit for prices that were read by settings which have changed since."""
    try:
        for form in draft.forms:
            for amount in (form.price, form.compare_at_price):
                if amount is not None:
                    prices.require(amount)
    except InvalidInput as error:
        raise Unfit(error.message) from error


def _with_free_skus(draft: ProductDraft, ground: Ground) -> ProductDraft:
    """The draft with spare SKUs where others have those it gives. Raises Unfit where there is none."""
    forms = [_with_free_sku(form, place, draft, ground) for place, form in enumerate(draft.forms)]
    given = [form.sku for form in forms if form.sku]
    if len(set(given)) < len(given):
        raise Unfit("Two variants of the product have the same SKU.", field="sku")
    return replace(draft, forms=tuple(forms))


def _with_free_sku(form: FormDraft, place: int, draft: ProductDraft, ground: Ground) -> FormDraft:
    reason = ground.refusal(form.sku, draft) if form.sku else None
    if reason is None:
        return form
    if form.spare_sku is None or ground.refusal(form.spare_sku, draft):
        raise Unfit(reason, place, field="taken_sku")
    return replace(form, sku=form.spare_sku, is_made_up=True)


def _category_of(draft: ProductDraft, stored: Stored | None, ground: Ground) -> UUID:
    """The category of the draft's name; without one where the product is at present."""
    present = stored.product.category_id if stored else None
    if present and "category" not in draft.given:
        return present
    found = ground.categories.find(_category_name(draft), present=present)
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
    await answering.write(tx, {w.product["id"]: w.attributes for w in writes if w.attributes is not None})


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
        await index.reindex(tx, touched)
