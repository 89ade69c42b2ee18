"""The events of the review domain."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domains.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewEvent(Event):
    """The base of the events about one review."""

    review_id: UUID
    product_id: UUID

    @property
    def aggregate_id(self) -> UUID:
        """The review's id."""
        return self.review_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewCreated(ReviewEvent):
    """A customer reviewed a product."""

    topic: ClassVar[str] = "review.created"
    rating: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewUpdated(ReviewEvent):
    """A customer changed their review; `changed` names the fields, and `rating` is the present one."""

    topic: ClassVar[str] = "review.updated"
    rating: int
    changed: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewModerated(ReviewEvent):
    """Staff hid a review, or published a hidden one again; `status` is HIDDEN or PUBLISHED."""

    topic: ClassVar[str] = "review.moderated"
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDeleted(ReviewEvent):
    """A review was deleted by its author or by staff."""

    topic: ClassVar[str] = "review.deleted"
