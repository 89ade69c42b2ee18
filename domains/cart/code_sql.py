"""SQL of the codes of carts. The company is always the first parameter."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.cart.models import MAX_CODES
from domains.kernel.database import Tx
from domains.kernel.prisma.statements import with_clause
from domains.kernel.values.money import Money

# $7 says whether the total that is shown becomes $8 in $9.
_ADD_CODE: Final = """
, cart as (
  update carts set updated_at = $4, expires_at = $5,
    quoted_total = case when $7 then $8 else quoted_total end,
    quoted_currency = case when $7 then $9 else quoted_currency end,
    quoted_due = case when $7 then null else quoted_due end
  where company_id = $1 and id = $2 and expires_at > $4
    and (select count(*) from cart_promotions where company_id = $1 and cart_id = $2) < $6
  returning id
)
insert into cart_promotions (company_id, cart_id, promotion_id, applied_at) select $1, id, $3, $4 from cart
on conflict do nothing
"""


async def add_code(
    tx: Tx, cart_id: UUID, promotion_id: UUID, now: datetime, expires_at: datetime, shown: Money | None
) -> bool:
    """Add a code to a cart, with a new expiry, and write the events so far, of which there is one. One statement.

    The total that is then `shown` to the buyer, if any, is stored. False if the cart is gone, has the code, or has
    too many codes. Concurrent calls can exceed the maximum by a few.
    """
    total = (shown is not None, shown and shown.amount, shown and shown.currency)
    args: list[Any] = [tx.company_id, cart_id, promotion_id, now, expires_at, MAX_CODES, *total]
    return await tx.execute(with_clause([tx.insertion_of_events()], args) + _ADD_CODE, *args) == 1
