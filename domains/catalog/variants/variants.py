"""Variants of products: creation, changes and deletion."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from uuid import UUID

from domains.catalog import data, sql, validation
from domains.catalog.documents.reader import ProductReader
from domains.catalog.errors import SkuOnProduct, VariantInUse, VariantNotFound
from domains.catalog.models import NewVariant, Variant, VariantChanges
from domains.catalog.policy import sees_drafts
from domains.catalog.products import price_changes, product_commands
from domains.catalog.products.unit_prices import UnitPriceRules
from domains.catalog.variants import options, skus
from domains.kernel.actor import Actor
from domains.kernel.database import Reader, Tx
from domains.kernel.errors import TooMany
from domains.kernel.ids import new_id
from domains.kernel.transactions.retries import REFERENCE_ERRORS
from domains.kernel.validation import collect_errors

PRODUCT_FIELD = ("product_id",)
SKU_FIELD = ("sku",)
OPTIONS_FIELD = ("options",)
MODIFIER_FIELD = ("price_modifier",)


class Variants:
    """Finds, creates, updates and deletes the variants of products."""

    def __init__(self, unit_prices: UnitPriceRules, reader: ProductReader) -> None:
        self._unit_prices = unit_prices
        self._reader = reader

    async def of_products(self, db: Reader, actor: Actor, product_ids: Collection[UUID]) -> list[Variant]:
        """The variants of products in display order; customers get active ones only. One statement."""
        found = await self._reader.find_many(db, product_ids, with_drafts=sees_drafts(actor), listed_only=False)
        return [variant for product in found for variant in product.variants]

    async def find_many(self, db: Reader, actor: Actor, ids: Collection[UUID]) -> list[Variant]:
        """The variants with these ids, in no order; customers get active ones only. One statement."""
        return await self._reader.find_variants(db, ids, with_drafts=sees_drafts(actor))

    async def create(self, tx: Tx, product_id: UUID, given: NewVariant) -> Variant:
        """Add a variant to a product.

        Raises ProductNotFound, and of all fields at once SkuOnProduct (the product has an SKU of its own), SkuTaken,
        OptionsTaken, PriceBelowZero; before these what `validation.normalize_fields` raises, and TooMany for one
        variant too many. Emits ProductUpdated.
        """
        prices = await self._unit_prices.current(tx)
        values = options.new_values(given, prices, validation.ROOT)
        await skus.lock(tx, [values["sku"]])
        product = await product_commands.lock(tx, product_id, field=PRODUCT_FIELD)
        siblings = await data.product_variant.find_many(tx, where={"product_id": product_id})
        row: data.ProductVariantCreate = {
            "display_order": _last_order(siblings) + 1,
            **values,
            **options.complete_columns(values, fallback_name=product.name),
            "id": new_id(),
            "product_id": product_id,
            "is_tracked": given.is_tracked and not product.is_gift_card,
        }
        with collect_errors() as errors:
            with errors:
                _require_addable(product, siblings)
            with errors:
                await skus.require_free(tx, {row["sku"]: SKU_FIELD})
            with errors:
                options.require_distinct([row["options"], *(s.options for s in siblings)], field=OPTIONS_FIELD)
            with errors:
                options.require_price(product.base_price, row["price_modifier"], MODIFIER_FIELD)
        await data.product_variant.create(tx, row)
        await product_commands.record_change(tx, product_id, ["variants"])
        return await _reload(tx, row["id"])

    async def update(self, tx: Tx, variant_id: UUID, changes: VariantChanges) -> Variant:
        """Change a variant. Raises VariantNotFound, and as `create_variant`. Emits ProductUpdated, PriceChanged."""
        prices = await self._unit_prices.for_changes(tx, changes)
        values = validation.normalize_fields(
            data.ProductVariantUpdate, validation.VARIANT_INPUT, changes, prices=prices
        )
        await skus.lock(tx, [values["sku"]] if "sku" in values else [])
        product, variant = await _lock(tx, variant_id)
        with collect_errors() as errors:
            with errors:
                product_commands.require_trackable(product, is_tracked=bool(values.get("is_tracked")))
            with errors:
                if values.get("sku", variant.sku) != variant.sku:
                    await skus.require_free(tx, {values["sku"]: SKU_FIELD})
            with errors:
                if "options" in values:
                    derived = options.complete_columns({"options": values["options"]}, fallback_name="-")
                    values = {"color": derived["color"], "size": derived["size"], **values}
                    others: data.ProductVariantWhere = {"product_id": product.id, "id": {"not": variant_id}}
                    siblings = await data.product_variant.find_many(tx, where=others)
                    options.require_distinct([values["options"], *(s.options for s in siblings)], field=OPTIONS_FIELD)
            with errors:
                modifier = values.get("price_modifier")
                if isinstance(modifier, Decimal):
                    options.require_price(product.base_price, modifier, MODIFIER_FIELD)
        updated = await data.product_variant.update(tx, id=variant_id, data=values)
        await product_commands.record_change(tx, product.id, ["variants"])
        before, after = (price_changes.unit_prices(product, [row]) for row in (variant, updated))
        price_changes.emit(tx, product.id, product.currency, price_changes.changes(before, after))
        return await _reload(tx, variant_id)

    async def delete(self, tx: Tx, variant_id: UUID) -> UUID:
        """Delete a variant that was never stocked or sold; its product's id.

        Raises VariantNotFound, VariantInUse. Emits ProductUpdated.
        """
        await skus.lock(tx, [])
        product, _ = await _lock(tx, variant_id)
        try:
            await data.product_variant.delete(tx, id=variant_id)
        except REFERENCE_ERRORS as error:
            raise VariantInUse(error.table_name) from None
        await product_commands.record_change(tx, product.id, ["variants"])
        return product.id


def _require_addable(product: data.ProductRow, siblings: Sequence[data.ProductVariantRow]) -> None:
    """Raise SkuOnProduct for a product with an SKU of its own, TooMany for one with the maximum of variants."""
    if product.sku is not None:
        raise SkuOnProduct(f"Remove its SKU {product.sku!r} first.", field=PRODUCT_FIELD)
    if len(siblings) >= options.MAX_VARIANTS:
        raise TooMany(f"A product has at most {options.MAX_VARIANTS} variants.", field=PRODUCT_FIELD)


def _last_order(siblings: Sequence[data.ProductVariantRow]) -> int:
    return max((sibling.display_order for sibling in siblings), default=-1)


async def _lock(tx: Tx, variant_id: UUID) -> tuple[data.ProductRow, data.ProductVariantRow]:
    """A variant and its product; the product is locked, which covers its variants. Raises VariantNotFound."""
    variant = await sql.find_variant(tx, variant_id)
    if variant is None:
        raise VariantNotFound(variant_id)
    product = await product_commands.lock(tx, variant.product_id)
    row = await data.product_variant.find_unique(tx, id=variant_id)
    if row is None:
        raise VariantNotFound(variant_id)
    return product, row


async def _reload(tx: Tx, variant_id: UUID) -> Variant:
    variant = await sql.find_variant(tx, variant_id)
    if variant is None:
        raise VariantNotFound(variant_id)
    return variant
