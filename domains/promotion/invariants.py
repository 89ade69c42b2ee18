"""Invariants of promotions over whole tables, for `commerce doctor`."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from domains.kernel.errors import DomainError
from domains.kernel.invariants import Invariant, RowInvariant
from domains.kernel.text.stored_texts import TextColumns, normalized_texts
from domains.promotion.models import DiscountType
from domains.promotion.promotion_rules.parser import KEYS, parsed

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
    Invariant(
        "Promotions of a type of discount with rules have rules of this type, and others have none",
        """
        select p.company_id, p.name, p.code, p.discount_type, count(r.id) as rules
        from promotions p
        left join promotion_rules r on r.company_id = p.company_id and r.promotion_id = p.id
        group by p.id
        having case when p.discount_type::text in ('BUY_X_GET_Y', 'BUNDLE', 'VOLUME_DISCOUNT')
          then not bool_and(coalesce(r.rule_type::text = p.discount_type::text, false))
          else count(r.id) > 0 end
        limit 20
        """,
        "Rules were written outside the promotion domain. Update the promotion with its `rules`.",
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


def unreadable_rule(row: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The rule of a promotion, if it cannot be read or would be refused."""
    conditions, actions = orjson.loads(row["conditions"]), orjson.loads(row["actions"])
    percentage = {"percentage": actions["get"].pop("percentage", None)} if "get" in actions else {}
    rule_type = DiscountType(row["rule_type"])
    try:
        parsed([{KEYS[rule_type]: {**conditions, **actions, **percentage}}], rule_type, row["currency"])
    except DomainError as error:
        return {"company_id": row["company_id"], "promotion_id": row["promotion_id"], "error": str(error)}
    return None


ROW_INVARIANTS: Final = (
    normalized_texts("promotions", TEXTS),
    RowInvariant(
        "Every rule of a promotion can be read",
        "select r.company_id, promotion_id, rule_type, conditions::text, actions::text, p.currency "
        "from promotion_rules r join promotions p on p.company_id = r.company_id and p.id = promotion_id "
        "order by r.id",
        unreadable_rule,
        "A rule was written outside the promotion domain. Update the promotion with its `rules`.",
    ),
)
