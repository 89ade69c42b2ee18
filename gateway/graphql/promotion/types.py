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
    from gateway.graphql.catalog.category_types import Category
    from gateway.graphql.catalog.types import Product

describe(
    PromotionType,
    "The occasion of a promotion. WELCOME and LOYALTY also limit who can use it.",
    {
        PromotionType.BLACK_FRIDAY: "A Black Friday sale.",
        PromotionType.FLASH_SALE: "A sale of a few hours.",
        PromotionType.SEASONAL: "A seasonal sale.",
        PromotionType.WELCOME: (
            "The first order of a customer. In ninety days it applies to at most three orders of a delivery address "
            "and two orders paid with one card."
        ),
        PromotionType.LOYALTY: (
            "Customers with at least `requiredOrders` paid orders. Guests have to confirm their e-mail address."
        ),
        PromotionType.CLEARANCE: "A clearance sale.",
    },
)
describe(
    DiscountType,
    "The kind of discount.",
    {
        DiscountType.PERCENTAGE: "`discountValue` percent off the applicable lines.",
        DiscountType.FIXED_AMOUNT: "The amount `discountValue` off, distributed over the applicable lines.",
        DiscountType.BUY_X_GET_Y: "Of every `buyQuantity + getQuantity` units the cheapest `getQuantity` are free.",
        DiscountType.FREE_SHIPPING: "Takes the whole cost of shipping off; `discountValue` is not used.",
    },
)
describe(
    PromotionStatus,
    "State of a promotion now. Several can hold at once, such as INACTIVE and EXPIRED.",
    {
        PromotionStatus.ACTIVE: "Switched on, within its dates and not used up.",
        PromotionStatus.SCHEDULED: "Switched on, with a start date in the future.",
        PromotionStatus.EXPIRED: "Its end date has passed.",
        PromotionStatus.USED_UP: "`maxUsageCount` is reached.",
        PromotionStatus.INACTIVE: "Switched off.",
    },
)
SEES_USE = requires(PermissionResource.PROMOTIONS, PermissionAction.READ)
Products = Annotated["Product", strawberry.lazy("gateway.graphql.catalog.types")]
Categories = Annotated["Category", strawberry.lazy("gateway.graphql.catalog.category_types")]


@strawberry.type(description="A discount with its conditions.")
class Promotion(Node, model=models.Promotion):
    """A promotion."""

    name: str = strawberry.field(description="Name, shown to buyers in totals and orders.")
    code: str | None = strawberry.field(description="Code that buyers enter, in capitals; null if it has none.")
    description: str | None = strawberry.field(description="Description for buyers.")
    type: PromotionType = strawberry.field(description="Occasion, and who can use it.")
    discount_type: DiscountType = strawberry.field(
        description="Kind of discount; decides which of the following fields apply."
    )
    discount_value: Decimal = strawberry.field(
        description="Percentage of PERCENTAGE, amount of FIXED_AMOUNT, 0 for other kinds."
    )
    currency: CurrencyCode = strawberry.field(description="Currency of its amounts.")
    buy_quantity: int | None = strawberry.field(description="Units to buy for BUY_X_GET_Y; null for other kinds.")
    get_quantity: int | None = strawberry.field(description="Free units for BUY_X_GET_Y; null for other kinds.")
    required_orders: int | None = strawberry.field(
        description="Paid orders that LOYALTY requires; null for other types."
    )
    priority: int = strawberry.field(description="Promotions with a higher priority apply first.")
    is_exclusive: bool = strawberry.field(description="Whether it applies only alone, without other promotions.")
    is_automatic: bool = strawberry.field(description="Whether it applies without a code.")
    is_active: bool = strawberry.field(description="Whether it is switched on; its dates apply as well.")
    start_date: datetime = strawberry.field(description="First moment at which it applies.")
    end_date: datetime | None = strawberry.field(
        description="Moment from which it does not apply any more; null for no end."
    )
    created_at: datetime = strawberry.field(description="When staff created the promotion.")
    updated_at: datetime = strawberry.field(description="When it was last changed or used.")
    max_usage_count: int | None = guarded(
        SEES_USE,
        "max_usage_count",
        description="Most orders that can use it; null for no limit. Requires PROMOTIONS:READ.",
    )
    current_usage_count: int | None = guarded(
        SEES_USE, "current_usage_count", description="Number of orders that use it. Requires PROMOTIONS:READ."
    )
    max_usage_per_user: int | None = strawberry.field(
        description="Most orders of one buyer that can use it, by account or mailbox; null for no limit."
    )
    applicable_products: list[Products] = relation(
        "id",
        load_applicable_products,
        many=True,
        description="Products to which it applies; see `applicableCategories`.",
    )
    applicable_categories: list[Categories] = relation(
        "id",
        load_applicable_categories,
        many=True,
        description="Categories to which it applies, with subcategories. Without targets it applies to everything.",
    )

    @computed
    def min_purchase_amount(self) -> Money | None:
        """Lowest subtotal before discounts for which it applies; null for none."""
        least: Decimal | None = self.min_purchase_amount  # the model's own attribute
        return None if least is None else present(Money, KernelMoney(least, self.currency).rounded())

    @computed
    def discount_amount(self) -> Money | None:
        """Amount that a FIXED_AMOUNT takes off; null for other kinds."""
        if self.discount_type is not DiscountType.FIXED_AMOUNT:
            return None
        return present(Money, KernelMoney(self.discount_value, self.currency).rounded())
