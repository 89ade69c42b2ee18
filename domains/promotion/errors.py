"""Errors of the promotion domain."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from domains.kernel.errors import AlreadyExists, DomainError, NotAllowed, NotFound

UNKNOWN_CODE: Final = "There is no such code."


class PromotionNotFound(NotFound):
    """The promotion does not exist."""

    def __init__(self, *, field: Sequence[str] = ("id",)) -> None:
        super().__init__("There is no promotion with this id.", field=field)


class PromotionCodeTaken(AlreadyExists):
    """Another promotion or a coupon has this code."""

    def __init__(self, code: str) -> None:
        super().__init__(
            f"The code {code!r} is that of another promotion or of a coupon. Choose another.", field=("code",)
        )


class TargetsDeleted(DomainError):
    """The categories of an ended promotion were deleted, so it needs new targets before it can start again."""

    def __init__(self) -> None:
        super().__init__(
            "The categories of the promotion were deleted. Give `category_ids`, `product_ids` or `rules`; empty "
            "lists of ids mean all products.",
            field=("category_ids",),
        )


class PromotionInUse(DomainError):
    """A promotion that orders have used cannot be deleted."""

    def __init__(self) -> None:
        super().__init__(
            "Orders have used the promotion, so it cannot be deleted. Set its `status` to EXPIRED to end it.",
            field=("id",),
        )


class PromotionStatusNotAllowed(NotAllowed):
    """The promotion cannot change from its status to this one."""

    def __init__(self, current: str, wanted: str, allowed: Sequence[str], *, field: str) -> None:
        remedy = f"It can become {' or '.join(allowed)}." if allowed else "Create a new promotion instead."
        super().__init__(f"A promotion that is {current} cannot become {wanted}. {remedy}", field=(field,))


class MaximumBelowUse(NotAllowed):
    """The maximum is below the number of uses that the promotion already has."""

    def __init__(self, maximum: int, uses: int) -> None:
        super().__init__(
            f"The promotion was used {uses} times already; `max_usage_count` cannot be {maximum}.",
            field=("max_usage_count",),
        )


class PromoCodeInvalid(DomainError):
    """The code does not exist or does not apply; the message has the reason."""

    def __init__(self, code: str, reason: str, *, field: Sequence[str] = ("code",)) -> None:
        super().__init__(f"The code {code!r} does not apply: {reason}", field=field)
        self.reason = reason


class CardUsedUp(DomainError):
    """The card has paid the maximum number of first orders with this promotion."""

    def __init__(self) -> None:
        super().__init__(
            "This card has paid the maximum number of first orders with this promotion. Pay with another card, or "
            "cancel this order and order again without the promotion.",
            field=("card",),
        )


class PromotionExhausted(DomainError):
    """The promotion was used up between the quote and the order, by other buyers or by this one."""

    def __init__(self, promotion_id: UUID, name: str, reason: str, *, field: Sequence[str] = ()) -> None:
        super().__init__(f"The promotion {name!r} does not apply any more: {reason}", field=field)
        self.promotion_id = promotion_id
        self.reason = reason
