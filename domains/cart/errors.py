"""The errors of the cart domain."""

from uuid import UUID

from domains.kernel.errors import DomainError, NotAllowed, NotFound


class CartNotFound(NotFound):
    """The actor has no cart, or its token is invalid or expired."""

    def __init__(self) -> None:
        super().__init__("There is no cart, or it has expired. Add an item to create a new one.")


class CartItemNotFound(NotFound):
    """The cart has no line with this id."""

    def __init__(self, item_id: UUID) -> None:
        super().__init__(f"There is no item {item_id} in the cart.", field=("id",))


class CodeNotInCart(NotFound):
    """The cart has no code of this promotion."""

    def __init__(self, promotion_id: UUID) -> None:
        super().__init__(f"The cart has no code of promotion {promotion_id}.", field=("promotion_id",))


class CouponNotInCart(NotFound):
    """The cart has no code of this coupon."""

    def __init__(self, coupon_id: UUID) -> None:
        super().__init__(f"The cart has no code of coupon {coupon_id}.", field=("coupon_id",))


class GiftCardNotInCart(NotFound):
    """The cart has no gift card with this id."""

    def __init__(self, gift_card_id: UUID) -> None:
        super().__init__(f"The cart has no gift card {gift_card_id}.", field=("gift_card_id",))


class GiftCardCurrencyDiffers(NotAllowed):
    """The gift card is in another currency than the cart."""

    def __init__(self, currency: str, expected: str) -> None:
        super().__init__(f"This gift card is in {currency}; the cart is in {expected}.", field=("code",))


class EmailFixedByAccount(NotAllowed):
    """The e-mail address of a logged-in user is that of the account."""

    def __init__(self) -> None:
        super().__init__(
            "You are logged in, so the address of your account is used. Confirm it with the code sent to it.",
            field=("cart_token",),
        )


class CartEmpty(NotAllowed):
    """The cart has no lines."""

    def __init__(self) -> None:
        super().__init__("The cart is empty. Add an item first.")


class NotForSale(NotAllowed):
    """The product or variant is not for sale."""

    def __init__(self, name: str, *, field: tuple[str, ...] = ("product_id",)) -> None:
        super().__init__(f"{name!r} is not for sale.", field=field)


class VariantRequired(DomainError):
    """The product is sold in variants, and none was chosen."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name!r} is sold in variants. Choose a variant.", field=("variant_id",))


class CartLimitExceeded(DomainError):
    """The cart would have more lines, units, codes or gift cards than allowed."""
