"""SQL of redemptions: locks, uses and counts of promotions, coupons and unique codes. The company comes first."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from typing import Final, Self
from uuid import UUID

from domains.kernel.database import Tx
from domains.kernel.ids import new_id
from domains.kernel.prisma.runtime import fetch_parts
from domains.kernel.prisma.statements import AFTER, Part, PartRows
from domains.promotion import data
from domains.promotion.coupons.models import Coupon, CouponCode
from domains.promotion.models import Promotion
from domains.promotion.rules import BuyerIdentity, DiscountSource, Redemption

_PROMOTIONS: Final = f"""
    locked_promotions as (
      select {data.promotion.columns("p")} from promotions p
      where p.company_id = $1 and p.id = any($2) and {AFTER} order by p.id for no key update
    )
"""
_COUPONS: Final = f"""
    locked_coupons as (
      select {data.coupon.columns("k")} from coupons k
      where k.company_id = $1 and k.id = any($2) and {AFTER} order by k.id for no key update
    )
"""
_CODES: Final = f"""
    locked_codes as (
      select {data.coupon_code.columns("n")} from coupon_codes n
      where n.company_id = $1 and n.id = any($2) and {AFTER} order by n.id for no key update
    )
"""
# The counts are computed from the locked rows and never exceed the limits; the caller checks the returned rows.
_USE_PROMOTIONS: Final = f"""{_PROMOTIONS}, used as (
      insert into promotion_uses (id, company_id, promotion_id, order_id, user_id, email, email_confirmed,
                                  address_key, discount_amount, currency, used_at)
      select w.id, $1, h.id, $5, $6, $7, $8, case when h.type = 'WELCOME' then $9 end, w.amount, h.currency, $10
      from unnest($3::uuid[], $2::uuid[], $4::numeric[]) as w (id, promotion_id, amount)
      join locked_promotions h on h.id = w.promotion_id
    ), counted as (
      update promotions p set current_usage_count = h.current_usage_count + 1, updated_at = $10
      from locked_promotions h where p.company_id = $1 and p.id = h.id
        and (h.max_usage_count is null or h.current_usage_count < h.max_usage_count)
    )
"""
_USE_COUPONS: Final = f"""{_COUPONS}, used_coupons as (
      insert into coupon_usages (id, company_id, coupon_id, coupon_code_id, order_id, user_id, email, email_confirmed,
                                 discount_amount, currency, used_at)
      select w.id, $1, h.id, w.code_id, $6, $7, $8, $9, w.amount, h.currency, $10
      from unnest($3::uuid[], $2::uuid[], $4::uuid[], $5::numeric[]) as w (id, coupon_id, code_id, amount)
      join locked_coupons h on h.id = w.coupon_id
    ), counted_coupons as (
      update coupons k set usage_count = h.usage_count + 1, updated_at = $10
      from locked_coupons h where k.company_id = $1 and k.id = h.id
        and (h.usage_limit is null or h.usage_count < h.usage_limit)
    )
"""
_USE_CODES: Final = f"""{_CODES}, counted_codes as (
      update coupon_codes n set usage_count = h.usage_count + 1
      from locked_codes h where n.company_id = $1 and n.id = h.id and h.usage_count < h.usage_limit
    )
"""
_USED_BY: Final = """
    select 'PROMOTION' as source, promotion_id as source_id, null::uuid as code_id, discount_amount
    from promotion_uses where company_id = $1 and order_id = $2 and released_at is null
    union all
    select 'COUPON', coupon_id, coupon_code_id, discount_amount
    from coupon_usages where company_id = $1 and order_id = $2 and released_at is null
"""
_USES_OF_BUYER: Final = """
    select promotion_id as source_id,
      count(*) filter (where user_id = $3 or (mailbox = $4 and email_confirmed = $5)) as own,
      count(*) filter (where address_key = any($6) and used_at > $7) as at_address
    from promotion_uses
    where company_id = $1 and promotion_id = any($2) and released_at is null
      and (user_id = $3 or mailbox = $4 or address_key = any($6))
    group by promotion_id
    union all
    select coupon_id, count(*), 0 from coupon_usages
    where company_id = $1 and coupon_id = any($8) and released_at is null
      and (user_id = $3 or (mailbox = $4 and email_confirmed = $5))
    group by coupon_id
"""
_RELEASE: Final = """
    with released as (
      update promotion_uses set released_at = $3
      where company_id = $1 and order_id = $2 and promotion_id = any($4) and released_at is null
      returning promotion_id
    ), released_coupons as (
      update coupon_usages set released_at = $3
      where company_id = $1 and order_id = $2 and coupon_id = any($5) and released_at is null
      returning coupon_id, coupon_code_id
    ), counted_coupons as (
      update coupons set usage_count = usage_count - 1, updated_at = $3
      where company_id = $1 and id in (select coupon_id from released_coupons)
    ), counted_codes as (
      update coupon_codes set usage_count = usage_count - 1
      where company_id = $1 and id in (select coupon_code_id from released_coupons)
    )
    update promotions set current_usage_count = current_usage_count - 1, updated_at = $3
    where company_id = $1 and id in (select promotion_id from released)
"""
_USES_BY_ORDERS: Final = """
    select coalesce(max(uses), 0) from (
      select count(*) as uses from promotion_uses u
      join promotions p on p.company_id = u.company_id and p.id = u.promotion_id and p.type = 'WELCOME'
      where u.company_id = $1 and u.promotion_id = any($2) and u.order_id = any($3) and u.released_at is null
      group by u.promotion_id) counted
"""


@dataclass(frozen=True, slots=True)
class Locked:
    """Locked promotions, coupons and unique codes, as they were before their uses, in the order of their ids."""

    promotions: Sequence[Promotion]
    coupons: Sequence[Coupon]
    codes: Sequence[CouponCode]

    @classmethod
    def of(cls, promotions: PartRows, coupons: PartRows, codes: PartRows) -> Self:
        """The rows of the three parts."""
        return cls(
            sorted(
                (data.promotion.from_record(row, promotions.start) for row in promotions.rows), key=attrgetter("id")
            ),
            sorted((data.coupon.from_record(row, coupons.start) for row in coupons.rows), key=attrgetter("id")),
            sorted((data.coupon_code.from_record(row, codes.start) for row in codes.rows), key=attrgetter("id")),
        )


async def use(
    tx: Tx, redemptions: Sequence[Redemption], order_id: UUID, buyer: BuyerIdentity, now: datetime
) -> Locked:
    """Lock, count and store a use of each, and write what the transaction has yet to write. One statement.

    Promotions are locked first, then coupons, then unique codes, each in the order of ids.
    """
    promotions = _sorted(redemptions, DiscountSource.PROMOTION)
    coupons = _sorted(redemptions, DiscountSource.COUPON)
    who = (order_id, buyer.user_id, buyer.email, buyer.email_confirmed)
    parts: dict[str, Part] = {}
    if promotions:
        rows = (_ids(promotions), [new_id() for _ in promotions], [each.amount for each in promotions])
        identity = (*who, next(iter(buyer.address_keys), None))
        of_promotions = (tx.company_id, *rows, *identity, now)
        parts["promotions"] = _part(_USE_PROMOTIONS, of_promotions, "locked_promotions", Promotion)
    if coupons:
        amounts = ([each.code_id for each in coupons], [each.amount for each in coupons])
        of_coupons = (tx.company_id, _ids(coupons), [new_id() for _ in coupons], *amounts, *who, now)
        parts["coupons"] = _part(_USE_COUPONS, of_coupons, "locked_coupons", Coupon)
    if code_ids := _codes(redemptions):
        parts["codes"] = _part(_USE_CODES, (tx.company_id, code_ids), "locked_codes", CouponCode)
    return await _fetch(tx, parts, alongside=True)


async def lock(tx: Tx, redemptions: Sequence[Redemption]) -> Locked:
    """Lock what was redeemed until the transaction ends, in the order of `use`. At most one statement."""
    parts = {}
    if promotions := _ids(_sorted(redemptions, DiscountSource.PROMOTION)):
        parts["promotions"] = _part(_PROMOTIONS, (tx.company_id, promotions), "locked_promotions", Promotion)
    if coupons := _ids(_sorted(redemptions, DiscountSource.COUPON)):
        parts["coupons"] = _part(_COUPONS, (tx.company_id, coupons), "locked_coupons", Coupon)
    if codes := _codes(redemptions):
        parts["codes"] = _part(_CODES, (tx.company_id, codes), "locked_codes", CouponCode)
    return await _fetch(tx, parts)


async def release(tx: Tx, order_id: UUID, redemptions: Sequence[Redemption]) -> None:
    """Release an order's uses of what is locked, and decrement the counts. One statement."""
    promotions = _ids(_sorted(redemptions, DiscountSource.PROMOTION))
    coupons = _ids(_sorted(redemptions, DiscountSource.COUPON))
    await tx.execute(_RELEASE, tx.company_id, order_id, tx.clock.now(), promotions, coupons)


async def used_by(tx: Tx, order_id: UUID) -> list[Redemption]:
    """What an order uses, without released uses. One statement."""
    return [
        Redemption(DiscountSource(row["source"]), row["source_id"], row["discount_amount"], row["code_id"])
        for row in await tx.fetch(_USED_BY, tx.company_id, order_id)
    ]


async def uses_of_buyer(
    tx: Tx, promotion_ids: Collection[UUID], coupon_ids: Collection[UUID], buyer: BuyerIdentity, since: datetime
) -> Mapping[UUID, tuple[int, int]]:
    """For each promotion and coupon, a buyer's uses, and the recent uses for the delivery address. One statement."""
    who = (buyer.user_id, buyer.mailbox, buyer.email_confirmed, list(buyer.address_keys), since)
    rows = await tx.fetch(_USES_OF_BUYER, tx.company_id, list(promotion_ids), *who, list(coupon_ids))
    return {row["source_id"]: (row["own"], row["at_address"]) for row in rows}


async def uses_by_orders(tx: Tx, ids: Collection[UUID], order_ids: Collection[UUID]) -> int:
    """The highest number of uses, by these orders, of one of these promotions for first orders."""
    highest: int = await tx.fetch_value(_USES_BY_ORDERS, tx.company_id, list(ids), list(order_ids))
    return highest


async def _fetch(tx: Tx, parts: Mapping[str, Part], *, alongside: bool = False) -> Locked:
    if not parts:
        return Locked((), (), ())
    written = tx.take_unwritten() if alongside else ()
    rows = dict(zip(parts, await fetch_parts(tx, list(parts.values()), alongside=written), strict=True))
    none = PartRows([], 0)
    return Locked.of(rows.get("promotions", none), rows.get("coupons", none), rows.get("codes", none))


def _part(text: str, values: Sequence[object], locked: str, row: type) -> Part:
    return Part(text, values, locked, f"{locked}.*", len(fields(row)), locks=locked)


def _sorted(redemptions: Iterable[Redemption], source: DiscountSource) -> list[Redemption]:
    """One redemption of each promotion, or of each coupon, in the order of ids."""
    found = {each.source_id: each for each in redemptions if each.source is source}
    return [found[source_id] for source_id in sorted(found)]


def _ids(redemptions: Iterable[Redemption]) -> list[UUID]:
    return [each.source_id for each in redemptions]


def _codes(redemptions: Iterable[Redemption]) -> list[UUID]:
    return sorted({each.code_id for each in redemptions if each.code_id is not None})
