"""Promotions as the API shows them."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.values.money import Money as KernelMoney
from domains.promotion import models
from domains.promotion.models import DiscountType, PromotionStatus, PromotionType
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import computed, guarded, present, relation, requires
from gateway.graphql.core.node import Node
from gateway.graphql.core.scalars import CurrencyCode, Money
from gateway.graphql.promotion.loaders import load_applicable_categories, load_applicable_products

if TYPE_CHECKING:
    from gateway.graphql.catalog.types import Category, Product

describe(
    PromotionType,
    "What a promotion is for; WELCOME and LOYALTY also say whom it is for.",
    {
        PromotionType.BLACK_FRIDAY: "The Friday after Thanksgiving, and the days around it.",
        PromotionType.FLASH_SALE: "A sale of a few hours.",
        PromotionType.SEASONAL: "A season.",
        PromotionType.WELCOME: (
            "A customer's first order, once. In ninety days a delivery address gets it at most three times, and one "
            "card pays it twice."
        ),
        PromotionType.LOYALTY: (
            "Customers with `requiredOrders` paid orders or more. A guest's are known once the address is confirmed."
        ),
        PromotionType.CLEARANCE: "What has to go.",
    },
)
describe(
    DiscountType,
    "How a promotion takes something off.",
    {
        DiscountType.PERCENTAGE: "`discountValue` percent of what it is for.",
        DiscountType.FIXED_AMOUNT: "The amount `discountValue`, spread over what it is for.",
        DiscountType.BUY_X_GET_Y: "Of each `buyQuantity + getQuantity` units the cheapest `getQuantity` are free.",
        DiscountType.FREE_SHIPPING: "What shipping costs.",
    },
)
describe(
    PromotionStatus,
    "How a promotion stands now. One may stand at several: switched off, and ended as well.",
    {
        PromotionStatus.ACTIVE: "It can be used: switched on, within its dates, not used up.",
        PromotionStatus.SCHEDULED: "Switched on, and its first day is to come.",
        PromotionStatus.EXPIRED: "Its last day is over.",
        PromotionStatus.USED_UP: "It was used as often as it can be.",
        PromotionStatus.INACTIVE: "Switched off.",
    },
)
SEES_USE = requires(PermissionResource.PROMOTIONS, PermissionAction.READ)
Products = Annotated["Product", strawberry.lazy("gateway.graphql.catalog.types")]
Categories = Annotated["Category", strawberry.lazy("gateway.graphql.catalog.types")]


@strawberry.type(description="A discount and its terms.")
class Promotion(Node, model=models.Promotion):
    """A promotion."""

    name: str = strawberry.field(description="What it is called.")
    code: str | None = strawberry.field(description="What is typed in for it; null when it has none.")
    description: str | None = strawberry.field(description="What it is about.")
    type: PromotionType = strawberry.field(
        description="The occasion of the promotion; WELCOME and LOYALTY also restrict who can use it."
    )
    discount_type: DiscountType = strawberry.field(description="How it takes something off.")
    discount_value: Decimal = strawberry.field(
        description="The percentage of PERCENTAGE, the amount of FIXED_AMOUNT, 0 of the others."
    )
    currency: CurrencyCode = strawberry.field(description="The currency of its amounts.")
    buy_quantity: int | None = strawberry.field(description="Of BUY_X_GET_Y: how many are bought.")
    get_quantity: int | None = strawberry.field(description="Of BUY_X_GET_Y: how many are free with them.")
    required_orders: int | None = strawberry.field(description="Of LOYALTY: how many paid orders it asks for.")
    priority: int = strawberry.field(description="The higher ones apply first.")
    is_exclusive: bool = strawberry.field(description="Whether it goes together with no other.")
    is_automatic: bool = strawberry.field(description="Whether it applies by itself, without its code.")
    is_active: bool = strawberry.field(description="Whether it can be used, within its dates.")
    start_date: datetime = strawberry.field(description="From when on it can be used.")
    end_date: datetime | None = strawberry.field(description="Until when it can be used; null for ever.")
    created_at: datetime = strawberry.field(description="When it was made.")
    updated_at: datetime = strawberry.field(description="When it was last changed or used.")
    max_usage_count: int | None = guarded(
        SEES_USE, "max_usage_count", description="How often it can be used; null without a limit. For staff."
    )
    current_usage_count: int | None = guarded(
        SEES_USE, "current_usage_count", description="How often it is used. For staff."
    )
    max_usage_per_user: int | None = strawberry.field(
        description="How often one buyer can use it, by account or mailbox; null without a limit."
    )
    applicable_products: list[Products] = relation(
        "id", load_applicable_products, many=True, description="The products it is for; see `applicableCategories`."
    )
    applicable_categories: list[Categories] = relation(
        "id",
        load_applicable_categories,
        many=True,
        description="The categories it is for, with all below them. Without products and categories it is for all.",
    )

    @computed
    def min_purchase_amount(self) -> Money | None:
        """What the lines of a cart must come to before discounts."""
        least: Decimal | None = self.min_purchase_amount  # the model's own attribute
        return None if least is None else present(Money, KernelMoney(least, self.currency).rounded())

    @computed
    def discount_amount(self) -> Money | None:
        """What it takes off when it is a FIXED_AMOUNT; null otherwise."""
        if self.discount_type is not DiscountType.FIXED_AMOUNT:
            return None
        return present(Money, KernelMoney(self.discount_value, self.currency).rounded())
