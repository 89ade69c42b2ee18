"""What the promotions refuse."""

from collections.abc import Sequence
from uuid import UUID

from domains.kernel.errors import AlreadyExists, DomainError, ErrorCode, NotAllowed, NotFound


class PromotionNotFound(NotFound):
    """The company has no such promotion."""

    def __init__(self, *, field: Sequence[str] = ("id",)) -> None:
        super().__init__("There is no promotion with this id.", field=field)


class CodeTaken(AlreadyExists):
    """Another promotion has this code."""

    def __init__(self, code: str) -> None:
        super().__init__(f"Another promotion already has the code {code!r}. Choose another.", field=("code",))


class TargetsDeleted(DomainError):
    """The categories that a promotion was for were deleted after it was over; it does not say what it is for now."""

    code = ErrorCode.REQUIRED

    def __init__(self) -> None:
        super().__init__(
            "The categories that the promotion was for were deleted. Say with `categoryIds` or `productIds` what it "
            "is for now; with an empty list it is for everything.",
            field=("category_ids",),
        )


class PromotionInUse(DomainError):
    """A promotion that was used stays for the record."""

    code = ErrorCode.IN_USE

    def __init__(self) -> None:
        super().__init__(
            "The promotion was used and stays for the record. Set `isActive: false` to end it.", field=("id",)
        )


class MaximumBelowUse(NotAllowed):
    """A promotion cannot be limited to fewer uses than it has."""

    def __init__(self, maximum: int, uses: int) -> None:
        super().__init__(
            f"The promotion was used {uses} times already; `maxUsageCount` cannot be {maximum}.",
            field=("max_usage_count",),
        )


class PromoCodeInvalid(DomainError):
    """There is no such code, or it does not apply; the message says which."""

    code = ErrorCode.INVALID_CODE

    def __init__(self, code: str, reason: str, *, field: Sequence[str] = ("code",)) -> None:
        super().__init__(f"The code {code!r} does not apply: {reason}", field=field)
        self.reason = reason


class CardUsedUp(DomainError):
    """A card has paid as many first orders with a promotion as one card may."""

    code = ErrorCode.LIMIT_EXCEEDED

    def __init__(self) -> None:
        super().__init__(
            "This card has paid enough first orders with this promotion. Pay with another card, or cancel this order "
            "and order again without the promotion.",
            field=("card",),
        )


class PromotionExhausted(DomainError):
    """A promotion that was still there when the price was made has been used up since, by others or by the buyer."""

    code = ErrorCode.LIMIT_EXCEEDED

    def __init__(self, promotion_id: UUID, name: str, reason: str, *, field: Sequence[str] = ()) -> None:
        super().__init__(f"The promotion {name!r} does not apply any more: {reason}", field=field)
        self.promotion_id = promotion_id
        self.reason = reason
