"""Redemptions: an order redeems promotions and coupons when it is created, and releases them when it ends.

Their rows are locked first: the promotions, the coupons, then the unique codes, each in the order of their ids. After
that their uses cannot change.
"""

from collections.abc import Collection, Sequence
from uuid import UUID

from domains.kernel.clock import Clock
from domains.kernel.database import Tx
from domains.promotion import redemption_sql
from domains.promotion.coupons.errors import CouponExhausted, CouponNotFound
from domains.promotion.coupons.events import CouponUsedUp
from domains.promotion.coupons.models import Coupon, CouponCode
from domains.promotion.eligibility import (
    COUNTING_PERIOD,
    MAX_PER_ADDRESS,
    MAX_PER_CARD,
    USED_AT_ADDRESS,
    USED_WITH_EMAIL,
    is_for_first_orders,
    max_uses_per_buyer,
)
from domains.promotion.errors import CardUsedUp, PromotionExhausted, PromotionNotFound
from domains.promotion.events import PromotionUsedUp
from domains.promotion.models import Promotion, StoredStatus
from domains.promotion.redemption_sql import Locked
from domains.promotion.rules import BuyerIdentity, DiscountSource, Redemption

ENDED = "it was ended."
USED_UP = "it has been used the maximum number of times."
OWN_USES = "you have used it the maximum number of times."


class Redemptions:
    """The uses of promotions and coupons by orders."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def redeem(
        self, tx: Tx, redemptions: Sequence[Redemption], *, order_id: UUID, buyer: BuyerIdentity
    ) -> None:
        """Redeem each of these promotions and coupons once for an order that is already stored; all or none.

        What the transaction has yet to write is written with it: the fewer statements follow, the shorter the others
        wait for a promotion.

        They are locked until the transaction ends, so that limits apply to concurrent orders. Uses with a confirmed
        and with an unconfirmed address are counted separately. Two statements, one without a limit per buyer, none
        without redemptions. Raises PromotionExhausted, CouponExhausted, and for one that was deleted
        PromotionNotFound or CouponNotFound. Emits PromotionUsedUp and CouponUsedUp for each whose last use this is.
        """
        if not redemptions:
            return
        now = self._clock.now()
        locked = await redemption_sql.use(tx, redemptions, order_id, buyer, now)
        _require_found(redemptions, locked)
        promotions = [each.id for each in locked.promotions if _maximum(each) is not None]
        coupons = [each.id for each in locked.coupons if each.usage_limit_per_user is not None]
        uses = (
            await redemption_sql.uses_of_buyer(tx, promotions, coupons, buyer, now - COUNTING_PERIOD)
            if promotions or coupons
            else {}
        )
        codes = {code.coupon_id: code for code in locked.codes}
        for promotion in locked.promotions:
            _require_remaining(promotion, *uses.get(promotion.id, (0, 0)), buyer)
        for coupon in locked.coupons:
            _require_coupon(coupon, codes.get(coupon.id), uses.get(coupon.id, (0, 0))[0], buyer)
        _emit_used_up(tx, order_id, locked)

    async def release(self, tx: Tx, order_id: UUID) -> None:
        """Release the uses of an order. Idempotent. Three statements, one without any use."""
        used = await redemption_sql.used_by(tx, order_id)
        if used:
            await redemption_sql.lock(tx, used)
            await redemption_sql.release(tx, order_id, used)

    async def lock(self, tx: Tx, order_id: UUID) -> None:
        """Lock the promotions that an order uses until the transaction ends. Two statements."""
        await redemption_sql.lock(tx, await _promotions_of(tx, order_id))

    async def require_card(self, tx: Tx, order_id: UUID, paid_by_card: Collection[UUID]) -> None:
        """Raise CardUsedUp when a card pays too many orders that use the promotion for first orders of this one.

        `paid_by_card` are the orders that the card pays or has paid. Lock the promotions with `lock` before those
        orders are read. Two statements.
        """
        ids = [each.source_id for each in await _promotions_of(tx, order_id)]
        if await redemption_sql.uses_by_orders(tx, ids, set(paid_by_card) - {order_id}) >= MAX_PER_CARD:
            raise CardUsedUp


async def _promotions_of(tx: Tx, order_id: UUID) -> list[Redemption]:
    used = await redemption_sql.used_by(tx, order_id)
    return [each for each in used if each.source is DiscountSource.PROMOTION]


def _require_found(redemptions: Sequence[Redemption], locked: Locked) -> None:
    """Raise PromotionNotFound or CouponNotFound when one of them was deleted after the quote."""
    wanted = {each.source_id for each in redemptions if each.source is DiscountSource.PROMOTION}
    if len(locked.promotions) < len(wanted):
        raise PromotionNotFound(field=())
    coupons = {each.source_id for each in redemptions if each.source is DiscountSource.COUPON}
    codes = {each.code_id for each in redemptions if each.code_id is not None}
    if len(locked.coupons) < len(coupons) or len(locked.codes) < len(codes):
        raise CouponNotFound(field=())


def _maximum(promotion: Promotion) -> int | None:
    return max_uses_per_buyer(promotion.type, promotion.max_usage_per_user)


def _require_remaining(promotion: Promotion, uses: int, at_address: int, buyer: BuyerIdentity) -> None:
    """Raise PromotionExhausted unless the promotion, as before this use, had one left; counts include this use."""
    maximum = _maximum(promotion)
    reason = None
    if promotion.status != StoredStatus.ACTIVE:
        reason = ENDED
    elif promotion.max_usage_count is not None and promotion.current_usage_count >= promotion.max_usage_count:
        reason = USED_UP
    elif maximum is not None and uses > maximum:
        reason = _own_uses(buyer)
    elif is_for_first_orders(promotion.type) and at_address > MAX_PER_ADDRESS:
        reason = USED_AT_ADDRESS
    if reason is not None:
        raise PromotionExhausted(promotion.id, promotion.name, reason)


def _require_coupon(coupon: Coupon, code: CouponCode | None, uses: int, buyer: BuyerIdentity) -> None:
    """Raise CouponExhausted unless the coupon and its code, as before this use, had one left."""
    maximum = coupon.usage_limit_per_user
    reason = None
    if not coupon.is_active or (code is not None and not code.is_active):
        reason = ENDED
    elif (coupon.usage_limit is not None and coupon.usage_count >= coupon.usage_limit) or (
        code is not None and code.usage_count >= code.usage_limit
    ):
        reason = USED_UP
    elif maximum is not None and uses > maximum:
        reason = _own_uses(buyer)
    if reason is not None:
        raise CouponExhausted(coupon.id, coupon.name, reason)


def _own_uses(buyer: BuyerIdentity) -> str:
    return OWN_USES if buyer.user_id is not None or buyer.email_confirmed else USED_WITH_EMAIL


def _emit_used_up(tx: Tx, order_id: UUID, locked: Locked) -> None:
    for promotion in locked.promotions:
        maximum = promotion.max_usage_count
        if promotion.current_usage_count + 1 == maximum:
            tx.emit(PromotionUsedUp(promotion_id=promotion.id, order_id=order_id, max_usage_count=maximum))
    for coupon in locked.coupons:
        if coupon.usage_count + 1 == coupon.usage_limit:
            tx.emit(CouponUsedUp(coupon_id=coupon.id, order_id=order_id, usage_limit=coupon.usage_limit))
