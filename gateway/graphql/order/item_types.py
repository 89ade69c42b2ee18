"""The lines of orders in the API."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from domains.order import models
from gateway.graphql.catalog.loaders import load_products, load_variants_by_id
from gateway.graphql.core.fields import computed, relation
from gateway.graphql.core.node import Node
from gateway.graphql.core.scalars import JSON, Money
from gateway.graphql.order.adjustments import OrderAdjustment
from gateway.graphql.order.amounts import money_of
from gateway.graphql.order.loaders import (
    AMOUNT,
    QUANTITY,
    load_item_adjustments,
    load_item_taxes,
    load_refundable_items,
)
from gateway.graphql.order.sold_gift_cards import SoldGiftCard, load_sold_gift_cards
from gateway.graphql.returns.types import RETURNABLE_QUANTITY
from gateway.graphql.shipping.shipments.types import PACKED_QUANTITY, SHIPPED_QUANTITY
from gateway.graphql.tax.tax_lines import TaxLine

if TYPE_CHECKING:
    from gateway.graphql.catalog.types import Product, ProductVariant

LazyProduct = Annotated["Product", strawberry.lazy("gateway.graphql.catalog.types")]
LazyVariant = Annotated["ProductVariant", strawberry.lazy("gateway.graphql.catalog.types")]


@strawberry.type(description="A line of an order: the product, quantity and price at the time of the order.")
class OrderItem(Node, model=models.OrderItem):
    """A line; only edits change its figures."""

    currency: strawberry.Private[str]

    product_id: UUID = strawberry.field(
        description="The id of the product that was sold; it stays when the product is archived."
    )
    variant_id: UUID | None = strawberry.field(
        description="The id of the sold variant; null when the product has no variants."
    )
    product_name: str = strawberry.field(description="The name of the product at the time of the order.")
    variant_name: str | None = strawberry.field(
        description="The name of the variant at the time of the order; null when the product has no variants."
    )
    sku: str = strawberry.field(
        description="The stock-keeping unit at the time of the order; empty when the product had none."
    )
    quantity: int = strawberry.field(
        description="The ordered number of units, at least 1, also those that an edit removed; see `currentQuantity`."
    )
    dropped_quantity: int = strawberry.field(description="The units of `quantity` that edits removed.")
    returned_quantity: int = strawberry.field(
        description="The units that came back after their delivery, as return requests say."
    )
    is_gift_card: bool = strawberry.field(
        description="Whether each unit is a gift card, whose code the buyer gets by e-mail once the order is paid."
    )
    requires_shipping: bool = strawberry.field(
        description="Whether the units are shipped; others are delivered by the payment of the order."
    )
    gift_cards: list[SoldGiftCard] = relation(
        "id",
        load_sold_gift_cards,
        many=True,
        description="The gift cards that were issued for the units, oldest first; empty before the order is paid.",
    )
    unit_price: Money = money_of(
        "unit_price",
        ("The price of one unit before discounts; it contains the tax where `Order.pricesIncludeTax` is true."),
    )
    discount_amount: Money = money_of(
        "discount_amount",
        ("The discounts on all units of the line, including its share of the order's discounts; positive."),
    )
    discounts: list[OrderAdjustment] = relation(
        "id",
        load_item_adjustments,
        many=True,
        size=2,
        description="The discounts that add up to `discountAmount`, in the order in which they apply.",
    )
    tax_amount: Money = money_of("tax_amount", "The tax of the whole line; part of `totalPrice` in any case.")
    taxes: list[TaxLine] = relation(
        "id",
        load_item_taxes,
        many=True,
        size=1,
        description="The taxes that make up `taxAmount`, highest rate first; empty when the line costs nothing.",
    )
    total_price: Money = money_of(
        "total_price", "The amount to pay for the whole line, after discounts and with tax."
    )
    returnable_quantity: int = RETURNABLE_QUANTITY
    refundable_quantity: int = relation(
        "id",
        load_refundable_items,
        derived=QUANTITY,
        description="The number of units that `orderRefund` can still refund; 0 before anything is captured.",
    )
    refundable_amount: Money = relation(
        "id",
        load_refundable_items,
        derived=AMOUNT,
        description=(
            "What `orderRefund` refunds for `refundableQuantity` units, with tax; not more than "
            "`OrderBalance.refundable`."
        ),
    )
    packed_quantity: int = PACKED_QUANTITY
    shipped_quantity: int = SHIPPED_QUANTITY
    product_snapshot: JSON = strawberry.field(
        description=("A copy of the product at the time of the order: slug, name, brand, image and options.")
    )
    created_at: datetime = strawberry.field(description="When the line was ordered; the same as `Order.createdAt`.")
    product: LazyProduct | None = relation(
        "product_id",
        load_products,
        description="The product in its current state; null when you may not see it, such as after it was hidden.",
    )
    variant: LazyVariant | None = relation(
        "variant_id",
        load_variants_by_id,
        description="The variant in its current state; null when there is none or you may not see it.",
    )

    @computed
    def current_quantity(self) -> int:
        """The units of which the line has its amounts: those that were ordered and that no edit has removed."""
        return self.quantity - self.dropped_quantity
