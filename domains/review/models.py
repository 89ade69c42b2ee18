"""Reviews and the inputs that create, change and filter them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypedDict
from uuid import UUID

from domains.review.data import ReviewRow as Review
from domains.review.data import ReviewStatus

__all__ = ["Review", "ReviewChanges", "ReviewFilter", "ReviewSort", "ReviewStatus"]


class ReviewSort(StrEnum):
    """The column that a list of reviews is sorted by."""

    CREATED_AT = "created_at"
    HELPFUL_COUNT = "helpful_count"
    RATING = "rating"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewFilter:
    """Conditions on reviews, all of which must hold; None sets no condition."""

    product_id: UUID | None = None
    user_id: UUID | None = None
    rating: int | None = None
    is_verified_purchase: bool | None = None
    status: ReviewStatus | None = None
    search: str | None = None


class ReviewChanges(TypedDict, total=False):
    """The fields of a review that its author writes. Absent fields do not change."""

    rating: int | None
    title: str | None
    comment: str | None
