"""SQL of coupons that may apply to carts. The company is always the first parameter."""

from collections.abc import Collection
from dataclasses import fields, replace
from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Reader
from domains.kernel.prisma.statements import Part, PartRows
from domains.promotion import data
from domains.promotion.coupons.models import Coupon, CouponKey
from domains.promotion.eligibility import identity_refusal
from domains.promotion.models import DiscountType
from domains.promotion.rules import Buyer, BuyerIdentity, DiscountRule, DiscountSource
from domains.promotion.segments import sql as segments
from domains.promotion.validation import is_code, normalized_code

WIDTH: Final = len(fields(Coupon))
_CODE_WIDTH: Final = 5
_TARGETS_WIDTH: Final = 4
RULE_WIDTH: Final = WIDTH + _CODE_WIDTH + _TARGETS_WIDTH + 1  # with segments
BUYER_WIDTH: Final = 2 + len(segments.HISTORY)


def _targets(table: str, column: str) -> str:
    """The arrays of the products or categories of a coupon, and of those that it does not apply to."""
    found = f"select {column} from {table} x where x.company_id = $1 and x.coupon_id = k.id and"
    return f"array({found} not x.is_excluded), array({found} x.is_excluded)"


def _candidates(source: str, columns: str = "") -> str:
    """The coupons of pairs of a coupon and a unique code."""
    return f"""coupon_candidates as (
      select {data.coupon.columns("k")}, n.id as code_id, n.code as unique_code, n.usage_count as code_uses,
        n.usage_limit as code_limit, n.is_active as code_is_active,
        {_targets("coupon_products", "product_id")}, {_targets("coupon_categories", "category_id")},
        {segments.conditions_of("k")}{columns}
      from {source} as c (coupon_id, coupon_code_id)
      join coupons k on k.company_id = $1 and k.id = c.coupon_id
      left join coupon_codes n on n.company_id = $1 and n.id = c.coupon_code_id and n.coupon_id = k.id
    )"""


# A source of codes without any.
NO_CODES: Final = "(select null::uuid as coupon_id, null::uuid as coupon_code_id where false) no_codes"
_PAIRS: Final = "unnest($2::uuid[], $3::uuid[])"
_OF_PAIRS: Final = _candidates(_PAIRS)
_OF_CODE: Final = _candidates("""(
        select coupon_id, coupon_code_id from {codes}
        union
        select id, null::uuid from coupons where company_id = $1 and code = $2
        union
        select coupon_id, id from coupon_codes where company_id = $1 and code = $2
      )""")
_COUPON_OF_CODE: Final = """
select id from coupons where company_id = $1 and code = $2
union
select coupon_id from coupon_codes where company_id = $1 and code = $2
"""
# Counts for the account $4, the confirmed mailbox $5, the unconfirmed mailbox $6.
_WITH_BUYER: Final = _candidates(
    _PAIRS,
    f""",
        (select count(*) from coupon_usages u where u.company_id = $1 and u.coupon_id = k.id
           and u.released_at is null and (u.user_id = $4 or (u.mailbox = $5 and u.email_confirmed))) as uses,
        (select count(*) from coupon_usages u where u.company_id = $1 and u.coupon_id = k.id
           and u.released_at is null and u.mailbox = $6 and not u.email_confirmed) as unconfirmed,
        {segments.history_of("k")}""",
)


async def coupons_of_code(db: Reader, text: str) -> list[UUID]:
    """The coupon that has this shared or unique code, if any. At most one statement."""
    code = normalized_code(text)
    if not is_code(code):
        return []
    return [row["id"] for row in await db.fetch(_COUPON_OF_CODE, db.company_id, code)]


def candidates(db: Reader, coupons: Collection[CouponKey]) -> Part:
    """The coupons of carts."""
    return Part(
        _OF_PAIRS, (db.company_id, *_columns(coupons)), "coupon_candidates", "coupon_candidates.*", RULE_WIDTH
    )


def candidates_of_code(db: Reader, codes: str, code: str | None) -> Part:
    """The coupons that a CTE of this name has in `coupon_id` and `coupon_code_id`, and that of a code."""
    text = _OF_CODE.replace("{codes}", codes)
    return Part(text, (db.company_id, code), "coupon_candidates", "coupon_candidates.*", RULE_WIDTH)


def candidates_with_buyer(db: Reader, coupons: Collection[CouponKey], buyer: BuyerIdentity) -> Part:
    """As `candidates`, with a buyer's uses of these coupons, and for segments their paid orders and lists."""
    who = (buyer.user_id, buyer.confirmed_mailbox, buyer.unconfirmed_mailbox)
    values = (db.company_id, *_columns(coupons), *who)
    return Part(_WITH_BUYER, values, "coupon_candidates", "coupon_candidates.*", RULE_WIDTH + BUYER_WIDTH)


def rules(rows: PartRows) -> list[DiscountRule]:
    """The rules of `candidates` and of `candidates_of_code`, in the order of the coupons' ids."""
    return sorted((_rule(row, rows.start) for row in rows.rows), key=lambda rule: rule.id)


def rules_and_buyer(rows: PartRows, buyer: Buyer) -> tuple[list[DiscountRule], Buyer]:
    """The rules of `candidates_with_buyer`, and the buyer with their uses of the coupons."""
    uses, spent = dict(buyer.uses), dict(buyer.spent)
    found: list[DiscountRule] = []
    for row in rows.rows:
        rule = _rule(row, rows.start)
        uses[rule.id], unconfirmed, *history = row[rows.start + RULE_WIDTH : rows.start + RULE_WIDTH + BUYER_WIDTH]
        if rule.segment is not None:
            buyer = replace(buyer, **segments.history(history))
        reason = identity_refusal(None, rule.max_usage_per_user, unconfirmed, 0)
        if reason is not None:
            spent[rule.id] = reason
        found.append(rule)
    return sorted(found, key=lambda rule: rule.id), replace(buyer, uses=uses, spent=spent)


def _columns(coupons: Collection[CouponKey]) -> tuple[list[Any], list[Any]]:
    return [coupon_id for coupon_id, _ in coupons], [code_id for _, code_id in coupons]


def _rule(record: Any, start: int) -> DiscountRule:
    """The rule of a coupon by its shared code or by a unique one; of both limits the one that is reached first."""
    coupon = data.coupon.from_record(record, start)
    code_id, unique, code_uses, code_limit, code_is_active = record[start + WIDTH : start + WIDTH + _CODE_WIDTH]
    *targets, conditions = record[start + WIDTH + _CODE_WIDTH : start + RULE_WIDTH]
    products, excluded_products, categories, excluded_categories = map(frozenset, targets)
    code = coupon.code if code_id is None else unique
    limit, uses = coupon.usage_limit, coupon.usage_count
    if code_id is not None and (limit is None or code_limit - code_uses < limit - uses):
        limit, uses = code_limit, code_uses
    is_active = coupon.is_active and not coupon.targets_deleted and code is not None
    return DiscountRule(
        source=DiscountSource.COUPON,
        id=coupon.id,
        name=coupon.name,
        discount_type=DiscountType(coupon.type),
        currency=coupon.currency,
        start_date=coupon.starts_at,
        end_date=coupon.ends_at,
        code=code,
        code_id=code_id,
        discount_value=coupon.discount_value,
        priority=coupon.priority,
        is_exclusive=coupon.is_exclusive,
        is_active=is_active and code_is_active is not False,
        min_purchase_amount=coupon.minimum_amount,
        max_usage_count=limit,
        current_usage_count=uses,
        max_usage_per_user=coupon.usage_limit_per_user,
        maximum_discount=coupon.maximum_discount,
        product_ids=products,
        excluded_product_ids=excluded_products,
        category_ids=categories,
        excluded_category_ids=excluded_categories,
        segment=segments.segment_of(coupon.segment_id, conditions),
    )
