"""Inputs of the mutations and lists of carts."""

from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry

from domains.cart.destinations import NewDestination
from domains.cart.listing import CartSort
from domains.cart.models import NewLine
from domains.kernel.values.secret import Secret
from gateway.graphql.core.enums import describe
from gateway.graphql.core.sorting import SortDirection

describe(
    CartSort,
    "The fields that carts can be sorted by.",
    {
        CartSort.UPDATED_AT: "The time of the last change by the owner.",
        CartSort.CREATED_AT: "The time at which the first line was added.",
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
        default=None,
        description="The id of the variant; required when the product has variants, refused when it has none.",
    )
    quantity: int = strawberry.field(description="The number of units that the frontend has stored.")

    def as_line(self) -> NewLine:
        """The line in the domain's type."""
        return NewLine(self.product_id, self.variant_id, self.quantity)


@strawberry.input(description="A line to add to the cart.")
class CartItemInput(CartLineInput):
    """A line of one unit unless a quantity is given."""

    quantity: int = strawberry.field(
        default=1,
        description="The number of units to add, 1 by default. A line has at most `Shop.maxLineUnits` units.",
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

    id: UUID = strawberry.field(description="The id of the line to change, from `Cart.items`.")
    quantity: int = strawberry.field(
        description="The new number of units, from 1 to `Shop.maxLineUnits`. `cartItemRemove` removes the line."
    )
    cart_token: str | None = _token()


@strawberry.input(description="The line to remove from a cart.")
class CartItemRemoveInput:
    """A line."""

    id: UUID = strawberry.field(description="The id of the line to remove, from `Cart.items`.")
    cart_token: str | None = _token()


@strawberry.input(description="The cart whose lines and codes are removed.")
class CartClearInput:
    """A cart."""

    cart_token: str | None = _token()


@strawberry.input(description="The cart whose prices to accept.")
class CartPricesAcceptInput:
    """A cart."""

    cart_token: str | None = _token()


@strawberry.input(description="The code to add to a cart.")
class CartPromotionApplyInput:
    """A code."""

    code: str = strawberry.field(description="The code of a promotion or coupon, or a unique code, in any case.")
    cart_token: str | None = _token()


@strawberry.input(description="The code to remove from a cart.")
class CartPromotionRemoveInput:
    """A promotion of the cart."""

    promotion_id: UUID = strawberry.field(description="The promotion of the code, as in `CartDiscount.promotionId`.")
    cart_token: str | None = _token()


@strawberry.input(description="The coupon to remove from a cart.")
class CartCouponRemoveInput:
    """A coupon of the cart."""

    coupon_id: UUID = strawberry.field(description="The coupon of the code, as in `CartDiscount.couponId`.")
    cart_token: str | None = _token()


@strawberry.input(description="The gift card to add to a cart.")
class CartGiftCardApplyInput:
    """A gift card's code."""

    code: Secret = strawberry.field(
        description="The code of a gift card; case, spaces and dashes do not count. A cart has at most 10 cards."
    )
    cart_token: str | None = _token()


@strawberry.input(description="The gift card to remove from a cart.")
class CartGiftCardRemoveInput:
    """A gift card of the cart."""

    gift_card_id: UUID = strawberry.field(
        description="From `CartGiftCard.giftCardId`; those that were added later then pay earlier."
    )
    cart_token: str | None = _token()


@strawberry.input(description="Whether store credit is to pay for the cart of the customer.")
class CartStoreCreditUseInput:
    """A choice."""

    use: bool = strawberry.field(description="True: it pays what the gift cards leave; false: it does not pay.")


@strawberry.input(
    description="Where the goods of the cart are to be sent. Without a country, the cart has no destination."
)
class CartDestinationUpdateInput:
    """A place, all of which replaces the earlier one."""

    country: str | None = strawberry.field(
        default=None,
        description="The country as two letters of ISO 3166-1, such as `DE`; null or absent removes the destination.",
    )
    province: str | None = strawberry.field(
        default=None,
        description="The state or province, at most 100 characters, as in addresses; null or absent for none.",
    )
    postal_code: str | None = strawberry.field(
        default=None, description="The postal code, at most 20 characters; null or absent when it is not known yet."
    )
    vat_number: str | None = strawberry.field(
        default=None,
        description="The buyer's VAT number in that country, at most 40 characters; null or absent for a consumer.",
    )
    cart_token: str | None = _token()

    def as_destination(self) -> NewDestination:
        """The destination in the domain's type."""
        return NewDestination(
            country=self.country,
            province=self.province,
            postal_code=self.postal_code,
            vat_number=self.vat_number,
        )


@strawberry.input(description="The e-mail address that a guest wants to confirm.")
class CartEmailCodeSendInput:
    """An address to mail a code to."""

    email: str = strawberry.field(description="The e-mail address to which the code is sent, at most 254 characters.")
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


@strawberry.input(description="Conditions on carts, all of which must hold. Null and absent fields set no condition.")
class CartFilterInput:
    """Conditions that must all hold."""

    is_guest: bool | None = strawberry.field(
        default=None, description="True: carts of guests; false: carts of customers."
    )
    is_empty: bool | None = strawberry.field(
        default=None, description="True: carts without lines; false: carts with lines."
    )
    user_id: UUID | None = strawberry.field(default=None, description="Only the cart of this customer.")
    updated_after: datetime | None = strawberry.field(
        default=None, description="Carts that were last changed at this time or later."
    )
    updated_before: datetime | None = strawberry.field(
        default=None,
        description=(
            "Carts that were last changed before this time; with `isEmpty: false` this finds abandoned carts."
        ),
    )


@strawberry.input(description="The order of a list of carts.")
class CartSortInput:
    """A field and a direction."""

    field: CartSort = strawberry.field(
        default=CartSort.UPDATED_AT, description="The value to sort by; the time of the last change by default."
    )
    direction: SortDirection = strawberry.field(
        default=SortDirection.DESC, description="The direction; descending by default."
    )
