"""SQL of the codes of carts. The company is always the first parameter."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.cart import data
from domains.cart.data import CartCouponRow, CartPromotionRow
from domains.cart.models import MAX_CODES
from domains.kernel.database import Tx
from domains.kernel.prisma.statements import with_clause
from domains.kernel.values.money import Money
from domains.promotion.rules import DiscountRule, DiscountSource

# $7 says whether the total that is shown becomes $8 in $9. Another code of a coupon replaces the one in the cart.
_CART: Final = """
, cart as (
  update carts set updated_at = $4, expires_at = $5,
    quoted_total = case when $7 then $8 else quoted_total end,
    quoted_currency = case when $7 then $9 else quoted_currency end,
    quoted_due = case when $7 then null else quoted_due end
  where company_id = $1 and id = $2 and expires_at > $4
    and (select count(*) from cart_promotions where company_id = $1 and cart_id = $2)
      + (select count(*) from cart_coupons where company_id = $1 and cart_id = $2 and coupon_id <> $3) < $6
  returning id
)
"""
_ADD_PROMOTION: Final = f"""{_CART}
insert into cart_promotions (company_id, cart_id, promotion_id, applied_at) select $1, id, $3, $4 from cart
on conflict do nothing
"""
_ADD_COUPON: Final = f"""{_CART}
insert into cart_coupons as k (company_id, cart_id, coupon_id, coupon_code_id, applied_at)
select $1, id, $3, $10, $4 from cart
on conflict (company_id, cart_id, coupon_id) do update set coupon_code_id = $10, applied_at = $4
where k.coupon_code_id is distinct from $10
"""


async def add_code(
    tx: Tx, cart_id: UUID, rule: DiscountRule, now: datetime, expires_at: datetime, shown: Money | None
) -> bool:
    """Add a code to a cart, with a new expiry, and write the events so far, of which there is one. One statement.

    The total that is then `shown` to the buyer, if any, is stored. False if the cart is gone, has the code, or has
    too many codes. Concurrent calls can exceed the maximum by a few.
    """
    total = (shown is not None, shown and shown.amount, shown and shown.currency)
    args: list[Any] = [tx.company_id, cart_id, rule.id, now, expires_at, MAX_CODES, *total]
    is_coupon = rule.source is DiscountSource.COUPON
    if is_coupon:
        args.append(rule.code_id)
    sql = _ADD_COUPON if is_coupon else _ADD_PROMOTION
    return await tx.execute(with_clause([tx.insertion_of_events()], args) + sql, *args) == 1


async def move(tx: Tx, source_id: UUID, target_id: UUID) -> int:
    """Move the codes of a cart to another, the first ones up to the maximum; the number of moved ones.

    The target keeps its own code of a coupon. Four statements at most.
    """
    both = [source_id, target_id]
    promotions = await data.cart_promotion.find_many(tx, where={"cart_id": {"in": both}})
    coupons = await data.cart_coupon.find_many(tx, where={"cart_id": {"in": both}})
    own_promotions = {row.promotion_id for row in promotions if row.cart_id == target_id}
    own_coupons = {row.coupon_id for row in coupons if row.cart_id == target_id}
    others: list[CartPromotionRow | CartCouponRow] = [
        *(row for row in promotions if row.promotion_id not in own_promotions),
        *(row for row in coupons if row.coupon_id not in own_coupons),
    ]
    free = MAX_CODES - len(own_promotions) - len(own_coupons)
    moved = sorted(others, key=lambda row: row.applied_at)[: max(0, free)]
    of_promotions: list[data.CartPromotionCreate] = [
        {"cart_id": target_id, "promotion_id": row.promotion_id} for row in moved if isinstance(row, CartPromotionRow)
    ]
    of_coupons: list[data.CartCouponCreate] = [
        {"cart_id": target_id, "coupon_id": row.coupon_id, "coupon_code_id": row.coupon_code_id}
        for row in moved
        if isinstance(row, CartCouponRow)
    ]
    await data.cart_promotion.create_many(tx, of_promotions)
    await data.cart_coupon.create_many(tx, of_coupons)
    return len(moved)
