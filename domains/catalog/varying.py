"""Making, changing and deleting the variants of a product."""

from typing import Any
from uuid import UUID

from domains.catalog import data, inputs, queries, skus, variants, writing
from domains.catalog.errors import VariantInUse, VariantNotFound
from domains.catalog.models import NewVariant, Variant, VariantChanges
from domains.kernel.database import REFERRED_TO, Tx
from domains.kernel.errors import InvalidInput, NotAllowed
from domains.kernel.money import UnitPrices


async def create(tx: Tx, prices: UnitPrices, product_id: UUID, given: NewVariant) -> Variant:
    """Add a variant to a product; see CatalogService.create_variant."""
    await skus.claim(tx, [given.sku])
    product = await writing.locked(tx, product_id)
    if product.sku is not None:
        raise NotAllowed(
            f"The product is sold under its own SKU {product.sku!r}. Take that away before it gets variants.",
            path=("input", "productId"),
        )
    row = variants.new_row(given, product.name, product.base_price, prices, inputs.INPUT)
    siblings = await data.product_variant.find_many(tx, where={"product_id": product_id})
    if len(siblings) >= variants.MOST_VARIANTS:
        raise InvalidInput(f"A product has at most {variants.MOST_VARIANTS} variants.", path=("input", "productId"))
    variants.require_distinct([row["options"], *(s.options for s in siblings)], path=("input", "options"))
    await skus.require_free(tx, [row["sku"]])
    if given.display_order is None:
        row["display_order"] = max((s.display_order for s in siblings), default=-1) + 1
    await data.product_variant.create(tx, row | {"product_id": product_id})
    await writing.touched(tx, product_id, ["variants"])
    return await _found(tx, row["id"])


async def update(tx: Tx, prices: UnitPrices | None, variant_id: UUID, changes: VariantChanges) -> Variant:
    """Change a variant; see CatalogService.update_variant. `prices` is needed where one changes."""
    sku = changes.get("sku")
    await skus.claim(tx, [] if sku is None else [sku])
    product, variant = await _locked(tx, variant_id)
    values = inputs.cleaned(inputs.VARIANT, changes, prices=prices)
    if "price_modifier" in values:
        variants.require_price(product.base_price, values["price_modifier"], (*inputs.INPUT, "priceModifier"))
    if "options" in values:
        values |= _named(values)
        siblings = await data.product_variant.find_many(
            tx, where={"product_id": product.id, "id": {"not": variant_id}}
        )
        variants.require_distinct([values["options"], *(s.options for s in siblings)], path=("input", "options"))
    if values.get("sku", variant.sku) != variant.sku:
        await skus.require_free(tx, [values["sku"]])
    await data.product_variant.update(tx, id=variant_id, data=values)
    await writing.touched(tx, product.id, ["variants"])
    return await _found(tx, variant_id)


async def delete(tx: Tx, variant_id: UUID) -> UUID:
    """Delete a variant; see CatalogService.delete_variant."""
    await skus.claim(tx, [])
    product, _ = await _locked(tx, variant_id)
    try:
        await data.product_variant.delete(tx, id=variant_id)
    except REFERRED_TO as error:
        raise VariantInUse(error.table_name) from None
    await writing.touched(tx, product.id, ["variants"])
    return product.id


async def _locked(tx: Tx, variant_id: UUID) -> tuple[data.ProductRow, data.ProductVariantRow]:
    """A variant and its product, the product held: its lock covers its variants. Raises VariantNotFound."""
    variant = await queries.find_variant(tx, variant_id)
    if variant is None:
        raise VariantNotFound(variant_id)
    product = await writing.locked(tx, variant.product_id)
    row = await data.product_variant.find_unique(tx, id=variant_id)
    if row is None:
        raise VariantNotFound(variant_id)
    return product, row


def _named(values: dict[str, Any]) -> dict[str, Any]:
    """The colour and size that new options say, unless they are given beside them."""
    followed = variants.completed({"options": values["options"]}, fallback_name="-")
    return {name: values.get(name, followed[name]) for name in ("color", "size")}


async def _found(tx: Tx, variant_id: UUID) -> Variant:
    variant = await queries.find_variant(tx, variant_id)
    if variant is None:
        raise VariantNotFound(variant_id)
    return variant
