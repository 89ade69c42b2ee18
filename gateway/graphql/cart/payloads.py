"""What comes of a change to a cart."""

from typing import Any

import strawberry

from gateway.graphql.cart.types import Cart, CartLeftOver
from gateway.graphql.core.errors import UserError


def _cart() -> Any:
    return strawberry.field(default=None, description="The cart as it is now.")


def _token() -> Any:
    return strawberry.field(
        default=None,
        description="The token of a cart that was just made for a guest. Keep it: it is told this once.",
    )


def _left() -> Any:
    return strawberry.field(default_factory=list, description="What was not taken over, or not all of it.")


def _errors() -> Any:
    return strawberry.field(default_factory=list, description="Why it was not done; empty when it was.")


@strawberry.type(description="The outcome of putting something into the cart.")
class CartItemAddPayload:
    """The cart, or why not."""

    cart: Cart | None = _cart()
    cart_token: str | None = _token()
    errors: list[UserError] = _errors()


@strawberry.type(description="The outcome of putting several things into the cart.")
class CartItemsAddPayload:
    """The cart, or why not."""

    cart: Cart | None = _cart()
    cart_token: str | None = _token()
    errors: list[UserError] = _errors()


@strawberry.type(description="The outcome of changing a line's quantity.")
class CartItemUpdatePayload:
    """The cart, or why not."""

    cart: Cart | None = _cart()
    errors: list[UserError] = _errors()


@strawberry.type(description="The outcome of taking a line out.")
class CartItemRemovePayload:
    """The cart, or why not."""

    cart: Cart | None = _cart()
    errors: list[UserError] = _errors()


@strawberry.type(description="The outcome of clearing the cart.")
class CartClearPayload:
    """The cart, or why not."""

    cart: Cart | None = _cart()
    errors: list[UserError] = _errors()


@strawberry.type(description="The outcome of accepting today's prices.")
class CartPricesAcceptPayload:
    """The cart, or why not."""

    cart: Cart | None = _cart()
    errors: list[UserError] = _errors()


@strawberry.type(description="The outcome of using a code.")
class CartPromotionApplyPayload:
    """The cart, or why not."""

    cart: Cart | None = _cart()
    errors: list[UserError] = _errors()


@strawberry.type(description="The outcome of using a code no more.")
class CartPromotionRemovePayload:
    """The cart, or why not."""

    cart: Cart | None = _cart()
    errors: list[UserError] = _errors()


@strawberry.type(description="The outcome of asking for a code; the same whether or not the shop knows the address.")
class CartEmailCodeSendPayload:
    """That it was mailed, or why not."""

    errors: list[UserError] = _errors()


@strawberry.type(description="The outcome of confirming a guest's address.")
class CartEmailConfirmPayload:
    """The cart, or why not."""

    cart: Cart | None = _cart()
    errors: list[UserError] = _errors()


@strawberry.type(description="The outcome of taking over what a frontend kept.")
class CartSyncPayload:
    """The cart and what is not in it, or why not."""

    cart: Cart | None = strawberry.field(
        default=None, description="The cart as it is now; null when there is none, and nothing to make one for."
    )
    cart_token: str | None = _token()
    left_over: list[CartLeftOver] = _left()
    errors: list[UserError] = _errors()


@strawberry.type(description="The outcome of merging a guest's cart into a user's.")
class CartMergePayload:
    """The cart and what is not in it, or why not."""

    cart: Cart | None = strawberry.field(
        default=None, description="The user's cart as it is now; null when there is none, and nothing was merged."
    )
    left_over: list[CartLeftOver] = _left()
    errors: list[UserError] = _errors()
