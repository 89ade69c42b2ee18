"""Codes of discounts: one code is that of one promotion, one coupon, or one unique code of a coupon in a company."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from domains.kernel.database import Tx

# The last number separates these keys from those of other advisory locks.
_LOCK: Final = "select pg_advisory_xact_lock(hashtextextended($1::uuid::text, 16))"
_TAKEN: Final = """
select code from promotions where company_id = $1 and code = any($2) and id is distinct from $3
union
select code from coupons where company_id = $1 and code = any($2) and id is distinct from $3
union
select code from coupon_codes where company_id = $1 and code = any($2)
"""


async def lock(tx: Tx) -> None:
    """Wait for other transactions that give codes in this company. Lock promotions and coupons before it."""
    await tx.execute(_LOCK, tx.company_id)


async def taken(tx: Tx, codes: Collection[str], *, owner_id: UUID | None = None) -> set[str]:
    """Those of these codes that exist, but not as that of the promotion or coupon `owner_id`. One statement."""
    return {row["code"] for row in await tx.fetch(_TAKEN, tx.company_id, list(codes), owner_id)}
