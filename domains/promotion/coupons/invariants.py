"""Invariants of coupons over whole tables, for `commerce doctor`."""

from typing import Final

from domains.kernel.invariants import Invariant

WRITTEN_OUTSIDE: Final = "Uses were written outside the promotion domain."

INVARIANTS: Final = (
    Invariant(
        "The usage count of each coupon is the number of its uses",
        """
        select k.company_id, k.name, k.code, k.usage_count, count(u.id) as uses
        from coupons k
        left join coupon_usages u on u.company_id = k.company_id and u.coupon_id = k.id and u.released_at is null
        group by k.id having k.usage_count <> count(u.id) limit 20
        """,
        f"{WRITTEN_OUTSIDE} Set usage_count to `uses`.",
    ),
    Invariant(
        "No coupon is used more often than its limit",
        """
        select k.company_id, k.name, k.code, k.usage_limit, count(u.id) as uses
        from coupons k
        join coupon_usages u on u.company_id = k.company_id and u.coupon_id = k.id and u.released_at is null
        group by k.id having count(u.id) > k.usage_limit limit 20
        """,
        f"{WRITTEN_OUTSIDE} Raise the limit, or cancel the latest orders.",
    ),
    Invariant(
        "The usage count of each unique code is the number of its uses, within its limit",
        """
        select n.company_id, n.code, n.usage_count, n.usage_limit, count(u.id) as uses
        from coupon_codes n
        left join coupon_usages u on u.company_id = n.company_id and u.coupon_code_id = n.id and u.released_at is null
        group by n.id having n.usage_count <> count(u.id) or count(u.id) > n.usage_limit limit 20
        """,
        f"{WRITTEN_OUTSIDE} Set usage_count to `uses`; beyond the limit, cancel the latest orders.",
    ),
    Invariant(
        "A use of a coupon is by its own code",
        """
        select u.company_id, u.id, u.coupon_id, n.coupon_id as coupon_of_code
        from coupon_usages u join coupon_codes n on n.company_id = u.company_id and n.id = u.coupon_code_id
        where n.coupon_id <> u.coupon_id limit 20
        """,
        f"{WRITTEN_OUTSIDE} Set coupon_id to that of the code.",
    ),
    Invariant(
        "A code is that of one promotion, one coupon, or one unique code",
        """
        select company_id, code, count(*) as owners from (
          select company_id, code from promotions where code is not null
          union all
          select company_id, code from coupons where code is not null
          union all
          select company_id, code from coupon_codes
        ) codes group by company_id, code having count(*) > 1 limit 20
        """,
        "Codes were written outside the promotion domain. Change all of them but one.",
    ),
    Invariant(
        "A coupon has one code that its buyers share, or unique codes",
        """
        select k.company_id, k.name, k.code from coupons k
        where k.code is not null
          and exists (select from coupon_codes n where n.company_id = k.company_id and n.coupon_id = k.id) limit 20
        """,
        "Codes were written outside the promotion domain. Remove the shared code.",
    ),
)
