"""What the mutations and lists of carts take."""

from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry

from domains.cart.listing import CartSort
from domains.cart.models import WantedLine
from gateway.graphql.core.enums import describe
from gateway.graphql.core.sorting import SortDirection

describe(
    CartSort,
    "What carts are ordered by.",
    {
        CartSort.UPDATED_AT: "When something was last done to them.",
        CartSort.CREATED_AT: "When they were made.",
    },
    name="CartSortField",
)


def _token() -> Any:
    return strawberry.field(
        default=None,
        description="A guest's token, if it is not in the header `X-Cart-Token`. Users have carts of their own.",
    )


@strawberry.input(description="A line as a frontend kept it.")
class CartLineInput:
    """Units of a product or variant."""

    product_id: UUID = strawberry.field(description="The id of a product that is for sale.")
    variant_id: UUID | None = strawberry.field(default=None, description="Which variant, when it has any.")
    quantity: int = strawberry.field(description="How many units.")

    def as_line(self) -> WantedLine:
        """The line as the domain takes it."""
        return WantedLine(self.product_id, self.variant_id, self.quantity)


@strawberry.input(description="One of the things to put into the cart.")
class CartItemInput(CartLineInput):
    """The same, of which one unit is meant if none are said."""

    quantity: int = strawberry.field(
        default=1, description="How many units to add, at least 1. The shop limits the units of a line."
    )


@strawberry.input(description="What to put into the cart.")
class CartItemAddInput(CartItemInput):
    """The same, and where to."""

    cart_token: str | None = _token()


@strawberry.input(description="What to put into the cart, all of it or nothing.")
class CartItemsAddInput:
    """Units of products or variants."""

    items: list[CartItemInput] = strawberry.field(
        description="At least one thing, and no more than a cart has lines; those that are the same add up."
    )
    cart_token: str | None = _token()


@strawberry.input(description="How many units a line shall have.")
class CartItemUpdateInput:
    """A line and its quantity."""

    id: UUID = strawberry.field(description="Which line.")
    quantity: int = strawberry.field(
        description="How many units it has then, at least 1. The shop limits the units of a line."
    )
    cart_token: str | None = _token()


@strawberry.input(description="What to take out of the cart.")
class CartItemRemoveInput:
    """A line."""

    id: UUID = strawberry.field(description="Which line.")
    cart_token: str | None = _token()


@strawberry.input(description="Which cart to clear.")
class CartClearInput:
    """A cart."""

    cart_token: str | None = _token()


@strawberry.input(description="In which cart to accept prices.")
class CartPricesAcceptInput:
    """A cart."""

    cart_token: str | None = _token()


@strawberry.input(description="Which code to use.")
class CartPromotionApplyInput:
    """A promotion's code."""

    code: str = strawberry.field(description="The code, in any case.")
    cart_token: str | None = _token()


@strawberry.input(description="Which code not to use any more.")
class CartPromotionRemoveInput:
    """A promotion of the cart."""

    promotion_id: UUID = strawberry.field(description="Which promotion, as the totals name it.")
    cart_token: str | None = _token()


@strawberry.input(description="Which address a guest says is theirs.")
class CartEmailCodeSendInput:
    """An address to mail a code to."""

    email: str = strawberry.field(description="The address.")
    cart_token: str | None = _token()


@strawberry.input(description="The code that was mailed.")
class CartEmailConfirmInput:
    """A code."""

    code: str = strawberry.field(description="Its six digits. Five tries end it.")
    cart_token: str | None = _token()


@strawberry.input(description="What a frontend kept while nobody could be asked.")
class CartSyncInput:
    """Lines to add to the cart."""

    items: list[CartLineInput] = strawberry.field(description="At most 200 lines; those of the same thing add up.")
    cart_token: str | None = strawberry.field(
        default=None,
        description="A guest's token, if not in the header `X-Cart-Token`. A user gets that cart merged.",
    )


@strawberry.input(description="Which guest's cart becomes part of the signed-in user's.")
class CartMergeInput:
    """A guest's cart."""

    cart_token: str | None = strawberry.field(
        default=None, description="The guest's token, if it is not in the header `X-Cart-Token`."
    )


@strawberry.input(description="Which carts; what is left out asks nothing.")
class CartFilterInput:
    """Conditions that must all hold."""

    is_guest: bool | None = strawberry.field(default=None, description="Of guests, or of users.")
    is_empty: bool | None = strawberry.field(default=None, description="Without anything in them, or with.")
    user_id: UUID | None = strawberry.field(default=None, description="Only the cart of this signed-in customer.")
    updated_after: datetime | None = strawberry.field(default=None, description="Changed at this time or later.")
    updated_before: datetime | None = strawberry.field(
        default=None,
        description="Not changed since then; with `isEmpty: false` it finds carts that were left behind.",
    )


@strawberry.input(description="The order of carts.")
class CartSortInput:
    """A field and a direction."""

    field: CartSort = strawberry.field(default=CartSort.UPDATED_AT, description="What they are ordered by.")
    direction: SortDirection = strawberry.field(default=SortDirection.DESC, description="Which end comes first.")
