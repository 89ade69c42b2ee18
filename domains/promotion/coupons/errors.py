"""Errors of coupons."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from domains.kernel.errors import AlreadyExists, DomainError, InvalidInput, NotAllowed, NotFound

SHOWN: Final = 5  # codes in a message


class CouponNotFound(NotFound):
    """The coupon or its code does not exist."""

    def __init__(self, *, field: Sequence[str] = ("id",)) -> None:
        super().__init__("There is no coupon with this id.", field=field)


class CouponCodeNotFound(NotFound):
    """One of the unique codes does not exist."""

    def __init__(self, code_id: UUID, *, field: Sequence[str]) -> None:
        super().__init__(f"There is no coupon code with the id {code_id}.", field=field)


class DiscountCodeTaken(AlreadyExists):
    """Promotions, coupons or unique codes of the company have these codes already."""

    def __init__(self, codes: Sequence[str], *, field: Sequence[str] = ("code",)) -> None:
        super().__init__(f"{_subject(codes)} used already. Choose {_others(codes)}.", field=field)


class CodesRepeated(InvalidInput):
    """A list of codes has some of them twice."""

    def __init__(self, codes: Sequence[str], *, field: Sequence[str] = ("codes",)) -> None:
        super().__init__(f"{_subject(codes)} more than once in the list. Give each code once.", field=field)


class CouponHasCodes(NotAllowed):
    """A coupon has one code that its buyers share, or unique codes, not both."""

    def __init__(self, message: str, *, field: Sequence[str]) -> None:
        super().__init__(message, field=field)


class CouponInUse(DomainError):
    """A coupon that orders have used cannot be deleted."""

    def __init__(self) -> None:
        super().__init__(
            "Orders have used the coupon, so it cannot be deleted. Set `is_active: false` to end it.", field=("id",)
        )


class CouponCodeInUse(DomainError):
    """Unique codes that orders have used cannot be deleted."""

    def __init__(self, codes: Sequence[str]) -> None:
        super().__init__(
            f"{_subject(codes)} used by orders and cannot be deleted. Set `is_active: false` to end them.",
            field=("ids",),
        )


class CouponTargetsDeleted(DomainError):
    """The categories of an ended coupon were deleted, so it needs new targets before it can start again."""

    def __init__(self) -> None:
        super().__init__(
            "The categories of the coupon were deleted. Give `category_ids` or `product_ids`; an empty list means "
            "all products.",
            field=("category_ids",),
        )


class LimitBelowUse(NotAllowed):
    """The limit is below the number of uses that the coupon already has."""

    def __init__(self, limit: int, uses: int) -> None:
        super().__init__(
            f"The coupon was used {uses} times already; `usage_limit` cannot be {limit}.", field=("usage_limit",)
        )


class CouponExhausted(DomainError):
    """The coupon or its code was used up between the quote and the order, by other buyers or by this one."""

    def __init__(self, coupon_id: UUID, name: str, reason: str, *, field: Sequence[str] = ()) -> None:
        super().__init__(f"The coupon {name!r} does not apply any more: {reason}", field=field)
        self.coupon_id = coupon_id
        self.reason = reason


def _subject(codes: Sequence[str]) -> str:
    """The first codes as the subject of a sentence, with its verb."""
    listed = ", ".join(repr(code) for code in codes[:SHOWN])
    if len(codes) == 1:
        return f"The code {listed} is"
    more = f" and {len(codes) - SHOWN} more" if len(codes) > SHOWN else ""
    return f"The codes {listed}{more} are"


def _others(codes: Sequence[str]) -> str:
    return "another" if len(codes) == 1 else "others"
