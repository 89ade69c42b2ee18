"""SKUs: each names one product or one variant of a company, never two."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from domains.catalog import queries
from domains.catalog.errors import SkuTaken
from domains.catalog.inputs import clean_sku
from domains.kernel.database import Reader, Tx

# Whose SKUs are, for the domains above to join with what they keep by SKU: $1 is the company, $2 the SKUs.
OWNERS_OF_SKUS: Final = queries.OWNERS_OF_SKUS


@dataclass(frozen=True, slots=True)
class SkuOwner:
    """What a SKU stands for, a variant or the product itself, and whether it is counted, sold, archived."""

    sku: str
    product_id: UUID
    variant_id: UUID | None
    is_tracked: bool
    is_sold: bool
    is_archived: bool


async def claim(tx: Tx, skus: Collection[str], *, path: Sequence[str] = ("input", "sku")) -> None:
    """Hold SKUs for a new owner until the transaction ends, against everybody else who wants one of them.

    Comes before any lock of a row. Raises SkuTaken when one is given twice, and what cleaning them raises.
    """
    seen: set[str] = set()
    for sku in (clean_sku(sku, path) for sku in skus):
        if sku in seen:
            raise SkuTaken(sku, path=path)
        seen.add(sku)
    await queries.lock_skus(tx, seen)


async def require_free(db: Reader, skus: Collection[str], *, path: Sequence[str] = ("input", "sku")) -> None:
    """Raise SkuTaken when one of these claimed SKUs already belongs to a product or variant."""
    for owner in await owners(db, skus) if skus else ():
        raise SkuTaken(owner.sku, path=path)


async def owners(db: Reader, skus: Collection[str]) -> list[SkuOwner]:
    """Whose these SKUs are; a SKU that nothing has is left out. One statement."""
    return [SkuOwner(**record) for record in await queries.sku_owners(db, skus)]


async def owners_in(db: Reader, product_ids: Collection[UUID]) -> list[SkuOwner]:
    """All SKUs of products. One statement."""
    return [SkuOwner(**record) for record in await queries.sku_owners_in(db, product_ids)]
