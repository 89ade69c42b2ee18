"""Promotions as the API shows them."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.values.money import Money as KernelMoney
from domains.promotion import models
from domains.promotion.models import DiscountType, PromotionStatus, PromotionType, StoredStatus
from domains.promotion.promotion_rules.models import Rule, shorthand
from gateway.answers.dependencies import ON_PROMOTIONS
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import computed, guarded, present, relation, requires
from gateway.graphql.core.node import Node
from gateway.graphql.core.relations import Derived
from gateway.graphql.core.scalars import CurrencyCode, Money
from gateway.graphql.promotion.loaders import load_applicable_categories, load_applicable_products, load_statuses
from gateway.graphql.promotion.rule_loaders import load_rules
from gateway.graphql.promotion.rule_types import PromotionRule
from gateway.graphql.promotion.segments.loaders import load_segments

if TYPE_CHECKING:
    from gateway.graphql.catalog.category_types import Category
    from gateway.graphql.catalog.types import Product
    from gateway.graphql.promotion.segments.types import CustomerSegment

describe(
    PromotionType,
    "The occasion of a promotion. WELCOME and LOYALTY also limit who can use it.",
    {
        PromotionType.BLACK_FRIDAY: "A Black Friday sale; it has no further conditions.",
        PromotionType.FLASH_SALE: "A sale of a few hours; the duration is set by its dates.",
        PromotionType.SEASONAL: "A sale of a season; the duration is set by its dates.",
        PromotionType.WELCOME: (
            "The first order of a customer. In ninety days it applies to at most three orders of a delivery address "
            "and two orders paid with one card."
        ),
        PromotionType.LOYALTY: (
            "Customers with at least `requiredOrders` paid orders. Guests have to confirm their e-mail address."
        ),
        PromotionType.CLEARANCE: "A sale of remaining stock; it has no further conditions.",
    },
)
describe(
    DiscountType,
    "How a promotion computes its discount.",
    {
        DiscountType.PERCENTAGE: "`discountValue` percent off the applicable lines.",
        DiscountType.FIXED_AMOUNT: "The amount `discountValue` off, distributed over the applicable lines.",
        DiscountType.BUY_X_GET_Y: "Units that are bought make others cheaper or free, see `PromotionRule.buyXGetY`.",
        DiscountType.FREE_SHIPPING: "Takes the whole cost of shipping off; `discountValue` is not used.",
        DiscountType.BUNDLE: "Units that are bought together as a set cost less, see `PromotionRule.bundle`.",
        DiscountType.VOLUME_DISCOUNT: (
            "The more units are bought, the less each of them costs, see `PromotionRule.volumeDiscount`."
        ),
    },
)
describe(
    PromotionStatus,
    "The status of a promotion. Where several hold, it is the first of DRAFT, EXPIRED, PAUSED, USED_UP, SCHEDULED "
    "and ACTIVE. Staff set DRAFT, ACTIVE, PAUSED and EXPIRED: a DRAFT becomes ACTIVE, an ACTIVE one PAUSED and back, "
    "and any EXPIRED.",
    {
        PromotionStatus.DRAFT: "It is being prepared. It does not apply, and buyers do not know its code.",
        PromotionStatus.SCHEDULED: "Staff made it ACTIVE, and its start date is in the future.",
        PromotionStatus.ACTIVE: "Staff made it ACTIVE, and it is within its dates and not used up.",
        PromotionStatus.USED_UP: "The number of orders that use it has reached `maxUsageCount`.",
        PromotionStatus.PAUSED: "Staff stopped it for a time.",
        PromotionStatus.EXPIRED: "Staff ended it for good, or its end date has passed.",
        PromotionStatus.INACTIVE: (
            "A condition of lists: staff have not made it ACTIVE, or no longer. No promotion shows it, and none can "
            "be set to it."
        ),
    },
)
SHORTHAND = "Null unless the only rule makes units of the promotion's products free; see `rules`."


def _same(promotion_id: UUID) -> UUID:
    return promotion_id


def _buy_quantity(rules: tuple[Rule, ...], _promotion_id: UUID) -> int | None:
    return None if (rule := shorthand(rules)) is None else rule.buy.quantity


def _get_quantity(rules: tuple[Rule, ...], _promotion_id: UUID) -> int | None:
    return None if (rule := shorthand(rules)) is None else rule.get.quantity


def _is_active(self: models.Promotion) -> bool:
    """Whether staff made it ACTIVE; its dates must hold as well."""
    return self.status == StoredStatus.ACTIVE


SEES_USE = requires(PermissionResource.PROMOTIONS, PermissionAction.READ)
Products = Annotated["Product", strawberry.lazy("gateway.graphql.catalog.types")]
Segment = Annotated["CustomerSegment", strawberry.lazy("gateway.graphql.promotion.segments.types")]
Categories = Annotated["Category", strawberry.lazy("gateway.graphql.catalog.category_types")]


@strawberry.type(description="A discount with the conditions for its use.")
class Promotion(Node, model=models.Promotion, depends_on=ON_PROMOTIONS):
    """A promotion."""

    name: str = strawberry.field(description="The name that buyers see in totals and orders.")
    code: str | None = strawberry.field(
        description="The code that buyers enter, in capitals; null for an automatic promotion without one."
    )
    description: str | None = strawberry.field(
        description="A description for buyers in plain text; null when there is none."
    )
    type: PromotionType = strawberry.field(description="The occasion; WELCOME and LOYALTY also limit who can use it.")
    discount_type: DiscountType = strawberry.field(
        description="How the discount is computed; it decides which of the other fields apply."
    )
    discount_value: Decimal = strawberry.field(
        description=(
            "The percentage of PERCENTAGE (10 is 10 %), the amount in `currency` of FIXED_AMOUNT, 0 for other kinds."
        )
    )
    currency: CurrencyCode = strawberry.field(description="The currency of its amounts, that of the company.")
    rules: list[PromotionRule] = relation(
        "id",
        load_rules,
        many=True,
        size=2,
        description="The rules of BUY_X_GET_Y, BUNDLE and VOLUME_DISCOUNT, in the order in which they apply.",
    )
    buy_quantity: int | None = relation(
        "id",
        load_rules,
        derived=Derived(_same, _buy_quantity),
        description=f"The number of units to buy. {SHORTHAND}",
    )
    get_quantity: int | None = relation(
        "id", load_rules, derived=Derived(_same, _get_quantity), description=f"The number of free units. {SHORTHAND}"
    )
    required_orders: int | None = strawberry.field(
        description="The number of paid orders that LOYALTY requires of a buyer; null for other types."
    )
    priority: int = strawberry.field(description="Promotions with a higher priority apply first.")
    is_exclusive: bool = strawberry.field(description="Whether it applies only without other promotions.")
    is_automatic: bool = strawberry.field(description="Whether it applies without a code when its conditions hold.")
    status: PromotionStatus = relation("id", load_statuses, description="Its status now.")
    is_active: bool = computed(_is_active, deprecation_reason="Use `status`.")
    start_date: datetime = strawberry.field(description="The time from which it applies.")
    end_date: datetime | None = strawberry.field(
        description="The time from which it no longer applies; null for no end."
    )
    created_at: datetime = strawberry.field(description="When staff created the promotion.")
    updated_at: datetime = strawberry.field(description="When it was last changed or used by an order.")
    max_usage_count: int | None = guarded(
        SEES_USE,
        "max_usage_count",
        description="The highest number of orders that can use it; null for no limit. Requires PROMOTIONS:READ.",
    )
    current_usage_count: int | None = guarded(
        SEES_USE, "current_usage_count", description="The number of orders that use it now. Requires PROMOTIONS:READ."
    )
    max_usage_per_user: int | None = strawberry.field(
        description=(
            "The highest number of orders of one buyer, by account or mailbox, that can use it; null for no limit."
        )
    )
    applicable_products: list[Products] = relation(
        "id",
        load_applicable_products,
        many=True,
        description="The products to which it applies; empty when none are named, see `applicableCategories`.",
    )
    applicable_categories: list[Categories] = relation(
        "id",
        load_applicable_categories,
        many=True,
        description=(
            "The categories to which it applies, with their descendants. Without products and categories "
            "it applies to everything."
        ),
    )

    segment_id: UUID | None = guarded(
        SEES_USE,
        "segment_id",
        description="The id of the customer segment that it is for; null for everyone. Requires PROMOTIONS:READ.",
    )
    segment: Segment | None = relation(
        "segment_id",
        load_segments,
        guard=SEES_USE,
        description="The customer segment that it is for; null for everyone. Requires PROMOTIONS:READ.",
    )

    @computed
    def min_purchase_amount(self) -> Money | None:
        """The lowest subtotal before discounts for which it applies; null for none."""
        least: Decimal | None = self.min_purchase_amount  # the model's own attribute
        return None if least is None else present(Money, KernelMoney(least, self.currency).rounded())

    @computed
    def discount_amount(self) -> Money | None:
        """The amount that a FIXED_AMOUNT takes off; null for other kinds."""
        if self.discount_type is not DiscountType.FIXED_AMOUNT:
            return None
        return present(Money, KernelMoney(self.discount_value, self.currency).rounded())
