"""Inputs of the mutations and lists of carts."""

from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry

from domains.cart.listing import CartSort
from domains.cart.models import NewLine
from gateway.graphql.core.enums import describe
from gateway.graphql.core.sorting import SortDirection

describe(
    CartSort,
    "Sort keys of carts.",
    {
        CartSort.UPDATED_AT: "By the time of the last change.",
        CartSort.CREATED_AT: "By the time of creation.",
    },
    name="CartSortField",
)


def _token() -> Any:
    return strawberry.field(
        default=None,
        description="Token of a guest's cart, unless the header `X-Cart-Token` has it. Ignored for logged-in users.",
    )


@strawberry.input(description="A line that a frontend has stored.")
class CartLineInput:
    """Units of a product or variant."""

    product_id: UUID = strawberry.field(description="The id of a product that is for sale.")
    variant_id: UUID | None = strawberry.field(
        default=None, description="The variant; required if the product has variants."
    )
    quantity: int = strawberry.field(description="Number of units.")

    def as_line(self) -> NewLine:
        """The line in the domain's type."""
        return NewLine(self.product_id, self.variant_id, self.quantity)


@strawberry.input(description="A line to add to the cart.")
class CartItemInput(CartLineInput):
    """A line of one unit unless a quantity is given."""

    quantity: int = strawberry.field(
        default=1, description="Number of units to add, at least 1. A line has at most `Shop.maxLineUnits` units."
    )


@strawberry.input(description="The line to add to a cart.")
class CartItemAddInput(CartItemInput):
    """A line and its cart."""

    cart_token: str | None = _token()


@strawberry.input(description="The lines to add to a cart, all or none.")
class CartItemsAddInput:
    """Units of products or variants."""

    items: list[CartItemInput] = strawberry.field(
        description="From 1 to `Shop.maxOrderLines` lines; quantities of the same product and variant add up."
    )
    cart_token: str | None = _token()


@strawberry.input(description="The new quantity of a line.")
class CartItemUpdateInput:
    """A line and its quantity."""

    id: UUID = strawberry.field(description="The line to change.")
    quantity: int = strawberry.field(description="New number of units, from 1 to `Shop.maxLineUnits`.")
    cart_token: str | None = _token()


@strawberry.input(description="The line to remove.")
class CartItemRemoveInput:
    """A line."""

    id: UUID = strawberry.field(description="The line to remove.")
    cart_token: str | None = _token()


@strawberry.input(description="The cart to clear.")
class CartClearInput:
    """A cart."""

    cart_token: str | None = _token()


@strawberry.input(description="The cart whose prices to accept.")
class CartPricesAcceptInput:
    """A cart."""

    cart_token: str | None = _token()


@strawberry.input(description="The code to add to a cart.")
class CartPromotionApplyInput:
    """A promotion's code."""

    code: str = strawberry.field(description="The code; upper and lower case are equal.")
    cart_token: str | None = _token()


@strawberry.input(description="The code to remove from a cart.")
class CartPromotionRemoveInput:
    """A promotion of the cart."""

    promotion_id: UUID = strawberry.field(description="The promotion of the code, as in `CartDiscount.promotionId`.")
    cart_token: str | None = _token()


@strawberry.input(description="The e-mail address that a guest wants to confirm.")
class CartEmailCodeSendInput:
    """An address to mail a code to."""

    email: str = strawberry.field(description="The address that the code is mailed to.")
    cart_token: str | None = _token()


@strawberry.input(description="The confirmation of a guest's e-mail address.")
class CartEmailConfirmInput:
    """A code."""

    code: str = strawberry.field(
        description="The six digits of the mailed code. It becomes invalid after five attempts."
    )
    cart_token: str | None = _token()


@strawberry.input(description="The lines that a frontend has stored while the buyer was offline or logged out.")
class CartSyncInput:
    """Lines to add to the cart."""

    items: list[CartLineInput] = strawberry.field(
        description="At most 200 lines; quantities of the same product and variant add up."
    )
    cart_token: str | None = strawberry.field(
        default=None,
        description="Token of a guest's cart, unless the header `X-Cart-Token` has it. Users get it merged.",
    )


@strawberry.input(description="The guest's cart to merge.")
class CartMergeInput:
    """A guest's cart."""

    cart_token: str | None = strawberry.field(
        default=None, description="Token of the guest's cart, unless the header `X-Cart-Token` has it."
    )


@strawberry.input(description="Conditions on carts, all of which must hold.")
class CartFilterInput:
    """Conditions that must all hold."""

    is_guest: bool | None = strawberry.field(
        default=None, description="True: carts of guests; false: carts of customers."
    )
    is_empty: bool | None = strawberry.field(
        default=None, description="True: carts without lines; false: carts with lines."
    )
    user_id: UUID | None = strawberry.field(default=None, description="The cart of this customer.")
    updated_after: datetime | None = strawberry.field(default=None, description="Last changed at this time or later.")
    updated_before: datetime | None = strawberry.field(
        default=None,
        description="Last changed before this time; with `isEmpty: false` this finds abandoned carts.",
    )


@strawberry.input(description="How to sort carts.")
class CartSortInput:
    """A field and a direction."""

    field: CartSort = strawberry.field(default=CartSort.UPDATED_AT, description="The sort key.")
    direction: SortDirection = strawberry.field(default=SortDirection.DESC, description="Ascending or descending.")
