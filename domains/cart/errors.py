"""What a cart refuses."""

from uuid import UUID

from domains.kernel.errors import DomainError, ErrorCode, NotAllowed, NotFound


class CartNotFound(NotFound):
    """Whoever asks has no cart, or its token is not good, or no longer."""

    def __init__(self) -> None:
        super().__init__("There is no cart yet, or it has expired. Add something to make a new one.")


class CartItemNotFound(NotFound):
    """The cart has no such line."""

    def __init__(self, item_id: UUID) -> None:
        super().__init__(f"There is no item {item_id} in the cart.", field=("id",))


class CodeNotCarried(NotFound):
    """The cart carries no code of this promotion."""

    def __init__(self, promotion_id: UUID) -> None:
        super().__init__(f"The cart carries no code of promotion {promotion_id}.", field=("promotion_id",))


class EmailOfAccount(NotAllowed):
    """A signed-in user's address is that of the account."""

    def __init__(self) -> None:
        super().__init__(
            "You are signed in: the address of your account counts. Confirm it with `emailVerify`.",
            field=("cart_token",),
        )


class CartEmpty(NotAllowed):
    """Nothing is in the cart."""

    def __init__(self) -> None:
        super().__init__("The cart is empty. Add something first.")


class NotForSale(NotAllowed):
    """Customers cannot buy it, or not any more."""

    def __init__(self, name: str, *, field: tuple[str, ...] = ("product_id",)) -> None:
        super().__init__(f"{name!r} is not for sale.", field=field)


class VariantMissing(DomainError):
    """The product is sold in variants, and none was named."""

    code = ErrorCode.REQUIRED

    def __init__(self, name: str) -> None:
        super().__init__(f"{name!r} is sold in variants. Choose one of them.", field=("variant_id",))


class CartLimitExceeded(DomainError):
    """More lines, units or codes than one cart holds."""

    code = ErrorCode.LIMIT_EXCEEDED
