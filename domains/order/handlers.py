"""What follows elsewhere from what happens to orders."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from domains.catalog.reviews import ReviewService
from domains.kernel.database import Tx
from domains.kernel.events import Envelope
from domains.order.events import OrderPaid


class Purchases:
    """Tells the catalogue who bought what, so that reviews can be verified.

    It stands here and not in the catalogue, which cannot know the orders above it.
    """

    topics = (OrderPaid.topic,)

    def __init__(self, reviews: ReviewService) -> None:
        self._reviews = reviews

    @staticmethod
    def concerns(paid: Mapping[str, Any]) -> bool:
        """Whether a customer paid; a guest reviews nothing."""
        return paid["user_id"] is not None

    async def record(self, tx: Tx, envelope: Envelope) -> None:
        """Remember the products of a paid order for its customer."""
        payload = envelope.payload
        await self._reviews.record_purchase(
            tx,
            user_id=UUID(payload["user_id"]),
            order_id=UUID(payload["order_id"]),
            product_ids=[UUID(product_id) for product_id in payload["product_ids"]],
        )
