"""SQL of the categories that coupons name. The company is always the first parameter."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from domains.kernel.database import Tx
from domains.promotion import data
from domains.promotion.coupons.models import Coupon

_LOCK: Final = f"""
    select {data.coupon.columns("k")} from coupons k
    where k.company_id = $1 and k.id in (
      select coupon_id from coupon_categories where company_id = $1 and category_id = $2)
    order by k.id for no key update
"""
_REMOVE: Final = """
    with removed as (
      delete from coupon_categories where company_id = $1 and category_id = $2 and coupon_id = any($3)
      returning coupon_id, is_excluded
    )
    update coupons k set targets_deleted = true, updated_at = $4
    where k.company_id = $1 and k.id in (select coupon_id from removed where not is_excluded)
      and not exists (select from coupon_products x
                      where x.company_id = $1 and x.coupon_id = k.id and not x.is_excluded)
      and not exists (select from coupon_categories x where x.company_id = $1 and x.coupon_id = k.id
                      and not x.is_excluded and x.category_id <> $2)
"""


async def lock_for_category(tx: Tx, category_id: UUID) -> list[Coupon]:
    """The coupons that name a category, locked in the order of ids until the transaction ends."""
    return [data.coupon.from_record(row) for row in await tx.fetch(_LOCK, tx.company_id, category_id)]


async def remove_category(tx: Tx, category_id: UUID, coupon_ids: Sequence[UUID]) -> None:
    """Remove a category from locked coupons, and mark those that applied to it alone."""
    await tx.execute(_REMOVE, tx.company_id, category_id, coupon_ids, tx.clock.now())
