"""Rules as they are stored: the type, and the conditions and actions in JSON."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from domains.promotion.data import PromotionRuleType
from domains.promotion.promotion_rules.models import (
    Bundle,
    BuyXGetY,
    Rule,
    Tier,
    UnitSelection,
    VolumeDiscount,
    VolumeScope,
)


def to_columns(rule: Rule) -> tuple[PromotionRuleType, dict[str, Any], dict[str, Any]]:
    """The type, the conditions and the actions of a rule."""
    rule_type, conditions, actions = _parts(rule)
    return rule_type, _without_nulls(conditions), _without_nulls(actions)


def _parts(rule: Rule) -> tuple[PromotionRuleType, dict[str, Any], dict[str, Any]]:
    match rule:
        case BuyXGetY():
            get = {**_units(rule.get), "percentage": _number(rule.percentage)}
            conditions: dict[str, Any] = {"buy": _units(rule.buy), "times_per_order": rule.times_per_order}
            return PromotionRuleType.BUY_X_GET_Y, conditions, {"get": get}
        case Bundle():
            conditions = {"items": [_units(item) for item in rule.items], "times_per_order": rule.times_per_order}
            actions = {"price": rule.price, "percentage": rule.percentage, "amount_off": rule.amount_off}
            return PromotionRuleType.BUNDLE, conditions, {key: _number(value) for key, value in actions.items()}
        case VolumeDiscount():
            tiers = [_tier(tier) for tier in rule.tiers]
            return PromotionRuleType.VOLUME_DISCOUNT, {"scope": rule.scope.value}, {"tiers": tiers}


def of_columns(rule_type: str, conditions: Mapping[str, Any], actions: Mapping[str, Any], priority: int) -> Rule:
    """The rule of these columns. Raises KeyError and ValueError for a row that was not written by `to_columns`."""
    match PromotionRuleType(rule_type):
        case PromotionRuleType.BUY_X_GET_Y:
            get = actions["get"]
            percentage, times = Decimal(get["percentage"]), conditions.get("times_per_order")
            return BuyXGetY(_selection(conditions["buy"]), _selection(get), percentage, times, priority=priority)
        case PromotionRuleType.BUNDLE:
            return Bundle(
                tuple(map(_selection, conditions["items"])),
                _decimal(actions, "price"),
                _decimal(actions, "percentage"),
                _decimal(actions, "amount_off"),
                conditions.get("times_per_order"),
                priority=priority,
            )
        case PromotionRuleType.VOLUME_DISCOUNT:
            tiers = tuple(
                Tier(
                    tier["from_quantity"],
                    _decimal(tier, "percentage"),
                    _decimal(tier, "amount_off_per_unit"),
                    _decimal(tier, "unit_price"),
                )
                for tier in actions["tiers"]
            )
            return VolumeDiscount(tiers, VolumeScope(conditions["scope"]), priority=priority)


def in_order(rows: Iterable[Sequence[Any]]) -> tuple[Rule, ...]:
    """The rules of rows (id, type, conditions, actions, priority): the highest priority first, then the lower id."""
    return tuple(of_columns(*row[1:]) for row in sorted(rows, key=lambda row: (-row[4], row[0])))


def _units(selection: UnitSelection) -> dict[str, Any]:
    ids = {
        "product_ids": selection.product_ids,
        "variant_ids": selection.variant_ids,
        "category_ids": selection.category_ids,
    }
    named = {key: sorted(map(str, values)) for key, values in ids.items() if values}
    return {"quantity": selection.quantity, **named}


def _selection(stored: Mapping[str, Any]) -> UnitSelection:
    keys = ("product_ids", "variant_ids", "category_ids")
    return UnitSelection(stored["quantity"], *(frozenset(map(UUID, stored.get(key, ()))) for key in keys))


def _tier(tier: Tier) -> dict[str, Any]:
    amounts = {
        "percentage": tier.percentage,
        "amount_off_per_unit": tier.amount_off_per_unit,
        "unit_price": tier.unit_price,
    }
    numbers = {key: _number(value) for key, value in amounts.items()}
    return _without_nulls({"from_quantity": tier.from_quantity, **numbers})


def _number(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _decimal(stored: Mapping[str, Any], key: str) -> Decimal | None:
    return Decimal(stored[key]) if key in stored else None


def _without_nulls(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
