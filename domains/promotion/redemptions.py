"""Using promotions up: claimed when an order is made, given back when it ends; exact however many come at once.

Whoever claims or gives back holds the rows of the promotions first, in the order of their ids; what is read of uses
after that nobody else changes.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

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


async def claim(tx: Tx, promotion_ids: Sequence[UUID], order_id: UUID, who: Claimant, now: datetime) -> None:
    """Write one use of each promotion; see PromotionService.claim."""
    wanted = sorted(set(promotion_ids))
    if not wanted:
        return
    held = await sql.claim(tx, wanted, order_id, who, now)
    if len(held) < len(wanted):
        raise PromotionNotFound(field=())
    limited = [each.id for each in held if most_per_buyer(each.type, each.max_usage_per_user) is not None]
    uses = await sql.uses_of(tx, limited, who, now - COUNTED_FOR) if limited else {}
    for promotion in held:
        _require_left(promotion, *uses.get(promotion.id, (0, 0)), who)


async def give_back(tx: Tx, order_id: UUID) -> None:
    """End the uses of an order; nothing happens the second time. Three statements, one when it uses nothing."""
    ids = await sql.used_by(tx, order_id)
    if ids:
        await sql.hold(tx, ids)
        await sql.give_back(tx, order_id, ids)


async def require_card(tx: Tx, order_id: UUID, others: Collection[UUID]) -> None:
    """Raise CardUsedUp when the card of an order pays too many `others` that use the same first order's promotion."""
    ids = await sql.used_by(tx, order_id)
    if await sql.uses_by_orders(tx, ids, set(others) - {order_id}) >= MOST_PER_CARD:
        raise CardUsedUp


async def hold_uses(tx: Tx, order_id: UUID) -> None:
    """Hold the promotions that an order uses until the transaction ends."""
    await sql.hold(tx, await sql.used_by(tx, order_id))


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
