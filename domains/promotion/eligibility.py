"""Whether a promotion applies to a buyer and a purchase now; pure. Each reason is a sentence for the buyer."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, TypeAlias
from uuid import UUID

from domains.kernel.values.money import round_half_up
from domains.promotion.models import PromotionType
from domains.promotion.rules import Buyer, DiscountRule, PricedLine
from domains.promotion.segments.conditions import Condition, Kind, Segment

NEEDS_CONFIRMED_EMAIL: Final = "Confirm your e-mail address to use it."
FOR_SELECTED: Final = "It is for selected customers."
USED_WITH_EMAIL: Final = "It was used with this e-mail address already. Confirm the address if it is yours."
USED_AT_ADDRESS: Final = "It was used for this delivery address the maximum number of times for now."
# Uses of one promotion for first orders. More than one, so that households and shared cards are not refused.
MAX_PER_ADDRESS: Final = 3
MAX_PER_CARD: Final = 2
COUNTING_PERIOD: Final = timedelta(days=90)  # older uses are not counted


def buyer_refusal(promotion: DiscountRule, buyer: Buyer, now: datetime) -> str | None:
    """The reason why this buyer cannot use it now, or None.

    NEEDS_CONFIRMED_EMAIL means that the buyer must confirm an e-mail address first.
    """
    return (
        _time_refusal(promotion, now)
        or _usage_refusal(promotion, buyer)
        or _history_refusal(promotion, buyer)
        or _segment_refusal(promotion, buyer, now)
    )


def is_in_segment(segment: Segment, buyer: Buyer, now: datetime) -> bool:
    """Whether a buyer is in a segment now. Orders are paid ones that were neither cancelled nor refunded in full.

    Of a buyer who is not identified no order is known: they have none.
    """
    known: dict[UUID, bool] = {}

    def contains(segment_id: UUID) -> bool:
        if segment_id not in known:
            known[segment_id] = holds(segment.conditions[segment_id], segment_id)
        return known[segment_id]

    def holds(condition: Condition, segment_id: UUID) -> bool:
        match condition.kind:
            case Kind.ALL:
                return all(holds(part, segment_id) for part in condition.parts)
            case Kind.ANY:
                return any(holds(part, segment_id) for part in condition.parts)
            case Kind.NOT:
                return not holds(condition.parts[0], segment_id)
            case Kind.IN_SEGMENT:
                return condition.segment_id is not None and contains(condition.segment_id)
            case Kind.IS_MEMBER:
                return segment_id in buyer.lists
            case _:
                return FACTS[condition.kind](buyer, condition.number, now)

    return contains(segment.id)


def purchase_refusal(
    promotion: DiscountRule, lines: Sequence[PricedLine], subtotal: Decimal, currency: str
) -> str | None:
    """The reason why it does not apply to these lines, or None. `subtotal` is before discounts, in `currency`."""
    return amount_refusal(promotion, subtotal, currency) or (
        None
        if any(map(promotion.covers, lines))
        else f"Nothing in the cart is part of this {promotion.source.value.lower()}."
    )


def amount_refusal(promotion: DiscountRule, subtotal: Decimal, currency: str) -> str | None:
    """The reason why it does not apply to a purchase of this amount, or None."""
    if promotion.currency != currency:
        return f"It is in {promotion.currency}, not in {currency}."
    minimum = promotion.min_purchase_amount
    if minimum is not None and subtotal < minimum:
        return f"It needs a purchase of at least {round_half_up(minimum, currency):f} {currency}."
    return None


def max_uses_per_buyer(type: PromotionType | None, max_usage_per_user: int | None) -> int | None:
    """The number of times that a buyer can use a promotion, None for no limit; once if it is for first orders."""
    return 1 if type is PromotionType.WELCOME else max_usage_per_user


def is_for_first_orders(type: PromotionType | None) -> bool:
    """Whether its uses are limited by delivery address and card."""
    return type is PromotionType.WELCOME


def identity_refusal(
    type: PromotionType | None, max_usage_per_user: int | None, unconfirmed: int, at_address: int
) -> str | None:
    """The reason why a promotion is used up for an unconfirmed e-mail address or a delivery address, or None.

    `unconfirmed` counts its uses with this address unconfirmed, `at_address` the recent uses for this delivery
    address.
    """
    maximum = max_uses_per_buyer(type, max_usage_per_user)
    if maximum is not None and unconfirmed >= maximum:
        return USED_WITH_EMAIL
    if is_for_first_orders(type) and at_address >= MAX_PER_ADDRESS:
        return USED_AT_ADDRESS
    return None


def _ordered_since(at: datetime | None, days: int, now: datetime) -> bool:
    return at is not None and at > now - timedelta(days=days)


Fact: TypeAlias = Callable[[Buyer, int, datetime], bool]
# The conditions on the buyer alone, with their number.
FACTS: Final[Mapping[Kind, Fact]] = {
    Kind.PAID_ORDERS_AT_LEAST: lambda buyer, count, _: buyer.paid_orders >= count,
    Kind.PAID_ORDERS_AT_MOST: lambda buyer, count, _: buyer.paid_orders <= count,
    Kind.LAST_ORDER_WITHIN_DAYS: lambda buyer, days, now: _ordered_since(buyer.last_paid_at, days, now),
    Kind.NO_ORDER_WITHIN_DAYS: lambda buyer, days, now: not _ordered_since(buyer.last_paid_at, days, now),
    Kind.FIRST_ORDER_WITHIN_DAYS: lambda buyer, days, now: _ordered_since(buyer.first_paid_at, days, now),
    Kind.IS_GUEST: lambda buyer, _, __: buyer.user_id is None,
    Kind.IS_CUSTOMER: lambda buyer, _, __: buyer.user_id is not None,
    Kind.HAS_CONFIRMED_EMAIL: lambda buyer, _, __: buyer.mailbox is not None,
}


def _time_refusal(promotion: DiscountRule, now: datetime) -> str | None:
    if not promotion.is_active:
        return "It is not active."
    if now < promotion.start_date:
        return "It has not begun yet."
    if promotion.end_date is not None and now >= promotion.end_date:
        return "It has ended."
    return None


def _usage_refusal(promotion: DiscountRule, buyer: Buyer) -> str | None:
    if promotion.max_usage_count is not None and promotion.current_usage_count >= promotion.max_usage_count:
        return "It has been used the maximum number of times."
    maximum = max_uses_per_buyer(promotion.type, promotion.max_usage_per_user)
    if maximum is not None and buyer.uses.get(promotion.id, 0) >= maximum:
        return "You have used it already." if maximum == 1 else f"You have used it {maximum} times already."
    return buyer.spent.get(promotion.id)


def _history_refusal(promotion: DiscountRule, buyer: Buyer) -> str | None:
    if promotion.type is PromotionType.WELCOME and buyer.paid_orders > buyer.unconfirmed_orders:
        return "It is for a first order."
    required = promotion.required_orders if promotion.type is PromotionType.LOYALTY else None
    if required is not None and buyer.paid_orders < required:
        if not buyer.is_known:
            return NEEDS_CONFIRMED_EMAIL
        return f"It is for customers with {required} paid order{'' if required == 1 else 's'} or more."
    return None


def _segment_refusal(promotion: DiscountRule, buyer: Buyer, now: datetime) -> str | None:
    segment = promotion.segment
    if segment is None or is_in_segment(segment, buyer, now):
        return None
    return FOR_SELECTED if buyer.is_known or not segment.depends_on_history else NEEDS_CONFIRMED_EMAIL
