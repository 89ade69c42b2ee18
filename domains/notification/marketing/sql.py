"""SQL of marketing notifications; the company is always its first parameter."""

from datetime import datetime
from typing import Final
from uuid import UUID

from domains.kernel.database import Tx

# The last number separates this key from those of other advisory locks.
_LOCK_CART: Final = "select pg_advisory_xact_lock(hashtextextended($1::uuid::text || $2::uuid::text, 24))"
_IS_REMINDED: Final = """
select exists (
    select from notifications
    where company_id = $1 and (user_id = $2 or recipient = $3) and kind = 'ABANDONED_CART' and created_at > $5
      and metadata ->> 'cart_id' = $4::uuid::text)
"""


async def lock_cart(tx: Tx, cart_id: UUID) -> None:
    """Lock the reminders of a cart until the transaction ends. One statement."""
    await tx.execute(_LOCK_CART, tx.company_id, cart_id)


async def is_reminded(tx: Tx, cart_id: UUID, user_id: UUID | None, email: str, *, since: datetime) -> bool:
    """Whether reminders of a cart were created for its buyer after a time. One statement."""
    found: bool = await tx.fetch_value(_IS_REMINDED, tx.company_id, user_id, email, cart_id, since)
    return found
