"""The errors of the review domain."""

from uuid import UUID

from domains.kernel.errors import NotAllowed, NotFound


class ReviewNotFound(NotFound):
    """There is no review with this id, or the actor may not see it."""

    def __init__(self, review_id: UUID) -> None:
        super().__init__(f"There is no review {review_id}.", field=("id",))


class AlreadyReviewed(NotAllowed):
    """The user has already reviewed this product."""

    def __init__(self) -> None:
        super().__init__("You have already reviewed this product. Change that review instead.", field=("product_id",))


class OwnReview(NotAllowed):
    """Users cannot vote on their own reviews."""

    def __init__(self) -> None:
        super().__init__("You cannot vote on your own review.", field=("id",))
