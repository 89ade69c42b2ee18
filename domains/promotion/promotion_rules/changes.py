"""The rules of a promotion after a change: those that are given, those of the shorthand, or the stored ones; pure."""

from collections.abc import Sequence
from typing import Final

from domains.kernel.errors import NotApplicable, OutOfRange
from domains.kernel.text.validation import Required
from domains.kernel.validation import collect_errors
from domains.promotion.models import DiscountType, PromotionChanges
from domains.promotion.promotion_rules import parser
from domains.promotion.promotion_rules.models import RULE_TYPES, Rule, shorthand, simple

SHORTHAND: Final = ("buy_quantity", "get_quantity")


def rules_after(
    changes: PromotionChanges, discount_type: DiscountType | None, currency: str, current: Sequence[Rule] = ()
) -> tuple[Rule, ...]:
    """The rules of a promotion that then has this type of discount; `current` are stored.

    Raises, for all fields at once, Required, OutOfRange, NotApplicable and what `parser.parsed` raises.
    """
    if discount_type is None:
        return ()
    with collect_errors() as each:
        for name in SHORTHAND:
            with each:
                _require_applicable(changes, name, discount_type)
        with each:
            rules = _rules(changes, discount_type, currency, current)
    return rules


def _require_applicable(changes: PromotionChanges, name: str, discount_type: DiscountType) -> None:
    """Raise NotApplicable for a quantity of the shorthand that the type of discount or `rules` make pointless."""
    if changes.get(name) is None:
        return
    if discount_type is not DiscountType.BUY_X_GET_Y:
        raise NotApplicable(f"Only BUY_X_GET_Y has a `{name}`.", field=name)
    if changes.get("rules") is not None:
        raise NotApplicable(f"Give either `rules` or `{name}`.", field=name)


def _rules(
    changes: PromotionChanges, discount_type: DiscountType, currency: str, current: Sequence[Rule]
) -> tuple[Rule, ...]:
    given, kept = changes.get("rules"), tuple(rule for rule in current if RULE_TYPES[type(rule)] is discount_type)
    if discount_type not in parser.KEYS:
        if given:
            raise NotApplicable(f"{discount_type} has no `rules`.", field="rules")
        return ()
    if given is not None:
        return parser.parsed(given, discount_type, currency)
    if discount_type is DiscountType.BUY_X_GET_Y:
        return _of_shorthand(changes, kept)
    if not kept:
        raise Required(f"{discount_type} needs `rules`.", field="rules")
    return kept


def _of_shorthand(changes: PromotionChanges, kept: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """The rule of `buy_quantity` and `get_quantity`, of which one that is absent does not change."""
    if kept and not any(name in changes for name in SHORTHAND):
        return kept
    base = shorthand(kept)
    with collect_errors() as each:
        with each:
            stored = base.buy.quantity if base else None
            buy = _quantity(changes.get("buy_quantity", stored), "buy_quantity")
        with each:
            stored = base.get.quantity if base else None
            get = _quantity(changes.get("get_quantity", stored), "get_quantity")
    return (simple(buy, get, base.priority if base else 0),)


def _quantity(quantity: int | None, name: str) -> int:
    if quantity is None:
        raise Required(f"BUY_X_GET_Y needs `{name}`.", field=name)
    if not 1 <= quantity <= parser.MAX_UNITS:
        raise OutOfRange(f"`{name}` must be between 1 and {parser.MAX_UNITS}.", field=name)
    return quantity
