"""Using promotions up: claimed when an order is made, given back when it ends; exact however many come at once.

Whoever claims or gives back holds the rows of the promotions first, in the order of their ids; what is read of uses
after that nobody else changes.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from domains.kernel.database import Tx
from domains.promotion import queries
from domains.promotion.eligibility import most_per_buyer
from domains.promotion.errors import PromotionExhausted, PromotionNotFound
from domains.promotion.models import Promotion


async def claim(tx: Tx, promotion_ids: Sequence[UUID], order_id: UUID, user_id: UUID | None, email: str) -> None:
    """Write one use of each promotion; see PromotionService.claim."""
    wanted = sorted(set(promotion_ids))
    if not wanted:
        return
    held = await queries.claim(tx, wanted, order_id, user_id, email)
    if len(held) < len(wanted):
        raise PromotionNotFound(path=("input",))
    uses: Mapping[UUID, int] = {}
    if any(most_per_buyer(promotion.type, promotion.max_usage_per_user) is not None for promotion in held):
        uses = await queries.uses_of(tx, wanted, user_id, email)
    for promotion in held:
        _require_left(promotion, uses.get(promotion.id, 0))


async def give_back(tx: Tx, order_id: UUID) -> None:
    """End the uses of an order; nothing happens the second time. Three statements, one when it uses nothing."""
    ids = await queries.used_by(tx, order_id)
    if ids:
        await queries.hold(tx, ids)
        await queries.give_back(tx, order_id, ids)


def _require_left(promotion: Promotion, uses: int) -> None:
    """Raise PromotionExhausted unless a promotion, as it was before this use, had one left; `uses` has this one."""
    most = most_per_buyer(promotion.type, promotion.max_usage_per_user)
    reason = None
    if not promotion.is_active:
        reason = "it was ended."
    elif promotion.max_usage_count is not None and promotion.current_usage_count >= promotion.max_usage_count:
        reason = "it has been used as often as it could be."
    elif most is not None and uses > most:
        reason = "you have used it as often as you may."
    if reason is not None:
        raise PromotionExhausted(promotion.id, promotion.name, reason)
