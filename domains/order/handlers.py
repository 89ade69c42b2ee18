"""Handlers of order events: verified purchases for reviews."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from domains.catalog.reviews.service import ReviewService
from domains.kernel.database import Tx
from domains.kernel.events import Envelope
from domains.order import sql
from domains.order.events import OrderCancelled, OrderPaid, OrderRefunded
from domains.promotion.service import PromotionService


class Purchases:
    """Records the products that customers have bought, and removes those of cancelled and refunded orders.

    Reviews of these products are verified. It reads the present state of the order, so events may come late, twice or
    out of order.
    """

    topics = (OrderPaid.topic, OrderCancelled.topic, OrderRefunded.topic)

    def __init__(self, reviews: ReviewService, promotions: PromotionService) -> None:
        self._reviews = reviews
        self._promotions = promotions

    @staticmethod
    def concerns(event: Mapping[str, Any]) -> bool:
        """Whether a customer paid, or a paid order was cancelled or refunded completely. Guests cannot review."""
        return event.get("user_id") is not None or bool(event.get("was_paid")) or bool(event.get("is_whole"))

    async def record(self, tx: Tx, envelope: Envelope) -> None:
        """Record the products of an order as bought by its customer, or remove them, by the order's present state."""
        order_id = UUID(envelope.payload["order_id"])
        standing = await self._promotions.standing_of(tx, order_id)
        if standing is None or standing.user_id is None:
            return
        await self._reviews.record_purchase(
            tx,
            user_id=standing.user_id,
            order_id=order_id,
            product_ids=await sql.products_of(tx, order_id),
            stands=standing.counts,
        )
