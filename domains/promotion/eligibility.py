"""Whether a promotion applies to a buyer and a purchase now; pure. Each reason is a sentence for the buyer."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from domains.kernel.values.money import round_half_up
from domains.promotion.basket import Buyer, PricedLine, PromotionTerms
from domains.promotion.models import PromotionType

NEEDS_CONFIRMED_EMAIL: Final = "It needs your confirmed e-mail address."
USED_WITH_EMAIL: Final = "It was used with this e-mail address already. Confirm the address to use what is yours."
USED_AT_ADDRESS: Final = "It was used for this delivery address as often as it may be for now."
# Uses of one promotion for first orders. More than one, so that households and shared cards are not refused.
MOST_PER_ADDRESS: Final = 3
MOST_PER_CARD: Final = 2
COUNTED_FOR: Final = timedelta(days=90)  # older uses are not counted


def reason_against(promotion: PromotionTerms, buyer: Buyer, now: datetime) -> str | None:
    """Why this buyer cannot use it now, or None.

    NEEDS_CONFIRMED_EMAIL means that it depends on an address that the buyer has not confirmed yet.
    """
    return _reason_of_time(promotion, now) or _reason_of_use(promotion, buyer) or _reason_of_past(promotion, buyer)


def reason_against_purchase(
    promotion: PromotionTerms, lines: Sequence[PricedLine], subtotal: Decimal, currency: str
) -> str | None:
    """Why it does not apply to these lines, or None. `subtotal` is theirs before discounts, in `currency`."""
    return reason_against_amount(promotion, subtotal, currency) or (
        None if any(map(promotion.covers, lines)) else "Nothing in the cart is part of this promotion."
    )


def reason_against_amount(promotion: PromotionTerms, subtotal: Decimal, currency: str) -> str | None:
    """Why it does not apply to a purchase of this much, or None."""
    if promotion.currency != currency:
        return f"It is in {promotion.currency}, not in {currency}."
    least = promotion.min_purchase_amount
    if least is not None and subtotal < least:
        return f"It needs a purchase of at least {round_half_up(least, currency):f} {currency}."
    return None


def most_per_buyer(type: PromotionType, max_usage_per_user: int | None) -> int | None:
    """How often one buyer may use a promotion, None without a limit; a first order is one order."""
    return 1 if type is PromotionType.WELCOME else max_usage_per_user


def is_for_first_orders(type: PromotionType) -> bool:
    """Whether its uses are limited by delivery address and card."""
    return type is PromotionType.WELCOME


def reason_of_claim(type: PromotionType, max_usage_per_user: int | None, typed: int, at_address: int) -> str | None:
    """Why a promotion is used up for an unconfirmed e-mail address or for a delivery address, or None.

    `typed` are its uses with this address by others who had not proven it, `at_address` those sent there of late.
    """
    most = most_per_buyer(type, max_usage_per_user)
    if most is not None and typed >= most:
        return USED_WITH_EMAIL
    if is_for_first_orders(type) and at_address >= MOST_PER_ADDRESS:
        return USED_AT_ADDRESS
    return None


def _reason_of_time(promotion: PromotionTerms, now: datetime) -> str | None:
    if not promotion.is_active:
        return "It is not active."
    if now < promotion.start_date:
        return "It has not begun yet."
    if promotion.end_date is not None and now >= promotion.end_date:
        return "It has ended."
    return None


def _reason_of_use(promotion: PromotionTerms, buyer: Buyer) -> str | None:
    if promotion.max_usage_count is not None and promotion.current_usage_count >= promotion.max_usage_count:
        return "It has been used as often as it could be."
    most = most_per_buyer(promotion.type, promotion.max_usage_per_user)
    if most is not None and buyer.uses.get(promotion.id, 0) >= most:
        return "You have used it already." if most == 1 else f"You have used it {most} times already."
    return buyer.spent.get(promotion.id)


def _reason_of_past(promotion: PromotionTerms, buyer: Buyer) -> str | None:
    if promotion.type is PromotionType.WELCOME and buyer.paid_orders > buyer.unconfirmed_orders:
        return "It is for a first order."
    needed = promotion.required_orders if promotion.type is PromotionType.LOYALTY else None
    if needed is not None and buyer.paid_orders < needed:
        if not buyer.is_known:
            return NEEDS_CONFIRMED_EMAIL
        return f"It is for customers with {needed} paid order{'' if needed == 1 else 's'} or more."
    return None
