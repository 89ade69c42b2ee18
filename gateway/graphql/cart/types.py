"""The GraphQL types of carts: views of the domain's models."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from domains.cart import models
from domains.cart.models import RejectionReason
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.auth.loaders import load_users
from gateway.graphql.cart.availability import IS_AVAILABLE, CartItemAvailability
from gateway.graphql.cart.loaders import (
    load_amounts_due,
    load_availability,
    load_delivery_dates,
    load_gift_cards,
    load_levels,
    load_line_totals,
    load_lines,
    load_quantities,
    load_requires_shipping,
    load_shipping_method,
    load_shipping_problem,
    load_store_credit,
    load_totals,
)
from gateway.graphql.cart.shipping import CartShippingOption, CartShippingProblem
from gateway.graphql.cart.tenders import CartGiftCard, CartStoreCredit
from gateway.graphql.cart.totals import CartItemTotals, CartTotals
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import computed, relation, requires
from gateway.graphql.core.node import Node
from gateway.graphql.core.scalars import CurrencyCode, Money
from gateway.graphql.shipping.delivery_dates import DeliveryDates

if TYPE_CHECKING:
    from gateway.graphql.auth.types import User
    from gateway.graphql.catalog.types import Product, ProductVariant

describe(
    RejectionReason,
    "Why a line was not added to a cart, or not in full.",
    {
        RejectionReason.NOT_FOR_SALE: "The product or variant does not exist or is not for sale.",
        RejectionReason.INVALID_QUANTITY: "The requested number of units is below 1.",
        RejectionReason.INSUFFICIENT_STOCK: "Fewer units are available than were requested.",
        RejectionReason.QUANTITY_LIMIT: "The line would exceed `Shop.maxLineUnits`.",
        RejectionReason.LINE_LIMIT: "The cart would exceed `Shop.maxOrderLines`.",
    },
)
SEES_USERS = requires(PermissionResource.USERS, PermissionAction.READ)
Customer = Annotated["User", strawberry.lazy("gateway.graphql.auth.types")]
LazyProduct = Annotated["Product", strawberry.lazy("gateway.graphql.catalog.types")]
LazyVariant = Annotated["ProductVariant", strawberry.lazy("gateway.graphql.catalog.types")]


@strawberry.type(description="A line of a cart: a number of units of a product or variant.")
class CartItem(Node, model=models.CartLine):
    """A quantity of a product or variant."""

    is_price_changed: strawberry.Private[bool]

    product_id: UUID = strawberry.field(description="The id of the product, even if it is hidden now.")
    variant_id: UUID | None = strawberry.field(
        description="The id of the variant; null when the product has no variants."
    )
    quantity: int = strawberry.field(description="The number of units, at least 1.")
    name: str = strawberry.field(description="The current name of the product, followed by that of the variant.")
    sku: str | None = strawberry.field(description="The stock-keeping unit; null when the product has none.")
    unit_price: Money = strawberry.field(
        description="The current price of one unit before discounts, from which the totals are computed."
    )
    price_snapshot: Money = strawberry.field(
        description="The price of one unit when the line was added, or when prices were last accepted."
    )
    added_at: datetime = strawberry.field(description="When the line was first added.")
    product: LazyProduct | None = strawberry.field(
        description="The product; null when customers can no longer see it."
    )
    variant: LazyVariant | None = strawberry.field(
        description="The variant; null when there is none, or it is not for sale."
    )
    available: int | None = relation(
        "level_key",
        load_levels,
        description="The number of available units in stock; null when the stock is not tracked.",
    )
    is_available: bool = relation(
        "availability_key",
        load_availability,
        derived=IS_AVAILABLE,
        description="Whether the line is for sale and all of its units can be bought now, on backorder if need be.",
    )
    availability: CartItemAvailability = relation(
        "availability_key",
        load_availability,
        description="Whether the units of the line are in stock, on backorder or pre-ordered, and when they come.",
    )

    totals: CartItemTotals | None = relation(
        "total_key",
        load_line_totals,
        description="The amounts of the line; null when it is not for sale and so not part of the total.",
    )

    @computed
    def price_changed(self) -> bool:
        """Whether `unitPrice` differs from `priceSnapshot`; `cartPricesAccept` stores the new price."""
        return self.is_price_changed


@strawberry.type(description="Where the goods of a cart are to be sent, as far as its buyer has said so.")
class CartDestination:
    """A place, and the buyer's VAT number there."""

    country: str = strawberry.field(description="The country as two letters of ISO 3166-1, such as `DE`.")
    province: str | None = strawberry.field(description="The state or province; null when it was not given.")
    postal_code: str | None = strawberry.field(
        description="The postal code in the country's spelling; null when it was not given."
    )
    vat_number: str | None = strawberry.field(
        description="The buyer's VAT number in that country, without separators; null when there is none."
    )


@strawberry.type(
    description=(
        "The lines that a customer or a guest intends to buy. Only its owner and staff with ORDERS:READ see it."
    )
)
class Cart(Node, model=models.Cart):
    """A cart with its lines."""

    user_id: UUID | None = strawberry.field(description="The id of the customer; null for the cart of a guest.")
    currency: CurrencyCode = strawberry.field(
        description="The currency of all amounts of the cart, that of the company."
    )
    confirmed_email: str | None = strawberry.field(
        description=(
            "The e-mail address that the guest has confirmed, which an order of the cart gets; null when "
            "there is none."
        )
    )
    destination: CartDestination | None = strawberry.field(
        description=(
            "Where the goods are to be sent, for which `totals` has the taxes; null before `cartDestinationUpdate`: "
            "then the taxes are those of the company's own place."
        )
    )
    requires_shipping: bool = relation(
        "itself",
        load_requires_shipping,
        description="Whether it has goods that are shipped; gift cards and digital goods are not.",
    )
    shipping_method_id: UUID | None = strawberry.field(
        description="The id of the shipping method that the buyer chose; null when the cheapest one applies."
    )
    shipping_method: CartShippingOption | None = relation(
        "itself",
        load_shipping_method,
        description=(
            "The shipping method that applies: the chosen one, otherwise the cheapest one with a fixed price that "
            "delivers. Null when there is nothing to ship, or when `shippingProblem` says why there is none."
        ),
    )
    shipping_problem: CartShippingProblem | None = relation(
        "itself",
        load_shipping_problem,
        description="Why no shipping method applies: an order is refused until this is solved. Null for none.",
    )
    estimated_delivery_date: DeliveryDates | None = relation(
        "itself",
        load_delivery_dates,
        description=(
            "When goods that are in stock arrive if they are ordered now; null when that is not known. "
            "Units on backorder arrive later: see `CartItem.availability`."
        ),
    )
    created_at: datetime = strawberry.field(description="When the first line was added.")
    updated_at: datetime = strawberry.field(description="When the cart was last changed by its owner.")
    expires_at: datetime = strawberry.field(
        description=(
            "When the cart is deleted unless it changes before: 30 days after the last change for guests, "
            "90 for customers."
        )
    )
    items: list[CartItem] = relation(
        "itself", load_lines, many=True, description="The lines, in the order in which they were added."
    )
    item_count: int = relation("itself", load_quantities, description="The number of units of all lines.")
    totals: CartTotals = relation(
        "itself", load_totals, description="The amounts at current prices, computed on request."
    )
    gift_cards: list[CartGiftCard] = relation(
        "itself",
        load_gift_cards,
        many=True,
        size=2,
        description="The gift cards that are to pay for it, in the order in which they pay; at most 10.",
    )
    use_store_credit: bool = strawberry.field(
        description="Whether the customer's store credit is to pay what the gift cards leave."
    )
    store_credit: CartStoreCredit | None = relation(
        "itself", load_store_credit, description="The store credit that is to pay for it; null when it is not used."
    )
    amount_due: Money = relation(
        "itself",
        load_amounts_due,
        description="What is left to pay in money: the total without what gift cards and store credit pay.",
    )
    user: Customer | None = relation(
        "user_id",
        load_users,
        guard=SEES_USERS,
        description="The customer; null for the cart of a guest. Requires USERS:READ.",
    )


@strawberry.type(description="A line that was not added to a cart, or not in full.")
class CartRejectedLine:
    """A requested line and the number of units that were added."""

    product_id: UUID = strawberry.field(description="The id of the requested product.")
    variant_id: UUID | None = strawberry.field(
        description="The id of the requested variant; null when none was requested."
    )
    requested: int = strawberry.field(description="The number of units that were requested.")
    added: int = strawberry.field(description="The number of units that were added; fewer than requested.")
    reason: RejectionReason = strawberry.field(description="Why the other units were not added.")
