"""The coupons of the demo: one that buyers share, and a campaign in which each letter has a code of its own."""

from datetime import timedelta
from decimal import Decimal
from typing import Final

from domains.kernel.database import Tx
from domains.promotion.coupons.models import CouponType, NewCoupon
from domains.promotion.service import PromotionService

SHARED_CODE: Final = "MARKET8"
CAMPAIGN: Final = "Letters from the quay"
LETTERS: Final = 250
PREFIX: Final = "QUAY"
VALID: Final = timedelta(days=60)


async def add_coupons(promotion: PromotionService, tx: Tx) -> None:
    """Create the coupons, and the codes of the campaign."""
    shared: NewCoupon = {
        "name": "Market stall",
        "description": "8 % off, at most 12.00, once for each customer.",
        "code": SHARED_CODE,
        "type": CouponType.PERCENTAGE,
        "discount_value": Decimal(8),
        "maximum_discount": Decimal("12.00"),
        "usage_limit_per_user": 1,
    }
    campaign: NewCoupon = {
        "name": CAMPAIGN,
        "description": "6.00 off from 30.00 on, with the code in the letter.",
        "type": CouponType.FIXED_AMOUNT,
        "discount_value": Decimal("6.00"),
        "minimum_amount": Decimal("30.00"),
        "ends_at": tx.clock.now() + VALID,
    }
    await promotion.coupons.create(tx, shared)
    letters = await promotion.coupons.create(tx, campaign)
    await promotion.coupons.codes.generate(tx, letters.id, LETTERS, prefix=PREFIX)
