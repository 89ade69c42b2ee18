"""The events of the review domain."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domains.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewCreated(Event):
    """A customer reviewed a product."""

    topic: ClassVar[str] = "review.created"
    review_id: UUID
    product_id: UUID
    rating: int

    @property
    def aggregate_id(self) -> UUID:
        """The review's id."""
        return self.review_id
