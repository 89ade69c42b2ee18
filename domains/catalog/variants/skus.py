"""SKUs: each belongs to one product or one variant of a company."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from domains.catalog import sql
from domains.catalog.errors import SkuTaken
from domains.catalog.policy import sees_drafts
from domains.kernel.actor import Actor
from domains.kernel.database import Reader, Tx
from domains.kernel.text.validation import normalize_key
from domains.kernel.validation import collect_errors

# The owners of SKUs, for joins by higher domains: $1 is the company, $2 the SKUs.
OWNERS_OF_SKUS: Final = sql.OWNERS_OF_SKUS


@dataclass(frozen=True, slots=True)
class SkuOwner:
    """The variant or product of a SKU, and whether it is tracked, sold, archived."""

    sku: str
    product_id: UUID
    variant_id: UUID | None
    is_tracked: bool
    is_sold: bool
    is_archived: bool

    @property
    def stock_key(self) -> tuple[UUID, UUID | None]:
        """The key of its stock: the product and the variant."""
        return (self.product_id, self.variant_id)

    @property
    def availability_key(self) -> tuple[UUID, UUID | None, bool]:
        """The key of its availability: that of its stock, and whether the stock is tracked."""
        return (self.product_id, self.variant_id, self.is_tracked)


async def lock(tx: Tx, skus: Collection[str]) -> None:
    """Lock SKUs in normal form until the transaction ends, before they are assigned.

    Comes before any lock of a row.
    """
    await sql.lock_skus(tx, set(skus))


async def require_free(db: Reader, skus: Mapping[str, Sequence[str]]) -> None:
    """Raise SkuTaken for each of these locked SKUs, given with its path, that a product or variant already has.

    One statement, none without SKUs, one more when any is taken.
    """
    taken = await Skus().owners(db, skus) if skus else []
    if not taken:
        return
    names = await describe_owners(db, taken)
    with collect_errors() as errors:
        for owner in taken:
            with errors:
                raise SkuTaken(owner.sku, names[owner.sku], field=skus[owner.sku])


async def describe_owners(db: Reader, owners: Collection[SkuOwner]) -> dict[str, str]:
    """Descriptions of the owners' products for messages, by SKU: slug, name, and whether it is archived.

    One statement, none without owners.
    """
    products = await sql.find_products(db, {owner.product_id for owner in owners}) if owners else ()
    titles = {product.id: f"product {product.slug!r} ({product.name})" for product in products}
    return {owner.sku: f"the {'archived ' * owner.is_archived}{titles[owner.product_id]}" for owner in owners}


class Skus:
    """Finds the owners of SKUs."""

    async def owners(self, db: Reader, skus: Collection[str]) -> list[SkuOwner]:
        """The owners of these SKUs; unused ones are omitted. One statement."""
        return [SkuOwner(**record) for record in await sql.sku_owners(db, skus)]

    async def find_visible(self, db: Reader, actor: Actor, sku: str) -> SkuOwner | None:
        """The owner of a SKU as far as the actor may see it, and it is not archived. One statement."""
        record = await sql.visible_sku_owner(db, normalize_key(sku), listed_only=not sees_drafts(actor))
        return SkuOwner(**record) if record else None

    async def of_products(self, db: Reader, product_ids: Collection[UUID]) -> list[SkuOwner]:
        """The SKUs of products: of their variants, or their own ("" when there is none). One statement."""
        return [SkuOwner(**record) for record in await sql.sku_owners_in(db, product_ids)]
