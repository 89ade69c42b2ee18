"""SKUs: each names one product or one variant of a company, never two."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from domains.catalog import sql
from domains.catalog.errors import SkuTaken
from domains.kernel.database import Reader, Tx
from domains.kernel.validation import collect_errors

# Whose SKUs are, for the domains above to join with what they keep by SKU: $1 is the company, $2 the SKUs.
OWNERS_OF_SKUS: Final = sql.OWNERS_OF_SKUS


@dataclass(frozen=True, slots=True)
class SkuOwner:
    """What a SKU stands for, a variant or the product itself, and whether it is counted, sold, archived."""

    sku: str
    product_id: UUID
    variant_id: UUID | None
    is_tracked: bool
    is_sold: bool
    is_archived: bool


async def claim(tx: Tx, skus: Collection[str]) -> None:
    """Hold SKUs, in their one spelling, for a new owner until the transaction ends, against all who want one of them.

    Comes before any lock of a row.
    """
    await sql.lock_skus(tx, set(skus))


async def require_free(db: Reader, skus: Mapping[str, Sequence[str]]) -> None:
    """Raise SkuTaken for each of these claimed SKUs, given with its path, that a product or variant already has.

    One statement, none without SKUs, one more when any is taken.
    """
    taken = await Skus().owners(db, skus) if skus else []
    if not taken:
        return
    names = await named(db, taken)
    with collect_errors() as errors:
        for owner in taken:
            with errors:
                raise SkuTaken(owner.sku, names[owner.sku], field=skus[owner.sku])


async def named(db: Reader, of: Collection[SkuOwner]) -> dict[str, str]:
    """The products of owners in words, by SKU: which one, by slug and name, and whether it is archived.

    One statement, none without owners.
    """
    products = await sql.find_products(db, {owner.product_id for owner in of}, listed_only=False) if of else ()
    titles = {product.id: f"product {product.slug!r} ({product.name})" for product in products}
    return {owner.sku: f"the {'archived ' * owner.is_archived}{titles[owner.product_id]}" for owner in of}


class Skus:
    """Finds what SKUs stand for."""

    async def owners(self, db: Reader, skus: Collection[str]) -> list[SkuOwner]:
        """Whose these SKUs are; a SKU that nothing has is left out. One statement."""
        return [SkuOwner(**record) for record in await sql.sku_owners(db, skus)]

    async def of_products(self, db: Reader, product_ids: Collection[UUID]) -> list[SkuOwner]:
        """What is sold of products: their variants, or themselves (then perhaps without a SKU: ""). One statement."""
        return [SkuOwner(**record) for record in await sql.sku_owners_in(db, product_ids)]
