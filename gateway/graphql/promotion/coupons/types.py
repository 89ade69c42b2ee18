"""Coupons, their unique codes and their uses as the API shows them."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.values.money import Money as KernelMoney
from domains.promotion.coupons import models
from domains.promotion.coupons.models import CouponStatus, CouponType
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import computed, guarded, present, relation, requires
from gateway.graphql.core.node import Node
from gateway.graphql.core.scalars import CurrencyCode, Money
from gateway.graphql.promotion.coupons.loaders import (
    load_categories,
    load_coupon_codes,
    load_coupons,
    load_excluded_categories,
    load_excluded_products,
    load_products,
)
from gateway.graphql.promotion.segments.loaders import load_segments

if TYPE_CHECKING:
    from gateway.graphql.catalog.category_types import Category
    from gateway.graphql.catalog.types import Product
    from gateway.graphql.promotion.segments.types import CustomerSegment

describe(
    CouponType,
    "What a coupon takes off.",
    {
        CouponType.PERCENTAGE: "`discountValue` percent off the lines that it applies to.",
        CouponType.FIXED_AMOUNT: "The amount `discountValue` off, distributed over the lines that it applies to.",
        CouponType.FREE_SHIPPING: "The cost of shipping, up to `maximumDiscount`.",
    },
)
describe(
    CouponStatus,
    "The state of a coupon now. Several can hold at once, such as INACTIVE and EXPIRED.",
    {
        CouponStatus.ACTIVE: "`isActive` is true, and it is within its dates and not used up.",
        CouponStatus.SCHEDULED: "`isActive` is true, and it starts in the future.",
        CouponStatus.EXPIRED: "Its end has passed.",
        CouponStatus.USED_UP: "The number of orders that use it has reached `usageLimit`.",
        CouponStatus.INACTIVE: "`isActive` is false, so it does not apply.",
    },
)
SEES_USE = requires(PermissionResource.PROMOTIONS, PermissionAction.READ)
SEES_USERS = requires(PermissionResource.USERS, PermissionAction.READ)
Products = Annotated["Product", strawberry.lazy("gateway.graphql.catalog.types")]
Segment = Annotated["CustomerSegment", strawberry.lazy("gateway.graphql.promotion.segments.types")]
Categories = Annotated["Category", strawberry.lazy("gateway.graphql.catalog.category_types")]


@strawberry.type(description="A discount that buyers get by a code: one that they share, or one of many unique ones.")
class Coupon(Node, model=models.Coupon):
    """A coupon."""

    name: str = strawberry.field(description="The name that buyers see in totals and orders.")
    code: str | None = strawberry.field(
        description="The code that its buyers share, in capitals; null for a coupon with unique codes."
    )
    description: str | None = strawberry.field(
        description="A description for buyers in plain text; null when there is none."
    )
    type: CouponType = strawberry.field(description="What it takes off; it decides what `discountValue` means.")
    discount_value: Decimal = strawberry.field(
        description="The percentage of PERCENTAGE (10 is 10 %), the amount of FIXED_AMOUNT, 0 for FREE_SHIPPING."
    )
    currency: CurrencyCode = strawberry.field(description="The currency of its amounts, that of the company.")
    priority: int = strawberry.field(description="Discounts with a higher priority apply first.")
    is_exclusive: bool = strawberry.field(description="Whether it applies only without other discounts.")
    is_active: bool = strawberry.field(description="Whether staff have switched it on; its dates must hold as well.")
    starts_at: datetime = strawberry.field(description="The time from which it applies.")
    ends_at: datetime | None = strawberry.field(
        description="The time from which it no longer applies; null for no end."
    )
    created_at: datetime = strawberry.field(description="When staff created the coupon.")
    updated_at: datetime = strawberry.field(description="When it was last changed or used by an order.")
    usage_limit: int | None = guarded(
        SEES_USE,
        "usage_limit",
        description="The highest number of orders that can use it; null for no limit. Requires PROMOTIONS:READ.",
    )
    usage_count: int | None = guarded(
        SEES_USE, "usage_count", description="The number of orders that use it now. Requires PROMOTIONS:READ."
    )
    usage_limit_per_user: int | None = strawberry.field(
        description=(
            "The highest number of orders of one buyer, by account or mailbox, that can use it; null for no limit."
        )
    )
    products: list[Products] = relation(
        "id",
        load_products,
        many=True,
        description="The products to which it applies; empty when none are named, see `categories`.",
    )
    categories: list[Categories] = relation(
        "id",
        load_categories,
        many=True,
        description=(
            "The categories to which it applies, with their descendants. Without products and categories it applies "
            "to everything that is not excluded."
        ),
    )
    excluded_products: list[Products] = relation(
        "id", load_excluded_products, many=True, description="The products to which it never applies."
    )
    excluded_categories: list[Categories] = relation(
        "id",
        load_excluded_categories,
        many=True,
        description="The categories to which it never applies, with their descendants.",
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
    def minimum_amount(self) -> Money | None:
        """The lowest subtotal before discounts for which it applies; null for none."""
        least: Decimal | None = self.minimum_amount  # the model's own attribute
        return None if least is None else present(Money, KernelMoney(least, self.currency).rounded())

    @computed
    def maximum_discount(self) -> Money | None:
        """The most that it takes off an order; null for no limit, and for FIXED_AMOUNT."""
        most: Decimal | None = self.maximum_discount  # the model's own attribute
        return None if most is None else present(Money, KernelMoney(most, self.currency).rounded())


@strawberry.type(description="A unique code of a coupon. Staff with PROMOTIONS:READ see it.")
class CouponCode(Node, model=models.CouponCode):
    """A unique code."""

    coupon_id: UUID = strawberry.field(description="Which coupon it gives; it never changes.")
    code: str = strawberry.field(description="The code in capitals.")
    usage_count: int = strawberry.field(description="The number of orders that use it now.")
    usage_limit: int = strawberry.field(description="The highest number of orders that can use it.")
    is_active: bool = strawberry.field(description="Whether it can be used; `couponCodesUpdate` switches it off.")
    created_at: datetime = strawberry.field(description="When it was generated or added.")
    coupon: Coupon | None = relation("coupon_id", load_coupons, description="The coupon that it belongs to.")


@strawberry.type(description="The use of a coupon by an order.")
class CouponUsage(Node, model=models.CouponUsage):
    """A redemption."""

    currency: strawberry.Private[str]

    coupon_id: UUID = strawberry.field(description="Which coupon the order redeemed.")
    order_id: UUID = strawberry.field(description="The id of the order, also after it ended.")
    user_id: UUID | None = guarded(
        SEES_USERS, "user_id", description="The id of the customer; null for a guest. Requires USERS:READ."
    )
    email: str | None = guarded(
        SEES_USERS, "email", description="The e-mail address of the order. Requires USERS:READ."
    )
    used_at: datetime = strawberry.field(description="When the order was created.")
    released_at: datetime | None = strawberry.field(
        description="When the order ended and gave the use back, which then no longer counts; null while it counts."
    )
    coupon: Coupon | None = relation("coupon_id", load_coupons, description="The coupon that was used.")
    code: CouponCode | None = relation(
        "coupon_code_id", load_coupon_codes, description="The unique code; null for the code that buyers share."
    )

    @computed
    def discount_amount(self) -> Money:
        """The amount that it took off lines and shipping."""
        amount: Decimal = self.discount_amount  # the model's own attribute
        return present(Money, KernelMoney(amount, self.currency).rounded())
