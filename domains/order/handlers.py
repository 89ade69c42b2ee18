"""Handlers of order events on behalf of lower domains, which cannot import this one."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from domains.account.service import AccountService
from domains.kernel.database import Tx
from domains.kernel.events import Envelope
from domains.order import sql
from domains.order.events import OrderCancelled, OrderPaid, OrderRefunded
from domains.review.service import ReviewService


class Purchases:
    """Records in the review domain the products that users have bought, without cancelled or refunded orders.

    It reads the buyer history instead of the event, so events may arrive late, twice or out of order.
    """

    topics = (OrderPaid.topic, OrderCancelled.topic, OrderRefunded.topic)

    def __init__(self, reviews: ReviewService, accounts: AccountService) -> None:
        self._reviews = reviews
        self._accounts = accounts

    @staticmethod
    def concerns(event: Mapping[str, Any]) -> bool:
        """Whether the event is a user's payment, or the end or full refund of a paid order."""
        return event.get("user_id") is not None or bool(event.get("was_paid")) or bool(event.get("is_whole"))

    async def record(self, tx: Tx, envelope: Envelope) -> None:
        """Record the products of an order as bought, or remove them if the order does not count now."""
        order_id = UUID(envelope.payload["order_id"])
        recorded = await self._accounts.buyer_history.find_locked(tx, order_id)
        if recorded is None or recorded.user_id is None:
            return
        await self._reviews.purchases.record(
            tx,
            user_id=recorded.user_id,
            order_id=order_id,
            product_ids=await sql.products_of(tx, order_id),
            is_valid=recorded.counts,
        )
