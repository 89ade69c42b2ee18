"""Payloads of the mutations of carts."""

from typing import Any

import strawberry

from gateway.graphql.cart.types import Cart, CartRejectedLine
from gateway.graphql.core.errors import UserError


def _cart() -> Any:
    return strawberry.field(default=None, description="The cart after the change; null if it was refused.")


def _token() -> Any:
    return strawberry.field(
        default=None,
        description="Token of a cart that was created for a guest, returned only once. Send it with later requests.",
    )


def _rejected() -> Any:
    return strawberry.field(default_factory=list, description="The lines that were not added, or not in full.")


def _errors() -> Any:
    return strawberry.field(default_factory=list, description="Why the change was refused; empty on success.")


@strawberry.type(description="The result of `cartItemAdd`.")
class CartItemAddPayload:
    """The cart, or the errors."""

    cart: Cart | None = _cart()
    cart_token: str | None = _token()
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `cartItemsAdd`.")
class CartItemsAddPayload:
    """The cart, or the errors."""

    cart: Cart | None = _cart()
    cart_token: str | None = _token()
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `cartItemUpdate`.")
class CartItemUpdatePayload:
    """The cart, or the errors."""

    cart: Cart | None = _cart()
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `cartItemRemove`.")
class CartItemRemovePayload:
    """The cart, or the errors."""

    cart: Cart | None = _cart()
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `cartClear`.")
class CartClearPayload:
    """The cart, or the errors."""

    cart: Cart | None = _cart()
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `cartPricesAccept`.")
class CartPricesAcceptPayload:
    """The cart, or the errors."""

    cart: Cart | None = _cart()
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `cartPromotionApply`.")
class CartPromotionApplyPayload:
    """The cart, or the errors."""

    cart: Cart | None = _cart()
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `cartPromotionRemove`.")
class CartPromotionRemovePayload:
    """The cart, or the errors."""

    cart: Cart | None = _cart()
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `cartCouponRemove`.")
class CartCouponRemovePayload:
    """The cart, or the errors."""

    cart: Cart | None = _cart()
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `cartGiftCardApply`.")
class CartGiftCardApplyPayload:
    """The cart, or the errors."""

    cart: Cart | None = _cart()
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `cartGiftCardRemove`.")
class CartGiftCardRemovePayload:
    """The cart, or the errors."""

    cart: Cart | None = _cart()
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `cartStoreCreditUse`.")
class CartStoreCreditUsePayload:
    """The cart, or the errors."""

    cart: Cart | None = _cart()
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `cartDestinationUpdate`.")
class CartDestinationUpdatePayload:
    """The cart, or the errors."""

    cart: Cart | None = _cart()
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `cartShippingMethodSet`.")
class CartShippingMethodSetPayload:
    """The cart, or the errors."""

    cart: Cart | None = _cart()
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `cartEmailCodeSend`, the same whether or not the address has an account.")
class CartEmailCodeSendPayload:
    """The errors, if the code was not mailed."""

    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `cartEmailConfirm`.")
class CartEmailConfirmPayload:
    """The cart, or the errors."""

    cart: Cart | None = _cart()
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `cartSync`.")
class CartSyncPayload:
    """The cart and the lines that were not added, or the errors."""

    cart: Cart | None = strawberry.field(
        default=None, description="The cart after the change; null if there is none and no line could be added."
    )
    cart_token: str | None = _token()
    rejected_lines: list[CartRejectedLine] = _rejected()
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `cartMerge`.")
class CartMergePayload:
    """The cart and the lines that were not added, or the errors."""

    cart: Cart | None = strawberry.field(
        default=None, description="The user's cart after the merge; null if there is none and nothing was merged."
    )
    rejected_lines: list[CartRejectedLine] = _rejected()
    errors: list[UserError] = _errors()
