"""Records orders in the buyer history, as payments do."""

from uuid import UUID

from domains.account.buyer_history import BuyerHistory, OrderBuyer
from domains.kernel.clock import SystemClock
from domains.kernel.database import Tx


async def record_paid(tx: Tx, order_id: UUID, buyer: OrderBuyer) -> None:
    BuyerHistory(SystemClock()).record_paid(tx, order_id, buyer)
