"""Redemptions: an order redeems promotions when it is created, and releases them when it ends.

The rows of the promotions are locked first, in the order of their ids; after that their uses cannot change.
"""

from collections.abc import Collection, Sequence
from uuid import UUID

from domains.kernel.clock import Clock
from domains.kernel.database import Tx
from domains.kernel.prisma.runtime import fetch_parts
from domains.promotion import sql
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
from domains.promotion.models import Promotion
from domains.promotion.rules import BuyerIdentity


class Redemptions:
    """The uses of promotions by orders."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def redeem(self, tx: Tx, promotion_ids: Sequence[UUID], *, order_id: UUID, buyer: BuyerIdentity) -> None:
        """Redeem each of these promotions once for an order that is already stored; all or none.

        What the transaction has yet to write is written with it: the fewer statements follow, the shorter the others
        wait for a promotion.

        They are locked in the order of their ids until the transaction ends, so that limits apply to concurrent
        orders. Uses with a confirmed and with an unconfirmed address are counted separately. Two
        statements, one without a limit per buyer, none for no promotion. Raises PromotionExhausted. Emits
        PromotionUsedUp for each promotion whose last use this is.
        """
        distinct_ids, now = sorted(set(promotion_ids)), self._clock.now()
        if not distinct_ids:
            return
        redeeming = sql.redeeming(tx, distinct_ids, order_id, buyer, now)
        (rows,) = await fetch_parts(tx, [redeeming], alongside=tx.take_unwritten())
        promotions = sql.redeemed(rows)
        if len(promotions) < len(distinct_ids):
            raise PromotionNotFound(field=())
        limited = [
            promotion.id
            for promotion in promotions
            if max_uses_per_buyer(promotion.type, promotion.max_usage_per_user) is not None
        ]
        uses = await sql.uses_of(tx, limited, buyer, now - COUNTING_PERIOD) if limited else {}
        for promotion in promotions:
            _require_remaining(promotion, *uses.get(promotion.id, (0, 0)), buyer)
            maximum = promotion.max_usage_count
            if promotion.current_usage_count + 1 == maximum:
                event = PromotionUsedUp(promotion_id=promotion.id, order_id=order_id, max_usage_count=maximum)
                tx.emit(event)

    async def release(self, tx: Tx, order_id: UUID) -> None:
        """Release the uses of an order. Idempotent. Three statements, one without any use."""
        ids = await sql.used_by(tx, order_id)
        if ids:
            await sql.lock(tx, ids)
            await sql.release(tx, order_id, ids)

    async def lock(self, tx: Tx, order_id: UUID) -> None:
        """Lock the promotions that an order uses until the transaction ends. Two statements."""
        await sql.lock(tx, await sql.used_by(tx, order_id))

    async def require_card(self, tx: Tx, order_id: UUID, paid_by_card: Collection[UUID]) -> None:
        """Raise CardUsedUp when a card pays too many orders that use the promotion for first orders of this one.

        `paid_by_card` are the orders that the card pays or has paid. Lock the promotions with `lock` before those
        orders are read. Two statements.
        """
        ids = await sql.used_by(tx, order_id)
        if await sql.uses_by_orders(tx, ids, set(paid_by_card) - {order_id}) >= MAX_PER_CARD:
            raise CardUsedUp


def _require_remaining(promotion: Promotion, uses: int, at_address: int, buyer: BuyerIdentity) -> None:
    """Raise PromotionExhausted unless the promotion, as before this use, had one left; counts include this use."""
    maximum = max_uses_per_buyer(promotion.type, promotion.max_usage_per_user)
    reason = None
    if not promotion.is_active:
        reason = "it was ended."
    elif promotion.max_usage_count is not None and promotion.current_usage_count >= promotion.max_usage_count:
        reason = "it has been used the maximum number of times."
    elif maximum is not None and uses > maximum:
        is_identified = buyer.user_id is not None or buyer.email_confirmed
        reason = "you have used it the maximum number of times." if is_identified else USED_WITH_EMAIL
    elif is_for_first_orders(promotion.type) and at_address > MAX_PER_ADDRESS:
        reason = USED_AT_ADDRESS
    if reason is not None:
        raise PromotionExhausted(promotion.id, promotion.name, reason)
