"""Reads and writes the rules of promotions, which are replaced as a whole."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.promotion import data
from domains.promotion.promotion_rules.models import Rule
from domains.promotion.promotion_rules.stored import in_order, to_columns


class PromotionRules:
    """The rules of promotions."""

    async def of_promotions(self, db: Reader, promotion_ids: Collection[UUID]) -> dict[UUID, tuple[Rule, ...]]:
        """The rules of each of these promotions that has any, in the order in which they apply. One statement."""
        rows = await data.promotion_rule.find_many(db, where={"promotion_id": {"in": list(promotion_ids)}})
        columns: defaultdict[UUID, list[tuple[object, ...]]] = defaultdict(list)
        for row in rows:
            columns[row.promotion_id].append((row.id, row.rule_type, row.conditions, row.actions, row.priority))
        return {promotion_id: in_order(each) for promotion_id, each in columns.items()}

    async def write(self, tx: Tx, promotion_id: UUID, before: Sequence[Rule], rules: Sequence[Rule]) -> bool:
        """Replace the rules of a locked promotion; whether they differ. At most two statements, none if equal."""
        if tuple(before) == tuple(rules):
            return False
        if before:
            await data.promotion_rule.delete_many(tx, where={"promotion_id": promotion_id})
        if rules:
            await data.promotion_rule.create_many(tx, [_row(promotion_id, rule) for rule in rules])
        return True


def _row(promotion_id: UUID, rule: Rule) -> data.PromotionRuleCreate:
    rule_type, conditions, actions = to_columns(rule)
    return {
        "promotion_id": promotion_id,
        "rule_type": rule_type,
        "conditions": conditions,
        "actions": actions,
        "priority": rule.priority,
    }
