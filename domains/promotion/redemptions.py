"""Redemptions: promotions are claimed when an order is created, and released when it ends.

The rows of the promotions are locked first, in the order of their ids; the uses that are read then do not change.
"""

from collections.abc import Collection, Sequence
from uuid import UUID

from domains.kernel.clock import Clock
from domains.kernel.database import Tx
from domains.promotion import sql
from domains.promotion.basket import Claimant
from domains.promotion.eligibility import (
    COUNTED_FOR,
    MOST_PER_ADDRESS,
    MOST_PER_CARD,
    USED_AT_ADDRESS,
    USED_WITH_EMAIL,
    is_for_first_orders,
    most_per_buyer,
)
from domains.promotion.errors import CardUsedUp, PromotionExhausted, PromotionNotFound
from domains.promotion.models import Promotion


class Redemptions:
    """The uses of promotions by orders."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def claim(self, tx: Tx, promotion_ids: Sequence[UUID], *, order_id: UUID, who: Claimant) -> None:
        """Use each of these promotions once for an order that is written already; all or none.

        They are locked in the order of their ids until the transaction ends, so that limits hold for simultaneous
        orders. Uses count for a buyer who has proven that an address is theirs, or among those who have not. Two
        statements, one without a limit per buyer, none for no promotion. Raises PromotionExhausted.
        """
        wanted, now = sorted(set(promotion_ids)), self._clock.now()
        if not wanted:
            return
        held = await sql.claim(tx, wanted, order_id, who, now)
        if len(held) < len(wanted):
            raise PromotionNotFound(field=())
        limited = [each.id for each in held if most_per_buyer(each.type, each.max_usage_per_user) is not None]
        uses = await sql.uses_of(tx, limited, who, now - COUNTED_FOR) if limited else {}
        for promotion in held:
            _require_left(promotion, *uses.get(promotion.id, (0, 0)), who)

    async def give_back(self, tx: Tx, order_id: UUID) -> None:
        """Release the uses of an order; nothing happens the second time. Three statements, one without any use."""
        ids = await sql.used_by(tx, order_id)
        if ids:
            await sql.hold(tx, ids)
            await sql.give_back(tx, order_id, ids)

    async def hold(self, tx: Tx, order_id: UUID) -> None:
        """Lock the promotions that an order uses until the transaction ends. Two statements."""
        await sql.hold(tx, await sql.used_by(tx, order_id))

    async def require_card(self, tx: Tx, order_id: UUID, paid_by_card: Collection[UUID]) -> None:
        """Raise CardUsedUp when a card pays too many orders that use the promotion for first orders of this one.

        `paid_by_card` are the orders that the card pays or has paid. The promotions are locked (`hold`) before those
        orders are read. Two statements.
        """
        ids = await sql.used_by(tx, order_id)
        if await sql.uses_by_orders(tx, ids, set(paid_by_card) - {order_id}) >= MOST_PER_CARD:
            raise CardUsedUp


def _require_left(promotion: Promotion, uses: int, at_address: int, who: Claimant) -> None:
    """Raise PromotionExhausted unless a promotion, as it was before this use, had one left; counts have this one."""
    most = most_per_buyer(promotion.type, promotion.max_usage_per_user)
    reason = None
    if not promotion.is_active:
        reason = "it was ended."
    elif promotion.max_usage_count is not None and promotion.current_usage_count >= promotion.max_usage_count:
        reason = "it has been used as often as it could be."
    elif most is not None and uses > most:
        is_known = who.user_id is not None or who.email_confirmed
        reason = "you have used it as often as you may." if is_known else USED_WITH_EMAIL
    elif is_for_first_orders(promotion.type) and at_address > MOST_PER_ADDRESS:
        reason = USED_AT_ADDRESS
    if reason is not None:
        raise PromotionExhausted(promotion.id, promotion.name, reason)
