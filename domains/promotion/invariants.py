"""Invariants of promotions over whole tables, for `commerce doctor`."""

from typing import Final

from domains.kernel.invariants import Invariant
from domains.kernel.text.stored_texts import TextColumns, normalized_texts

INVARIANTS: Final = (
    Invariant(
        "The usage count of each promotion is the number of its uses",
        """
        select p.company_id, p.name, p.code, p.current_usage_count, count(u.id) as uses
        from promotions p
        left join promotion_uses u on u.company_id = p.company_id and u.promotion_id = p.id and u.released_at is null
        group by p.id having p.current_usage_count <> count(u.id) limit 20
        """,
        "Uses were written outside the promotion domain. Set current_usage_count to `uses`.",
    ),
    Invariant(
        "No promotion is used more often than its maximum",
        """
        select p.company_id, p.name, p.code, p.max_usage_count, count(u.id) as uses
        from promotions p
        join promotion_uses u on u.company_id = p.company_id and u.promotion_id = p.id and u.released_at is null
        group by p.id having count(u.id) > p.max_usage_count limit 20
        """,
        "Uses were written outside the promotion domain. Raise the maximum, or cancel the latest orders.",
    ),
)
TEXTS: Final = (
    TextColumns(table="promotions", texts=("name", "description"), keys=("code",)),
    TextColumns(table="promotion_uses", keys=("email",)),
    TextColumns(table="customer_segments", texts=("name", "description")),
    TextColumns(table="coupons", texts=("name", "description"), keys=("code",)),
    TextColumns(table="coupon_codes", keys=("code",)),
    TextColumns(table="coupon_usages", keys=("email",)),
)
ROW_INVARIANTS: Final = (normalized_texts("promotions", TEXTS),)
