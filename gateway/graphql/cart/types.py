"""Carts as the API shows them: views on the domain's models."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from domains.cart import models
from domains.cart.models import LeftReason
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.auth.loaders import load_users
from gateway.graphql.cart.loaders import (
    load_availability,
    load_levels,
    load_line_totals,
    load_lines,
    load_quantities,
    load_totals,
)
from gateway.graphql.cart.totals import CartItemTotals, CartTotals
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import computed, relation, requires
from gateway.graphql.core.node import Node
from gateway.graphql.core.scalars import CurrencyCode, Money

if TYPE_CHECKING:
    from gateway.graphql.auth.types import User
    from gateway.graphql.catalog.types import Product, ProductVariant

describe(
    LeftReason,
    "Why something was not taken over into a cart, or not all of it.",
    {
        LeftReason.NOT_FOR_SALE: "There is no such product or variant, or it is not for sale any more.",
        LeftReason.INVALID_QUANTITY: "The quantity is below 1.",
        LeftReason.INSUFFICIENT_STOCK: "There are not so many.",
        LeftReason.QUANTITY_LIMIT: "The line would have more units than the shop allows.",
        LeftReason.LINE_LIMIT: "The cart would have more lines than the shop allows.",
    },
)
SEES_USERS = requires(PermissionResource.USERS, PermissionAction.READ)
Customer = Annotated["User", strawberry.lazy("gateway.graphql.auth.types")]
ItsProduct = Annotated["Product", strawberry.lazy("gateway.graphql.catalog.types")]
ItsVariant = Annotated["ProductVariant", strawberry.lazy("gateway.graphql.catalog.types")]


@strawberry.type(description="A line of a cart.")
class CartItem(Node, model=models.CartLine):
    """So many units of a product or variant."""

    is_price_changed: strawberry.Private[bool]

    product_id: UUID = strawberry.field(
        description="The id of the product; see `product` for what customers still see of it."
    )
    variant_id: UUID | None = strawberry.field(description="The variant; null when the product has none.")
    quantity: int = strawberry.field(description="How many units.")
    name: str = strawberry.field(description="What it is called now: the product and the variant.")
    sku: str | None = strawberry.field(description="What it is stocked under.")
    unit_price: Money = strawberry.field(description="What one unit costs now; the total is made of this.")
    price_snapshot: Money = strawberry.field(
        description="What one unit cost when it was put in, or when prices were last accepted."
    )
    added_at: datetime = strawberry.field(description="When it was first put in.")
    product: ItsProduct | None = strawberry.field(
        description="The product; null when customers do not see it any more."
    )
    variant: ItsVariant | None = strawberry.field(
        description="The variant; null without one, and when it is off sale."
    )
    available: int | None = relation(
        "level_key", load_levels, description="How many units there are; null when they are not counted."
    )
    is_available: bool = relation(
        "availability_key", load_availability, description="Whether the whole line can be bought now."
    )

    totals: CartItemTotals | None = relation(
        "total_key", load_line_totals, description="What it comes to; null when it is off sale and costs nothing."
    )

    @computed
    def price_changed(self) -> bool:
        """Whether its price has moved since it was put in; `cartPricesAccept` takes note of the new one."""
        return self.is_price_changed


@strawberry.type(description="What a customer or a guest means to buy.")
class Cart(Node, model=models.Cart):
    """A cart with what is in it."""

    user_id: UUID | None = strawberry.field(description="The user whose it is; null for a guest.")
    currency: CurrencyCode = strawberry.field(description="The currency of all its amounts.")
    confirmed_email: str | None = strawberry.field(
        description="The address that its guest has confirmed; an order of it is at this address."
    )
    created_at: datetime = strawberry.field(description="When it was made.")
    updated_at: datetime = strawberry.field(description="When something was last done to it.")
    expires_at: datetime = strawberry.field(
        description="When it is deleted if nothing is done to it: after 30 days for guests, 90 for users."
    )
    items: list[CartItem] = relation("itself", load_lines, many=True, description="Its lines, in their order.")
    item_count: int = relation("itself", load_quantities, description="How many units are in it, all lines together.")
    totals: CartTotals = relation("itself", load_totals, description="What it comes to now, at today's prices.")
    user: Customer | None = relation("user_id", load_users, guard=SEES_USERS, description="Its customer, for staff.")


@strawberry.type(description="Something that was not taken over into a cart, or not all of it.")
class CartLeftOver:
    """What was asked for, and what became of it."""

    product_id: UUID = strawberry.field(description="The id of the product as it was sent.")
    variant_id: UUID | None = strawberry.field(
        description="The id of the variant as it was sent; null when none was."
    )
    requested: int = strawberry.field(description="How many units were to be added.")
    taken: int = strawberry.field(description="How many were.")
    reason: LeftReason = strawberry.field(description="Why not all of them.")
